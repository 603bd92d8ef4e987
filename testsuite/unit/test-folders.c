/*
 * Which folder gets it: from the address through configuration and script to
 * files on disk, with the Maildir store.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actions/mailbox.h"
#include "lib/log.h"
#include "mailstore/mailboxes.h"
#include "testsuite/unit/actions-scratch.h"

/* A site of one configuration. */
struct site {
	struct arena *arena;
	struct str dir;
	struct conf *conf;
	struct accounts *accounts;
	struct deliver *d;
	unsigned n; /* messages so far */
	struct deliver_result result;
};

static void
configure(struct site *s, const char *more)
{
	struct conf_messages messages = { 0 };
	struct arena *a = s->arena;
	struct str path = scratch_write(a, s->dir, "imapd.conf",
	    str_printf(a,
		"configdirectory: %s/conf\n"
		"partition-default: %s/mail\n"
		"servername: host.example\n"
		"sievedir: %s/sieve\n"
		"%s",
		s->dir.p, s->dir.p, s->dir.p, more));

	s->conf = conf_load(a, path.p, NULL, &messages);
	if (s->conf == NULL)
		fail_msg("%s", messages.v[0].text.p);
	accounts_close(s->accounts);
	deliver_free(s->d);
	s->accounts = accounts_open(a, s->conf);
	s->d = deliver_new(a, s->conf, NULL, NULL);
}

static int
setup(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct site *s = ARENA_NEW(a, struct site);

	log_set_level(LOG_LEVEL_ERROR);
	s->arena = a;
	s->dir = scratch_new(a);
	for (int i = 0; i < 3; i++)
		scratch_path(a, s->dir,
		    (const char *[]){ "mail/joe/cur/x", "mail/joe/new/x",
			"mail/joe/tmp/x" }[i]);
	configure(s, "");
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct site *s = *state;

	scratch_free(s->dir);
	accounts_close(s->accounts);
	deliver_free(s->d);
	arena_free(s->arena);
	return 0;
}
#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void
script(struct site *s, const char *user, const char *text)
{
	struct str name =
	    str_printf(s->arena, "sieve/%c/%s/x.script", user[0], user);
	struct str path = scratch_write(s->arena, s->dir, name.p, str_c(text));
	struct str link = str_printf(
	    s->arena, "%.*s/defaultbc", (int)str_rchr(path, '/'), path.p);

	assert_true(symlink("x.bc", link.p) == 0 || errno == EEXIST);
}

static void
keep(void *ctx, uint32_t index, const struct deliver_result *r)
{
	struct site *s = ctx;

	(void)index;
	s->result = *r;
	s->result.where = str_dup(s->arena, r->where);
}

/* RCPT alone: the code. */
static int
ask(struct site *s, const char *to, struct recipient *out)
{
	struct address addr;
	struct fail why;
	const char *bad;

	if (!address_parse_path(s->arena, str_c(to), true, &addr, &bad))
		fail_msg("%s: %s", to, bad);
	return recipient_find(s->accounts, s->arena,
		   &(struct recipient_query){ .addr = &addr }, out, &why)
	           ? 250
	           : why.code;
}

/* A message; where it went. */
static const char *
to(struct site *s, const char *address)
{
	struct str bytes = S("Subject: x\n\nbody\n");
	struct deliver_rcpt rcpt = { 0 };
	struct deliver_txn txn = {
		.id = str_printf(s->arena, "T%u", s->n++),
		.start_us = 1000000000LL * 1000000,
		.sender = S("s@example.net"),
		.peer = S("local"),
		.bytes = bytes,
		.fd = -1,
		.octets = bytes.len,
		.wsize = bytes.len + 3,
		.rcpt = &rcpt,
		.nrcpt = 1,
	};

	assert_int_equal(ask(s, address, &rcpt.rcpt), 250);
	deliver_transaction(s->d, &txn, keep, s);
	if (!s->result.ok)
		fail_msg("%s: %s", address, s->result.why.text);
	return str_cstr(s->arena, s->result.where);
}

static bool
there(struct site *s, const char *path)
{
	struct stat st;

	return lstat(str_printf(s->arena, "%s/%s", s->dir.p, path).p, &st) == 0;
}

static void
folder(struct site *s, const char *name, const char *use)
{
	struct store_options options = store_options_of(s->arena, s->conf);
	struct store_account joe = { &options,
		str_printf(s->arena, "%s/mail/joe", s->dir.p) };
	struct fail why;
	bool made;

	if (!mailboxes_create(s->arena, &joe, str_c(name),
		str_c(use != NULL ? use : ""), &made, &why))
		fail_msg("%s: %s", name, why.text);
}

