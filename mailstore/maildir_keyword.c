/*
 * maildir_keyword: letters for keywords, as Dovecot keeps them per mailbox in
 * dovecot-keywords: lines "<index> <name>", index 0 is letter 'a'. Known ones
 * are only read; new ones are added under Dovecot's locks. Or Courier's file
 * for each message, a name on each line. Never makes a message fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/digest.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/control.h"
#include "mailstore/maildir.h"

enum {
	NAME_MAX_OCTETS = 50, /* Dovecot's limit */
	LOCK_STALE_S = 120,   /* a holder touches it every 10 s */
};

static const struct control_file table_file = {
	.name = "dovecot-keywords",
	.lock = "dovecot-keywords.lock",
	.max = 64 << 10, /* far more than 26 lines */
	.stale_s = LOCK_STALE_S,
};

struct table {
	struct str names[MAILDIR_NKEYWORDS]; /* "": free */
	struct str raw;
};

/* An atom of RFC 3501 s. 9: nothing a line of the table could break at. */
static bool
name_ok(struct str name)
{
	if (name.len == 0 || name.len > NAME_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' ||
		    memchr("(){%*\"\\]", name.p[i], 8) != NULL)
			return false;
	return true;
}

static int
find(const struct table *t, struct str name)
{
	for (int i = 0; i < MAILDIR_NKEYWORDS; i++)
		if (t->names[i].len > 0 && str_caseeq(t->names[i], name))
			return i;
	return -1;
}

static int
find_free(const struct table *t)
{
	for (int i = 0; i < MAILDIR_NKEYWORDS; i++)
		if (t->names[i].len == 0)
			return i;
	return -1;
}

/* Lines that say nothing to us stay in raw, and so in the file. */
static void
parse(struct table *t)
{
	struct str rest = t->raw, line, index;
	uint64_t i;

	while (str_cut(&rest, '\n', &line))
		if (str_cut(&line, ' ', &index) && str_to_u64(index, &i) &&
		    i < MAILDIR_NKEYWORDS && t->names[i].len == 0)
			t->names[i] = str_trim(line);
}

static bool
load(struct arena *a, int dirfd, struct table *t)
{
	time_t mtime;

	*t = (struct table){ 0 };
	if (!control_read(dirfd, &table_file, a, &t->raw, &mtime))
		return false;
	parse(t);
	return true;
}

static bool
add(struct arena *a, struct table *t, const struct strlist *names)
{
	bool changed = false;

	for (size_t i = 0; i < names->n; i++) {
		struct str line[3] = { t->raw };
		int free = find_free(t);

		if (!name_ok(names->v[i]) || find(t, names->v[i]) >= 0 ||
		    free < 0)
			continue;
		t->names[free] = names->v[i];
		if (t->raw.len > 0 && t->raw.p[t->raw.len - 1] != '\n')
			line[1] = S("\n");
		line[2] =
		    str_printf(a, "%d %.*s\n", free, STR_ARG(names->v[i]));
		t->raw = str_join(a, line, 3);
		changed = true;
	}
	return changed;
}

struct addition {
	struct table table;
	const struct strlist *names;
};

static bool
add_locked(void *ctx, struct arena *a, struct str was, struct str *now)
{
	struct addition *job = ctx;
	bool changed;

	job->table = (struct table){ .raw = was };
	parse(&job->table);
	changed = add(a, &job->table, job->names);
	*now = job->table.raw;
	return changed;
}

/*
 * Dovecot keeps the lock until the message has its name. Here many mailboxes
 * would have to stay locked for the whole transaction, and a mapping that no
 * message uses yet is not taken away. A letter on disk without its name would
 * be "unknown-n": the table is synced before any message is.
 *   false with errno: t is as it was
 */
static bool
allocate(struct store_txn *txn, int dirfd, struct table *t,
    const struct strlist *names)
{
	struct control_lock uidlist = {
		.dirfd = dirfd,
		.name = "dovecot-uidlist.lock",
		.stale_s = LOCK_STALE_S,
	};
	struct addition job = { .names = names };
	bool ok;

	if (!control_lock(&uidlist, &txn->lock_budget_ms))
		return false;
	ok = control_edit(dirfd, &table_file, txn->arena, &txn->lock_budget_ms,
	    add_locked, &job);
	control_unlock(&uidlist);
	if (ok)
		*t = job.table;
	return ok;
}

