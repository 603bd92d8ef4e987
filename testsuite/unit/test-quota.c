/*
 * maildirsize: what it says, when it is believed, how it is kept; and that
 * a delivery is refused for nothing but being full.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/quota.h"

enum { OCTETS = 18 }; /* of the message of the fixture */

static const char *
size_file(struct world *w)
{
	return at(w, "joe/maildirsize");
}

static struct quota_file
read_it(struct world *w)
{
	struct quota_file file;
	int fd = fs_open_dir(w->root.p);

	quota_read(fd, &file);
	io_close(&fd);
	return file;
}

/* Everything below root was changed an hour ago, so counting is steady. */
static void
age(struct world *w, const char *name, time_t seconds)
{
	struct timespec t[2] = { { .tv_sec = time(NULL) - seconds },
		{ .tv_sec = time(NULL) - seconds } };

	assert_int_equal(utimensat(AT_FDCWD, at(w, "joe/%s", name), t, 0), 0);
}

/* --- the format ---------------------------------------------------------- */

static const struct {
	const char *text;
	bool valid;
	int64_t limit, limit_messages, octets, messages;
} formats[] = {
	{ "1000S,10C\n5 1\n", true, 1000, 10, 5, 1 },
	{ "10C,1000S\n5 1\n7 2\n", true, 1000, 10, 12, 3 },
	{ "1000S\n0 0\n", true, 1000, 0, 0, 0 },
	{ "10C\n5 1\n-5 -1\n", true, 0, 10, 0, 0 },
	{ "0S\n5 1\n", true, 0, 0, 5, 1 },
	{ "1000S\n   5    1\n -2 1 \n", true, 1000, 0, 3, 2 },
	{ "9223372036854775807S\n1 1\n", true, INT64_MAX, 0, 1, 1 },
	{ "", false },
	{ "1000S\n", false },
	{ "1000S\n5 1", false },
	{ "1000S\n5\n", false },
	{ "1000S\n5 1 1\n", false },
	{ "1000S\n5 x\n", false },
	{ "1000S\n5 1\n\n", false },
	{ "1000S\n-5 -1\n", false },
	{ "1000S\n5 1\n0 -2\n", false },
	{ "1000S\n4611686018427387904 1\n", false },
	{ "1000S\n4611686018427387903 1\n4611686018427387903 1\n4 1\n", false },
	{ "9223372036854775808S\n1 1\n", false },
	{ "1000\n5 1\n", false },
	{ "1000S,1000S\n5 1\n", false },
	{ "1000S,\n5 1\n", false },
	{ "S\n5 1\n", false },
	{ "\n5 1\n", false },
	{ "-5S\n5 1\n", false },
	{ "1000X\n5 1\n", false },
};

static void
test_format(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct quota_file f;

		make_file(size_file(w), formats[i].text);
		f = read_it(w);
		assert_true(f.there);
		if (f.valid != formats[i].valid)
			fail_msg("case %zu: \"%s\"", i, formats[i].text);
		if (f.valid &&
		    (f.limits.octets != formats[i].limit ||
			f.limits.messages != formats[i].limit_messages ||
			f.used.octets != formats[i].octets ||
			f.used.messages != formats[i].messages))
			fail_msg("case %zu: wrong numbers", i);
	}
}

static void
test_no_file(void **state)
{
	struct world *w = *state;
	int fd;

	assert_false(read_it(w).there);
	/* a NUL, and one octet too long */
	fd = open(size_file(w), O_WRONLY | O_CREAT, 0600);
	assert_true(io_write_all(fd, "10S\n1 1\n\0\n", 10));
	assert_false(read_it(w).valid);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(io_write_all(fd, "10S\n", 4));
	for (int i = 0; i < 1279; i++)
		assert_true(io_write_all(fd, "1 1\n", 4));
	assert_true(read_it(w).valid); /* 5120 octets */
	assert_true(io_write_all(fd, "1 1\n", 4));
	assert_false(read_it(w).valid);
	io_close(&fd);
	/* what is no file */
	unlink(size_file(w));
	assert_int_equal(mkdir(size_file(w), 0700), 0);
	assert_true(read_it(w).there && !read_it(w).valid);
	rmdir(size_file(w));
	assert_int_equal(mkfifo(size_file(w), 0600), 0);
	assert_true(read_it(w).there && !read_it(w).valid);
}

