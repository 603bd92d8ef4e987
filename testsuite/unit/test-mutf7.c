/*
 * Modified UTF-7, RFC 3501 s. 5.1.3, both ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "mailstore/mailstore.h"

static const struct {
	struct str utf8, mutf7;
} pairs[] = {
	{ STR(""), STR("") },
	{ STR("INBOX"), STR("INBOX") },
	{ STR("a b~"), STR("a b~") },
	{ STR("&"), STR("&-") },
	{ STR("a&b"), STR("a&-b") },
	{ STR("&-"), STR("&--") },
	{ STR("-"), STR("-") },
	{ STR("~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
	      "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"),
	    STR("~peter/mail/&U,BTFw-/&ZeVnLIqe-") },
	{ STR("\xc3\x84rger"), STR("&AMQ-rger") },
	{ STR("\xc3\xa9&"), STR("&AOk-&-") },
	{ STR("\xc3\xa9-"), STR("&AOk--") },
	{ STR("\xc3\xa9\xc3\xa9"), STR("&AOkA6Q-") },
	{ STR("\xc3\xa9\xc3\xa9\xc3\xa9"), STR("&AOkA6QDp-") },
	{ STR("\xf0\x9f\x98\x80"), STR("&2D3eAA-") },
	{ STR("\xf4\x8f\xbf\xbf"), STR("&2,,f,w-") },
	{ STR("\xef\xbf\xbf"), STR("&,,8-") },
	{ STR("\x01"), STR("&AAE-") },
	{ STR("\x7f"), STR("&AH8-") },
	{ STR("\x00"), STR("&AAA-") },
	{ STR("\n.\t"), STR("&AAo-.&AAk-") },
};

static const struct str bad_utf8[] = {
	STR("\xff"),
	STR("\xc3"),
	STR("\xc0\x80"),
	STR("\xed\xa0\x80"),
	STR("a\x80"),
	STR("\xf4\x90\x80\x80"),
};

static const struct str bad_mutf7[] = {
	STR("&"),
	STR("a&AMQ"),
	STR("&AMQ"),
	STR("&AM"),        /* not closed */
	STR("&A-"),        /* no whole unit */
	STR("&AM-"),       /* 12 bits */
	STR("&AMR-"),      /* spare bits set */
	STR("&AMQA-"),     /* 24 bits: 8 spare */
	STR("&AMQAA-"),    /* 30 bits */
	STR("&AGE-"),      /* "a" hidden */
	STR("&AC8-"),      /* "/" hidden */
	STR("&AC4ALg-"),   /* ".." hidden */
	STR("&ACY-"),      /* "&" hidden */
	STR("&AOk-&AOk-"), /* two shifts for one */
	STR("&AOk/-"),     /* '/' of plain base64 */
	STR("&AOk=-"),     /* padding */
	STR("&AO k-"),     /* blank */
	STR("&2D0-"),      /* high half alone */
	STR("&3gA-"),      /* low half alone */
	STR("&2D0AYQ-"),   /* high half, then "a" */
	STR("&2D3YPQ-"),   /* high half twice */
	STR("&2D0-&3gA-"), /* halves in two shifts */
	STR("\xc3\xa9"),   /* raw UTF-8 */
	STR("a\nb"),       /* raw control */
	STR("\x7f"),
};

static void
check_pair(struct arena *a, size_t i)
{
	struct str out;

	if (!mutf7_encode(a, pairs[i].utf8, &out) ||
	    !str_eq(out, pairs[i].mutf7))
		fail_msg("pair %zu: encode", i);
	if (!mutf7_decode(a, pairs[i].mutf7, &out) ||
	    !str_eq(out, pairs[i].utf8))
		fail_msg("pair %zu: decode", i);
}

static void
test_pairs(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		check_pair(a, i);
	arena_free(a);
}

static void
test_refused(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_utf8) / sizeof(bad_utf8[0]); i++)
		if (mutf7_encode(a, bad_utf8[i], &out))
			fail_msg("encode %zu was taken", i);
	for (size_t i = 0; i < sizeof(bad_mutf7) / sizeof(bad_mutf7[0]); i++)
		if (mutf7_decode(a, bad_mutf7[i], &out))
			fail_msg("decode %zu was taken", i);
	arena_free(a);
}

static size_t
utf8_of(uint32_t c, char out[4])
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(first[n] | c);
	return n;
}

/* Each character alone, between others, and twice. */
static void
check_char(struct arena *a, uint32_t c)
{
	char p[16] = "x";
	size_t n = utf8_of(c, p + 1);
	struct str s, once, back;

	memcpy(p + 1 + n, p + 1, n);
	memcpy(p + 1 + 2 * n, "y&", 2);
	s = str_from(p, 2 * n + 3);
	for (size_t from = 0; from <= 1 + n; from += 1 + n) {
		struct str part = str_from_offset(s, from);

		if (!mutf7_encode(a, part, &once) || !str_is_ascii(once) ||
		    str_has_ctl(once) || !mutf7_decode(a, once, &back) ||
		    !str_eq(part, back))
			fail_msg("U+%04X from %zu", (unsigned)c, from);
	}
}

static void
test_round_trip(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x1000 ? 1 : 17) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		check_char(a, c);
		if (c % 256 == 0)
			arena_reset(a);
	}
	check_char(a, 0x10ffff);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
