/*
 * Which script an account has, and that it is never an old one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "actions/script.h"
#include "lib/clock.h"
#include "testsuite/unit/actions-scratch.h"

#define KEEP_TEXT    "keep;\n"
#define STOP_TEXT    "stop;\n"
#define DISCARD_TEXT "discard;\n"

struct fixture {
	struct arena *arena;
	struct str dir;
	struct script_cache *cache;
	struct account_script where; /* Cyrus layout */
};

static int
setup(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct fixture *f = ARENA_NEW(a, struct fixture);

	f->arena = a;
	f->dir = scratch_new(a);
	f->cache = script_cache_new(a, 8, 1 << 20);
	f->where.dir = f->dir;
	f->where.link = S("defaultbc");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	scratch_free(f->dir);
	script_cache_free(f->cache);
	arena_free(f->arena);
	return 0;
}

static void
put(struct fixture *f, const char *name, struct str text)
{
	scratch_write(f->arena, f->dir, name, text);
}

static struct str
in_dir(struct fixture *f, const char *name)
{
	return scratch_path(f->arena, f->dir, name);
}

static void
activate(struct fixture *f, const char *target)
{
	const char *temp = in_dir(f, "defaultbc.new").p;

	assert_int_equal(symlink(target, temp), 0);
	assert_int_equal(rename(temp, in_dir(f, "defaultbc").p), 0);
}

static struct script
find_at(struct fixture *f, const struct account_script *where)
{
	struct script s;
	struct fail why;

	if (!script_find(
		f->cache, where, &sieve_limits_default, f->arena, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static struct script
find(struct fixture *f)
{
	return find_at(f, &f->where);
}

static struct str
listing(struct fixture *f, const struct sieve_program *p)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 16);
	sieve_print(p, &b);
	s = str_dup(f->arena, buf_str(&b));
	buf_free(&b);
	return s;
}

/* Is that what the text compiles to? */
static void
assert_runs(struct fixture *f, struct script s, struct str text)
{
	struct sieve_errors errors = { 0 };
	const struct sieve_program *p =
	    sieve_compile(f->arena, text, NULL, &errors);

	assert_non_null(p);
	assert_int_equal(s.state, SCRIPT_OK);
	assert_string_equal(listing(f, s.program).p, listing(f, p).p);
}

static void
no_script(void **state)
{
	struct fixture *f = *state;
	struct account_script gone = f->where, path = { 0 };

	assert_int_equal(find(f).state, SCRIPT_NONE);
	/* the link may name what is not there */
	activate(f, "gone.bc");
	assert_int_equal(find(f).state, SCRIPT_NONE);
	gone.dir = str_printf(f->arena, "%s/none", f->dir.p);
	assert_int_equal(find_at(f, &gone).state, SCRIPT_NONE);
	path.path = str_printf(f->arena, "%s/none.sieve", f->dir.p);
	assert_int_equal(find_at(f, &path).state, SCRIPT_NONE);
	assert_int_equal(
	    find_at(f, &(struct account_script){ 0 }).state, SCRIPT_NONE);
}

static void
cyrus_layout(void **state)
{
	struct fixture *f = *state;
	struct script s;

	put(f, "a.script", S(KEEP_TEXT));
	activate(f, "a.bc");
	s = find(f);
	assert_runs(f, s, S(KEEP_TEXT));
	assert_string_equal(s.name.p, "a.script");
	/* other files there mean nothing */
	put(f, "b.script", S(DISCARD_TEXT));
	assert_runs(f, find(f), S(KEEP_TEXT));
}

static void
path_layout(void **state)
{
	struct fixture *f = *state;
	struct account_script where = { 0 };
	struct script s;

	put(f, "sieve/x.sieve", S(KEEP_TEXT));
	where.path = in_dir(f, ".dovecot.sieve");
	assert_int_equal(symlink("sieve/x.sieve", where.path.p), 0);
	s = find_at(f, &where);
	assert_runs(f, s, S(KEEP_TEXT));
	assert_string_equal(s.name.p, where.path.p);
}

/* What the link may not name, and what may not stand where the text is. */
static void
bad_links(void **state)
{
	static const char *const targets[] = { "../a.bc", "/tmp/a.bc",
		"sub/a.bc", ".bc", "a.script", "a.bc/", "a" };
	struct fixture *f = *state;

	put(f, "a.script", S(KEEP_TEXT));
	put(f, "sub/a.script", S(KEEP_TEXT));
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		activate(f, targets[i]);
		if (find(f).state != SCRIPT_BROKEN)
			fail_msg("case %zu: %s", i, targets[i]);
	}
	unlink(in_dir(f, "defaultbc").p);
	put(f, "defaultbc", S(KEEP_TEXT));
	assert_int_equal(find(f).state, SCRIPT_BROKEN);
}

