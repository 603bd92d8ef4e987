/*
 * test-track: what is reserved, confirmed and forgotten, by every database;
 * and what becomes of SQLite's files when others are at them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "actions/track.h"
#include "testsuite/unit/actions-scratch.h"

enum { NOW = 1700000000, PROCESSES = 8, ROUNDS = 40 };

struct fixture {
	struct arena *arena;
	struct str dir;
	const struct conf *conf;
	struct track *track;
};

static const struct conf *
conf_of(struct fixture *f, const char *more)
{
	struct conf_messages messages;
	struct str path = scratch_write(f->arena, f->dir, "imapd.conf",
	    str_printf(f->arena,
		"configdirectory: %s/conf\npartition-default: %s/mail\n%s",
		f->dir.p, f->dir.p, more));
	const struct conf *conf = conf_load(f->arena, path.p, NULL, &messages);

	if (conf == NULL)
		fail_msg("%s", messages.v[0].text.p);
	return conf;
}

static struct fixture *
fixture_new(void)
{
	struct arena *a = arena_new("test", 0);
	struct fixture *f = ARENA_NEW(a, struct fixture);

	f->arena = a;
	f->dir = scratch_new(a);
	f->conf = conf_of(f, "");
	return f;
}

static int
setup_memory(void **state)
{
	struct fixture *f = fixture_new();

	f->track = track_new_memory(f->arena);
	*state = f;
	return 0;
}

static int
setup_sqlite(void **state)
{
	struct fixture *f = fixture_new();

	f->track = track_new(f->arena, f->conf);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	track_close(f->track);
	scratch_free(f->dir);
	arena_free(f->arena);
	return 0;
}

static struct track_key
key_of(const char *user, const char *id)
{
	struct str part = str_c(id);

	return track_key_of(TRACK_DUPLICATE, str_c(user), &part, 1);
}

static enum track_state
reserve_at(struct fixture *f, const char *id, const char *owner, int64_t now)
{
	struct track_key key = key_of("joe", id);
	struct track_claim claim = { str_c(owner), now };
	enum track_state state = TRACK_HELD;
	struct fail why;

	if (!track_reserve(f->track, &key, &claim, &state, &why))
		fail_msg("%s", why.text);
	return state;
}

static void
confirm_at(struct fixture *f, const char *id, const char *owner, int64_t now,
    int64_t expires)
{
	struct track_key key = key_of("joe", id);
	struct track_claim claim = { str_c(owner), now };
	struct fail why;

	if (!track_confirm(f->track, &key, &claim, expires, S("a note"), &why))
		fail_msg("%s", why.text);
}

static void
release(struct fixture *f, const char *id, const char *owner)
{
	struct track_key key = key_of("joe", id);
	struct track_claim claim = { str_c(owner), NOW };
	struct fail why;

	if (!track_release(f->track, &key, &claim, &why))
		fail_msg("%s", why.text);
}

/* --- every database ----------------------------------------------------- */

/* One after the other, on one id: who comes, when, and what is said. */
static void
a_reservation(void **state)
{
	static const struct {
		const char *owner;
		int64_t after;
		enum track_state want;
	} t[] = {
		{ "a", 0, TRACK_FREE }, { "b", 0, TRACK_HELD },
		{ "a", 1, TRACK_FREE },                 /* a run repeated */
		{ "b", TRACK_HOLD, TRACK_HELD },        /* since 1 */
		{ "b", TRACK_HOLD + 1, TRACK_FREE },    /* a is gone */
		{ "a", TRACK_HOLD + 2, TRACK_HELD },    /* now it is b's */
		{ "c", -TRACK_HOLD * 100, TRACK_FREE }, /* a wrong clock */
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		enum track_state got =
		    reserve_at(*state, "id", t[i].owner, NOW + t[i].after);

		if (got != t[i].want)
			fail_msg("case %zu: %d, not %d", i, got, t[i].want);
	}
}

static void
a_confirmation(void **state)
{
	assert_int_equal(reserve_at(*state, "id", "a", NOW), TRACK_FREE);
	confirm_at(*state, "id", "a", NOW, NOW + 1000);
	assert_int_equal(reserve_at(*state, "id", "b", NOW + 999), TRACK_SEEN);
	assert_int_equal(reserve_at(*state, "id", "a", NOW + 999), TRACK_SEEN);
	assert_int_equal(reserve_at(*state, "id", "b", NOW + 1000), TRACK_FREE);
	confirm_at(*state, "id", "b", NOW, NOW + 5);
	confirm_at(*state, "id", "c", NOW, NOW + 2000);
	assert_int_equal(reserve_at(*state, "id", "d", NOW + 1999), TRACK_SEEN);
}

