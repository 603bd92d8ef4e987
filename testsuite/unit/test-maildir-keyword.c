/*
 * dovecot-keywords: letters are reused, allocated under the locks, or left
 * out; the message is stored in every case.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/clock.h"
#include "mailstore/maildir.h"

#define FULL                                                                   \
	"0 a0\n1 a1\n2 a2\n3 a3\n4 a4\n5 a5\n6 a6\n7 a7\n8 a8\n9 a9\n10 b0\n"  \
	"11 b1\n12 b2\n13 b3\n14 b4\n15 b5\n16 b6\n17 b7\n18 b8\n19 b9\n"      \
	"20 c0\n21 c1\n22 c2\n23 c3\n24 c4\n25 c5\n"
#define LONG50 "k123456789k123456789k123456789k123456789k123456789"

static const struct {
	const char *before; /* NULL: no file */
	const char *flags;
	const char *letters; /* "": in new/ */
	const char *after;   /* NULL: as before, not even touched */
} cases[] = {
	{ NULL, "$SieveFailed", "a", "0 $SieveFailed\n" },
	{ "", "$SieveFailed", "a", "0 $SieveFailed\n" },
	{ NULL, "x y x Y", "ab", "0 x\n1 y\n" },
	{ "0 $Junk\n3 $SieveFailed\n", "$SieveFailed", "d", NULL },
	{ "0 $Junk\n3 $SieveFailed\n", "$sieveFAILED $JUNK", "ad", NULL },
	{ "0 $Junk\n3 $SieveFailed\n", "new", "b",
	    "0 $Junk\n3 $SieveFailed\n1 new\n" },
	{ "25 z\n", "z", "z", NULL },
	/* without a last line end, and lines that say nothing */
	{ "0 a", "b", "b", "0 a\n1 b\n" },
	{ "x y\n26 c\n-1 c\n\n99999999999999999999 c\n1\n0 a\n", "c", "b",
	    "x y\n26 c\n-1 c\n\n99999999999999999999 c\n1\n0 a\n1 c\n" },
	{ "0 a\n0 b\n1 a\n", "a b", "ac", "0 a\n0 b\n1 a\n2 b\n" },
	/* full */
	{ FULL, "other", "", NULL },
	{ FULL, "other c5 \\Seen", "Sz", NULL },
	/* what no line could hold, or no IMAP server would take */
	{ NULL, "a(b", "", NULL },
	{ NULL, "a\nb", "", NULL },
	{ NULL, "a\\b \"q\" (x) {y %z *w ]v", "", NULL },
	{ NULL, "\xc3\xa9", "", NULL },
	{ NULL, LONG50 "x", "", NULL },
	{ NULL, LONG50, "a", "0 " LONG50 "\n" },
};

static void
check_case(struct world *w, size_t i)
{
	const char *file = at(w, "joe/dovecot-keywords");
	const char *after = cases[i].after;
	struct store_target target = to(w, "INBOX");
	struct staged *s;
	struct str end;

	if (cases[i].before != NULL)
		make_file(file, cases[i].before);
	target.flags = flags(w, cases[i].flags);
	s = deliver(w, &target);
	if (s == NULL)
		fail_msg("case %zu: %s", i, w->why.text);
	end = str_printf(
	    w->a, "%s%s", cases[i].letters[0] ? ":2," : "1", cases[i].letters);
	if (!str_ends(s->path, end))
		fail_msg("case %zu: %s", i, s->path.p);
	if (after == NULL)
		after = cases[i].before;
	if (after == NULL)
		assert_int_equal(access(file, F_OK), -1);
	else if (strcmp(read_file(w, file), after) != 0)
		fail_msg("case %zu: %s", i, read_file(w, file));
	assert_int_equal(entries(at(w, "joe")), after == NULL ? 3 : 4);
	unlink(file);
	unlink(s->path.p);
}

static void
test_cases(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_case(*state, i);
}