static void
bad_files(void **state)
{
	struct fixture *f = *state;
	struct account_script where = { 0 };
	struct script s;

	put(f, "secret", S(KEEP_TEXT));
	activate(f, "a.bc");
	/* no link is followed, not even to a good place */
	assert_int_equal(symlink("secret", in_dir(f, "a.script").p), 0);
	assert_int_equal(find(f).state, SCRIPT_BROKEN);
	unlink(in_dir(f, "a.script").p);
	/* a FIFO does not make us wait */
	assert_int_equal(mkfifo(in_dir(f, "a.script").p, 0600), 0);
	assert_int_equal(find(f).state, SCRIPT_BROKEN);
	where.path = in_dir(f, "a.script");
	assert_int_equal(find_at(f, &where).state, SCRIPT_BROKEN);
	unlink(in_dir(f, "a.script").p);
	assert_int_equal(mkdir(in_dir(f, "a.script").p, 0700), 0);
	assert_int_equal(find(f).state, SCRIPT_BROKEN);
	where.path = S("/dev/null");
	s = find_at(f, &where);
	assert_int_equal(s.state, SCRIPT_BROKEN);
	assert_true(s.text.len > 0);
}

static void
unreadable(void **state)
{
	struct fixture *f = *state;

	put(f, "a.script", S(KEEP_TEXT));
	activate(f, "a.bc");
	assert_int_equal(chmod(in_dir(f, "a.script").p, 0), 0);
	/* root may read everything */
	assert_int_equal(
	    find(f).state, geteuid() == 0 ? SCRIPT_OK : SCRIPT_BROKEN);
}

static void
too_large(void **state)
{
	struct fixture *f = *state;
	struct sieve_limits limits = sieve_limits_default;
	struct script s;
	struct fail why;

	limits.script_bytes = sizeof(KEEP_TEXT) - 2;
	put(f, "a.script", S(KEEP_TEXT));
	activate(f, "a.bc");
	assert_true(
	    script_find(f->cache, &f->where, &limits, f->arena, &s, &why));
	assert_int_equal(s.state, SCRIPT_BROKEN);
	limits.script_bytes++;
	assert_true(
	    script_find(f->cache, &f->where, &limits, f->arena, &s, &why));
	assert_int_equal(s.state, SCRIPT_OK);
}

static void
does_not_compile(void **state)
{
	struct fixture *f = *state;

	put(f, "a.script", S("keep;\n  frobnicate;\n"));
	activate(f, "a.bc");
	/* the second time from the cache */
	for (int i = 0; i < 2; i++) {
		struct script s = find(f);

		assert_int_equal(s.state, SCRIPT_BROKEN);
		assert_int_equal(s.line, 2);
		assert_int_equal(s.column, 3);
		assert_true(s.text.len > 0);
		assert_int_equal(script_cache_count(f->cache), 1);
	}
	put(f, "a.script", S(KEEP_TEXT));
	assert_runs(f, find(f), S(KEEP_TEXT));
}

/* No descriptors left: nothing is known about the script. */
static void
passing_error(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, none;
	struct script s;
	struct fail why;
	bool ok;

	put(f, "a.script", S(KEEP_TEXT));
	activate(f, "a.bc");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	/* one for the directory, none for the script; then none at all */
	for (rlim_t n = 2; n-- > 0;) {
		int fd = dup(2);

		close(fd);
		none.rlim_cur = (rlim_t)fd + n;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		ok = script_find(f->cache, &f->where, &sieve_limits_default,
		    f->arena, &s, &why);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		assert_false(ok);
		assert_int_equal(why.class, FAIL_TEMP);
		assert_int_equal(why.code, 451);
	}
	assert_int_equal(find(f).state, SCRIPT_OK);
}

/* --- never stale -------------------------------------------------------- */

static void
set_mtime(struct fixture *f, const char *name, time_t t)
{
	struct timespec ts[2] = { { t, 0 }, { t, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, in_dir(f, name).p, ts, 0), 0);
}