static void
a_release(void **state)
{
	assert_int_equal(reserve_at(*state, "id", "a", NOW), TRACK_FREE);
	release(*state, "id", "b");
	assert_int_equal(reserve_at(*state, "id", "b", NOW), TRACK_HELD);
	release(*state, "id", "a");
	assert_int_equal(reserve_at(*state, "id", "b", NOW), TRACK_FREE);
	confirm_at(*state, "id", "b", NOW, NOW + 9);
	release(*state, "id", "b");
	assert_int_equal(reserve_at(*state, "id", "c", NOW), TRACK_FREE);
	release(*state, "never was", "c");
}

static void
keys(void **state)
{
	struct str ab[] = { S("ab"), S("c") }, a[] = { S("a"), S("bc") },
		   abc[] = { S("abc") }, nul[] = { S("ab"), S("c"), S("") };
	struct track_key k[] = {
		track_key_of(TRACK_DUPLICATE, S("joe"), ab, 2),
		track_key_of(TRACK_DUPLICATE, S("joe"), a, 2),
		track_key_of(TRACK_DUPLICATE, S("joe"), abc, 1),
		track_key_of(TRACK_DUPLICATE, S("joe"), nul, 3),
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t j = i + 1; j < 4; j++)
			if (digest_eq(&k[i].id, &k[j].id))
				fail_msg("%zu and %zu are one key", i, j);
}

/* Another user, another kind: another record. */
static void
what_is_another(void **state)
{
	struct fixture *f = *state;
	struct track_key joe = key_of("joe", "id"), ann = key_of("ann", "id"),
			 kind = joe;
	struct track_claim claim = { S("b"), NOW };
	enum track_state got;
	struct fail why;

	kind.kind = TRACK_VACATION;
	confirm_at(f, "id", "a", NOW, NOW + 9);
	assert_true(track_reserve(f->track, &ann, &claim, &got, &why));
	assert_int_equal(got, TRACK_FREE);
	assert_true(track_reserve(f->track, &kind, &claim, &got, &why));
	assert_int_equal(got, TRACK_FREE);
	assert_true(track_reserve(f->track, &joe, &claim, &got, &why));
	assert_int_equal(got, TRACK_SEEN);
}

static bool
count(void *ctx, const struct track_record *r)
{
	unsigned *n = ctx;

	assert_string_equal(
	    r->confirmed ? "a note" : "", r->note.len == 0 ? "" : "a note");
	return ++*n < 3;
}

static void
lists(void **state)
{
	struct fixture *f = *state;
	struct track_filter all = { .kind = TRACK_KINDS },
			    old = { .kind = TRACK_KINDS, .expired = NOW + 20 },
			    ann = { .user = S("ann"), .kind = TRACK_KINDS },
			    vacation = { .kind = TRACK_VACATION };
	const struct {
		const struct track_filter *filter;
		unsigned want;
	} t[] = { { &all, 2 }, { &old, 1 }, { &ann, 0 }, { &vacation, 0 } };
	struct fail why;
	uint64_t n;

	confirm_at(f, "one", "a", NOW, NOW + 10);
	confirm_at(f, "two", "a", NOW, NOW + 30);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		unsigned got = 0;

		assert_true(
		    track_each(f->track, t[i].filter, count, &got, &why));
		if (got != t[i].want)
			fail_msg("case %zu: %u, not %u", i, got, t[i].want);
	}
	assert_true(track_forget(f->track, &old, &n, &why));
	assert_int_equal(n, 1);
	assert_int_equal(reserve_at(f, "one", "b", NOW), TRACK_FREE);
	assert_int_equal(reserve_at(f, "two", "b", NOW), TRACK_SEEN);
}

/* --- SQLite ------------------------------------------------------------- */

static struct str
file_of(struct fixture *f, const char *user)
{
	struct str name = str_c(user);

	return str_printf(f->arena, "%s/conf/track/track-%x.db", f->dir.p,
	    digest_of(&name, 1).octet[0] % 16);
}

static void
reopen(struct fixture *f)
{
	track_close(f->track);
	f->track = track_new(f->arena, f->conf);
}

static void
it_is_still_there(void **state)
{
	struct fixture *f = *state;

	confirm_at(f, "id", "a", NOW, NOW + 9);
	reopen(f);
	assert_int_equal(reserve_at(f, "id", "b", NOW), TRACK_SEEN);
}

/* Confirming takes some of what has expired along. */
static void
it_does_not_grow(void **state)
{
	struct fixture *f = *state;
	struct track_filter all = { .kind = TRACK_KINDS };
	unsigned n = 0;
	struct fail why;

	for (int i = 0; i < 100; i++) {
		char id[16];

		snprintf(id, sizeof(id), "id %d", i);
		confirm_at(f, id, "a", NOW + 10 * i, NOW + 10 * i + 15);
	}
	track_each(f->track, &all, count, &n, &why);
	if (n > 2)
		fail_msg("%u records are left", n);
}

