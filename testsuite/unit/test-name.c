/*
 * Mailbox names: what is taken, what it becomes, and where it is on disk.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "mailstore/mailstore.h"

static const struct {
	struct str in;
	char sep;
	struct str name, dir;
} good[] = {
	{ STR("INBOX"), '/', STR("INBOX"), STR("") },
	{ STR("inbox"), '/', STR("INBOX"), STR("") },
	{ STR("iNbOx"), '.', STR("INBOX"), STR("") },
	{ STR("INBOX/x"), '/', STR("x"), STR(".x") },
	{ STR("inbox.x"), '.', STR("x"), STR(".x") },
	{ STR("INBOX.x"), '/', STR("x"), STR(".x") },
	{ STR("INBOX/x"), '.', STR("x"), STR(".x") },
	{ STR("INBOX/INBOX/x"), '/', STR("x"), STR(".x") },
	{ STR("INBOX/inbox"), '/', STR("INBOX"), STR("") },
	{ STR("INBOXES"), '/', STR("INBOXES"), STR(".INBOXES") },
	{ STR("x/INBOX"), '/', STR("x/INBOX"), STR(".x.INBOX") },
	{ STR("A/B"), '/', STR("A/B"), STR(".A.B") },
	{ STR("A.B.C"), '.', STR("A/B/C"), STR(".A.B.C") },
	/* no collision: a Maildir++ directory always starts with '.' */
	{ STR("cur"), '/', STR("cur"), STR(".cur") },
	{ STR("new"), '/', STR("new"), STR(".new") },
	{ STR("tmp/new"), '/', STR("tmp/new"), STR(".tmp.new") },
	{ STR("a b"), '/', STR("a b"), STR(".a b") },
	{ STR("a~"), '/', STR("a~"), STR(".a~") },
	{ STR("a/~b"), '/', STR("a/~b"), STR(".a.~b") },
	{ STR("R&D"), '/', STR("R&D"), STR(".R&-D") },
	{ STR("\xc3\x84/\xe5\x8f\xb0"), '/', STR("\xc3\x84/\xe5\x8f\xb0"),
	    STR(".&AMQ-.&U,A-") },
};

static const struct {
	struct str in;
	char sep;
} bad[] = {
	{ STR(""), '/' },
	{ STR("/"), '/' },
	{ STR("/a"), '/' },
	{ STR("a/"), '/' },
	{ STR("a//b"), '/' },
	{ STR("INBOX/"), '/' },
	{ STR("INBOX."), '.' },
	{ STR("INBOX//x"), '/' },
	{ STR("."), '/' },
	{ STR(".."), '/' },
	{ STR("../x"), '/' },
	{ STR("a/../b"), '/' },
	{ STR("INBOX/../../etc"), '/' },
	{ STR("a/./b"), '/' },
	{ STR("a.b"), '/' },
	{ STR(".a"), '/' },
	{ STR("a."), '/' },
	{ STR("."), '.' },
	{ STR(".a"), '.' },
	{ STR("a."), '.' },
	{ STR("a..b"), '.' },
	{ STR("a/b"), '.' },
	{ STR("/etc/passwd"), '.' },
	{ STR("~joe"), '/' },
	{ STR("~"), '/' },
	{ STR("INBOX/~joe"), '/' },
	{ STR("a\nb"), '/' },
	{ STR("a\x00"), '/' },
	{ STR("a\x7f"), '/' },
	{ STR("a\xc2\x85"), '/' },
	{ STR("a\xc2\x9f"), '/' },
	{ STR("\xff"), '/' },
	{ STR("a\xed\xa0\x80"), '/' },
};

/* However a name is spelled, it is one mailbox. */
static void
test_normal_form(void **state)
{
	static const struct {
		const char *in, *name;
	} cases[] = {
		{ "A\xcc\x88", "\xc3\x84" },
		{ "x/o\xcc\x88/\xe2\x84\xab", "x/\xc3\xb6/\xc3\x85" },
		/* marks in another order */
		{ "a\xcc\xa3\xcc\x82", "\xe1\xba\xad" },
		{ "a\xcc\x82\xcc\xa3", "\xe1\xba\xad" },
		/* the longest that NFC makes longer */
		{ "\xf0\x9d\x85\xa0",
		    "\xf0\x9d\x85\x98\xf0\x9d\x85\xa5\xf0\x9d\x85\xae" },
		/* no canonical equivalents: a ligature is not two letters */
		{ "\xef\xac\x81", "\xef\xac\x81" },
	};
	struct arena *a = arena_new("test", 0);
	struct str name, again;
	struct fail why;

	(void)state;
#ifndef HAVE_UNISTRING
	skip();
#endif
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!mailbox_name(a, LAYOUT_MAILDIRPP, str_c(cases[i].in), '/',
			&name, &why) ||
		    !str_eq(name, str_c(cases[i].name)))
			fail_msg("%zu: %.*s", i, STR_ARG(name));
		assert_true(
		    mailbox_name(a, LAYOUT_MAILDIRPP, name, '/', &again, &why));
		assert_true(str_eq(name, again));
	}
	arena_free(a);
}

