/*
 * test-account: names, the layout of the store and of sievedir, and stores
 * that cannot be asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "testsuite/unit/account-fixture.h"

static void
names(void **state)
{
	static char long_ok[255], too_long[256];
	const struct {
		struct str name;
		bool ok;
	} cases[] = {
		{ STR("joe"), true },
		{ STR("joe.doe"), true },
		{ STR("j"), true },
		{ STR("joe@example.org"), true },
		{ STR("j\xc3\xb6rg"), true },
		{ STR("..."), false },
		{ STR(""), false },
		{ STR("."), false },
		{ STR(".."), false },
		{ STR(".joe"), false },
		{ STR("/"), false },
		{ STR("a/b"), false },
		{ STR("a/../b"), false },
		{ STR("joe/"), false },
		{ STR("jo\0e"), false },
		{ STR("jo\ne"), false },
		{ STR("jo\x7f"), false },
		{ STR("j\xc2\x85"), false },
		{ STR("j\xc2\xa0"), true },
		{ STR("j\xc3"), false },
		{ STR("j\xff"), false },
		{ STR("\xc0\xae\xc0\xae"), false },
		{ { long_ok, sizeof(long_ok) }, true },
		{ { too_long, sizeof(too_long) }, false },
	};

	(void)state;
	memset(long_ok, 'a', sizeof(long_ok));
	memset(too_long, 'a', sizeof(too_long));
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (account_name_ok(cases[i].name) != cases[i].ok)
			fail_msg("case %zu", i);
}

/* The store the layout tests look into; below %s/one and %s/two */
static const char *const store[] = {
	"one/joe",
	"one/joe/cur",
	"one/Joe/cur",
	"one/j/joe/cur",
	"one/q/1up/cur",
	"one/q/\xc3\xb6rg/cur",
	"one/example.org/joe/cur",
	"one/e/example.org/j/joe/cur",
	"one/bare",
	"two/joe",
	"two/ann/cur",
	"two/example.org/ann/cur",
};

#define OFF   ""
#define ON    "virtdomains: on\ndefaultdomain: home.example\n"
#define HASH  "hashimapspool: yes\n"
#define EXACT "username_tolower: no\nlmtp_downcase_rcpt: no\n"

static const struct {
	const char *conf;
	struct str local, domain;
	const char *root; /* NULL: unknown */
	const char *user;
} layout_cases[] = {
	{ OFF, STR("joe"), STR(""), "one/joe", "joe" },
	{ OFF, STR("joe"), STR("any.example"), "one/joe", "joe" },
	{ OFF, STR("JOE"), STR(""), "one/joe", "joe" },
	{ EXACT, STR("Joe"), STR(""), "one/Joe", "Joe" },
	{ EXACT, STR("JOE"), STR(""), NULL, NULL },
	{ "username_tolower: no\n", STR("JOE"), STR(""), "one/joe", "joe" },
	{ "lmtp_downcase_rcpt: no\n", STR("JOE"), STR(""), "one/joe", "joe" },
	{ OFF, STR("bare"), STR(""), "one/bare", "bare" },
	{ OFF, STR("ann"), STR(""), "two/ann", "ann" },
	{ OFF, STR("bob"), STR(""), NULL, NULL },
	{ "defaultpartition: two\n", STR("joe"), STR(""), "two/joe", "joe" },
	{ "defaultpartition: TWO\n", STR("bare"), STR(""), "one/bare", "bare" },
	{ HASH, STR("joe"), STR(""), "one/j/joe", "joe" },
	{ HASH, STR("1up"), STR(""), "one/q/1up", "1up" },
	{ HASH, STR("\xc3\xb6rg"), STR(""), "one/q/\xc3\xb6rg", "\xc3\xb6rg" },
	{ HASH, STR("bare"), STR(""), NULL, NULL },
	{ ON, STR("joe"), STR("home.example"), "one/joe", "joe" },
	{ ON, STR("joe"), STR("Home.EXAMPLE"), "one/joe", "joe" },
	{ ON, STR("joe"), STR(""), "one/joe", "joe" },
	{ ON, STR("joe"), STR("example.org"), "one/example.org/joe",
	    "joe@example.org" },
	{ ON, STR("joe"), STR("EXAMPLE.org"), "one/example.org/joe",
	    "joe@example.org" },
	{ ON EXACT, STR("joe"), STR("EXAMPLE.org"), "one/example.org/joe",
	    "joe@example.org" },
	{ ON, STR("ann"), STR("example.org"), "two/example.org/ann",
	    "ann@example.org" },
	{ ON, STR("joe"), STR("other.example"), NULL, NULL },
	{ ON HASH, STR("joe"), STR("example.org"), "one/e/example.org/j/joe",
	    "joe@example.org" },
	{ "virtdomains: userid\n", STR("joe"), STR("example.org"),
	    "one/example.org/joe", "joe@example.org" },
	/* a directory of accounts is no account */
	{ ON, STR("example.org"), STR("home.example"), NULL, NULL },
	{ ON HASH, STR("example.org"), STR(""), NULL, NULL },
};