/* --- when it is believed ------------------------------------------------- */

static void
test_ask(void **state)
{
	static const struct {
		const char *text;
		time_t age;
		struct store_quota q;
		int64_t extra;
		enum quota_answer answer;
	} cases[] = {
		/* nobody limits anything */
		{ NULL, 0, { 0 }, 0, QUOTA_ROOM },
		{ NULL, 0, { .known = true }, 0, QUOTA_ROOM },
		{ "10S\n99 1\n", 0, { .known = true }, 0, QUOTA_ROOM },
		{ "x", 0, { 0 }, 0, QUOTA_ROOM },
		/* only counting can tell */
		{ NULL, 0, { .known = true, .octets = 10 }, 0, QUOTA_COUNT },
		{ "x", 0, { .known = true, .messages = 1 }, 0, QUOTA_COUNT },
		{ "10S\n99 1\n", 0, { .known = true, .octets = 11 }, 0,
		    QUOTA_COUNT },
		{ "10S,1C\n9 1\n", 0, { .known = true, .octets = 10 }, 0,
		    QUOTA_COUNT },
		/* as much as allowed is not over */
		{ "10S\n10 9\n", 0, { .known = true, .octets = 10 }, 0,
		    QUOTA_ROOM },
		{ "10S\n10 9\n", 0, { .known = true, .octets = 10 }, 1,
		    QUOTA_FULL },
		{ "10S\n11 9\n", 0, { .known = true, .octets = 10 }, 0,
		    QUOTA_FULL },
		{ "9C\n11 10\n", 0, { 0 }, 0, QUOTA_FULL },
		{ "9C\n11 9\n", 0, { 0 }, 0, QUOTA_ROOM },
		/* room is always believed, no room for a while */
		{ "10S\n9 1\n", 5000, { 0 }, 0, QUOTA_ROOM },
		{ "10S\n11 9\n", 890, { 0 }, 0, QUOTA_FULL },
		{ "10S\n11 9\n", 910, { 0 }, 0, QUOTA_COUNT },
		{ "10S\n11 9\n", -100, { 0 }, 0, QUOTA_COUNT },
		{ "10S\n10 9\n1 1\n", 0, { 0 }, 0, QUOTA_COUNT },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quota_usage extra = { cases[i].extra, 0 };
		struct quota_file f;

		unlink(size_file(w));
		if (cases[i].text != NULL) {
			make_file(size_file(w), cases[i].text);
			age(w, "maildirsize", cases[i].age);
		}
		f = read_it(w);
		if (quota_ask(&f, &cases[i].q, extra) != cases[i].answer)
			fail_msg("case %zu", i);
	}
}

/* --- counting ------------------------------------------------------------ */

static struct quota_usage
count(struct world *w, enum mailbox_layout layout, bool skip_trash)
{
	int fd = fs_open_dir(w->root.p);
	struct quota_counted n;

	assert_true(quota_count(fd, layout, skip_trash, &n, &w->why));
	assert_true(n.steady);
	assert_true(quota_is_same(fd, &n));
	io_close(&fd);
	return n.used;
}

static void
check_count(struct world *w, enum mailbox_layout layout, bool skip_trash,
    int64_t octets, int64_t messages)
{
	struct quota_usage n = count(w, layout, skip_trash);

	assert_int_equal(n.octets, octets);
	assert_int_equal(n.messages, messages);
}

