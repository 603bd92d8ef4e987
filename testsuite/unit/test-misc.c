/*
 * Failures, time and digests (lib/fail, lib/clock, lib/digest).
 */
#include "testsuite/unit/lib-check.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "lib/digest.h"
#include "lib/fail.h"

static const struct {
	const char *status;
	int code;
} codes[] = {
	{ "4.3.0", 451 },
	{ "4.3.1", 452 },
	{ "4.2.2", 452 },
	{ "4.2.1", 451 },
	{ "4.6.0", 451 },
	{ "5.2.2", 552 },
	{ "5.2.3", 552 },
	{ "5.3.1", 550 },
	{ "5.6.0", 554 },
	{ "5.6.11", 554 },
	{ "5.1.1", 550 },
	{ "5.7.1", 550 },
};

static void
test_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct fail why;
		bool perm = codes[i].status[0] == '5';
		bool ok = perm ? fail_perm(&why, codes[i].status, "x %d", 7)
		               : fail_temp(&why, codes[i].status, "x %d", 7);

		assert_false(ok);
		check_num(
		    i, "code", (uint64_t)why.code, (uint64_t)codes[i].code);
		check_num(i, "class", why.class, perm ? FAIL_PERM : FAIL_TEMP);
		assert_string_equal(why.status, codes[i].status);
		assert_string_equal(why.text, "x 7");
		assert_int_equal(why.sys, 0);
	}
}

static const struct {
	int err, code;
	const char *status;
} errnos[] = {
	{ ENOSPC, 452, "4.3.1" },
	{ EDQUOT, 452, "4.2.2" },
	{ EFBIG, 452, "4.3.1" },
	{ EIO, 451, "4.3.0" },
	{ EACCES, 451, "4.3.0" },
	{ EMFILE, 451, "4.3.2" },
	{ ENFILE, 451, "4.3.2" },
	{ ENOMEM, 451, "4.3.2" },
	{ 0, 451, "4.3.0" },
};

static void
test_errnos(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(errnos); i++) {
		struct fail why;

		assert_false(fail_errno(&why, errnos[i].err, "open %s", "f"));
		check_num(
		    i, "code", (uint64_t)why.code, (uint64_t)errnos[i].code);
		assert_string_equal(why.status, errnos[i].status);
		assert_int_equal(why.class, FAIL_TEMP);
		assert_int_equal(why.sys, errnos[i].err);
		assert_true(str_starts(str_c(why.text), S("open f: ")));
	}
}

static const struct {
	const char *in, *out;
} texts[] = {
	{ "a\r\nb\tc\x7f", "a??b?c?" },
	{ "\xc3\xa4 \xe2\x82\xac", "\xc3\xa4 \xe2\x82\xac" },
	{ "a\xffz", "a?z" },
	{ "a\xe2\x82", "a??" },
	{ "", "" },
};

static void
test_texts(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct fail why;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		fail_temp(&why, "4.3.0", "%s", texts[i].in);
		check_str(i, "text", str_c(why.text), str_c(texts[i].out));
	}
	/* cut inside a character */
	fail_temp(
	    &why, "4.3.0", "x%s", str_cstr(a, repeat(a, S("\xc3\xa4"), 600)));
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	fail_prepend(&why, "y%s", "z");
	assert_true(str_is_utf8(str_c(why.text)));
	assert_true(str_starts(str_c(why.text), S("yz: x\xc3\xa4")));
	assert_string_equal(why.status, "4.3.0");
	assert_false(fail_code(&why, 521, "5.3.2", "gone"));
	assert_int_equal(why.code, 521);
	assert_int_equal(why.class, FAIL_PERM);
	fail_clear(&why);
	assert_int_equal(why.class, FAIL_NONE);
	arena_free(a);
}

static const struct {
	const char *zone;
	int64_t seconds;
	const char *text;
} times[] = {
	{ "UTC0", 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "UTC0", 1709210096, "Thu, 29 Feb 2024 12:34:56 +0000" },
	{ "ABC-5:45", 0, "Thu, 1 Jan 1970 05:45:00 +0545" },
	{ "ABC+3:30", 0, "Wed, 31 Dec 1969 20:30:00 -0330" },
	{ "ABC+0:30", 0, "Wed, 31 Dec 1969 23:30:00 -0030" },
	{ "UTC0", 253402300799, "Fri, 31 Dec 9999 23:59:59 +0000" },
};

static void
test_times(void **state)
{
	int64_t mono = clock_mono_ms();

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		char out[CLOCK_RFC5322_LEN];

		setenv("TZ", times[i].zone, 1);
		tzset();
		clock_rfc5322(times[i].seconds * 1000000 + 999999, out);
		check_str(i, "time", str_c(out), str_c(times[i].text));
	}
	assert_true(clock_wall_us() > 1600000000000000);
	assert_true(clock_mono_ms() >= mono);
}

static void
test_digests(void **state)
{
	/* FIPS 180-4: the digests of "" and "abc" */
	static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb924"
				    "27ae41e4649b934ca495991b7852b855";
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad";
	struct str parts[] = { STR("a"), { NULL, 0 }, STR("bc") };
	struct digest d = digest_of(NULL, 0), e;
	char hex[2 * DIGEST_LEN + 1];

	(void)state;
	digest_hex(&d, hex);
	assert_string_equal(hex, empty);
	e = digest_of(parts, 3);
	digest_hex(&e, hex);
	assert_string_equal(hex, abc);
	assert_false(digest_eq(&d, &e));
	assert_true(digest_eq(&e, &e));
}

static void
test_random(void **state)
{
	char a[101], b[101], none[1] = "x";
	struct digest_pool pool = { 0 };
	bool seen[256] = { false };
	int kinds = 0;

	(void)state;
	digest_random_id(none, 0);
	assert_string_equal(none, "");
	for (int i = 0; i < 100; i++) {
		digest_random_id(a, 100);
		for (size_t k = 0; k < 100; k++) {
			assert_true(ascii_is_alnum(a[k]));
			kinds += !seen[(unsigned char)a[k]];
			seen[(unsigned char)a[k]] = true;
		}
		assert_int_equal(a[100], 0);
	}
	assert_int_equal(kinds, 62);
	digest_random_id(b, 100);
	assert_string_not_equal(a, b);
	/* from a pool: filled again in the middle of an id, nothing twice */
	for (int i = 0; i < 20; i++) {
		struct digest_pool before = pool;

		digest_pool_id(&pool, a, 100);
		digest_pool_id(&pool, b, 100);
		assert_string_not_equal(a, b);
		assert_int_equal(strlen(a), 100);
		for (size_t k = pool.left; k < before.left; k++)
			assert_int_equal(pool.octet[k], 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_errnos),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("misc", tests, NULL, NULL);
}