static void
set_mtime(const char *path, time_t at_s)
{
	struct timespec times[2] = { { .tv_sec = at_s }, { .tv_sec = at_s } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static time_t
now_s(void)
{
	return (time_t)(clock_wall_us() / 1000000);
}

/* Readers compare whole seconds; a clock may have been ahead. */
static void
test_mtime(void **state)
{
	struct world *w = *state;
	const char *file = at(w, "joe/dovecot-keywords");
	static const int ahead[] = { -100, 0, 100 };

	for (uint32_t i = 0; i < 3; i++) {
		struct store_target target = to(w, "INBOX");
		time_t before = now_s() + ahead[i];

		make_file(file, "0 old\n");
		set_mtime(file, before);
		target.seq = i;
		target.flags = flags(w, "new");
		assert_non_null(deliver(w, &target));
		if (stat_of(file).st_mtime <= before)
			fail_msg("case %u: mtime did not grow", i);
		assert_string_equal(read_file(w, file), "0 old\n1 new\n");
		/* reading only leaves it alone */
		set_mtime(file, before);
		target.seq = 10 + i;
		assert_non_null(deliver(w, &target));
		assert_int_equal(stat_of(file).st_mtime, before);
	}
}

/* --- locks --------------------------------------------------------------- */

/* Deliver with a new keyword while this lock is there. */
static bool
has_letter(struct world *w, const char *lock, time_t age)
{
	struct store_target target = to(w, "INBOX");
	struct staged *s;

	make_file(lock, "1:elsewhere");
	set_mtime(lock, now_s() - age);
	target.flags = flags(w, "new \\Seen");
	begin(w);
	assert_in_range(w->txn->lock_budget_ms, 1000, 5000);
	w->txn->lock_budget_ms = 200;
	assert_true(store_maildir.stage(w->txn, &target, &s, &w->why));
	assert_true(store_maildir.publish(s, &w->why));
	assert_true(store_maildir.sync(s, &w->why));
	end(w);
	assert_int_equal(entries(at(w, "joe/tmp")), 0);
	return str_ends(s->path, S(":2,Sa"));
}

static void
test_stale(void **state)
{
	struct world *w = *state;
	const char *uidlist = at(w, "joe/dovecot-uidlist.lock");
	const char *table = at(w, "joe/dovecot-keywords.lock");

	assert_true(has_letter(w, uidlist, 200));
	assert_int_equal(access(uidlist, F_OK), -1);
	unlink(at(w, "joe/dovecot-keywords"));
	assert_true(has_letter(w, table, 200));
	assert_string_equal(
	    read_file(w, at(w, "joe/dovecot-keywords")), "0 new\n");
	assert_int_equal(entries(at(w, "joe")), 4);
}

/* A lock that somebody holds: wait a little, then do without, once. */
static void
test_held(void **state)
{
	struct world *w = *state;
	const char *uidlist = at(w, "joe/dovecot-uidlist.lock");
	const char *table = at(w, "joe/dovecot-keywords.lock");
	int64_t start = clock_mono_ms();

	assert_false(has_letter(w, uidlist, 100));
	assert_in_range(clock_mono_ms() - start, 200, 2000);
	assert_string_equal(read_file(w, uidlist), "1:elsewhere");
	unlink(uidlist);
	assert_false(has_letter(w, table, 0));
	assert_string_equal(read_file(w, table), "1:elsewhere");
	assert_int_equal(entries(at(w, "joe")), 4); /* uidlist.lock is gone */
}

/* The waiting is bounded for the transaction, not for each mailbox. */
static void
test_held_many(void **state)
{
	struct world *w = *state;
	int64_t start = clock_mono_ms();
	struct staged *s;

	begin(w);
	w->txn->lock_budget_ms = 500;
	for (uint32_t i = 0; i < 5; i++) {
		char name[8];
		struct store_target target = to(w, "INBOX");

		snprintf(name, sizeof(name), "u%u", i);
		target.root = make_root(w, name);
		target.flags = flags(w, "new");
		make_file(at(w, "%s/dovecot-uidlist.lock", name), "");
		assert_true(store_maildir.stage(w->txn, &target, &s, &w->why));
		assert_true(store_maildir.publish(s, &w->why));
		assert_true(store_maildir.sync(s, &w->why));
	}
	end(w);
	assert_in_range(clock_mono_ms() - start, 500, 2000);
	assert_int_equal(messages(w), 5);
}

/* --- things that are no table -------------------------------------------- */

static void
make_odd(struct world *w, int kind, const char *file)
{
	switch (kind) {
	case 0:
		assert_int_equal(mkfifo(file, 0600), 0);
		break;
	case 1:
		assert_int_equal(mkdir(file, 0700), 0);
		break;
	case 2:
		make_file(at(w, "elsewhere"), "0 new\n");
		assert_int_equal(symlink(at(w, "elsewhere"), file), 0);
		break;
	default: /* longer than anybody's */
		make_file(file, "0 new\n");
		assert_int_equal(truncate(file, 1 << 20), 0);
	}
}

static void
test_odd_tables(void **state)
{
	struct world *w = *state;
	const char *file = at(w, "joe/dovecot-keywords");

	for (int kind = 0; kind < 4; kind++) {
		struct store_target target = to(w, "INBOX");
		struct staged *s;
		ino_t inode;

		make_odd(w, kind, file);
		inode = stat_of(file).st_ino;
		target.seq = (uint32_t)kind;
		target.flags = flags(w, "new \\Seen");
		s = deliver(w, &target);
		if (s == NULL || !str_ends(s->path, S(":2,S")))
			fail_msg("kind %d", kind);
		assert_int_equal(stat_of(file).st_ino, inode);
		assert_int_equal(remove(file), 0);
	}
}

/* NUL in the table: kept, and no end of anything. */
static void
test_nul(void **state)
{
	struct world *w = *state;
	const char *file = at(w, "joe/dovecot-keywords");
	struct store_target target = to(w, "INBOX");
	FILE *f = fopen(file, "w");

	assert_int_equal(fwrite("0 a\0b\n1 c\n", 1, 10, f), 10);
	fclose(f);
	target.flags = flags(w, "c d");
	assert_true(str_ends(deliver(w, &target)->path, S(":2,bc")));
	assert_int_equal(stat_of(file).st_size, 14);
}

/* One file for each message, without its flags in the name. */
static void
test_courier(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "A");
	const char *dir = at(w, "joe/.A/courierimapkeywords");

	chmod(w->root.p, 0750);
	w->options.keywords = KEYWORDS_COURIER;
	target.create = true;
	target.flags = flags(w, "\\Seen $Label1 bad(name other");
	assert_non_null(deliver(w, &target));
	assert_string_equal(
	    read_file(w, str_printf(w->a, "%s/%s", dir, only_entry(w, dir)).p),
	    "$Label1\nother\n");
	assert_int_equal(stat_of(dir).st_mode, S_IFDIR | 0750);
	assert_true(str_starts(str_c(only_entry(w, at(w, "joe/.A/cur"))),
	    str_printf(w->a, "%s:2,", only_entry(w, dir))));
	assert_int_equal(access(at(w, "joe/.A/dovecot-keywords"), F_OK), -1);
	assert_int_equal(entries(at(w, "joe/.A/tmp")), 0);
	/* no system flag: stays in new/ */
	target.seq = 1;
	target.flags = flags(w, "$Label2");
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe/.A/new")), 1);
	assert_int_equal(entries(dir), 2);
	/* what is in the way keeps no message away */
	target = to(w, "INBOX");
	target.flags = flags(w, "$Label2");
	make_file(at(w, "joe/courierimapkeywords"), "");
	assert_non_null(deliver(w, &target));
	w->options.keywords = KEYWORDS_NONE;
	target.seq = 2;
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe/new")), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_cases),
		WORLD_TEST(test_mtime),
		WORLD_TEST(test_stale),
		WORLD_TEST(test_held),
		WORLD_TEST(test_held_many),
		WORLD_TEST(test_odd_tables),
		WORLD_TEST(test_nul),
		WORLD_TEST(test_courier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