static void
test_count(void **state)
{
	struct world *w = *state;

	check_count(w, LAYOUT_MAILDIRPP, false, 0, 0);
	make_file(at(w, "joe/new/1.a,S=100,W=110"), "x");
	make_file(at(w, "joe/cur/2.a,W=99,S=200:2,S"), "x");
	make_file(at(w, "joe/cur/3.a:2,S=7"), "four"); /* no size: stat */
	make_file(at(w, "joe/cur/4.a,S=x"), "three");
	make_file(at(w, "joe/cur/.5.a,S=1000"), "hidden");
	make_file(at(w, "joe/tmp/6.a,S=1000"), "not delivered");
	make_file(at(w, "joe/maildirsize"), "junk");
	assert_int_equal(symlink("/etc/passwd", at(w, "joe/cur/7.a")), 0);
	make_root(w, "joe/.A.B");
	make_file(at(w, "joe/.A.B/cur/1.a,S=1000:2,ST"), "x");
	make_root(w, "joe/.Trash");
	make_file(at(w, "joe/.Trash/new/1.a,S=5000"), "x");
	make_root(w, "joe/.Trash.old");
	make_file(at(w, "joe/.Trash.old/new/1.a,S=20000"), "x");
	make_root(w, "joe/.Trashy");
	make_file(at(w, "joe/.Trashy/new/1.a,S=40000"), "x");
	make_root(w, "elsewhere");
	make_file(at(w, "elsewhere/new/1.a,S=80000"), "x");
	assert_int_equal(symlink("../elsewhere", at(w, "joe/.Link")), 0);
	make_file(at(w, "joe/.File"), "x");
	check_count(w, LAYOUT_MAILDIRPP, false, 66309, 8);
	check_count(w, LAYOUT_MAILDIRPP, true, 40309, 5);
	/* the other layout does not see those */
	check_count(w, LAYOUT_FS, false, 309, 4);
	assert_int_equal(mkdir(at(w, "joe/A"), 0700), 0);
	make_root(w, "joe/A/B");
	make_root(w, "joe/Trash");
	make_file(at(w, "joe/A/B/new/1.a,S=1000"), "x");
	make_file(at(w, "joe/Trash/new/1.a,S=10000"), "x");
	check_count(w, LAYOUT_FS, false, 11309, 6);
	check_count(w, LAYOUT_FS, true, 1309, 5);
}

/* --- deliveries ---------------------------------------------------------- */

static struct staged *
deliver_with(struct world *w, const char *mailbox, const struct store_quota *q)
{
	static unsigned n; /* of messages, so that names differ */
	struct store_target target = to(w, mailbox);

	target.quota = q;
	target.create = true;
	w->message.id = str_printf(w->a, "Q%u", n++);
	return deliver(w, &target);
}

static void
refused(struct world *w, const struct store_quota *q)
{
	int before = messages(w);

	assert_null(deliver_with(w, "INBOX", q));
	assert_string_equal(w->why.status, "4.2.2");
	assert_int_equal(w->why.code, 452);
	assert_true(quota_is_full(&w->why));
	assert_int_equal(messages(w), before);
	assert_int_equal(entries(at(w, "joe/tmp")), 0);
}

static void
test_without(void **state)
{
	struct world *w = *state;
	struct store_quota q = { 0 };

	assert_non_null(deliver_with(w, "INBOX", NULL));
	assert_non_null(deliver_with(w, "INBOX", &q));
	q.known = true;
	assert_non_null(deliver_with(w, "A", &q));
	assert_false(read_it(w).there);
}

/* The file appears with the first message, and grows with each. */
static void
test_kept(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .octets = 1000, .messages = 9 };

	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(
	    read_file(w, size_file(w)), "1000S,9C\n0 0\n18 1\n");
	assert_non_null(deliver_with(w, "A/B", &q));
	assert_string_equal(
	    read_file(w, size_file(w)), "1000S,9C\n0 0\n18 1\n18 1\n");
	assert_int_equal(stat_of(size_file(w)).st_mode & 07777, 0600);
	/* other limits: made anew */
	q.messages = 0;
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(read_file(w, size_file(w)), "1000S\n36 2\n18 1\n");
	q = (struct store_quota){ .known = true, .messages = 5 };
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(read_file(w, size_file(w)), "5C\n54 3\n18 1\n");
	/* not configured: what the file says is in force, and kept */
	assert_non_null(deliver_with(w, "INBOX", NULL));
	assert_string_equal(
	    read_file(w, size_file(w)), "5C\n54 3\n18 1\n18 1\n");
	assert_int_equal(entries(at(w, "joe/tmp")), 0);
}

