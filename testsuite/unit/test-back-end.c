/*
 * test-back-end: lists of accounts, system users, paths with %-items, and
 * who is denied.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pwd.h>

#include "conf/message.h"
#include "conf/userdeny.h"
#include "testsuite/unit/account-fixture.h"

/* --- the list of accounts ----------------------------------------------------
 */

#define FILE_CONF                                                              \
	"account_backends: passwd-file\naccount_passwd_file: %s/users\n"

static void
write_users(struct state *s, const char *text)
{
	const char *path = in_dir(s, "users"), *new = in_dir(s, "users.new");
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(io_write_all(fd, text, strlen(text)));
	io_close(&fd);
	assert_int_equal(rename(new, path), 0);
}

static struct accounts *
open_users(struct state *s, const char *users, const char *more)
{
	write_users(s, users);
	make_dir(s, "one");
	make_dir(s, "two");
	return open_all(
	    s, load(s, str_printf(s->arena, FILE_CONF "%s", s->dir, more).p));
}

/* What one line says; "=" stands for the test's directory. */
static const struct {
	const char *line, *more;
	const char *root, *home, *script;
	bool create;
	uint64_t storage, messages;
	const char *disabled;
} line_cases[] = {
	{ "joe:x:1:1:::", "", "=/one/joe", "", "", false, 0, 0, "" },
	{ "joe:", "", "=/one/joe", "", "", false, 0, 0, "" },
	{ "JOE:", "", "=/one/joe", "", "", false, 0, 0, "" },
	{ "joe:x:::Joe:/h/joe:/bin/sh:userdb_mail=maildir:~/Maildir", "",
	    "/h/joe/Maildir", "/h/joe", "", true, 0, 0, "" },
	{ "joe:::::/h/joe::userdb_mail=maildir:/m/%n:INDEX=/i userdb_home=/g",
	    "", "/m/joe", "/g", "", true, 0, 0, "" },
	{ "joe:::::/h/joe::mail=maildir:/not/for/userdb", "", "=/one/joe",
	    "/h/joe", "", false, 0, 0, "" },
	{ "joe:::::/h/joe::", "account_mail_path: %h/Maildir\n",
	    "/h/joe/Maildir", "/h/joe", "", true, 0, 0, "" },
	{ "joe:::::::partition=two", "account_mail_path: /m/%n\n", "=/two/joe",
	    "", "", true, 0, 0, "" },
	{ "joe:::::::quota=1G,1000", "", "=/one/joe", "", "", false, 1 << 30,
	    1000, "" },
	{ "joe:::::::userdb_quota_rule=*:storage=10M:messages=5", "",
	    "=/one/joe", "", "", false, 10 << 20, 5, "" },
	{ "joe:::::::userdb_quota_rule=*:storage=10", "", "=/one/joe", "", "",
	    false, 10 << 10, 0, "" },
	{ "joe:::::::userdb_quota_rule=*:bytes=10", "", "=/one/joe", "", "",
	    false, 10, 0, "" },
	{ "joe:::::::userdb_quota_rule2=Trash:storage=10%", "", "=/one/joe", "",
	    "", false, 0, 0, "" },
	{ "joe:::::::userdb_quota_storage_size=2M", "", "=/one/joe", "", "",
	    false, 2 << 20, 0, "" },
	{ "joe:::::/h/joe::script=~/x.sieve", "", "=/one/joe", "/h/joe",
	    "/h/joe/x.sieve", false, 0, 0, "" },
	{ "joe:::::/h/joe::userdb_sieve=file:~/s;active=~/a", "", "=/one/joe",
	    "/h/joe", "/h/joe/a", false, 0, 0, "" },
	{ "joe:::::::disabled", "", "=/one/joe", "", "", false, 0, 0,
	    "Mailbox disabled" },
	{ "joe:::::::disabled=no", "", "=/one/joe", "", "", false, 0, 0, "" },
	{ "joe:::::::disabled=Gone%20since%20May", "", "=/one/joe", "", "",
	    false, 0, 0, "Gone since May" },
};

static bool
same_path(struct state *s, struct str got, const char *want)
{
	if (want[0] == '=')
		want = str_printf(s->arena, "%s%s", s->dir, want + 1).p;
	return str_eq(got, str_c(want));
}