static bool
needs_more(const struct table *t, const struct strlist *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (name_ok(names->v[i]) && find(t, names->v[i]) < 0)
			return find_free(t) >= 0;
	return false;
}

static void
warn(const struct maildir_box *box, struct str name, const char *reason)
{
	log_warning("keyword left out: %s mailbox=%.*s/%.*s keyword=%.*s",
	    reason, STR_ARG(box->root), STR_ARG(box->dir), STR_ARG(name));
}

uint32_t
maildir_keywords(
    struct store_txn *txn, struct maildir_box *box, const struct strlist *names)
{
	const char *reason = "all letters are taken";
	struct table t;
	uint32_t bits = 0;

	if (!load(txn->arena, box->fd, &t) ||
	    (needs_more(&t, names) && !allocate(txn, box->fd, &t, names)))
		reason = errno == ETIMEDOUT ? "locked" : strerror(errno);
	for (size_t i = 0; i < names->n; i++) {
		int index = find(&t, names->v[i]);

		if (index >= 0)
			bits |= 1U << index;
		else if (!name_ok(names->v[i]))
			warn(box, names->v[i], "no keyword");
		else
			warn(box, names->v[i], reason);
	}
	return bits;
}

/* --- Courier ------------------------------------------------------------- */

static const char courier_dir[] = "courierimapkeywords";

/* Its directory; made, and synced into the mailbox, when it is missing. */
static int
open_courier(int boxfd)
{
	struct stat like;
	bool made;
	int fd;

	if (fstat(boxfd, &like) != 0)
		return -1;
	made = mkdirat(boxfd, courier_dir, 0700) == 0;
	if (!made && errno != EEXIST)
		return -1;
	fd = fs_open_beneath(boxfd, courier_dir, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || !made ||
	    (maildir_set_perms(
		 fd, 0, (like.st_mode & 07777) | 0700, maildir_gid(&like)) &&
		fs_sync(boxfd)))
		return fd;
	io_close(&fd);
	return -1;
}

/* Written in tmp/, because every name in the directory is a message's. */
static bool
write_courier(int boxfd, int dirfd, const char *name, struct str text)
{
	char temp[32] = "tmp/", id[17];
	struct stat like;
	bool ok;
	int fd;

	digest_random_id(id, sizeof(id) - 1);
	memcpy(temp + 4, id, sizeof(id));
	if (fstat(boxfd, &like) != 0)
		return false;
	fd = fs_open_beneath(boxfd, temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return false;
	ok = maildir_set_perms(
		 fd, 0600, (like.st_mode & 0666) | 0600, maildir_gid(&like)) &&
	     io_write_all(fd, text.p, text.len) && fs_sync(fd) &&
	     renameat(boxfd, temp, dirfd, name) == 0 && fs_sync(dirfd);
	if (!ok) {
		int saved = errno;

		maildir_remove(boxfd, temp);
		errno = saved;
	}
	io_close(&fd);
	return ok;
}

static struct str
courier_text(struct store_txn *txn, const struct maildir_box *box,
    const struct strlist *names)
{
	struct buf b;
	struct str text;

	buf_init(&b, 64 << 10);
	for (size_t i = 0; i < names->n; i++)
		if (name_ok(names->v[i]))
			buf_printf(&b, "%.*s\n", STR_ARG(names->v[i]));
		else
			warn(box, names->v[i], "no keyword");
	text = str_dup(txn->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

void
maildir_keyword_file(struct store_txn *txn, struct maildir_box *box,
    const char *message, const struct strlist *names)
{
	struct str text = courier_text(txn, box, names), name = str_c(message);
	ssize_t info = str_chr(name, ':');
	struct fail why;
	int dirfd = -1;
	bool ok;

	if (text.len == 0)
		return;
	if (info >= 0)
		name = str_sub(name, 0, (size_t)info);
	if (!maildir_box_open(txn, box, false, &why)) {
		warn(box, names->v[0], why.text);
		return;
	}
	dirfd = open_courier(box->fd);
	ok = dirfd >= 0 &&
	     write_courier(box->fd, dirfd, str_cstr(txn->arena, name), text);
	if (!ok)
		warn(box, names->v[0], strerror(errno));
	io_close(&dirfd);
	io_close(&box->fd);
}
