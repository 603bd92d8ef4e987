/*
 * Charsets and encoded-words (lib/charset, lib/utf8, lib/base64).
 */
#include "testsuite/unit/lib-check.h"

#include <iconv.h>

#include "lib/base64.h"
#include "lib/charset.h"
#include "lib/charset_private.h"
#include "lib/utf8.h"

#define BAD "\xef\xbf\xbd"

static const struct {
	const char *charset;
	struct str in, out;
} conversions[] = {
	{ "us-ascii", STR("abc"), STR("abc") },
	{ "US-ASCII", STR("a\xe4"), STR("a" BAD) },
	{ "utf-8", STR("\xc3\xa4"), STR("\xc3\xa4") },
	{ "UTF8", STR("\xc3"), STR(BAD) },
	{ "utf-8", STR("a\xed\xa0\x80z"), STR("a" BAD BAD BAD "z") },
	{ "utf-8", STR("\xf4\x90\x80\x80"), STR(BAD BAD BAD BAD) },
	{ "utf-8", STR("\xc0\x80"), STR(BAD BAD) },
	{ "utf-8", STR("a\0b\xff"), STR("a\0b" BAD) },
	{ "iso-8859-1", STR("\xe4\x80"), STR("\xc3\xa4\xc2\x80") },
	{ "ISO_8859-1", STR("\xff"), STR("\xc3\xbf") },
	{ "latin1", STR("\0"), STR("\0") },
	{ "windows-1252", STR("\x80\x9f\x81\xe4"),
	    STR("\xe2\x82\xac\xc5\xb8" BAD "\xc3\xa4") },
	{ "cp1252", STR("\x93x\x94"), STR("\xe2\x80\x9cx\xe2\x80\x9d") },
	{ "iso-8859-15", STR("\xa4"), STR("\xe2\x82\xac") },
	{ "iso-8859-2", STR("\xb1"), STR("\xc4\x85") },
	{ "iso-8859-8-i", STR("\xe0"), STR("\xd7\x90") },
	{ "koi8-r", STR("\xf2"), STR("\xd0\xa0") },
	{ "windows-1251", STR("\xd0"), STR("\xd0\xa0") },
	{ "gb2312", STR("\xd6\xd0"), STR("\xe4\xb8\xad") },
	{ "hz-gb-2312", STR("a~{VP~}~~b"), STR("a\xe4\xb8\xad~b") },
	{ "big5", STR("\xa4\xa4"), STR("\xe4\xb8\xad") },
	{ "euc-jp", STR("\xc6\xfc"), STR("\xe6\x97\xa5") },
	{ "iso-2022-jp", STR("\x1b$BF|\x1b(Bx"), STR("\xe6\x97\xa5x") },
	{ "shift_jis", STR("\x93\xfa"), STR("\xe6\x97\xa5") },
	{ "euc-kr", STR("\xc7\xd1"), STR("\xed\x95\x9c") },
	{ "ks_c_5601-1987", STR("\xc7\xd1"), STR("\xed\x95\x9c") },
	{ "euc-kr", STR("\xc7"), STR(BAD) },
	{ "euc-jp", STR("a\xc6\xffz"), STR("a" BAD BAD "z") },
	{ "utf-16", STR("\0a\0b"), STR("ab") },
	{ "utf-16",
	    STR("\xff\xfe"
		"a\0"),
	    STR("a") },
	{ "utf-16le", STR("\xe4\0"), STR("\xc3\xa4") },
	{ "utf-16be", STR("\xd8\0\0a"), STR(BAD "a") },
	{ "utf-16be", STR("\0a\0"), STR("a" BAD) },
	{ "utf-32", STR("\0\0\0a"), STR("a") },
	{ "tis-620", STR("\xa1"), STR("\xe0\xb8\x81") },
	{ "macintosh", STR("\x8a"), STR("\xc3\xa4") },
};

static void
test_conversions(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(conversions); i++) {
		struct str out = { NULL, 0 };

		if (!charset_to_utf8(a, str_c(conversions[i].charset),
			exact(a, conversions[i].in), 100, &out))
			fail_msg("row %zu: unknown charset", i);
		check_str(i, "text", out, conversions[i].out);
	}
	arena_free(a);
}

