/*
 * Mailboxes besides delivering: made in both layouts, listed, subscribed, and
 * what is said about them in tamis-mailboxes.
 */
#include "config.h"

#include "testsuite/unit/maildir-fixture.h"

#include <unistd.h>

#include "mailstore/account_file.h"
#include "mailstore/control.h"
#include "mailstore/mailboxes.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static struct store_account
account(struct world *w)
{
	return (struct store_account){ &w->options, w->root };
}

static bool
make(struct world *w, const char *mailbox)
{
	struct store_account acct = account(w);
	bool made;

	if (!mailboxes_create(
		w->a, &acct, str_c(mailbox), S(""), &made, &w->why))
		fail_msg("%s: %s", mailbox, w->why.text);
	return made;
}

static const char *
joined(struct world *w, const struct strlist *list)
{
	struct str part[64];
	size_t n = 0;

	for (size_t i = 0; i < list->n && n < 62; i++) {
		part[n++] = list->v[i];
		part[n++] = S(" ");
	}
	return str_join(w->a, part, n).p;
}

static const char *
listed(struct world *w)
{
	struct store_account acct = account(w);
	struct strlist names;

	assert_true(store_maildir.lookup->list(w->a, &acct, &names, &w->why));
	return joined(w, &names);
}

/* --- layouts ------------------------------------------------------------- */

static void
test_list(void **state)
{
	struct world *w = *state;

	assert_true(make(w, "Lists/x"));
	assert_false(make(w, "Lists/x"));
	make(w, "\xc3\x84");
	mkdir(at(w, "joe/.bare"), 0700);
	make_file(at(w, "joe/.file"), "");
	mkdir(at(w, "joe/plain"), 0700);
	mkdir(at(w, "joe/.a..b"), 0700);
	mkdir(at(w, "joe/..DOVECOT-TRASHED"), 0700);
	mkdir(at(w, "joe/.&bad"), 0700);
	mkdir(at(w, "joe/.INBOX"), 0700);
	mkdir(at(w, "joe/.inbox.x"), 0700);
	assert_int_equal(symlink(".bare", at(w, "joe/.link")), 0);
	assert_string_equal(listed(w), "Lists/x bare \xc3\x84 ");
	w->root = str_c(at(w, "nobody"));
	assert_string_equal(listed(w), "");
}

static void
test_fs(void **state)
{
	struct world *w = *state;
	struct store_account acct = account(w);
	struct store_target target = to(w, "A/b.c/\xc3\x84");
	const char *dir = at(w, "joe/A/b.c/&AMQ-");
	bool is;

	w->options.layout = LAYOUT_FS;
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "5.1.1");
	assert_int_equal(entries(at(w, "joe")), 3);
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(dir), 3); /* no maildirfolder */
	assert_int_equal(entries(at(w, "joe/A/b.c/&AMQ-/new")), 1);
	assert_int_equal(entries(at(w, "joe/A")), 1);
	assert_string_equal(listed(w), "A/b.c/\xc3\x84 ");
	/* what holds mailboxes is none itself, until it is made one */
	target = to(w, "A");
	assert_true(
	    store_maildir.exists(w->a, &acct, target.mailbox, &is, &w->why));
	assert_false(is);
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "5.1.1");
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe/A")), 4);
	assert_string_equal(listed(w), "A A/b.c/\xc3\x84 ");
	/* no link is followed, and one that is there is in the way */
	assert_int_equal(symlink("/tmp", at(w, "joe/L")), 0);
	assert_true(store_maildir.exists(w->a, &acct, S("L"), &is, &w->why));
	assert_false(is);
	target = to(w, "L/x");
	target.create = true;
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "4.3.0");
}

/* Made by a program that does not normalise: the same mailbox. */
static void
test_other_form(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "x/\xc3\x84");
	struct store_account acct = account(w);
	bool is;

#ifndef HAVE_UNISTRING
	skip();
#endif
	mkdir(at(w, "joe/.x.A&Awg-"), 0700);
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe/.x.A&Awg-/new")), 1);
	assert_int_equal(access(at(w, "joe/.x.&AMQ-"), F_OK), -1);
	assert_true(
	    store_maildir.exists(w->a, &acct, target.mailbox, &is, &w->why));
	assert_true(is);
	assert_string_equal(listed(w), "x/\xc3\x84 ");
	/* the one in the right form wins */
	mkdir(at(w, "joe/.x.&AMQ-"), 0700);
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe/.x.&AMQ-/new")), 1);
	assert_string_equal(listed(w), "x/\xc3\x84 ");
}

