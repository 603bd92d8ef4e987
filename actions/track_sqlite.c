/*
 * track_sqlite: records in SQLite files below configdirectory, some for all
 * users together, so that a writer holds up few others. Knows SQL and how
 * SQLite fails, not what records are for. The only file that knows SQLite.
 */
#include <assert.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "actions/track_backend.h"
#include "lib/arena.h"
#include "lib/fs.h"

enum {
	SHARDS = 16,
	SCHEMA = 1,
	APPLICATION = 0x54616d69, /* "Tami", for file(1) */
	BUSY_MS = 3000,           /* a disk that syncs slowly, and a queue */
	BUSY_STEP_US = 2000,
	PRUNE = 8, /* expired records that one confirmation takes along */
};

enum query {
	BEGIN,
	COMMIT,
	ROLLBACK,
	LOOK,
	PUT,
	RELEASE,
	EXPIRED,
	EACH,
	FORGET,
	QUERIES,
};

#define FILTER                                                                 \
	" WHERE (?1 = '' OR user = ?1) AND (?2 < 0 OR kind = ?2)"              \
	" AND (?3 = 0 OR expires < ?3)"

static const char *const sql[QUERIES] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[LOOK] = "SELECT confirmed, owner, expires FROM record"
		 " WHERE user = ?1 AND kind = ?2 AND id = ?3",
	[PUT] = "INSERT OR REPLACE INTO record"
		" (user, kind, id, confirmed, owner, expires, note)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[RELEASE] = "DELETE FROM record"
		    " WHERE user = ?1 AND kind = ?2 AND id = ?3 AND owner = ?4",
	[EXPIRED] = "DELETE FROM record WHERE rowid IN (SELECT rowid"
		    " FROM record WHERE expires < ?1 LIMIT ?2)",
	[EACH] = "SELECT user, kind, id, confirmed, expires, note"
		 " FROM record" FILTER,
	[FORGET] = "DELETE FROM record" FILTER,
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS record ("
    " user TEXT NOT NULL, kind INTEGER NOT NULL, id BLOB NOT NULL,"
    " confirmed INTEGER NOT NULL, owner TEXT NOT NULL,"
    " expires INTEGER NOT NULL, note TEXT NOT NULL,"
    " UNIQUE (user, kind, id));"
    "CREATE INDEX IF NOT EXISTS by_expires ON record (expires);"
    "PRAGMA application_id = 1415671145;"
    "PRAGMA user_version = 1;"
    "COMMIT";

struct shard {
	sqlite3 *db; /* NULL: not open */
	sqlite3_stmt *query[QUERIES];
};

struct database {
	struct str dir;
	pid_t pid; /* who opened: a handle does not survive a fork */
	struct shard shard[SHARDS];
};

static void *
database_open(struct arena *arena, const struct conf *conf)
{
	struct database *d = ARENA_NEW(arena, struct database);

	d->dir = str_dup(arena, conf_str(conf, SETTING_tracking_path));
	return d;
}

/* --- opening ------------------------------------------------------------ */

static bool
failed(struct shard *s, const char *what, struct fail *why)
{
	int code = sqlite3_errcode(s->db);
	const char *text = sqlite3_errmsg(s->db);

	if (code == SQLITE_FULL)
		return fail_temp(why, "4.3.1", "tracking: %s: %s", what, text);
	return fail_temp(why, code == SQLITE_BUSY ? "4.3.2" : "4.3.0",
	    "tracking: %s: %s", what, text);
}

static void
shard_close(struct shard *s)
{
	for (int i = 0; i < QUERIES; i++)
		sqlite3_finalize(s->query[i]);
	sqlite3_close(s->db);
	*s = (struct shard){ NULL };
}

/* Called again and again while another writes; 0 gives up. A wait that is
 * short at first, because a writer that does not sync is quick. */
static int
wait_for_writer(void *ctx, int calls)
{
	struct timespec nap = { 0, BUSY_STEP_US * 1000L };

	(void)ctx;
	if (calls < 4)
		nap.tv_nsec /= 8;
	nanosleep(&nap, NULL);
	return (long)calls * BUSY_STEP_US < BUSY_MS * 1000L;
}

/* One number that a PRAGMA tells; -1 when it cannot be had. */
static int
pragma(struct shard *s, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	int n = -1;

	if (sqlite3_prepare_v2(s->db, text, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/* A file of another version is left alone, whichever is the newer. */
static bool
check_schema(struct shard *s, const char *path, struct fail *why)
{
	int version = pragma(s, "PRAGMA user_version");
	int application = pragma(s, "PRAGMA application_id");

	if (version < 0)
		return failed(s, path, why);
	if (version == 0 && application == 0)
		return sqlite3_exec(s->db, schema, NULL, NULL, NULL) ==
		           SQLITE_OK ||
		       failed(s, path, why);
	if (application != APPLICATION)
		return fail_temp(why, "4.3.0",
		    "tracking: %s: this is not a tracking database", path);
	if (version != SCHEMA)
		return fail_temp(why, "4.3.0",
		    "tracking: %s has schema version %d, this program knows %d",
		    path, version, SCHEMA);
	return true;
}

static bool
prepare(struct shard *s, const char *path, struct fail *why)
{
	for (int i = 0; i < QUERIES; i++)
		if (sqlite3_prepare_v3(s->db, sql[i], -1,
			SQLITE_PREPARE_PERSISTENT, &s->query[i],
			NULL) != SQLITE_OK)
			return failed(s, path, why);
	return true;
}

/* Where WAL cannot be had, SQLite stays with what it has. */
static bool
shard_start(struct shard *s, const char *path, struct fail *why)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	            SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		return failed(s, path, why);
	sqlite3_busy_handler(s->db, wait_for_writer, NULL);
	if (sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL,
		NULL) != SQLITE_OK)
		return failed(s, path, why);
	return check_schema(s, path, why) && prepare(s, path, why);
}

static bool
shard_open(
    const struct database *d, unsigned index, struct shard *s, struct fail *why)
{
	char path[PATH_MAX];
	int dir = snprintf(path, sizeof(path), "%.*s", STR_ARG(d->dir));
	int all = snprintf(
	    path, sizeof(path), "%.*s/track-%x.db", STR_ARG(d->dir), index);

	if (all >= (int)sizeof(path))
		return fail_temp(why, "4.3.0", "tracking_path is too long");
	if (access(path, F_OK) != 0) {
		path[dir] = '\0';
		if (!fs_mkdir_p(path, 0700, why))
			return fail_prepend(why, "tracking");
		path[dir] = '/';
	}
	if (shard_start(s, path, why))
		return true;
	shard_close(s);
	return false;
}

static struct shard *
shard_at(struct database *d, unsigned index, struct fail *why)
{
	struct shard *s = &d->shard[index];

	/* The parent's handles are the parent's; closing them here would
	 * take its locks away. */
	if (d->pid != getpid()) {
		for (unsigned i = 0; i < SHARDS; i++)
			d->shard[i] = (struct shard){ NULL };
		d->pid = getpid();
	}
	return s->db != NULL || shard_open(d, index, s, why) ? s : NULL;
}

static struct shard *
shard_of(struct database *d, struct str user, struct fail *why)
{
	return shard_at(
	    d, (unsigned)(digest_of(&user, 1).octet[0] % SHARDS), why);
}

/* --- one query ---------------------------------------------------------- */

static void
bind_text(sqlite3_stmt *q, int at, struct str text)
{
	sqlite3_bind_text64(q, at, text.len == 0 ? "" : text.p, text.len,
	    SQLITE_TRANSIENT, SQLITE_UTF8);
}

static sqlite3_stmt *
bind_key(struct shard *s, enum query query, const struct track_key *key)
{
	sqlite3_stmt *q = s->query[query];

	bind_text(q, 1, key->user);
	sqlite3_bind_int(q, 2, (int)key->kind);
	sqlite3_bind_blob(q, 3, key->id.octet, DIGEST_LEN, SQLITE_TRANSIENT);
	return q;
}

static sqlite3_stmt *
bind_filter(struct shard *s, enum query query, const struct track_filter *f)
{
	sqlite3_stmt *q = s->query[query];

	bind_text(q, 1, f->user);
	sqlite3_bind_int(q, 2, f->kind == TRACK_KINDS ? -1 : (int)f->kind);
	sqlite3_bind_int64(q, 3, f->expired);
	return q;
}

/* Run one that gives no rows. */
static bool
execute(struct shard *s, enum query query)
{
	int code = sqlite3_step(s->query[query]);

	sqlite3_reset(s->query[query]);
	return code == SQLITE_DONE;
}

/* With durable the commit waits for the disk. */
static bool
begin(struct shard *s, bool durable, struct fail *why)
{
	const char *synchronous = durable ? "PRAGMA synchronous = FULL"
	                                  : "PRAGMA synchronous = NORMAL";

	return (sqlite3_exec(s->db, synchronous, NULL, NULL, NULL) ==
		       SQLITE_OK &&
		   execute(s, BEGIN)) ||
	       failed(s, "begin", why);
}

static bool
end(struct shard *s, bool ok, struct fail *why)
{
	if (ok && execute(s, COMMIT))
		return true;
	failed(s, "write", why);
	execute(s, ROLLBACK);
	return false;
}

/* --- what is asked for -------------------------------------------------- */

static struct str
column_text(sqlite3_stmt *q, int at)
{
	const void *p = sqlite3_column_blob(q, at);

	return str_from(p, (size_t)sqlite3_column_bytes(q, at));
}

static bool
look(struct shard *s, const struct track_key *key,
    const struct track_claim *claim, enum track_state *out, struct fail *why)
{
	sqlite3_stmt *q = bind_key(s, LOOK, key);
	int code = sqlite3_step(q);

	*out = TRACK_FREE;
	if (code == SQLITE_ROW)
		*out = track_state_of(sqlite3_column_int(q, 0) != 0,
		    str_eq(column_text(q, 1), claim->owner),
		    sqlite3_column_int64(q, 2), claim);
	sqlite3_reset(q);
	return code == SQLITE_ROW || code == SQLITE_DONE ||
	       failed(s, "look up", why);
}

static bool
put(struct shard *s, const struct track_key *key,
    const struct track_claim *claim, bool confirmed, int64_t expires,
    struct str note)
{
	sqlite3_stmt *q = bind_key(s, PUT, key);

	sqlite3_bind_int(q, 4, confirmed);
	bind_text(q, 5, claim->owner);
	sqlite3_bind_int64(q, 6, expires);
	bind_text(q, 7, note);
	return execute(s, PUT);
}

/* What was seen long ago is found without a lock. */
static bool
database_reserve(void *state, const struct track_key *key,
    const struct track_claim *claim, enum track_state *out, struct fail *why)
{
	struct shard *s = shard_of(state, key->user, why);
	bool ok;

	assert(claim->owner.len <= TRACK_OWNER_MAX);
	if (s == NULL || !look(s, key, claim, out, why))
		return false;
	if (*out == TRACK_SEEN)
		return true;
	if (!begin(s, false, why))
		return false;
	ok = look(s, key, claim, out, why) &&
	     (*out != TRACK_FREE ||
		 put(s, key, claim, false, claim->now + TRACK_HOLD, S("")));
	return end(s, ok, why);
}

/* The clock that expires records is that of whoever confirms one. */
static bool
prune(struct shard *s, int64_t now)
{
	sqlite3_bind_int64(s->query[EXPIRED], 1, now);
	sqlite3_bind_int(s->query[EXPIRED], 2, PRUNE);
	return execute(s, EXPIRED);
}

static bool
database_confirm(void *state, const struct track_key *key,
    const struct track_claim *claim, int64_t expires, struct str note,
    struct fail *why)
{
	struct shard *s = shard_of(state, key->user, why);

	if (s == NULL || !begin(s, key->kind != TRACK_DUPLICATE, why))
		return false;
	return end(s,
	    put(s, key, claim, true, expires, note) && prune(s, claim->now),
	    why);
}

static bool
database_release(void *state, const struct track_key *key,
    const struct track_claim *claim, struct fail *why)
{
	struct shard *s = shard_of(state, key->user, why);

	if (s == NULL || !begin(s, key->kind != TRACK_DUPLICATE, why))
		return false;
	bind_text(bind_key(s, RELEASE, key), 4, claim->owner);
	return end(s, execute(s, RELEASE), why);
}

/* --- all of them -------------------------------------------------------- */

static bool
visit_row(sqlite3_stmt *q, track_visit_fn *visit, void *ctx)
{
	struct str id = column_text(q, 2);
	struct track_record r = {
		.user = column_text(q, 0),
		.kind = (enum track_kind)sqlite3_column_int(q, 1),
		.confirmed = sqlite3_column_int(q, 3) != 0,
		.expires = sqlite3_column_int64(q, 4),
		.note = column_text(q, 5),
	};

	for (size_t i = 0; i < id.len && i < DIGEST_LEN; i++)
		r.id.octet[i] = (uint8_t)id.p[i];
	return visit(ctx, &r);
}

static bool
shard_each(struct shard *s, const struct track_filter *filter,
    track_visit_fn *visit, void *ctx, bool *more, struct fail *why)
{
	sqlite3_stmt *q = bind_filter(s, EACH, filter);
	int code;

	while ((code = sqlite3_step(q)) == SQLITE_ROW && *more)
		*more = visit_row(q, visit, ctx);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		failed(s, "read", why);
	sqlite3_reset(q);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool
database_each(void *state, const struct track_filter *filter,
    track_visit_fn *visit, void *ctx, struct fail *why)
{
	bool more = true;

	for (unsigned i = 0; i < SHARDS && more; i++) {
		struct shard *s = shard_at(state, i, why);

		if (s == NULL || !shard_each(s, filter, visit, ctx, &more, why))
			return false;
	}
	return true;
}

static bool
database_forget(void *state, const struct track_filter *filter, uint64_t *n,
    struct fail *why)
{
	*n = 0;
	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = shard_at(state, i, why);

		if (s == NULL || !begin(s, true, why))
			return false;
		bind_filter(s, FORGET, filter);
		if (!end(s, execute(s, FORGET), why))
			return false;
		*n += (uint64_t)sqlite3_changes(s->db);
	}
	return true;
}

static void
database_close(void *state)
{
	struct database *d = state;

	for (unsigned i = 0; i < SHARDS && d->pid == getpid(); i++)
		if (d->shard[i].db != NULL)
			shard_close(&d->shard[i]);
}

const struct track_backend track_sqlite = {
	.name = "sqlite",
	.open = database_open,
	.reserve = database_reserve,
	.confirm = database_confirm,
	.release = database_release,
	.each = database_each,
	.forget = database_forget,
	.close = database_close,
};
