/*
 * test-param: ESMTP parameters of MAIL and RCPT.
 */
#include "lmtp/param.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct mail_case {
	struct str text;
	int code; /* 0: accepted */
	uint64_t size;
	bool eightbit;
} mails[] = {
	{ STR(""), 0, 0, false },
	{ STR("   "), 0, 0, false },
	{ STR(" SIZE=0"), 0, 0, false },
	{ STR(" SIZE=12345"), 0, 12345, false },
	{ STR("size=7"), 0, 7, false },
	{ STR(" SIZE=18446744073709551615"), 0, UINT64_MAX, false },
	{ STR(" SIZE=18446744073709551616"), 0, UINT64_MAX, false },
	{ STR(" SIZE=99999999999999999999"), 0, UINT64_MAX, false },
	{ STR(" SIZE=00000000000000000012"), 0, 12, false },
	{ STR(" SIZE=000000000000000000012"), 501, 0, false },
	{ STR(" SIZE"), 501, 0, false },
	{ STR(" SIZE="), 501, 0, false },
	{ STR(" SIZE=x"), 501, 0, false },
	{ STR(" SIZE=1x"), 501, 0, false },
	{ STR(" SIZE=-1"), 501, 0, false },
	{ STR(" SIZE=0x10"), 501, 0, false },
	{ STR(" SIZE=1=1"), 501, 0, false },
	{ STR(" SIZE =1"), 501, 0, false },
	{ STR(" SIZE=1 size=1"), 501, 0, false },
	{ STR(" BODY=7BIT"), 0, 0, false },
	{ STR(" BODY=8bitMime"), 0, 0, true },
	{ STR(" BODY=8BITMIME SIZE=3"), 0, 3, true },
	{ STR(" BODY=BINARYMIME"), 501, 0, false },
	{ STR(" BODY="), 501, 0, false },
	{ STR(" BODY"), 501, 0, false },
	{ STR(" BODY=8BITMIME BODY=7BIT"), 501, 0, false },
	{ STR(" AUTH=<>"), 0, 0, false },
	{ STR(" AUTH=joe@example.com"), 0, 0, false },
	{ STR(" AUTH=e+3Dmc2@example.com"), 0, 0, false },
	{ STR(" AUTH=e+3dmc2@example.com"), 501, 0, false },
	{ STR(" AUTH=+"), 501, 0, false },
	{ STR(" AUTH=+4"), 501, 0, false },
	{ STR(" AUTH=+4G"), 501, 0, false },
	{ STR(" AUTH=+41"), 0, 0, false },
	{ STR(" AUTH="), 501, 0, false },
	{ STR(" AUTH"), 501, 0, false },
	{ STR(" AUTH=<> AUTH=<>"), 501, 0, false },
	{ STR(" SMTPUTF8"), 0, 0, false },
	{ STR(" SMTPUTF8="), 501, 0, false },
	{ STR(" RET=FULL"), 0, 0, false },
	{ STR(" RET=FULL RET=HDRS"), 501, 0, false },
	{ STR(" ENVID=a+20b"), 0, 0, false },
	{ STR(" ENVID=a+7F"), 501, 0, false },
	{ STR(" ENVID=a+\0\0"), 501, 0, false },
	{ STR(" NOTIFY=NEVER"), 555, 0, false },
	{ STR(" X"), 555, 0, false },
	{ STR(" 8=1"), 555, 0, false },
	{ STR(" SIZES=1"), 555, 0, false },
	{ STR(" SIZ=1"), 555, 0, false },
	{ STR(" SIZE=1 X=y"), 555, 0, false },
	{ STR(" -X=1"), 501, 0, false },
	{ STR(" X-=1"), 555, 0, false },
	{ STR(" ="), 501, 0, false },
	{ STR(" =1"), 501, 0, false },
	{ STR(" X="), 501, 0, false },
	{ STR(" S\0IZE=1"), 501, 0, false },
	{ STR(" SIZE=1\0"), 501, 0, false },
	{ STR(" SIZE=1\tBODY=7BIT"), 501, 0, false },
	{ STR(" AUTH=\x7f"), 501, 0, false },
	{ STR(" AUTH=\xc3\xa4"), 501, 0, false },
};

static void
expect_code(size_t k, bool ok, int code, const struct fail *why)
{
	int got = ok ? 0 : why->code;

	if (got != code)
		fail_msg("case %zu: %d, not %d (%s)", k, got, code,
		    ok ? "ok" : why->text);
	if (!ok && strcmp(why->status, "5.5.4") != 0)
		fail_msg("case %zu: status %s", k, why->status);
}

static void
test_mail(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(mails) / sizeof(*mails); k++) {
		const struct mail_case *c = &mails[k];
		struct param_mail got;
		struct fail why;
		bool ok = param_parse_mail(c->text, &got, &why);

		expect_code(k, ok, c->code, &why);
		if (ok && (got.size != c->size || got.eightbit != c->eightbit))
			fail_msg("case %zu: wrong values", k);
	}
}

static void
test_rcpt(void **state)
{
	static const struct {
		struct str text;
		int code;
		bool ignore_quota;
	} cases[] = {
		{ STR(""), 0 },
		{ STR("  "), 0 },
		{ STR(" IGNOREQUOTA"), 0, true },
		{ STR(" ignoreQuota  "), 0, true },
		{ STR(" IGNOREQUOTA=yes"), 501 },
		{ STR(" IGNOREQUOTA IGNOREQUOTA"), 501 },
		{ STR(" IGNOREQUOTA SIZE=1"), 555 },
		{ STR(" NOTIFY=NEVER"), 0 },
		{ STR(" NOTIFY="), 501 },
		{ STR(" NOTIFY=,"), 501 },
		{ STR(" NOTIFY=DELAY,FAILURE,SUCCESS,DELAY"), 0 },
		{ STR(" ORCPT=rfc822;bob@x.org"), 0 },
		{ STR(" ORCPT=;bob@x.org"), 501 },
		{ STR(" ORCPT=rfc822;"), 501 },
		{ STR(" SIZE=1"), 555 },
		{ STR(" ="), 501 },
		{ STR(" \x01"), 501 },
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct param_rcpt got;
		struct fail why;
		bool ok = param_parse_rcpt(cases[k].text, false, &got, &why);

		expect_code(k, ok, cases[k].code, &why);
		if (ok && got.ignore_quota != cases[k].ignore_quota)
			fail_msg("case %zu: wrong value", k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_rcpt),
	};

	return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