/* --- subscriptions ------------------------------------------------------- */

static void
test_subscribe(void **state)
{
	struct world *w = *state;
	struct store_account acct = account(w);
	struct store_target target = to(w, "A/\xc3\x84");
	struct strlist names;

	w->options.subscribe_dovecot = w->options.subscribe_courier = true;
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_non_null(deliver(w, &target));
	assert_string_equal(
	    read_file(w, at(w, "joe/subscriptions")), "V\t2\n\nA\t&AMQ-\n");
	assert_string_equal(read_file(w, at(w, "joe/courierimapsubscribed")),
	    "INBOX.A.&AMQ-\n");
	assert_int_equal(entries(at(w, "joe")), 6); /* no lock is left */
	assert_true(mailboxes_subscribe(w->a, &acct, S("R&D"), true, &w->why));
	assert_true(
	    mailboxes_subscribe(w->a, &acct, target.mailbox, false, &w->why));
	assert_string_equal(
	    read_file(w, at(w, "joe/subscriptions")), "V\t2\n\nR&-D\n");
	assert_true(
	    mailboxes_subscribe(w->a, &acct, S("INBOX"), true, &w->why));
	assert_true(mailboxes_subscribed(w->a, &acct, &names, &w->why));
	assert_string_equal(joined(w, &names), "R&D INBOX ");
	w->options.subscribe_dovecot = false;
	assert_true(mailboxes_subscribed(w->a, &acct, &names, &w->why));
	assert_string_equal(joined(w, &names), "R&D INBOX ");
	assert_string_equal(read_file(w, at(w, "joe/courierimapsubscribed")),
	    "INBOX.R&-D\nINBOX\n");
}

/* The version that is there is kept, and so is what we do not understand. */
static void
test_subscriptions_v1(void **state)
{
	struct world *w = *state;
	struct store_account acct = account(w);
	struct strlist names;

	w->options.subscribe_dovecot = true;
	make_file(at(w, "joe/subscriptions"), "a.b\n\xff\nc");
	assert_true(mailboxes_subscribe(w->a, &acct, S("x/y"), true, &w->why));
	assert_string_equal(
	    read_file(w, at(w, "joe/subscriptions")), "a.b\n\xff\nc\nx.y\n");
	assert_true(mailboxes_subscribed(w->a, &acct, &names, &w->why));
	assert_string_equal(joined(w, &names), "a/b c x/y ");
	w->options.layout = LAYOUT_FS;
	assert_true(mailboxes_subscribe(w->a, &acct, S("x/z"), true, &w->why));
	assert_string_equal(read_file(w, at(w, "joe/subscriptions")),
	    "a.b\n\xff\nc\nx.y\nx/z\n");
}

/* Somebody else holds the lock: the message is delivered all the same. */
static void
test_subscriptions_locked(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "A");

	w->options.subscribe_dovecot = true;
	make_file(at(w, "joe/subscriptions.lock"), "");
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_int_equal(access(at(w, "joe/subscriptions"), F_OK), -1);
	assert_int_equal(access(at(w, "joe/subscriptions.lock"), F_OK), 0);
}

/* --- tamis-mailboxes ----------------------------------------------------- */

static void
put(struct world *w, const char *text)
{
	make_file(at(w, "joe/tamis-mailboxes"), text);
}

static const char *
use_of(struct world *w, const char *mailbox, const char *flag)
{
	struct store_account acct = account(w);
	struct str out;

	assert_true(store_maildir.lookup->special_use(
	    w->a, &acct, str_c(mailbox), str_c(flag), &out, &w->why));
	return str_cstr(w->a, out);
}