static void
let_it_settle(void)
{
	struct timespec ts = { 2, 100000000 };

	nanosleep(&ts, NULL);
}

static void
replaced(void **state)
{
	struct fixture *f = *state;

	put(f, "a.script", S(KEEP_TEXT));
	put(f, "b.script", S(DISCARD_TEXT));
	put(f, "c.script", S(STOP_TEXT));
	set_mtime(f, "a.script", 1000000000);
	set_mtime(f, "c.script", 1000000000);
	activate(f, "a.bc");
	for (int settled = 0; settled < 2; settled++) {
		if (settled)
			let_it_settle();
		for (int i = 0; i < 2; i++)
			assert_runs(f, find(f), S(KEEP_TEXT));
		/* link switch */
		activate(f, "b.bc");
		assert_runs(f, find(f), S(DISCARD_TEXT));
		activate(f, "a.bc");
		assert_runs(f, find(f), S(KEEP_TEXT));
		/* in place, same size, same mtime */
		put(f, "a.script", S(STOP_TEXT));
		set_mtime(f, "a.script", 1000000000);
		assert_runs(f, find(f), S(STOP_TEXT));
		put(f, "a.script", S(KEEP_TEXT));
		set_mtime(f, "a.script", 1000000000);
		assert_runs(f, find(f), S(KEEP_TEXT));
	}
	/* by rename, same size, same mtime */
	assert_int_equal(
	    rename(in_dir(f, "c.script").p, in_dir(f, "a.script").p), 0);
	assert_runs(f, find(f), S(STOP_TEXT));
}

/* Within one tick of the file system's clock a file changes without looking
 * changed. */
static void
rewritten_at_once(void **state)
{
	static const struct str texts[2] = { STR(KEEP_TEXT), STR(STOP_TEXT) };
	struct fixture *f = *state;
	const struct sieve_program *programs[2];

	activate(f, "a.bc");
	for (int i = 0; i < 2; i++) {
		put(f, "a.script", texts[i]);
		programs[i] = find(f).program;
	}
	for (int i = 0; i < 300; i++) {
		put(f, "a.script", texts[i % 2]);
		set_mtime(f, "a.script", 1000000000);
		assert_ptr_equal(find(f).program, programs[i % 2]);
	}
}

static bool
known_by_identity(struct fixture *f, const char *name)
{
	struct str v[] = { f->dir, S("\0"), str_c(name) };
	struct digest path = digest_of(v, 3);
	struct script_ident id;
	struct stat st;

	assert_int_equal(stat(in_dir(f, name).p, &st), 0);
	id = script_ident_of(&path, &st);
	return script_cache_ident(f->cache, &id) != NULL;
}

/* A file that changed a moment ago is read again, however it looks. */
static void
settles(void **state)
{
	struct fixture *f = *state;

	put(f, "a.script", S(KEEP_TEXT));
	activate(f, "a.bc");
	find(f);
	assert_false(known_by_identity(f, "a.script"));
	let_it_settle();
	find(f);
	assert_true(known_by_identity(f, "a.script"));
}

/* Somebody activates one script after the other and removes the old ones:
 * there is a script at every moment. */
static void
switch_scripts(struct fixture *f)
{
	struct timespec ts = { 0, 500000 };

	for (int i = 1;; i++) {
		const char *old = str_printf(f->arena, "%d.script", i - 1).p;

		put(f, str_printf(f->arena, "%d.script", i).p, S(KEEP_TEXT));
		activate(f, str_printf(f->arena, "%d.bc", i).p);
		unlink(in_dir(f, old).p);
		nanosleep(&ts, NULL);
	}
}

static void
switched_meanwhile(void **state)
{
	struct fixture *f = *state;
	int64_t end = clock_mono_ms() + 500;
	bool none = false;
	pid_t pid;

	put(f, "0.script", S(KEEP_TEXT));
	activate(f, "0.bc");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		switch_scripts(f);
	while (!none && clock_mono_ms() < end)
		none = find(f).state == SCRIPT_NONE;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(none);
}

static void
shared_by_digest(void **state)
{
	struct fixture *f = *state;
	struct account_script path = { 0 };

	put(f, "a.script", S(KEEP_TEXT));
	put(f, "b.sieve", S(KEEP_TEXT));
	activate(f, "a.bc");
	path.path = in_dir(f, "b.sieve");
	assert_ptr_equal(find(f).program, find_at(f, &path).program);
	assert_int_equal(script_cache_count(f->cache), 1);
}