static void
passwd_lines(void **state)
{
	struct state *s = *state;

	make_dir(s, "one/joe");
	for (size_t i = 0; i < LENGTH(line_cases); i++) {
		const char *text = str_printf(
		    s->arena, "# comment\n\nann:x\n%s\n", line_cases[i].line)
		                       .p;
		struct accounts *all = open_users(s, text, line_cases[i].more);
		struct account got;
		struct fail why;

		if (!account_find(
			all, s->arena, S("Joe"), S("a.example"), &got, &why))
			fail_msg("case %zu: %s", i, why.text);
		if (!same_path(s, got.root, line_cases[i].root) ||
		    !str_eq(got.home, str_c(line_cases[i].home)) ||
		    !str_eq(got.script, str_c(line_cases[i].script)) ||
		    got.create != line_cases[i].create ||
		    !str_eq(got.disabled, str_c(line_cases[i].disabled)) ||
		    got.quota_storage != line_cases[i].storage ||
		    got.quota_messages != line_cases[i].messages)
			fail_msg("case %zu: %.*s %.*s %.*s %d %.*s", i,
			    STR_ARG(got.root), STR_ARG(got.home),
			    STR_ARG(got.script), got.create,
			    STR_ARG(got.disabled));
		if (got.has_quota !=
		    (got.quota_storage > 0 || got.quota_messages > 0))
			fail_msg("case %zu: quota", i);
		assert_false(account_find(
		    all, s->arena, S("eva"), S("a.example"), &got, &why));
		assert_string_equal(why.status, "5.1.1");
	}
}

/* A virtual user has not the home of the system user of that name. */
static void
no_home(void **state)
{
	struct state *s = *state;
	struct accounts *all =
	    open_users(s, "root:\n", "sieve_script_path: %h/.dovecot.sieve\n");
	struct account_script where;
	struct account got;
	struct fail why;

	assert_true(account_find(all, s->arena, S("root"), S(""), &got, &why));
	assert_int_equal(got.home.len, 0);
	account_script(accounts_conf(all), s->arena, &got, &where);
	assert_int_equal(where.path.len, 0);
	make_dir(s, "one/root");
	all = open_all(s, load(s, "sieve_script_path: %h/.dovecot.sieve\n"));
	assert_true(account_find(all, s->arena, S("root"), S(""), &got, &why));
	assert_true(got.home.len > 0);
}

/* An error concerns its user; one without a user concerns whoever is not in
 * the list; an empty list is no list. */
static void
passwd_errors(void **state)
{
	static const struct {
		const char *users;
		const char *joe, *eva; /* status; NULL: found */
		uint32_t line;
	} cases[] = {
		{ "joe:\neva:::::::quota=lots\n", NULL, "4.3.0", 2 },
		{ "joe:\nann:::::::partition=three\n", NULL, "5.1.1", 2 },
		{ "joe:\njoe:\n", "4.3.0", "5.1.1", 2 },
		{ "joe:\neva:::::home::\n", NULL, "4.3.0", 2 },
		{ "joe:\neva:::::/h/../etc::\n", NULL, "4.3.0", 2 },
		{ "joe:\neva:::::/h::userdb_mail=mdbox:~/mdbox\n", NULL,
		    "4.3.0", 2 },
		{ "joe:\neva:::::/h::userdb_mail=maildir:~/M:LAYOUT=fs\n", NULL,
		    "4.3.0", 2 },
		{ "joe:\neva:::::::userdb_mail=maildir:~/Maildir\n", NULL,
		    "4.3.0", 2 },
		{ "joe:\neva:::::::disabled=a%0ab\n", NULL, "4.3.0", 2 },
		{ "joe:\n\n#\neva\n", NULL, "4.3.0", 4 },
		{ "joe:\n:x:\n", NULL, "4.3.0", 2 },
		{ "joe:\n../eva:x:\n", NULL, "4.3.0", 2 },
		{ "", "4.3.0", "4.3.0", 0 },
		{ "# joe:\n", "4.3.0", "4.3.0", 0 },
	};
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct accounts *all = open_users(s, cases[i].users, "");
		struct conf_messages m = { 0 };
		struct account got;
		struct fail why = { 0 };
		bool ok =
		    account_find(all, s->arena, S("joe"), S(""), &got, &why);

		if (ok != (cases[i].joe == NULL) ||
		    (!ok && strcmp(why.status, cases[i].joe) != 0))
			fail_msg("case %zu: joe %d %s", i, ok, why.text);
		ok = account_find(all, s->arena, S("eva"), S(""), &got, &why);
		if (ok || strcmp(why.status, cases[i].eva) != 0)
			fail_msg("case %zu: eva %d %s", i, ok, why.text);
		accounts_check(s->arena, accounts_conf(all), &m);
		if (m.nerrors != 1 || m.v[0].line != cases[i].line)
			fail_msg("case %zu: %zu errors, line %u", i, m.nerrors,
			    m.n > 0 ? m.v[0].line : 0);
	}
}