static void
test_special_use(void **state)
{
	struct world *w = *state;
	struct special_use uses[] = {
		{ S("\\Junk"), S("Spam") },
		{ S("\\Sent"), S("Sent") },
		{ S("\\Sent"), S("Sent Items") },
		{ S("\\Trash"), S("Trash") },
		{ S("\\All"), S("INBOX") },
	};

	w->options.uses = uses;
	w->options.nuses = COUNT(uses);
	make(w, "Spam");
	make(w, "Sent Items");
	make(w, "Trash");
	make(w, "Bin");
	assert_string_equal(use_of(w, "", "\\junk"), "Spam");
	assert_string_equal(use_of(w, "Spam", "\\JUNK"), "Spam");
	assert_string_equal(use_of(w, "Bin", "\\Junk"), "");
	assert_string_equal(use_of(w, "", "\\Sent"), "Sent Items");
	assert_string_equal(use_of(w, "", "\\Drafts"), "");
	assert_string_equal(use_of(w, "", "\\All"), "INBOX");
	assert_string_equal(use_of(w, "../joe", "\\Junk"), "");
	/* the account's own word wins, also when it says no */
	put(w, "special-use\t\\TRASH\tBin\nspecial-use\t\\junk\t\n"
	       "special-use\t\\All\tGone\n");
	assert_string_equal(use_of(w, "", "\\Trash"), "Bin");
	assert_string_equal(use_of(w, "Trash", "\\Trash"), "");
	assert_string_equal(use_of(w, "", "\\Junk"), "");
	assert_string_equal(use_of(w, "", "\\All"), "");
	/* several mailboxes with one use: RFC 8579 s. 4 */
	put(w, "special-use\t\\Junk\tGone\nspecial-use\t\\Junk\tBin\n"
	       "special-use\t\\Junk\tSpam\n");
	assert_string_equal(use_of(w, "", "\\Junk"), "Bin");
	assert_string_equal(use_of(w, "Spam", "\\Junk"), "Spam");
	assert_string_equal(use_of(w, "Trash", "\\Junk"), "");
}

/* Answers of one run of a script fit together. */
static void
test_memo(void **state)
{
	struct world *w = *state;
	struct store_account acct = account(w);
	struct store_memo *memo = NULL;
	struct str out;

	make(w, "A");
	make(w, "B");
	put(w, "special-use\t\\Junk\tA\n");
	acct.memo = &memo;
	for (int i = 0; i < 2; i++) {
		assert_true(store_maildir.lookup->special_use(
		    w->a, &acct, S(""), S("\\Junk"), &out, &w->why));
		assert_true(str_eq(out, S("A")));
		put(w, "special-use\t\\Junk\tB\n");
	}
	assert_string_equal(use_of(w, "", "\\Junk"), "B");
}

static void
test_create_with_use(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "Old Mail");

	target.create = true;
	target.use = S("\\Archive");
	assert_non_null(deliver(w, &target));
	assert_string_equal(read_file(w, at(w, "joe/tamis-mailboxes")),
	    "tamis-mailboxes 1\nspecial-use\t\\Archive\tOld Mail\n");
	assert_string_equal(use_of(w, "", "\\Archive"), "Old Mail");
}

static const char *
id_of(struct world *w, const char *mailbox)
{
	struct store_account acct = account(w);
	struct str out;

	if (!store_maildir.lookup->mailbox_id(
		w->a, &acct, str_c(mailbox), &out, &w->why))
		fail_msg("%s: %s", mailbox, w->why.text);
	return str_cstr(w->a, out);
}

static const char *
by_id(struct world *w, const char *id)
{
	struct store_account acct = account(w);
	struct str out;

	assert_true(store_maildir.lookup->mailbox_by_id(
	    w->a, &acct, str_c(id), &out, &w->why));
	return str_cstr(w->a, out);
}

static void
test_ids(void **state)
{
	static const char guid[] = "0123456789abcdef0123456789abcdef";
	struct world *w = *state;
	const char *id, *inbox;

	make(w, "A");
	make(w, "B");
	assert_string_equal(id_of(w, "None"), "");
	id = id_of(w, "A");
	assert_int_equal(strlen(id), 32);
	assert_string_equal(id_of(w, "A"), id);
	inbox = id_of(w, "INBOX");
	assert_string_not_equal(inbox, id);
	assert_string_equal(by_id(w, id), "A");
	assert_string_equal(by_id(w, inbox), "INBOX");
	assert_string_equal(by_id(w, "unknown"), "");
	/* Dovecot's own comes first, and ours stays good */
	make_file(at(w, "joe/.A/dovecot-uidlist"),
	    str_printf(w->a, "3 V1700000000 N3 G%s\n1 :x\n", guid).p);
	assert_string_equal(id_of(w, "A"), guid);
	assert_string_equal(by_id(w, guid), "A");
	assert_string_equal(by_id(w, id), "A");
	/* other versions of the file have none */
	make_file(at(w, "joe/.B/dovecot-uidlist"), "1 1700000000 3\n1 x\n");
	assert_int_equal(strlen(id_of(w, "B")), 32);
	assert_int_equal(rename(at(w, "joe/.A"), at(w, "joe/.C")), 0);
	assert_string_equal(by_id(w, guid), "C");
	assert_string_equal(by_id(w, id), "");
}