/* Lenient: one message may go over; then it is counted, and refused. */
static void
test_lenient(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .octets = OCTETS };

	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(read_file(w, size_file(w)), "18S\n36 2\n");
	refused(w, &q);
	q.ignore = true;
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_int_equal(read_it(w).used.octets, 3 * OCTETS);
	q.ignore = false;
	refused(w, &q);
	/* somebody deletes messages and says so */
	make_file(size_file(w), "18S\n54 3\n-36 -2\n");
	assert_non_null(deliver_with(w, "INBOX", &q));
}

/* Removed behind everybody's back: found out after 15 minutes. */
static void
test_removed(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .messages = 1 };

	make_file(size_file(w), "1C\n90 5\n");
	refused(w, &q);
	age(w, "maildirsize", 901);
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(read_file(w, size_file(w)), "1C\n0 0\n18 1\n");
}

static void
test_strict(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .strict = true };

	q.octets = 2 * OCTETS;
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_non_null(deliver_with(w, "INBOX", &q));
	refused(w, &q);
	assert_string_equal(read_file(w, size_file(w)), "36S\n36 2\n");
	q = (struct store_quota){ .known = true, .strict = true };
	q.messages = 2;
	refused(w, &q);
	q.messages = 3;
	assert_non_null(deliver_with(w, "INBOX", &q));
	refused(w, &q);
}

/* Several recipients in one account: each is asked with those before it. */
static void
test_together(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .messages = 1 };
	struct store_target target = to(w, "INBOX");
	struct staged *s[4];

	target.quota = &q;
	begin(w);
	for (uint32_t i = 0; i < 4; i++) {
		bool ok;

		target.rcpt = i;
		ok = store_maildir.stage(w->txn, &target, &s[i], &w->why);
		assert_int_equal(ok, i < 2); /* the first, and one over */
	}
	/* two copies of one recipient are one message; and room comes back */
	store_maildir.discard(s[1]);
	assert_true(store_maildir.stage(w->txn, &target, &s[2], &w->why));
	target.seq = 1;
	assert_true(store_maildir.stage(w->txn, &target, &s[3], &w->why));
	target.rcpt = 4;
	assert_false(store_maildir.stage(w->txn, &target, &s[1], &w->why));
	end(w);
	assert_string_equal(read_file(w, size_file(w)), "1C\n0 0\n");
	assert_int_equal(messages(w), 0);
}

/* What is undone after it was counted is counted back. */
static void
test_undone(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .messages = 100 };
	struct store_target target = to(w, "INBOX");
	struct staged *s;

	target.quota = &q;
	begin(w);
	assert_true(store_maildir.stage(w->txn, &target, &s, &w->why));
	assert_true(store_maildir.publish(s, &w->why));
	assert_string_equal(read_file(w, size_file(w)), "100C\n0 0\n");
	assert_true(store_maildir.sync(s, &w->why));
	store_maildir.discard(s);
	store_maildir.discard(s);
	end(w);
	assert_string_equal(
	    read_file(w, size_file(w)), "100C\n0 0\n18 1\n-18 -1\n");
	assert_int_equal(messages(w), 0);
}

/* Run again after a crash: what it stored then is neither refused, though
 * the mailbox is full of it, nor counted twice. */
static void
test_again(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .messages = 1, .strict = true };
	struct store_target target = to(w, "INBOX");

	target.quota = &q;
	assert_non_null(deliver(w, &target));
	assert_non_null(deliver(w, &target));
	assert_string_equal(read_file(w, size_file(w)), "1C\n18 1\n");
	assert_int_equal(messages(w), 1);
	refused(w, &q);
}

/* What is in the way is replaced, or left alone, and never stops mail. */
static void
test_in_the_way(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .messages = 100 };
	struct stat st;

	make_file(at(w, "outside"), "100C\n1 1\n");
	assert_int_equal(symlink("../outside", size_file(w)), 0);
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(read_file(w, size_file(w)), "100C\n0 0\n18 1\n");
	/* another account's file under our name: not ours to write to */
	unlink(size_file(w));
	assert_int_equal(link(at(w, "outside"), size_file(w)), 0);
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_string_equal(read_file(w, at(w, "outside")), "100C\n1 1\n");
	unlink(size_file(w));
	assert_int_equal(mkdir(size_file(w), 0700), 0);
	assert_non_null(deliver_with(w, "INBOX", &q));
	rmdir(size_file(w));
	assert_int_equal(mkfifo(size_file(w), 0600), 0);
	assert_non_null(deliver_with(w, "INBOX", &q));
	st = stat_of(size_file(w));
	assert_true(S_ISREG(st.st_mode));
	/* no tmp/: no file, but mail */
	unlink(size_file(w));
	rmdir(at(w, "joe/tmp"));
	assert_non_null(deliver_with(w, "INBOX", &q));
	assert_false(read_it(w).there);
	assert_int_equal(messages(w), 5);
	/* and a full one is full without it */
	q.messages = 4;
	assert_null(deliver_with(w, "INBOX", &q));
	assert_true(quota_is_full(&w->why));
}