/* It is read again when it changes, and trouble is no empty list. */
static void
passwd_changes(void **state)
{
	struct state *s = *state;
	struct accounts *all = open_users(s, "joe:\n", "");
	struct account got;
	struct fail why;
	int fd;

	assert_true(account_find(all, s->arena, S("joe"), S(""), &got, &why));
	write_users(s, "ann:\n");
	assert_true(account_find(all, s->arena, S("ann"), S(""), &got, &why));
	assert_false(account_find(all, s->arena, S("joe"), S(""), &got, &why));
	assert_string_equal(why.status, "5.1.1");
	/* in place, same size, at once */
	usleep(60000);
	fd = open(in_dir(s, "users"), O_WRONLY);
	assert_true(io_write_all(fd, "bob:\n", 5));
	io_close(&fd);
	assert_true(account_find(all, s->arena, S("bob"), S(""), &got, &why));
	assert_int_equal(unlink(in_dir(s, "users")), 0);
	assert_false(account_find(all, s->arena, S("joe"), S(""), &got, &why));
	assert_string_equal(why.status, "4.3.0");
	assert_false(account_find(all, s->arena, S("bob"), S(""), &got, &why));
	assert_string_equal(why.status, "4.3.0");
	write_users(s, "joe:\n");
	assert_true(account_find(all, s->arena, S("joe"), S(""), &got, &why));
}

/* The first who knows decides; one in trouble is not passed over. */
static void
order(void **state)
{
	struct state *s = *state;
	struct accounts *all =
	    open_users(s, "joe:::::::quota=1k\n", "defaultpartition: two\n");
	struct account got;
	struct fail why;

	make_dir(s, "one/joe");
	make_dir(s, "one/ann");
	all = open_all(s, load(s, str_printf(s->arena,
				      "account_backends: store passwd-file\n"
				      "account_passwd_file: %s/users\n",
				      s->dir)
				      .p));
	assert_true(account_find(all, s->arena, S("joe"), S(""), &got, &why));
	assert_true(str_eq(got.back_end, S("store")) && !got.has_quota);
	all = open_all(s, load(s, str_printf(s->arena,
				      "account_backends: passwd-file store\n"
				      "account_passwd_file: %s/users\n",
				      s->dir)
				      .p));
	assert_true(account_find(all, s->arena, S("joe"), S(""), &got, &why));
	assert_true(str_eq(got.back_end, S("passwd-file")) && got.has_quota);
	assert_true(account_find(all, s->arena, S("ann"), S(""), &got, &why));
	assert_true(str_eq(got.back_end, S("store")));
	assert_int_equal(unlink(in_dir(s, "users")), 0);
	assert_false(account_find(all, s->arena, S("ann"), S(""), &got, &why));
	assert_string_equal(why.status, "4.3.0");
}

/* --- system users ----------------------------------------------------------
 */

static void
system_users(void **state)
{
	struct state *s = *state;
	struct accounts *all;
	struct account got;
	struct fail why;

	make_dir(s, "one");
	make_dir(s, "two");
	all = open_all(s, load(s, "account_backends: nss\n"));
	assert_false(account_find(all, s->arena, S("root"), S(""), &got, &why));
	assert_string_equal(why.status, "5.1.1");
	all =
	    open_all(s, load(s, "account_backends: nss\naccount_min_uid: 0\n"));
	assert_true(account_find(all, s->arena, S("root"), S(""), &got, &why));
	assert_true(got.create && same_path(s, got.root, "=/one/root"));
	assert_true(str_eq(got.home, str_c(getpwnam("root")->pw_dir)));
	assert_false(
	    account_find(all, s->arena, S("no-such-user"), S(""), &got, &why));
	assert_string_equal(why.status, "5.1.1");
	all = open_all(s, load(s, "account_backends: nss\naccount_min_uid: 0\n"
				  "virtdomains: on\n"));
	assert_false(
	    account_find(all, s->arena, S("root"), S("a.example"), &got, &why));
	assert_string_equal(why.status, "5.1.1");
}

/* --- paths -----------------------------------------------------------------
 */

