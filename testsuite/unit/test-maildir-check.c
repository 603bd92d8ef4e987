/*
 * Sweeping tmp/, and looking for what is wrong in a Maildir.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"
#include "mailstore/maildir_check.h"

enum { HOUR = 3600 };

static int64_t
now_s(void)
{
	return clock_wall_us() / 1000000;
}

/* --- sweeping --------------------------------------------------------------
 */

static void
test_is_old(void **state)
{
	static const struct {
		mode_t type;
		int64_t m, c; /* hours ago */
		bool old;
	} cases[] = {
		{ S_IFREG, 37, 37, true },
		{ S_IFREG, 35, 35, false },
		{ S_IFREG, 37, 35, false }, /* made to look old */
		{ S_IFREG, 35, 37, false },
		{ S_IFREG, -5, 37, false }, /* from the future */
		{ S_IFLNK, 37, 37, true },
		{ S_IFIFO, 37, 37, true },
		{ S_IFDIR, 37, 37, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stat st = { .st_mode = cases[i].type };

		st.st_mtime = 1000 * HOUR - cases[i].m * HOUR;
		st.st_ctime = 1000 * HOUR - cases[i].c * HOUR;
		if (maildir_tmp_is_old(&st, 1000 * HOUR) != cases[i].old)
			fail_msg("case %zu", i);
	}
}

/* The time of change cannot be set: the sweep is told that it is later. */
static void
test_sweep(void **state)
{
	struct world *w = *state;
	int fd;

	make_file(at(w, "joe/tmp/a"), "x");
	assert_int_equal(symlink("/etc/passwd", at(w, "joe/tmp/b")), 0);
	assert_int_equal(mkdir(at(w, "joe/tmp/c"), 0700), 0);
	fd = fs_open_dir(at(w, "joe/tmp"));
	assert_int_equal(maildir_sweep(fd, now_s() + 35 * HOUR), 0);
	assert_int_equal(maildir_sweep(fd, now_s() + 37 * HOUR), 2);
	assert_int_equal(entries(at(w, "joe/tmp")), 1);
	/* it is marked, by a time of reading */
	assert_true(stat_of(at(w, "joe/tmp")).st_atime > now_s() + 36 * HOUR);
	io_close(&fd);
}

static void
set_atime(const char *path, int64_t hours_ago)
{
	struct timespec t[2] = { { .tv_sec = now_s() - hours_ago * HOUR },
		{ .tv_nsec = UTIME_OMIT } };

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

/* Is tmp/ looked at in the end, by a delivery with this id? */
static bool
looks(struct world *w, const char *id, const struct clock_watch *clock)
{
	int64_t before = stat_of(at(w, "joe/tmp")).st_atime;
	struct store_target target = to(w, "INBOX");

	w->message.id = str_printf(w->a, "%d%s", rand(), id);
	w->options.clock = clock;
	assert_non_null(deliver(w, &target));
	return stat_of(at(w, "joe/tmp")).st_atime != before;
}

static void
test_when(void **state)
{
	struct world *w = *state;
	struct clock_watch steady, young, jumped;

	clock_watch_begin(&young);
	steady = jumped = young;
	steady.boot_ms -= 2 * HOUR * 1000;
	steady.wall_ms -= 2 * HOUR * 1000;
	jumped.boot_ms -= 2 * HOUR * 1000;
	jumped.wall_ms -= 40 * HOUR * 1000;
	set_atime(at(w, "joe/tmp"), 25);
	assert_false(looks(w, "P", NULL));
	assert_false(looks(w, "P", &young));
	assert_false(looks(w, "P", &jumped));
	jumped.wall_ms += 80 * HOUR * 1000;
	assert_false(looks(w, "P", &jumped));
	assert_false(looks(w, "a", &steady));
	assert_true(looks(w, "P", &steady));
	/* once a day */
	assert_false(looks(w, "P", &steady));
	set_atime(at(w, "joe/tmp"), 23);
	assert_false(looks(w, "P", &steady));
	/* nor through a link */
	rmdir(at(w, "joe/tmp"));
	make_root(w, "eve");
	set_atime(at(w, "eve/tmp"), 25);
	assert_int_equal(symlink("../eve/tmp", at(w, "joe/tmp")), 0);
	set_atime(at(w, "eve/tmp"), 25);
	assert_false(looks(w, "P", &steady));
	assert_int_equal(stat_of(at(w, "eve/tmp")).st_atime / HOUR,
	    (now_s() - 25 * HOUR) / HOUR);
}

/* --- checking ---------------------------------------------------------------
 */

struct told {
	struct world *w;
	struct buf text;
};

static void
tell(void *ctx, const struct maildir_finding *f)
{
	struct told *t = ctx;

	buf_printf(&t->text, "%s %.*s%s\n", maildir_fault_names[f->fault],
	    STR_ARG(f->path), f->fixed ? " fixed" : "");
}

/* The findings, a line each. */
static struct str
findings(struct world *w, bool repair)
{
	struct store_account acct = { &w->options, w->root };
	struct store_quota quota = { 0 };
	struct told t = { .w = w };
	struct str out;

	buf_init(&t.text, 1 << 16);
	if (!maildir_check(&acct, &quota, repair, tell, &t, &w->why))
		fail_msg("%s", w->why.text);
	out = str_dup(w->a, buf_str(&t.text));
	buf_free(&t.text);
	return out;
}

static void
expect(
    struct world *w, const char *found, const char *repaired, const char *left)
{
	assert_string_equal(findings(w, false).p, found);
	assert_string_equal(findings(w, true).p, repaired);
	assert_string_equal(findings(w, false).p, left);
}

static void
test_clean(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "A/B");

	target.create = true;
	assert_non_null(deliver(w, &target));
	target = to(w, "INBOX");
	assert_non_null(deliver(w, &target));
	make_file(at(w, "joe/tmp/now"), "a delivery that is under way");
	expect(w, "", "", "");
	assert_int_equal(messages(w), 3);
}

static void
test_parts(void **state)
{
	struct world *w = *state;

	rmdir(at(w, "joe/cur"));
	make_root(w, "joe/.A");
	rmdir(at(w, "joe/.A/tmp"));
	expect(w, "part cur\npart .A/maildirfolder\npart .A/tmp\n",
	    "part cur fixed\npart .A/maildirfolder fixed\npart .A/tmp fixed\n",
	    "");
	/* what is in the way is not removed */
	rmdir(at(w, "joe/cur"));
	make_file(at(w, "joe/cur"), "x");
	expect(w, "part cur\n", "part cur\n", "part cur\n");
}

static void
test_sizes(void **state)
{
	struct world *w = *state;

	make_file(at(w, "joe/cur/1.a,S=9,W=9:2,S"), "ab\ncd\r\n");
	make_file(at(w, "joe/cur/2.a,S=7,W=8:2,"), "ab\ncd\r\n");
	make_file(at(w, "joe/new/3.a,W=3"), "ab\ncd\r\n");
	make_file(at(w, "joe/new/4.a"), "no size is no mistake");
	make_file(at(w, "joe/new/5.a,S=x,foo"), "ab\ncd\r\n");
	assert_string_equal(findings(w, false).p,
	    "size new/5.a,S=x,foo\nsize new/3.a,W=3\n"
	    "size cur/1.a,S=9,W=9:2,S\n");
	findings(w, true);
	assert_string_equal(findings(w, false).p, "");
	assert_string_equal(
	    read_file(w, at(w, "joe/cur/1.a,S=7,W=8:2,S")), "ab\ncd\r\n");
	stat_of(at(w, "joe/new/3.a,S=7,W=8"));
	stat_of(at(w, "joe/new/5.a,foo,S=7,W=8"));
	/* nothing is overwritten */
	make_file(at(w, "joe/cur/1.a,S=9,W=9:2,S"), "ab\ncd\r\n");
	findings(w, true);
	assert_int_equal(entries(at(w, "joe/cur")), 3);
}

static void
test_odd(void **state)
{
	struct world *w = *state;

	make_file(at(w, "joe/new/1.a"), "x");
	assert_int_equal(link(at(w, "joe/new/1.a"), at(w, "joe/cur/2.a")), 0);
	make_file(at(w, "joe/cur/1.a:2,S"), "y");
	assert_int_equal(
	    symlink("/etc/passwd", at(w, "joe/cur/3.a,S=1:2,")), 0);
	assert_int_equal(chmod(at(w, "joe/cur/1.a:2,S"), 0044), 0);
	expect(w,
	    "mode cur/1.a:2,S\nodd cur/3.a,S=1:2,\n"
	    "twice cur/1.a:2,S\ntwice cur/2.a\n",
	    "mode cur/1.a:2,S fixed\nodd cur/3.a,S=1:2,\n"
	    "twice cur/1.a:2,S\ntwice cur/2.a\n",
	    "odd cur/3.a,S=1:2,\ntwice cur/1.a:2,S\ntwice cur/2.a\n");
	assert_int_equal(
	    stat_of(at(w, "joe/cur/1.a:2,S")).st_mode & 0777, 0644);
	assert_int_equal(messages(w), 0);
}

static void
test_quota(void **state)
{
	struct world *w = *state;

	make_file(at(w, "joe/new/1.a,S=1"), "x");
	make_file(at(w, "joe/maildirsize"), "100S\n5 5\n");
	expect(w, "quota maildirsize\n", "quota maildirsize fixed\n", "");
	assert_string_equal(
	    read_file(w, at(w, "joe/maildirsize")), "100S\n1 1\n");
	make_file(at(w, "joe/maildirsize"), "100S\n5 5");
	findings(w, true);
	assert_string_equal(findings(w, false).p, "");
}

static void
test_clock(void **state)
{
	struct clock_watch w;

	(void)state;
	clock_watch_begin(&w);
	assert_true(clock_watch_steady(&w, 0));
	assert_false(clock_watch_steady(&w, 1000));
	w.boot_ms -= 1000;
	w.wall_ms -= 1000;
	assert_true(clock_watch_steady(&w, 1000));
	w.wall_ms -= 59000;
	assert_true(clock_watch_steady(&w, 1000));
	w.wall_ms -= 2000;
	assert_false(clock_watch_steady(&w, 1000));
	w.wall_ms += 2 * 61000;
	assert_false(clock_watch_steady(&w, 1000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_is_old),
		WORLD_TEST(test_sweep),
		WORLD_TEST(test_when),
		WORLD_TEST(test_clean),
		WORLD_TEST(test_parts),
		WORLD_TEST(test_sizes),
		WORLD_TEST(test_odd),
		WORLD_TEST(test_quota),
		WORLD_TEST(test_clock),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