/* LAYOUT_FS, separator '/' */
static const struct {
	struct str in;
	struct str dir; /* "": refused, unless in is INBOX */
} fs[] = {
	{ STR("INBOX"), STR("") },
	{ STR("INBOX/x"), STR("x") },
	{ STR("A/B"), STR("A/B") },
	{ STR("a.b/c."), STR("a.b/c.") },
	{ STR("R&D/\xc3\x84"), STR("R&-D/&AMQ-") },
	{ STR(".hidden"), STR("") },
	{ STR("a/.hidden"), STR("") },
	{ STR("a/../b"), STR("") },
	{ STR("cur"), STR("") },
	{ STR("A/new"), STR("") },
	{ STR("A/tmp/B"), STR("") },
	{ STR("dovecot-uidlist"), STR("") },
	{ STR("subscriptions"), STR("") },
	{ STR("subscriptions.lock"), STR("") },
	{ STR("tamis-mailboxes"), STR("") },
	{ STR("maildirsize"), STR("") },
	{ STR("dovecot.index.cache"), STR("") },
	{ STR("Current"), STR("Current") },
	{ STR("dovecot-users"), STR("dovecot-users") },
	{ STR("tamis-dev"), STR("tamis-dev") },
};

static void
test_fs(void **state)
{
	struct arena *a = arena_new("test", 0);
	char p[600];
	struct str name, dir;
	struct fail why;

	(void)state;
	for (size_t i = 0; i < sizeof(fs) / sizeof(fs[0]); i++) {
		bool ok =
		    mailbox_name(a, LAYOUT_FS, fs[i].in, '/', &name, &why);

		if (ok != (i == 0 || fs[i].dir.len > 0))
			fail_msg("fs %zu: %d", i, ok);
		if (ok && (!mailbox_dir(a, LAYOUT_FS, name, &dir, &why) ||
			      !str_eq(dir, fs[i].dir)))
			fail_msg("fs %zu: dir", i);
	}
	/* a level of 255 octets is a name, one of 256 is none */
	memset(p, 'a', sizeof(p));
	p[255] = '/';
	assert_true(
	    mailbox_name(a, LAYOUT_FS, str_from(p, 511), '/', &name, &why));
	assert_false(
	    mailbox_name(a, LAYOUT_FS, str_from(p, 512), '/', &name, &why));
	arena_free(a);
}

static void
check_good(struct arena *a, size_t i)
{
	struct str name, again, dir;
	struct fail why;

	if (!mailbox_name(
		a, LAYOUT_MAILDIRPP, good[i].in, good[i].sep, &name, &why))
		fail_msg("good %zu: %s", i, why.text);
	if (!str_eq(name, good[i].name))
		fail_msg("good %zu: name %.*s", i, STR_ARG(name));
	if (!mailbox_dir(a, LAYOUT_MAILDIRPP, name, &dir, &why) ||
	    !str_eq(dir, good[i].dir))
		fail_msg("good %zu: dir", i);
	if (!mailbox_name(a, LAYOUT_MAILDIRPP, name, '/', &again, &why) ||
	    !str_eq(again, name))
		fail_msg("good %zu: not canonical", i);
}

static void
test_good(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_good(a, i);
	arena_free(a);
}

static void
check_refused(struct arena *a, struct str in, char sep, size_t i)
{
	struct fail why = { 0 };
	struct str name;

	if (mailbox_name(a, LAYOUT_MAILDIRPP, in, sep, &name, &why))
		fail_msg("bad %zu was taken: %.*s", i, STR_ARG(name));
	if (strcmp(why.status, "5.1.3") != 0 || why.text[0] == '\0' ||
	    !str_is_utf8(str_c(why.text)))
		fail_msg("bad %zu: %s %s", i, why.status, why.text);
}

static void
test_bad(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_refused(a, bad[i].in, bad[i].sep, i);
	arena_free(a);
}

/* 255 octets on disk is the most, whatever they were before. */
static void
test_length(void **state)
{
	struct arena *a = arena_new("test", 0);
	char p[100000];
	struct str name, dir;
	struct fail why;

	(void)state;
	memset(p, 'a', sizeof(p));
	assert_true(mailbox_name(
	    a, LAYOUT_MAILDIRPP, str_from(p, 254), '/', &name, &why));
	assert_true(mailbox_dir(a, LAYOUT_MAILDIRPP, name, &dir, &why));
	assert_int_equal(dir.len, 255);
	check_refused(a, str_from(p, 255), '/', 0);
	check_refused(a, str_from(p, sizeof(p)), '/', 1);
	/* n characters: "." "&" ceil(n * 16 / 6) "-" */
	for (size_t i = 0; i < 192; i += 2)
		memcpy(p + i, "\xc3\xa9", 2);
	assert_true(mailbox_name(
	    a, LAYOUT_MAILDIRPP, str_from(p, 188), '/', &name, &why));
	assert_true(mailbox_dir(a, LAYOUT_MAILDIRPP, name, &dir, &why));
	assert_int_equal(dir.len, 254);
	check_refused(a, str_from(p, 190), '/', 2);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_fs),
		cmocka_unit_test(test_normal_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