static void
templates(void **state)
{
	static const struct {
		const char *template;
		struct str local, domain;
		const char *root; /* NULL: status */
		const char *status;
	} cases[] = {
		{ "=/m/%d/%n", STR("joe"), STR("a.example"),
		    "=/m/a.example/joe", NULL },
		{ "=/m/%d/%n", STR("JOE"), STR("A.example"),
		    "=/m/a.example/joe", NULL },
		{ "=/m/%d/%n", STR("joe"), STR(""), NULL, "5.1.1" },
		{ "=/m/mail-%u", STR("joe"), STR("a.example"),
		    "=/m/mail-joe@a.example", NULL },
		{ "=/m/%d/%n", STR("a/b"), STR("a.example"), NULL, "5.1.1" },
		{ "=/m/%d/%n", STR(".."), STR("a.example"), NULL, "5.1.1" },
		{ "=/m/%d/%n", STR("joe"), STR(".."), NULL, "5.1.1" },
		/* not mounted */
		{ "=/x/%d/%n", STR("joe"), STR("a.example"), NULL, "4.3.0" },
		/* not followed */
		{ "=/m/%d/%n", STR("link"), STR("a.example"), NULL, "4.3.0" },
		/* no other domain's account by a quoted local part */
		{ "=/m/mail-%u", STR("joe@a.example"), STR(""), NULL, "5.1.1" },
	};
	struct state *s = *state;

	make_dir(s, "m/a.example/joe/cur");
	make_dir(s, "m/mail-joe@a.example/cur");
	assert_int_equal(symlink("joe", in_dir(s, "m/a.example/link")), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct accounts *all = open_all(
		    s, load(s, str_printf(s->arena,
				   "virtdomains: on\naccount_mail_path: %s%s\n",
				   s->dir, cases[i].template + 1)
				   .p));
		struct account got;
		struct fail why = { 0 };
		bool ok = account_find(
		    all, s->arena, cases[i].local, cases[i].domain, &got, &why);

		if (ok != (cases[i].root != NULL) ||
		    (ok && !same_path(s, got.root, cases[i].root)) ||
		    (!ok && strcmp(why.status, cases[i].status) != 0))
			fail_msg(
			    "case %zu: %d %s %s", i, ok, why.status, why.text);
	}
}

/* --- user_deny.db ----------------------------------------------------------
 */

static void
deny_patterns(void **state)
{
	static const struct {
		const char *patterns, *word;
		bool hit;
	} cases[] = {
		{ "*", "lmtp", true },
		{ "lmtp", "lmtp", true },
		{ "lmtp", "lmtpunix", false },
		{ "lmtp*", "lmtpunix", true },
		{ "l?tp", "lmtp", true },
		{ "[a-m]mtp", "lmtp", true },
		{ "[^a-m]mtp", "lmtp", false },
		{ "[]l]mtp", "lmtp", true },
		{ "*,!lmtp*", "lmtp", false },
		{ "!lmtp,*", "lmtp", true },
		{ "imap,pop3", "lmtp", false },
		{ "imap,lmtp", "lmtp", true },
		{ "", "lmtp", false },
		{ "*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
		{ "[", "lmtp", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (userdeny_match(str_c(cases[i].patterns),
			str_c(cases[i].word)) != cases[i].hit)
			fail_msg("case %zu", i);
}

static void
deny(void **state)
{
	static const struct {
		struct str user;
		const char *status, *text; /* NULL: allowed */
	} cases[] = {
		{ STR("ann"), NULL, NULL },
		{ STR("joe"), "4.2.1", "Not now, please" },
		{ STR("joe@a.example"), "4.2.1",
		    "User is denied access to this service" },
		{ STR("imap"), NULL, NULL },
		{ STR("old"), "4.3.0", NULL },
		{ STR("cut"), "4.3.0", NULL },
		{ STR("tab"), "4.2.1", "a?b" },
	};
	static const char text[] = "cut\t2\n"
				   "imap\t2\timap,pop3\tx\n"
				   "joe\t2\t*\tNot now, please\n"
				   "joe@a.example\t1\tlmtp\n"
				   "old\t3\t*\tx\n"
				   "tab\t2\t*\ta\xff\x89"
				   "b\n";
	struct state *s = *state;
	struct accounts *all;
	struct account acct = { .user = S("joe") };
	struct conf_messages m = { 0 };
	struct fail why;
	int fd;

	all = open_all(s, load(s, ""));
	assert_true(account_allowed(all, s->arena, &acct, &why));
	fd = open(in_dir(s, "user_deny.db"), O_WRONLY | O_CREAT, 0600);
	assert_true(io_write_all(fd, text, sizeof(text) - 1));
	io_close(&fd);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		bool ok;

		acct.user = cases[i].user;
		ok = account_allowed(all, s->arena, &acct, &why);
		if (ok != (cases[i].status == NULL) ||
		    (!ok && strcmp(why.status, cases[i].status) != 0) ||
		    (cases[i].text != NULL &&
			strcmp(why.text, cases[i].text) != 0))
			fail_msg("case %zu: %d %s", i, ok, why.text);
	}
	accounts_check(s->arena, accounts_conf(all), &m);
	assert_int_equal(m.nerrors, 2);
	assert_int_equal(m.v[0].line, 1);
	assert_int_equal(m.v[1].line, 5);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(passwd_lines),
		TEST(no_home),
		TEST(passwd_errors),
		TEST(passwd_changes),
		TEST(order),
		TEST(system_users),
		TEST(templates),
		TEST(deny),
		cmocka_unit_test(deny_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