/* --- detail -------------------------------------------------------------- */

static const struct {
	const char *detail;
	const char *exact, *fuzzy; /* with lmtp_fuzzy_mailbox_match */
} details[] = {
	{ "Lists", "Lists", "Lists" },
	{ "Lists/Tamis Dev", "Lists/Tamis Dev", "Lists/Tamis Dev" },
	{ "lists", "INBOX", "Lists" },
	{ "LISTS/tamis-dev", "INBOX", "Lists/Tamis Dev" },
	{ "lists/tamis_DEV", "INBOX", "Lists/Tamis Dev" },
	{ "lists/tamis_dev/deeper", "INBOX", "Lists/Tamis Dev" },
	{ "lists/other/deeper", "INBOX", "Lists" },
	{ "tamis dev", "INBOX", "INBOX" },
	{ "list", "INBOX", "INBOX" },
	{ "listss", "INBOX", "INBOX" },
	{ "none", "INBOX", "INBOX" },
	{ "INBOX", "INBOX", "INBOX" },
	{ "inbox", "INBOX", "INBOX" },
	{ "INBOX/Lists", "Lists", "Lists" },
	{ "INBOX.Lists", "Lists", "Lists" },
	{ "Drafts", "INBOX", "INBOX" },
	{ "drafts", "INBOX", "INBOX" },
	{ "later", "INBOX", "INBOX" },
	{ "..", "INBOX", "INBOX" },
	{ "../ann", "INBOX", "INBOX" },
	{ "a//b", "INBOX", "INBOX" },
	{ "A\xcc\x88", "\xc3\x84", "\xc3\x84" },
};

static void
check_details(struct site *s, bool fuzzy)
{
	folder(s, "Lists/Tamis Dev", NULL);
	folder(s, "Lists", NULL);
	folder(s, "Drafts", "\\Drafts");
	folder(s, "Later", NULL);
	folder(s, "\xc3\x84", NULL);
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		const char *want = fuzzy ? details[i].fuzzy : details[i].exact;
		const char *got = to(s,
		    str_printf(s->arena, "\"joe+%s\"@x.test", details[i].detail)
			.p);

		if (strcmp(got, want) != 0)
			fail_msg("+%s: %s", details[i].detail, got);
	}
	assert_false(there(s, "mail/joe/.none"));
}

static void
test_detail(void **state)
{
	configure(*state, "xlist-snoozed: Later\n");
	check_details(*state, false);
}

static void
test_fuzzy_detail(void **state)
{
	configure(
	    *state, "xlist-snoozed: Later\nlmtp_fuzzy_mailbox_match: yes\n");
	check_details(*state, true);
}

/* A script decides for itself, and the implicit keep follows the detail. */
static void
test_detail_and_script(void **state)
{
	struct site *s = *state;

	folder(s, "Drafts", "\\Drafts");
	folder(s, "Lists", NULL);
	script(s, "joe", "require \"fileinto\"; fileinto \"Drafts\";");
	assert_string_equal(to(s, "joe+Lists@x.test"), "Drafts");
}

/* --- what scripts ask ---------------------------------------------------- */

static void
test_special_use(void **state)
{
	struct site *s = *state;

	configure(s, "xlist-junk: Spam\nanysievefolder: no\n"
		     "unixhierarchysep: no\n");
	script(s, "joe",
	    "require [\"fileinto\", \"special-use\", \"mailbox\"];"
	    "fileinto :specialuse \"\\\\Junk\" :create \"A.B\";");
	assert_string_equal(to(s, "joe@x.test"), "A/B");
	/* it was made with the use, and keeps it: what the account says wins */
	folder(s, "Spam", NULL);
	assert_string_equal(to(s, "joe@x.test"), "A/B");
	folder(s, "Other/Deep", "\\Junk");
	assert_string_equal(to(s, "joe@x.test"), "Other/Deep");
}

static void
test_metadata(void **state)
{
	struct site *s = *state;

	folder(s, "A/B", NULL);
	scratch_write(s->arena, s->dir, "mail/joe/tamis-mailboxes",
	    S("metadata\tA/B\t/private/x\t1\nmetadata\t\t/shared/y\t2\n"
	      "id\tA/B\tabc\n"));
	configure(s, "unixhierarchysep: no\n");
	script(s, "joe",
	    "require [\"fileinto\", \"mboxmetadata\", \"servermetadata\","
	    " \"mailboxid\"];\n"
	    "if allof (metadata \"INBOX.A.B\" \"/private/x\" \"1\",\n"
	    "  servermetadata \"/shared/y\" \"2\",\n"
	    "  mailboxidexists \"abc\", not mailboxidexists \"abd\")\n"
	    "{ fileinto :mailboxid \"abc\" \"None\"; }");
	assert_string_equal(to(s, "joe@x.test"), "A/B");
}