/* Whatever the octets are and wherever the ceiling is: UTF-8, and not more. */
static void
test_every_charset(void **state)
{
	(void)state;
	for (size_t i = 0; charset_row(i) != NULL; i++) {
		struct arena *a = arena_new("test", 0);
		struct str name = str_c(charset_row(i)->key);
		const char *conv = charset_row(i)->iconv_name;
		char octets[1024];

		for (size_t k = 0; k < sizeof(octets); k++)
			octets[k] = (char)(k * 7 + k / 256);
		for (size_t max = 0; max < 40; max++) {
			struct str out = { NULL, 0 };

			if (!charset_to_utf8(a, name,
				str_from(octets, sizeof(octets)), max, &out))
				fail_msg("row %zu: %s", i, name.p);
			if (out.len > max || !str_is_utf8(out))
				fail_msg("row %zu: max %zu", i, max);
		}
		if (conv != NULL) {
			iconv_t cd = iconv_open("UTF-8", conv);

			assert_true(cd != (iconv_t)-1);
			iconv_close(cd);
		}
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(name.p, charset_row(k)->key);
		arena_free(a);
	}
}

static void
test_unknown(void **state)
{
	static const struct str names[] = { STR(""), STR("utf-7"),
		STR("utf-8//IGNORE"), STR("utf-8\0"), STR("../../x"),
		STR("iso-2022-cn-ext"), STR("x"), STR("unknown-8bit"),
		STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") };
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct str out = S("untouched");

		if (charset_known(names[i]) ||
		    charset_to_utf8(a, names[i], S("a"), 9, &out))
			fail_msg("row %zu", i);
		check_str(i, "out", out, S("untouched"));
	}
	assert_true(charset_known(S("--utf--8")));
	arena_free(a);
}

static const struct {
	struct str in, out;
} words[] = {
	{ STR(""), STR("") },
	{ STR("plain"), STR("plain") },
	{ STR("=?utf-8?q?a_b?="), STR("a b") },
	{ STR("=?utf-8?Q?a=20b=5F?="), STR("a b_") },
	{ STR("=?utf-8?q?a=2?="), STR("a=2") },
	{ STR("=?utf-8?q?=ZZ=?="), STR("=ZZ=") },
	{ STR("=?utf-8?b?w6Q=?="), STR("\xc3\xa4") },
	{ STR("=?utf-8?B?w6Q?="), STR("\xc3\xa4") },
	{ STR("=?utf-8?b?w!6Q?="), STR("=?utf-8?b?w!6Q?=") },
	{ STR("=?iso-8859-1?q?=E4?= x"), STR("\xc3\xa4 x") },
	{ STR("=?utf-8*de?q?=C3=A4?="), STR("\xc3\xa4") },
	{ STR("=?utf-8?q?a?= =?utf-8?q?b?="), STR("ab") },
	{ STR("=?utf-8?q?a?= \t =?UTF-8?b?Yg==?="), STR("ab") },
	{ STR("=?utf-8?q?=E2=82?= =?utf-8?q?=AC?="), STR("\xe2\x82\xac") },
	{ STR("=?utf-8?q?=E2=82?= =?utf-8?b?rA==?="), STR("\xe2\x82\xac") },
	{ STR("=?utf-8?q?=E2=82?= x =?utf-8?q?=AC?="), STR(BAD BAD " x " BAD) },
	{ STR("=?utf-8?q?=C3?= =?iso-8859-1?q?=E4?="), STR(BAD "\xc3\xa4") },
	{ STR("=?utf-8?q?a?= b =?utf-8?q?c?="), STR("a b c") },
	{ STR("x=?utf-8?q?a?=y"), STR("xay") },
	{ STR("=?utf-8?q?a?==?utf-8?q?b?="), STR("ab") },
	{ STR("=?x-none?q?a?="), STR("=?x-none?q?a?=") },
	{ STR("=?utf-7?q?+AGE-?="), STR("=?utf-7?q?+AGE-?=") },
	{ STR("=?utf-8?x?a?="), STR("=?utf-8?x?a?=") },
	{ STR("=?utf-8?q?a b?="), STR("=?utf-8?q?a b?=") },
	{ STR("=?utf-8?q?a"), STR("=?utf-8?q?a") },
	{ STR("=?utf-8?q?a?"), STR("=?utf-8?q?a?") },
	{ STR("=?utf-8?q?"), STR("=?utf-8?q?") },
	{ STR("=?utf-8?q"), STR("=?utf-8?q") },
	{ STR("=?"), STR("=?") },
	{ STR("=?=?utf-8?q?a?="), STR("=?a") },
	{ STR("=?utf-8?q?=?utf-8?q?a?="), STR("=?utf-8?q?a") },
	{ STR("=?utf-8?q?\?= x"), STR(" x") },
	{ STR("=?utf-8?q?=00=0A?="), STR("\0\n") },
	{ STR("\xe4 =?utf-8?q?a?="), STR("\xe4 a") },
	{ STR("=?iso-2022-jp?b?GyRCRnwbKEI=?="), STR("\xe6\x97\xa5") },
	{ STR("=?ANSI_X3.4-1968?q?a?="), STR("a") },
};

