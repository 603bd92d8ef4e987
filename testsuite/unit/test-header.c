/*
 * Writing header fields (lib/header): folds, encoded-words, and that what is
 * written reads as what was meant.
 */
#include "testsuite/unit/lib-check.h"

#include "lib/base64.h"
#include "lib/header.h"
#include "lib/message.h"

static const struct {
	struct str value;
	const char *want;
} cases[] = {
	{ STR(""), "N: \n" },
	{ STR(" \t\r\n"), "N: \n" },
	{ STR("x"), "N: x\n" },
	{ STR("  x  y  "), "N: x  y\n" },
	{ STR("a\r\nb\nc\rd"), "N: a\n b\n c\n d\n" },
	{ STR("a\r\n\r\n \r\n\tb"), "N: a\n\tb\n" },
	{ STR("\xc3\xa4"), "N: =?utf-8?B?w6Q=?=\n" },
	{ STR("a \xc3\xa4 b \xc3\xa4 c"), "N: a =?utf-8?B?w6QgYiDDpA==?= c\n" },
	{ STR("\x80"), "N: =?unknown-8bit?B?gA==?=\n" },
	{ STR("a\0b"), "N: =?utf-8?B?YQBi?=\n" },
	{ STR("a\nb \x7f\nc"), "N: a\n b =?utf-8?B?fw==?=\n c\n" },
	/* 78 octets fit into a line, 79 do not */
	{ STR("12345678901234567890123456789012345678901234567890123456789012"
	      "34567890123 5"),
	    "N: 12345678901234567890123456789012345678901234567890123456789012"
	    "34567890123 5\n" },
	{ STR("12345678901234567890123456789012345678901234567890123456789012"
	      "345678901234  6"),
	    "N: 12345678901234567890123456789012345678901234567890123456789012"
	    "345678901234\n  6\n" },
};

static void
test_format(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_str(i, "field",
		    header_format(a, S("N"), cases[i].value, S("\n")),
		    str_c(cases[i].want));
	check_str(99, "CRLF", header_format(a, S("N"), S("a\nb"), S("\r\n")),
	    S("N: a\r\n b\r\n"));
	arena_free(a);
}

/* No line is too long for RFC 5322, no field ends another, and what is
 * valid UTF-8 without controls is read back. */
static void
check_field(struct arena *a, size_t i, struct str value, struct str field)
{
	struct message *m = message_open(a, field, 0, NULL);
	struct str rest = field, line;

	assert_int_equal(message_nfields(m), 1);
	assert_int_equal(message_header(m).len, field.len);
	while (str_cut(&rest, '\n', &line))
		if (line.len > 998 || str_has_ctl(line))
			fail_msg("case %zu: line of %zu octets", i, line.len);
	check_str(
	    i, "read back", header_decode(a, m, message_field(m, 0)), value);
}

static void
test_round_trip(void **state)
{
	static const struct str units[] = { STR("w"), STR("word "),
		STR("\xc3\xa4"), STR("a \xc3\xa4 "), STR("\xe6\x97\xa5"),
		STR("x\xf0\x9f\x98\x80"), STR("longer words ") };
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		for (size_t n = 1; n < 1500; n += n < 200 ? 1 : 131) {
			char *p = arena_alloc(a, n * units[i].len);
			struct str value;

			for (size_t k = 0; k < n; k++)
				memcpy(p + k * units[i].len, units[i].p,
				    units[i].len);
			value = str_trim(str_from(p, n * units[i].len));
			check_field(a, i, value,
			    header_format(a, S("Name"), value, S("\n")));
		}
	arena_free(a);
}

/* Whatever the octets are, it is one field; the sanitizers watch the room. */
static void
test_hostile(void **state)
{
	static const char octets[] = "\n\r \t\x80\xc3\xa4\0:=?a";
	struct arena *a = arena_new("test", 0);
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char p[64];
		size_t len = (size_t)round % sizeof(p);
		struct message *m;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			p[i] = octets[(seed >> 16) % (sizeof(octets) - 1)];
		}
		m = message_open(a,
		    header_format(a, S("N"), str_from(p, len), S("\n")), 0,
		    NULL);
		assert_int_equal(message_nfields(m), 1);
		assert_int_equal(message_body(m).len, 0);
	}
	arena_free(a);
}

static void
test_base64(void **state)
{
	static const struct {
		struct str in;
		const char *want;
	} rows[] = {
		{ STR(""), "" },
		{ STR("f"), "Zg==" },
		{ STR("fo"), "Zm8=" },
		{ STR("foo"), "Zm9v" },
		{ STR("foob"), "Zm9vYg==" },
		{ STR("\xff\xfe\xfd"), "//79" },
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_str(i, "base64",
		    str_from(out, base64_encode(rows[i].in, out)),
		    str_c(rows[i].want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