static void
test_creatable(void **state)
{
	struct site *s = *state;

	configure(s, "autocreate_sieve_folders: A | INBOX/B/C\n");
	script(s, "joe", "require \"fileinto\"; fileinto \"B/C\";");
	assert_string_equal(to(s, "joe@x.test"), "B/C");
	script(s, "joe", "require \"fileinto\"; fileinto \"B\";");
	assert_string_equal(to(s, "joe@x.test"), "INBOX");
}

/* --- autocreate ---------------------------------------------------------- */

static void
test_autocreate(void **state)
{
	struct site *s = *state;
	struct recipient r;

	assert_int_equal(ask(s, "new@x.test", &r), 550);
	scratch_write(s->arena, s->dir, "first",
	    S("require \"fileinto\"; fileinto \"A/B\";"));
	configure(s, str_printf(s->arena,
			 "autocreate_post: yes\nautocreate_users: anyone -eve\n"
			 "admins: root\n"
			 "autocreate_inbox_folders: A/B | C | a//b\n"
			 "autocreate_subscribe_folders: C | D\n"
			 "autocreate_sieve_script: %s/first\n",
			 s->dir.p)
			 .p);
	assert_int_equal(ask(s, "eve@x.test", &r), 550);
	assert_int_equal(ask(s, "root@x.test", &r), 550);
	assert_int_equal(ask(s, "\"../joe\"@x.test", &r), 550);
	assert_int_equal(ask(s, "new@x.test", &r), 250);
	assert_false(there(s, "mail/new"));
	assert_string_equal(to(s, "new@x.test"), "A/B");
	assert_true(there(s, "mail/new/cur") && there(s, "mail/new/.C/cur"));
	assert_true(there(s, "sieve/n/new/initial.script"));
	assert_false(there(s, "sieve/n/new/initial.bc"));
	/* what was taken away since is not made again */
	assert_int_equal(
	    rename(str_printf(s->arena, "%s/mail/new/.C", s->dir.p).p,
		str_printf(s->arena, "%s/mail/new/.D", s->dir.p).p),
	    0);
	to(s, "new@x.test");
	assert_false(there(s, "mail/new/.C"));
}

static void
test_autocreate_subscriptions(void **state)
{
	struct site *s = *state;
	struct str text;
	int fd;

	configure(s, "autocreate_post: yes\n"
		     "autocreate_inbox_folders: A | B\n"
		     "autocreate_subscribe_folders: B\n");
	to(s, "new@x.test");
	fd = open(str_printf(s->arena, "%s/mail/new/subscriptions", s->dir.p).p,
	    O_RDONLY);
	assert_true(fs_read_fd(fd, 1000, s->arena, &text, NULL));
	close(fd);
	assert_true(str_eq(text, S("V\t2\n\nINBOX\nB\n")));
}

/* A directory of accounts is no account; one that was begun is. */
static void
test_autocreate_in_the_way(void **state)
{
	struct site *s = *state;
	struct recipient r;

	configure(s, "autocreate_post: yes\nvirtdomains: userid\n");
	scratch_path(s->arena, s->dir, "mail/x.test/ann/cur/x");
	scratch_path(s->arena, s->dir, "mail/begun/tmp/x");
	assert_int_equal(ask(s, "x.test@internal", &r), 550);
	assert_int_equal(ask(s, "bob@x.test", &r), 250);
	assert_string_equal(to(s, "begun@internal"), "INBOX");
	assert_true(there(s, "mail/begun/cur"));
}

/* The store is not mounted: nobody is made into the mount point. */
static void
test_autocreate_without_partition(void **state)
{
	struct site *s = *state;
	struct recipient r;

	configure(s, "autocreate_post: yes\n");
	assert_int_equal(rename(str_printf(s->arena, "%s/mail", s->dir.p).p,
			     str_printf(s->arena, "%s/away", s->dir.p).p),
	    0);
	assert_int_equal(ask(s, "new@x.test", &r), 451);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_detail),
		SITE_TEST(test_fuzzy_detail),
		SITE_TEST(test_detail_and_script),
		SITE_TEST(test_special_use),
		SITE_TEST(test_metadata),
		SITE_TEST(test_creatable),
		SITE_TEST(test_autocreate),
		SITE_TEST(test_autocreate_subscriptions),
		SITE_TEST(test_autocreate_in_the_way),
		SITE_TEST(test_autocreate_without_partition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