static void
layout(void **state)
{
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(store); i++)
		make_dir(s, store[i]);
	for (size_t i = 0; i < LENGTH(layout_cases); i++) {
		struct conf *conf = load(s, layout_cases[i].conf);
		struct account got;
		struct fail why = { 0 };
		bool ok = account_find(open_all(s, conf), s->arena,
		    layout_cases[i].local, layout_cases[i].domain, &got, &why);

		if (ok != (layout_cases[i].root != NULL))
			fail_msg("case %zu: %d %s", i, ok, why.text);
		if (!ok) {
			assert_string_equal(why.status, "5.1.1");
			assert_string_equal(why.text, "User unknown");
			continue;
		}
		if (!str_eq(got.root, str_c(in_dir(s, layout_cases[i].root))) ||
		    !str_eq(got.user, str_c(layout_cases[i].user)))
			fail_msg("case %zu: %.*s %.*s", i, STR_ARG(got.user),
			    STR_ARG(got.root));
	}
}

/* Every one of them is 5.1.1, though the directories they lead to exist. */
static void
hostile(void **state)
{
	static const struct {
		struct str local, domain;
	} cases[] = {
		{ STR(""), STR("") },
		{ STR("."), STR("") },
		{ STR(".."), STR("") },
		{ STR("../two/joe"), STR("") },
		{ STR("joe/../joe"), STR("") },
		{ STR("joe/cur"), STR("") },
		{ STR("/etc"), STR("") },
		{ STR("joe\0x"), STR("") },
		{ STR(".hidden"), STR("") },
		{ STR("joe"), STR("..") },
		{ STR("joe"), STR(".") },
		{ STR("joe"), STR("../one") },
		{ STR("joe"), STR("/") },
		{ STR("joe"), STR("example.org/.") },
	};
	struct state *s = *state;
	struct conf *conf;

	for (size_t i = 0; i < LENGTH(store); i++)
		make_dir(s, store[i]);
	make_dir(s, "one/.hidden/cur");
	conf = load(s, ON);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct account got;
		struct fail why = { 0 };

		if (account_find(open_all(s, conf), s->arena, cases[i].local,
			cases[i].domain, &got, &why))
			fail_msg("case %zu: %.*s", i, STR_ARG(got.root));
		if (strcmp(why.status, "5.1.1") != 0)
			fail_msg("case %zu: %s %s", i, why.status, why.text);
	}
}

/* What is broken is not "unknown": mail waits for the administrator. */
static void
broken(void **state)
{
	static const char *const names[] = { "linked", "afile" };
	struct state *s = *state;
	struct conf *conf = load(s, "");
	struct account got;
	struct fail why = { 0 };
	int fd;

	assert_false(account_find(
	    open_all(s, conf), s->arena, S("joe"), S(""), &got, &why));
	assert_string_equal(why.status, "4.3.0"); /* no partition there */
	make_dir(s, "one/joe");
	assert_true(account_find(
	    open_all(s, conf), s->arena, S("joe"), S(""), &got, &why));
	/* ann may be on the partition that is missing */
	assert_false(account_find(
	    open_all(s, conf), s->arena, S("ann"), S(""), &got, &why));
	assert_string_equal(why.status, "4.3.0");
	make_dir(s, "two");
	assert_int_equal(symlink("joe", in_dir(s, "one/linked")), 0);
	fd = open(in_dir(s, "one/afile"), O_WRONLY | O_CREAT, 0600);
	io_close(&fd);
	for (size_t i = 0; i < LENGTH(names); i++) {
		assert_false(account_find(open_all(s, conf), s->arena,
		    str_c(names[i]), S(""), &got, &why));
		if (why.code != 451 || strcmp(why.status, "4.3.0") != 0)
			fail_msg("%s: %s %s", names[i], why.status, why.text);
	}
}