static void
test_words(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct str in = exact(a, words[i].in);

		check_str(
		    i, "text", charset_decode_words(a, in, 1000), words[i].out);
		for (size_t max = 0; max < 20; max++)
			if (charset_decode_words(a, in, max).len > max)
				fail_msg("row %zu: over %zu", i, max);
	}
	arena_free(a);
}

/* What is cut off stays off: nothing shorter takes its place. */
static void
test_words_cut(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str in = S("=?utf-8?q?=E2=82=AC=E2=82=AC?= x "
			  "=?iso-8859-15?q?=A4?= y");

	(void)state;
	check_str(0, "all", charset_decode_words(a, in, 99),
	    S("\xe2\x82\xac\xe2\x82\xac x \xe2\x82\xac y"));
	check_str(5, "5", charset_decode_words(a, in, 5), S("\xe2\x82\xac"));
	check_str(8, "8", charset_decode_words(a, in, 8),
	    S("\xe2\x82\xac\xe2\x82\xac x"));
	check_str(11, "11", charset_decode_words(a, in, 11),
	    S("\xe2\x82\xac\xe2\x82\xac x "));
	arena_free(a);
}

static const struct {
	struct str in, out;
} base64[] = {
	{ STR(""), STR("") },
	{ STR("YQ=="), STR("a") },
	{ STR("YWI="), STR("ab") },
	{ STR("YWJj"), STR("abc") },
	{ STR("YWJj\r\nZGVm"), STR("abcdef") },
	{ STR("Y!W\0Jj"), STR("abc") },
	{ STR("YQ==YQ=="), STR("aa") },
	{ STR("Y"), STR("") },
	{ STR("===="), STR("") },
	{ STR("/+8="), STR("\xff\xef") },
};

static void
test_base64(void **state)
{
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(base64); i++) {
		size_t n = base64_decode(base64[i].in, out, sizeof(out));

		check_str(i, "octets", str_from(out, n), base64[i].out);
	}
	assert_int_equal(base64_decode(S("YWJj"), out, 2), 2);
}

static void
test_utf8(void **state)
{
	struct str s = S("a\xe2\x82\xac\xf0\x9f\x98\x80");
	static const size_t cut[] = { 0, 1, 1, 1, 4, 4, 4, 4, 8, 8 };
	char out[4];

	(void)state;
	for (size_t i = 0; i < COUNT(cut); i++)
		check_num(i, "cut", utf8_cut(s, i).len, cut[i]);
	check_num(
	    0, "cut of tails", utf8_cut(S("\x80\x80\x80\x80\x80"), 4).len, 4);
	assert_int_equal(utf8_put(0x20ac, out), 3);
	check_str(0, "euro", str_from(out, 3), S("\xe2\x82\xac"));
	assert_int_equal(utf8_put(0x10ffff, out), 4);
	assert_int_equal(utf8_length(s, 1), 3);
	assert_int_equal(utf8_length(s, 2), 0);
	assert_int_equal(utf8_length(S("\xe2\x82"), 0), 0);
}

static const struct str hostile[] = {
	STR("=?"),
	STR("=?a?q?"),
	STR("=?utf-8?q?"),
	STR("=?utf-8?q?a?="),
	STR("=?utf-8?b?"),
	STR("=?utf-8?q?a?= =?iso-8859-1?q?a?= "),
	STR("=?gb2312?q?=FF?= =?big5?q?=FF?= "),
	STR("=?utf-8?q?=C3?= x"),
	STR("=?----------------"),
	STR("=?x-none?q?a?= "),
};

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new("test", 0);
		struct str s = repeat(a, hostile[i], 1 << 19);

		CHECK_FAST(charset_decode_words(a, s, SIZE_MAX));
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversions),
		cmocka_unit_test(test_every_charset),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_cut),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