/* --- in parallel --------------------------------------------------------- */

/* At RCPT only the file is read. */
static void
test_rcpt(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .octets = 100 };

	assert_true(quota_has_room(w->a, w->root, &q, 1000, &w->why));
	make_file(size_file(w), "100S\n100 1\n");
	assert_true(quota_has_room(w->a, w->root, &q, 1000, &w->why));
	q.strict = true;
	assert_false(quota_has_room(w->a, w->root, &q, 1, &w->why));
	assert_true(quota_is_full(&w->why));
	assert_false(quota_has_room(w->a, w->root, &q, INT64_MAX, &w->why));
	assert_true(quota_has_room(w->a, w->root, &q, 0, &w->why));
	make_file(size_file(w), "100S\n101 1\n");
	assert_false(quota_has_room(w->a, w->root, &q, 0, &w->why));
	q.ignore = true;
	assert_true(quota_has_room(w->a, w->root, &q, 0, &w->why));
	/* of the file system: the same status, and not ours */
	fail_errno(&w->why, EDQUOT, "write");
	assert_string_equal(w->why.status, "4.2.2");
	assert_false(quota_is_full(&w->why));
	q.ignore = false;
	assert_true(quota_has_room(w->a, S("/nowhere/at/all"), &q, 0, &w->why));
}

enum { WORKERS = 32, EACH = 8, ROOM = 40 };

static int
deliver_many(struct world *w, int worker, const struct store_quota *q)
{
	int stored = 0;

	for (int i = 0; i < EACH; i++) {
		struct store_target target = to(w, "INBOX");

		target.quota = q;
		w->message.id = str_printf(w->a, "W%dx%d", worker, i);
		if (deliver(w, &target) != NULL)
			stored++;
		else if (!quota_is_full(&w->why))
			return 100;
	}
	return stored;
}

/* 32 workers at the limit: over it by at most one message for each; and
 * what the file says in the end is not more than there is. */
static void
test_parallel(void **state)
{
	struct world *w = *state;
	struct store_quota q = { .known = true, .messages = ROOM };
	pid_t pid[WORKERS];
	int stored = 0, n, fd;

	for (int i = 0; i < WORKERS; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0)
			_exit(deliver_many(w, i, &q));
	}
	for (int i = 0; i < WORKERS; i++) {
		int status;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= EACH);
		stored += WEXITSTATUS(status);
	}
	n = entries(at(w, "joe/new"));
	assert_int_equal(n, stored);
	if (n <= ROOM || n > ROOM + WORKERS)
		fail_msg("%d messages where %d have room", n, ROOM);
	assert_int_equal(entries(at(w, "joe/tmp")), 0);
	fd = fs_open_dir(w->root.p);
	assert_int_equal(count(w, LAYOUT_MAILDIRPP, false).messages, n);
	io_close(&fd);
	refused(w, &q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_format),
		WORLD_TEST(test_no_file),
		WORLD_TEST(test_ask),
		WORLD_TEST(test_count),
		WORLD_TEST(test_without),
		WORLD_TEST(test_kept),
		WORLD_TEST(test_lenient),
		WORLD_TEST(test_removed),
		WORLD_TEST(test_strict),
		WORLD_TEST(test_together),
		WORLD_TEST(test_undone),
		WORLD_TEST(test_again),
		WORLD_TEST(test_in_the_way),
		WORLD_TEST(test_rcpt),
		WORLD_TEST(test_parallel),
	};

	return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
