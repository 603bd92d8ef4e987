/*
 * An address taken apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actions/recipient.h"
#include "conf/conf.h"
#include "testsuite/unit/actions-scratch.h"

static const struct {
	const char *path;
	const char *user; /* NULL: 550 5.1.1 */
	const char *detail;
} cases[] = {
	{ "joe@example.org", "joe", "" },
	{ "joe", "joe", "" },
	{ "JOE@EXAMPLE.ORG", "joe", "" },
	{ "joe+x@example.org", "joe", "x" },
	{ "joe+x+y@example.org", "joe", "x+y" },
	{ "joe+Lists/X@example.org", "joe", "Lists/X" },
	{ "joe+@example.org", "joe", "" },
	{ "+x@example.org", NULL, "" },
	{ "+", NULL, "" },
	{ "eva@example.org", NULL, "" },
	{ "eva+joe@example.org", NULL, "" },
	{ "\"joe+a b\"@example.org", "joe", "a b" },
	{ "\"../joe\"@example.org", NULL, "" },
};

static void
make_maildir(struct arena *a, struct str root)
{
	static const char *const subs[] = { "cur/x", "new/x", "tmp/x" };

	for (int i = 0; i < 3; i++)
		scratch_path(a, root, subs[i]);
}

static const struct conf *
load(struct arena *a, struct str dir, struct str more)
{
	struct conf_messages messages = { 0 };
	struct str path = scratch_write(a, dir, "imapd.conf",
	    str_printf(a,
		"configdirectory: %s/conf\n"
		"partition-default: %s/mail\n"
		"defaultdomain: example.org\n%s",
		dir.p, dir.p, more.p));
	const struct conf *conf = conf_load(a, path.p, NULL, &messages);

	assert_non_null(conf);
	return conf;
}

static void
find(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str dir = scratch_new(a);
	const struct conf *conf = load(a, dir, S(""));
	struct accounts *accounts = accounts_open(a, conf);

	(void)state;
	make_maildir(a, str_printf(a, "%s/mail/joe", dir.p));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str path = str_c(cases[i].path);
		struct recipient r;
		struct address addr;
		struct fail why = { 0 };
		const char *bad = "";
		bool ok;

		if (!address_parse_path(a, path, false, &addr, &bad))
			fail_msg("case %zu: %s", i, bad);
		ok = recipient_find(accounts, a,
		    &(struct recipient_query){ .addr = &addr }, &r, &why);
		if (ok != (cases[i].user != NULL))
			fail_msg("case %zu: %d %s", i, ok, why.text);
		if (!ok) {
			assert_int_equal(why.code, 550);
			assert_string_equal(why.status, "5.1.1");
			continue;
		}
		if (!str_eq(r.detail, str_c(cases[i].detail)) ||
		    !str_eq(r.account.user, str_c(cases[i].user)) ||
		    !str_eq(r.address, addr.text))
			fail_msg("case %zu: user %s detail %s address %s", i,
			    r.account.user.p, r.detail.p, r.address.p);
	}
	accounts_close(accounts);
	scratch_free(dir);
	arena_free(a);
}

/* --- shared mailboxes, catch-all, disabled ------------------------------- */

#define USERS "account_backends: passwd-file\naccount_passwd_file: %s/users\n"