/* --- the saved form ----------------------------------------------------- */

static struct str
saved(struct fixture *f, struct str text)
{
	struct sieve_errors errors = { 0 };
	const struct sieve_program *p =
	    sieve_compile(f->arena, text, NULL, &errors);
	struct buf b;
	struct str s;

	assert_non_null(p);
	buf_init(&b, 1 << 20);
	sieve_save(p, &b);
	s = str_dup(f->arena, buf_str(&b));
	buf_free(&b);
	assert_true(sieve_is_saved(s));
	return s;
}

static void
saved_form(void **state)
{
	struct fixture *f = *state;
	struct str good = saved(f, S(KEEP_TEXT));
	const struct {
		const char *what;
		struct str bytes;
	} cases[] = {
		{ "good", good },
		{ "empty", S("") },
		{ "garbage", S("CyrSBytecode\0\0\0\x20") },
		{ "truncated", str_sub(good, 0, good.len - 1) },
		{ "head only", str_sub(good, 0, good.len / 2) },
		{ "other script's", saved(f, S(DISCARD_TEXT)) },
	};

	put(f, "a.script", S(KEEP_TEXT));
	activate(f, "a.bc");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		script_cache_free(f->cache);
		f->cache = script_cache_new(f->arena, 8, 1 << 20);
		put(f, "a.bc", cases[i].bytes);
		print_message("# %zu %s\n", i, cases[i].what);
		assert_runs(f, find(f), S(KEEP_TEXT));
	}
	/* stale: the text changed and NAME.bc did not */
	put(f, "a.bc", good);
	put(f, "a.script", S(DISCARD_TEXT));
	assert_runs(f, find(f), S(DISCARD_TEXT));
	/* a link is not followed, a FIFO does not make us wait */
	unlink(in_dir(f, "a.bc").p);
	assert_int_equal(mkfifo(in_dir(f, "a.bc").p, 0600), 0);
	put(f, "a.script", S(STOP_TEXT));
	assert_runs(f, find(f), S(STOP_TEXT));
}

/*
 * Bytes that claim to come from a text they do not come from. They may be
 * believed where they stand, and nowhere else.
 */
static void
saved_form_is_private(void **state)
{
	struct fixture *f = *state;
	struct account_script b = f->where;
	const struct sieve_program *loaded, *compiled;

	put(f, "a.script", S(KEEP_TEXT));
	put(f, "a.bc", saved(f, S(KEEP_TEXT)));
	activate(f, "a.bc");
	put(f, "other/a.script", S(KEEP_TEXT));
	b.dir = in_dir(f, "other");
	assert_int_equal(symlink("a.bc", in_dir(f, "other/defaultbc").p), 0);
	loaded = find(f).program;
	assert_ptr_equal(find(f).program, loaded);
	compiled = find_at(f, &b).program;
	assert_ptr_not_equal(compiled, loaded);
}

static void
forged_saved_form(void **state)
{
	struct fixture *f = *state;
	struct str text = S(KEEP_TEXT), other = S(DISCARD_TEXT);
	struct digest claim = digest_of(&text, 1), real = digest_of(&other, 1);
	struct str bytes = saved(f, other);
	struct account_script b = f->where;
	char *forged;
	ssize_t at =
	    str_find(bytes, str_from((const char *)real.octet, DIGEST_LEN));

	if (at < 0)
		skip();
	forged = arena_strndup(f->arena, bytes.p, bytes.len);
	memcpy(forged + at, claim.octet, DIGEST_LEN);
	put(f, "a.script", text);
	put(f, "a.bc", str_from(forged, bytes.len));
	activate(f, "a.bc");
	put(f, "other/a.script", text);
	b.dir = in_dir(f, "other");
	assert_int_equal(symlink("a.bc", in_dir(f, "other/defaultbc").p), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(find(f).state, SCRIPT_OK);
		assert_runs(f, find_at(f, &b), text);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(no_script),
		T(cyrus_layout),
		T(path_layout),
		T(bad_links),
		T(bad_files),
		T(unreadable),
		T(too_large),
		T(does_not_compile),
		T(passing_error),
		T(replaced),
		T(rewritten_at_once),
		T(settles),
		T(switched_meanwhile),
		T(shared_by_digest),
		T(saved_form),
		T(saved_form_is_private),
		T(forged_saved_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
