/*
 * Normal forms of text (lib/unicode).
 */
#include "config.h"

#include "testsuite/unit/lib-check.h"

#include "lib/unicode.h"

static const struct {
	struct str in, nfc;
} cases[] = {
	{ STR(""), STR("") },
	{ STR("plain"), STR("plain") },
	{ STR("u\xcc\x88"), STR("\xc3\xbc") },
	{ STR("\xc3\xbc"), STR("\xc3\xbc") },
	{ STR("\xe1\x84\x80\xe1\x85\xa1"), STR("\xea\xb0\x80") },
	/* excluded from composition: a form that only comes apart */
	{ STR("\xe0\xa5\x98"), STR("\xe0\xa4\x95\xe0\xa4\xbc") },
};

static void
test_nfc(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str out;

	(void)state;
#ifndef HAVE_UNISTRING
	skip();
#endif
	for (size_t i = 0; i < COUNT(cases); i++)
		if (!unicode_nfc(a, cases[i].in, &out) ||
		    !str_eq(out, cases[i].nfc))
			fail_msg("%zu: %.*s", i, STR_ARG(out));
	assert_false(unicode_nfc(a, S("\xff"), &out));
	assert_true(str_eq(out, S("\xff")));
	arena_free(a);
}

/* Everything that form C makes longer still fits. */
static void
test_every_character(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str out;

	(void)state;
	for (uint32_t c = 0x10000; c < 0x30000; c += 16) {
		char p[16 * 4];
		size_t n = 0;

		for (uint32_t i = 0; i < 16; i++) {
			p[n++] = (char)(0xf0 | c >> 18);
			p[n++] = (char)(0x80 | (c >> 12 & 0x3f));
			p[n++] = (char)(0x80 | (c >> 6 & 0x3f));
			p[n++] = (char)(0x80 | ((c + i) & 0x3f));
		}
		if (!unicode_nfc(a, str_from(p, n), &out))
			fail_msg("U+%X", c);
		arena_reset(a);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nfc),
		cmocka_unit_test(test_every_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