/* Exit status: how many of the ids were free for this process. */
static void
take_all(struct fixture *f, int me)
{
	int n = 0;

	for (int i = 0; i < ROUNDS; i++) {
		char owner[16], id[16];

		snprintf(owner, sizeof(owner), "%d", me);
		snprintf(id, sizeof(id), "%d", i);
		n += reserve_at(f, id, owner, NOW) == TRACK_FREE;
	}
	_exit(n);
}

/* Many processes at once, and a handle that was open before they began. */
static void
one_of_many_gets_it(void **state)
{
	struct fixture *f = *state;
	int sum = 0;

	confirm_at(f, "before", "a", NOW, NOW + 9);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			take_all(f, i);
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_true(wait(&status) > 0 && WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	assert_int_equal(sum, ROUNDS);
	assert_int_equal(reserve_at(f, "before", "b", NOW), TRACK_SEEN);
}

/* What is done to the file, and what is said then. */
static void
not_our_file(void **state)
{
	static const struct {
		const char *sql, *want;
	} t[] = {
		{ "PRAGMA user_version = 2", "schema version 2" },
		{ "PRAGMA application_id = 7", "not a tracking database" },
	};
	struct fixture *f = *state;
	struct track_key key = key_of("joe", "id");
	struct track_claim claim = { S("a"), NOW };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		enum track_state got;
		struct fail why;
		sqlite3 *db;

		confirm_at(f, "id", "a", NOW, NOW + 9);
		track_close(f->track);
		sqlite3_open(file_of(f, "joe").p, &db);
		sqlite3_exec(db, t[i].sql, NULL, NULL, NULL);
		sqlite3_close(db);
		f->track = track_new(f->arena, f->conf);
		assert_false(track_reserve(f->track, &key, &claim, &got, &why));
		if (strstr(why.text, t[i].want) == NULL ||
		    why.class != FAIL_TEMP)
			fail_msg("case %zu: %s", i, why.text);
		unlink(file_of(f, "joe").p);
		reopen(f);
	}
}

static void
a_broken_file(void **state)
{
	struct fixture *f = *state;
	struct track_key key = key_of("joe", "id");
	struct track_claim claim = { S("a"), NOW };
	enum track_state got;
	struct fail why;

	scratch_write(f->arena, f->dir, file_of(f, "joe").p + f->dir.len + 1,
	    S("This is a text of some length, and it is no database at all. "
	      "It goes on so that there is a header's worth of it, and on."));
	assert_false(track_reserve(f->track, &key, &claim, &got, &why));
	assert_string_equal(why.status, "4.3.0");
	unlink(file_of(f, "joe").p);
	assert_true(track_reserve(f->track, &key, &claim, &got, &why));
}

/* A link where the file should be leads nowhere. */
static void
a_link(void **state)
{
	struct fixture *f = *state;
	struct track_key key = key_of("joe", "id");
	struct track_claim claim = { S("a"), NOW };
	struct str other = scratch_write(f->arena, f->dir, "other", S(""));
	enum track_state got;
	struct stat st;
	struct fail why;

	scratch_path(f->arena, f->dir, "conf/track/x");
	assert_int_equal(symlink(other.p, file_of(f, "joe").p), 0);
	assert_false(track_reserve(f->track, &key, &claim, &got, &why));
	assert_int_equal(stat(other.p, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void
off(void **state)
{
	struct fixture *f = *state;

	assert_null(track_new(f->arena, conf_of(f, "tracking_backend: off\n")));
	track_close(NULL);
}

static void
kind_names(void **state)
{
	(void)state;
	for (enum track_kind kind = 0; kind < TRACK_KINDS; kind++)
		assert_int_equal(
		    track_kind_of(str_c(track_kind_name(kind))), kind);
	assert_int_equal(track_kind_of(S("holiday")), TRACK_KINDS);
}

#define BOTH(test)                                                             \
	{ #test " (memory)", test, setup_memory, teardown, NULL },             \
	{                                                                      \
#test " (sqlite)", test, setup_sqlite, teardown, NULL          \
	}
#define SQLITE(test)                                                           \
	cmocka_unit_test_setup_teardown(test, setup_sqlite, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_reservation),
		BOTH(a_confirmation),
		BOTH(a_release),
		BOTH(what_is_another),
		BOTH(lists),
		cmocka_unit_test(keys),
		cmocka_unit_test(kind_names),
		SQLITE(it_is_still_there),
		SQLITE(it_does_not_grow),
		SQLITE(one_of_many_gets_it),
		SQLITE(not_our_file),
		SQLITE(a_broken_file),
		SQLITE(a_link),
		SQLITE(off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