static void
check_metadata(
    struct world *w, const char *mailbox, const char *name, const char *value)
{
	struct store_account acct = account(w);
	struct str out;
	bool found;

	assert_true(store_maildir.lookup->metadata(
	    w->a, &acct, str_c(mailbox), str_c(name), &out, &found, &w->why));
	if (found != (value != NULL) || (found && !str_eq(out, str_c(value))))
		fail_msg("%s %s: %.*s", mailbox, name, STR_ARG(out));
}

static void
test_metadata(void **state)
{
	struct world *w = *state;
	struct store_account acct = account(w);
	struct str odd = S("a\tb\r\n%41 \xc3\xa4");

	make(w, "A");
	assert_true(mailboxes_set_metadata(
	    w->a, &acct, S("A"), S("/private/comment"), &odd, &w->why));
	assert_true(mailboxes_set_metadata(w->a, &acct, S(""),
	    S("/shared/admin"), &(struct str){ 0 }, &w->why));
	assert_string_equal(read_file(w, at(w, "joe/tamis-mailboxes")),
	    "tamis-mailboxes 1\n"
	    "metadata\tA\t/private/comment\ta%09b%0D%0A%2541 \xc3\xa4\n"
	    "metadata\t\t/shared/admin\t\n");
	check_metadata(w, "A", "/PRIVATE/Comment", odd.p);
	check_metadata(w, "", "/private/comment", NULL);
	check_metadata(w, "", "/shared/admin", "");
	/* of two lines the last counts; bad ones and others stay and say
	 * nothing */
	put(w, "# mine\nmetadata\tA\tx\t1\nmetadata\tA\tX\t2\n"
	       "metadata\tA\tx\nmetadata\tA\ty\t%4\nfuture\tA\n"
	       "metadata\tGone\tx\t3\nmetadata\tA\tz\t1\t2");
	check_metadata(w, "A", "x", "2");
	check_metadata(w, "A", "y", NULL);
	check_metadata(w, "A", "z", NULL);
	check_metadata(w, "Gone", "x", NULL);
	assert_true(
	    mailboxes_set_metadata(w->a, &acct, S("A"), S("x"), NULL, &w->why));
	assert_string_equal(read_file(w, at(w, "joe/tamis-mailboxes")),
	    "# mine\nmetadata\tA\tx\nmetadata\tA\ty\t%4\nfuture\tA\n"
	    "metadata\tGone\tx\t3\nmetadata\tA\tz\t1\t2\n");
}

static void
test_file_too_large(void **state)
{
	struct world *w = *state;
	struct store_account acct = account(w);
	static char big[2 << 20];
	struct str value = { big, sizeof(big) };

	memset(big, 'x', sizeof(big));
	assert_true(mailboxes_set_metadata(
	    w->a, &acct, S(""), S("a"), &value, &w->why));
	assert_false(mailboxes_set_metadata(
	    w->a, &acct, S(""), S("b"), &value, &w->why));
	assert_string_equal(w->why.status, "4.3.1");
	check_metadata(w, "", "b", NULL);
	/* and a link in its place is not followed */
	unlink(at(w, "joe/tamis-mailboxes"));
	make_file(at(w, "other"), "");
	assert_int_equal(
	    symlink(at(w, "other"), at(w, "joe/tamis-mailboxes")), 0);
	assert_false(mailboxes_set_metadata(
	    w->a, &acct, S(""), S("a"), &value, &w->why));
	assert_string_equal(read_file(w, at(w, "other")), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_list),
		WORLD_TEST(test_fs),
		WORLD_TEST(test_other_form),
		WORLD_TEST(test_subscribe),
		WORLD_TEST(test_subscriptions_v1),
		WORLD_TEST(test_subscriptions_locked),
		WORLD_TEST(test_special_use),
		WORLD_TEST(test_memo),
		WORLD_TEST(test_create_with_use),
		WORLD_TEST(test_ids),
		WORLD_TEST(test_metadata),
		WORLD_TEST(test_file_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