static const struct {
	const char *more; /* settings */
	const char *path;
	const char *user; /* NULL: status and code */
	const char *detail;
	const char *status;
	int code;
} policy_cases[] = {
	{ "", "+news@example.org", "+shared", "news", NULL, 0 },
	{ "", "+News@example.org", NULL, NULL, "5.1.1", 550 },
	{ "", "+INBOX@example.org", NULL, NULL, "5.1.1", 550 },
	{ "", "+none@example.org", NULL, NULL, "5.1.1", 550 },
	{ "", "+a/../../joe@example.org", NULL, NULL, "5.1.1", 550 },
	{ "", "+lists/tamis@example.org", "+shared", "lists/tamis", NULL, 0 },
	{ "unixhierarchysep: no\n", "+lists.tamis@example.org", "+shared",
	    "lists.tamis", NULL, 0 },
	{ "postuser: bb\n", "BB+news@example.org", "+shared", "news", NULL, 0 },
	{ "postspec: bb\n", "bb+news@example.org", "+shared", "news", NULL, 0 },
	{ "postuser: bb\n", "+news@example.org", NULL, NULL, "5.1.1", 550 },
	{ "postuser: bb\n", "bb@example.org", NULL, NULL, "5.1.1", 550 },
	{ "lmtp_catchall_mailbox: joe\n", "eva+x@example.org", "joe", "", NULL,
	    0 },
	{ "lmtp_catchall_mailbox: nobody\n", "eva@example.org", NULL, NULL,
	    "5.1.1", 550 },
	{ "lmtp_catchall_mailbox: joe\n", "off@example.org", NULL, NULL,
	    "4.2.1", 451 },
	{ "lmtp_catchall_mailbox: joe\n", "odd@example.org", NULL, NULL,
	    "4.3.0", 451 },
	{ "lmtp_catchall_mailbox: off\n", "eva@example.org", NULL, NULL,
	    "4.2.1", 451 },
	{ "lmtp_disabled_perm_failure: yes\n", "off@example.org", NULL, NULL,
	    "5.2.1", 550 },
	{ "", "denied@example.org", NULL, NULL, "4.2.1", 451 },
	{ "", "full@example.org", NULL, NULL, "4.2.2", 452 },
	{ "lmtp_catchall_mailbox: joe\n", "full@example.org", NULL, NULL,
	    "4.2.2", 452 },
};

static bool
is_full(const struct conf *conf, struct arena *a, const struct account *acct,
    uint64_t size, struct fail *why)
{
	(void)conf;
	(void)a;
	assert_int_equal(size, 17);
	return !str_eq(acct->user, S("full")) ||
	       fail_temp(why, "4.2.2", "full");
}

static void
make_policy_store(struct arena *a, struct str dir)
{
	static const char *const there[] = { "mail/.shared/.news/cur/x",
		"mail/.shared/.lists.tamis/cur/x", "mail/joe/cur/x" };

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		scratch_path(a, dir, there[i]);
	scratch_write(a, dir, "users",
	    S("joe:\noff:::::::disabled=Away\nodd:::::::quota=x\ndenied:\n"
	      "full:\n"));
	scratch_write(a, dir, "conf/user_deny.db", S("denied\t2\t*\tno\n"));
}

static void
policy(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str dir = scratch_new(a);

	(void)state;
	make_policy_store(a, dir);
	for (size_t i = 0; i < sizeof(policy_cases) / sizeof(*policy_cases);
	     i++) {
		struct str more =
		    str_printf(a, USERS "%s", dir.p, policy_cases[i].more);
		struct accounts *all = accounts_open(a, load(a, dir, more));
		struct address addr;
		struct recipient_query q = { &addr, 17, is_full };
		struct recipient r;
		struct fail why = { 0 };
		const char *bad = "";
		bool ok;

		assert_true(address_parse_path(
		    a, str_c(policy_cases[i].path), false, &addr, &bad));
		ok = recipient_find(all, a, &q, &r, &why);
		if (ok != (policy_cases[i].user != NULL))
			fail_msg("case %zu: %d %s", i, ok, why.text);
		if (ok &&
		    (!str_eq(r.detail, str_c(policy_cases[i].detail)) ||
			!str_eq(r.account.user, str_c(policy_cases[i].user))))
			fail_msg(
			    "case %zu: %s %s", i, r.account.user.p, r.detail.p);
		if (!ok && (why.code != policy_cases[i].code ||
			       strcmp(why.status, policy_cases[i].status) != 0))
			fail_msg("case %zu: %d %s", i, why.code, why.status);
		accounts_close(all);
	}
	scratch_free(dir);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find),
		cmocka_unit_test(policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
