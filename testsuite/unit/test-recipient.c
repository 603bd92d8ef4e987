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
load(struct arena *a, struct str dir)
{
	struct conf_messages messages = { 0 };
	struct str path = scratch_write(a, dir, "imapd.conf",
	    str_printf(a,
		"configdirectory: %s/conf\n"
		"partition-default: %s/mail\n"
		"defaultdomain: example.org\n",
		dir.p, dir.p));
	const struct conf *conf = conf_load(a, path.p, NULL, &messages);

	assert_non_null(conf);
	return conf;
}

static void
find(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str dir = scratch_new(a);
	const struct conf *conf = load(a, dir);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