/* A link above the account, in the hash level, is not followed either. */
static void
linked_level(void **state)
{
	struct state *s = *state;
	struct conf *conf;
	struct account got;
	struct fail why = { 0 };

	make_dir(s, "one");
	make_dir(s, "two");
	make_dir(s, "elsewhere/joe");
	assert_int_equal(symlink("../elsewhere", in_dir(s, "one/j")), 0);
	conf = load(s, HASH);
	assert_false(account_find(
	    open_all(s, conf), s->arena, S("joe"), S(""), &got, &why));
	assert_string_equal(why.status, "4.3.0");
}

static void
no_partition(void **state)
{
	struct state *s = *state;
	struct conf_messages m;
	struct conf *conf = conf_load(s->arena, NULL, NULL, &m);
	struct account got;
	struct fail why = { 0 };

	assert_false(account_find(
	    open_all(s, conf), s->arena, S("joe"), S(""), &got, &why));
	assert_string_equal(why.status, "5.1.1");
}

#define PATH(t) "sieve_script_path: " t "\n"

static const struct {
	const char *conf;
	struct str local, domain;
	const char *dir, *path;
} scripts_cases[] = {
	{ "sievedir: /s\n", STR("joe"), STR(""), "/s/j/joe", "" },
	{ "", STR("joe"), STR(""), "/usr/sieve/j/joe", "" },
	{ "", STR("1up"), STR(""), "/usr/sieve/q/1up", "" },
	{ "sievedir: /s\n", STR("joe"), STR("example.org"),
	    "/s/domain/e/example.org/j/joe", "" },
	{ "sievedir: /s\n", STR(".."), STR(""), "", "" },
	{ "sievedir: /s\n", STR("joe"), STR(".."), "", "" },
	{ PATH("/h/%n/s"), STR("joe"), STR(""), "", "/h/joe/s" },
	{ PATH("/h/%u"), STR("joe"), STR("example.org"), "",
	    "/h/joe@example.org" },
	{ PATH("/%d/%n"), STR("joe"), STR("example.org"), "",
	    "/example.org/joe" },
	{ PATH("/%d/%n"), STR("joe"), STR(""), "", "/internal/joe" },
	{ PATH("/100%%/%n"), STR("joe"), STR(""), "", "/100%/joe" },
	{ PATH("/h/%n"), STR("a/b"), STR(""), "", "" },
	{ PATH("/h/%n"), STR(".."), STR(""), "", "" },
	{ PATH("/%d/x"), STR("joe"), STR("a/b"), "", "" },
	{ PATH("/h/%u"), STR("joe"), STR("a/b"), "", "" },
	{ PATH("%h/.s"), STR("nohome"), STR(""), "", "" },
	{ PATH("%h/.s"), STR("joe"), STR(""), "", "/h/joe/.s" },
	{ PATH("{configdirectory}/%n"), STR("joe"), STR(""), "", "=joe" },
};

static void
scripts(void **state)
{
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(scripts_cases); i++) {
		struct conf *conf = load(s, scripts_cases[i].conf);
		struct account acct = {
			.user = scripts_cases[i].local,
			.local = scripts_cases[i].local,
			.domain = scripts_cases[i].domain,
		};
		struct str want = str_c(scripts_cases[i].path);
		struct account_script got;

		if (str_eq(acct.local, S("joe")))
			acct.home = S("/h/joe");
		if (acct.domain.len > 0)
			acct.user = str_printf(s->arena, "%.*s@%.*s",
			    STR_ARG(acct.local), STR_ARG(acct.domain));
		if (scripts_cases[i].path[0] == '=')
			want = str_c(in_dir(s, scripts_cases[i].path + 1));
		account_script(conf, s->arena, &acct, &got);
		if (!str_eq(got.dir, str_c(scripts_cases[i].dir)) ||
		    !str_eq(got.path, want))
			fail_msg("case %zu: dir \"%.*s\" path \"%.*s\"", i,
			    STR_ARG(got.dir), STR_ARG(got.path));
		if (!str_eq(got.link, got.dir.len > 0 ? S("defaultbc") : S("")))
			fail_msg("case %zu: link", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test_setup_teardown(layout, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(broken, setup, teardown),
		cmocka_unit_test_setup_teardown(linked_level, setup, teardown),
		cmocka_unit_test_setup_teardown(no_partition, setup, teardown),
		cmocka_unit_test_setup_teardown(scripts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
