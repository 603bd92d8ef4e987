/*
 * Slices and bounded buffers (lib/str).
 */
#include "testsuite/unit/lib-check.h"

static const struct str none = { NULL, 0 };

static const struct {
	struct str a, b;
	bool eq, caseeq;
	int cmp;
	bool starts, casestarts, ends;
	ssize_t find;
} pairs[] = {
	{ STR(""), STR(""), true, true, 0, true, true, true, 0 },
	{ { NULL, 0 }, STR(""), true, true, 0, true, true, true, 0 },
	{ STR("a"), { NULL, 0 }, false, false, 1, true, true, true, 0 },
	{ { NULL, 0 }, STR("a"), false, false, -1, false, false, false, -1 },
	{ STR("abc"), STR("abc"), true, true, 0, true, true, true, 0 },
	{ STR("abc"), STR("ABC"), false, true, 1, false, true, false, -1 },
	{ STR("abc"), STR("ab"), false, false, 1, true, true, false, 0 },
	{ STR("abc"), STR("bc"), false, false, -1, false, false, true, 1 },
	{ STR("ab"), STR("abc"), false, false, -1, false, false, false, -1 },
	{ STR("a\0b"), STR("a\0c"), false, false, -1, false, false, false, -1 },
	{ STR("a\0b"), STR("\0b"), false, false, 1, false, false, true, 1 },
	{ STR("\xc3\x84"), STR("\xc3\xa4"), false, false, -1, false, false,
	    false, -1 },
	{ STR("@"), STR("`"), false, false, -1, false, false, false, -1 },
	{ STR("\xff"), STR("a"), false, false, 1, false, false, false, -1 },
};

static int
sign(int i)
{
	return (i > 0) - (i < 0);
}

static void
test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct str a = pairs[i].a, b = pairs[i].b;

		check_num(i, "eq", str_eq(a, b), pairs[i].eq);
		check_num(i, "caseeq", str_caseeq(a, b), pairs[i].caseeq);
		check_num(i, "cmp", (uint64_t)sign(str_cmp(a, b)),
		    (uint64_t)pairs[i].cmp);
		check_num(i, "starts", str_starts(a, b), pairs[i].starts);
		check_num(
		    i, "casestarts", str_casestarts(a, b), pairs[i].casestarts);
		check_num(i, "ends", str_ends(a, b), pairs[i].ends);
		check_num(i, "find", (uint64_t)str_find(a, b),
		    (uint64_t)pairs[i].find);
	}
}

static void
test_slices(void **state)
{
	struct str s = S("a.b.c");

	(void)state;
	assert_int_equal(str_chr(s, '.'), 1);
	assert_int_equal(str_rchr(s, '.'), 3);
	assert_int_equal(str_chr(s, '\0'), -1);
	assert_int_equal(str_chr(none, 'a'), -1);
	assert_int_equal(str_rchr(none, 'a'), -1);
	check_str(0, "sub", str_sub(s, 2, 4), S("b."));
	check_str(1, "sub", str_sub(s, 4, 99), S("c"));
	check_str(2, "sub", str_sub(s, 9, 99), S(""));
	check_str(3, "sub", str_sub(s, 3, 2), S(""));
	check_str(4, "sub", str_sub(none, 3, 9), none);
	check_str(5, "from", str_from_offset(s, 4), S("c"));
	check_str(6, "trim", str_trim(S(" \t\r\na b\n ")), S("a b"));
	check_str(7, "trim", str_trim(S(" \n")), S(""));
	check_str(8, "trim", str_trim(none), none);
	assert_int_equal(str_c(NULL).len, 0);
}

static const struct {
	struct str in;
	size_t n;
	struct str parts[4];
} cuts[] = {
	{ { NULL, 0 }, 0, { STR("") } },
	{ STR(""), 1, { STR("") } },
	{ STR("a"), 1, { STR("a") } },
	{ STR("a,b"), 2, { STR("a"), STR("b") } },
	{ STR("a,"), 2, { STR("a"), STR("") } },
	{ STR(",a,,"), 4, { STR(""), STR("a"), STR(""), STR("") } },
};

static void
test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		struct str rest = cuts[i].in, part;
		size_t n = 0;

		while (str_cut(&rest, ',', &part))
			check_str(i, "part", part, cuts[i].parts[n++]);
		check_num(i, "parts", n, cuts[i].n);
	}
}

static const struct {
	struct str in;
	bool ok;
	uint64_t value;
} numbers[] = {
	{ STR("0"), true, 0 },
	{ STR("0042"), true, 42 },
	{ STR("18446744073709551615"), true, UINT64_MAX },
	{ STR("18446744073709551616"), false, 0 },
	{ STR("99999999999999999999"), false, 0 },
	{ STR(""), false, 0 },
	{ STR("-1"), false, 0 },
	{ STR("+1"), false, 0 },
	{ STR(" 1"), false, 0 },
	{ STR("1 "), false, 0 },
	{ STR("1\0"), false, 0 },
};

static void
test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t v = 0;

		check_num(
		    i, "result", str_to_u64(numbers[i].in, &v), numbers[i].ok);
		check_num(i, "value", v, numbers[i].value);
	}
	for (int c = -128; c < 256; c++)
		check_num((size_t)(c + 128), "hex",
		    (uint64_t)ascii_hex_value((char)c),
		    c >= '0' && c <= '9'   ? (uint64_t)(c - '0')
		    : c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a' + 10)
		    : c >= 'A' && c <= 'F' ? (uint64_t)(c - 'A' + 10)
					   : (uint64_t)-1);
}

static const struct {
	struct str in;
	bool utf8, ascii, ctl;
} octets[] = {
	{ STR(""), true, true, false },
	{ STR("az ~"), true, true, false },
	{ STR("\0"), true, true, true },
	{ STR("\x1f"), true, true, true },
	{ STR("\x7f"), true, true, true },
	{ STR("\xc3\xa4"), true, false, false },
	{ STR("\xe2\x82\xac"), true, false, false },
	{ STR("\xf0\x9f\x98\x80"), true, false, false },
	{ STR("\xf4\x8f\xbf\xbf"), true, false, false },
	{ STR("\xef\xbf\xbf"), true, false, false },
	{ STR("\xc3"), false, false, false },
	{ STR("\xe2\x82"), false, false, false },
	{ STR("\xf0\x9f\x98"), false, false, false },
	{ STR("\x80"), false, false, false },
	{ STR("\xc0\x80"), false, false, false },
	{ STR("\xc1\xbf"), false, false, false },
	{ STR("\xe0\x9f\xbf"), false, false, false },
	{ STR("\xed\xa0\x80"), false, false, false },
	{ STR("\xf0\x8f\xbf\xbf"), false, false, false },
	{ STR("\xf4\x90\x80\x80"), false, false, false },
	{ STR("\xf5\x80\x80\x80"), false, false, false },
	{ STR("\xff"), false, false, false },
	{ STR("\xc3\x28"), false, false, false },
	{ STR("\xe2\x82\x28"), false, false, false },
};

static void
test_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(octets); i++) {
		check_num(i, "utf8", str_is_utf8(octets[i].in), octets[i].utf8);
		check_num(
		    i, "ascii", str_is_ascii(octets[i].in), octets[i].ascii);
		check_num(i, "ctl", str_has_ctl(octets[i].in), octets[i].ctl);
	}
}

static void
test_copies(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str parts[] = { STR("a"), { NULL, 0 }, STR("b\0c") };

	(void)state;
	check_str(0, "dup", str_dup(a, S("a\0b")), S("a\0b"));
	check_str(1, "dup", str_dup(a, none), S(""));
	check_str(2, "lower", str_lower(a, S("A\xc4Z[")), S("a\xc4z["));
	check_str(3, "join", str_join(a, parts, 3), S("ab\0c"));
	check_str(4, "join", str_join(a, NULL, 0), S(""));
	check_str(5, "printf", str_printf(a, "%d-%s", 7, "x"), S("7-x"));
	assert_string_equal(str_cstr(a, S("abc")), "abc");
	arena_free(a);
}

static void
test_hash(void **state)
{
	(void)state;
	assert_true(
	    str_hash(S("Subject"), true) == str_hash(S("sUBJECT"), true));
	assert_true(
	    str_hash(S("Subject"), false) != str_hash(S("sUBJECT"), false));
	assert_true(str_hash(S("a"), true) != str_hash(S("b"), true));
	assert_true(str_hash(S("a\0"), true) != str_hash(S("a"), true));
}

static void
test_distance(void **state)
{
	char big[100];

	(void)state;
	memset(big, 'a', sizeof(big));
	assert_int_equal(str_distance(S("kitten"), S("sitting"), 9), 3);
	assert_int_equal(str_distance(S("kitten"), S("sitting"), 2), 3);
	assert_int_equal(str_distance(S(""), S("abc"), 9), 3);
	assert_int_equal(str_distance(S("ABC"), S("abc"), 9), 0);
	assert_int_equal(
	    str_distance(str_from(big, 64), str_from(big, 63), 9), 1);
	assert_int_equal(
	    str_distance(str_from(big, 100), str_from(big, 99), 9), 10);
}

static void
test_lists(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct strlist l = { NULL, 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		strlist_add(a, &l, str_printf(a, "K%d", i));
	assert_int_equal(l.n, 100);
	for (size_t i = 0; i < 100; i++)
		check_str(i, "entry", l.v[i], str_printf(a, "K%zu", i));
	assert_true(strlist_has(&l, S("K99")));
	assert_false(strlist_has(&l, S("k99")));
	assert_true(strlist_casehas(&l, S("k99")));
	assert_false(strlist_casehas(&l, S("k100")));
	arena_free(a);
}

static void
test_buf(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_str(&b).len, 0);
	assert_true(buf_adds(&b, none));
	assert_true(buf_adds(&b, S("abcde")));
	assert_false(buf_adds(&b, S("123456")));
	assert_true(b.overflow);
	check_str(0, "kept", buf_str(&b), S("abcde"));
	assert_true(buf_addc(&b, 'f'));
	buf_consume(&b, 2);
	check_str(1, "consumed", buf_str(&b), S("cdef"));
	assert_null(buf_reserve(&b, 7));
	assert_null(buf_reserve(&b, SIZE_MAX));
	memcpy(buf_reserve(&b, 6), "ghijkl", 6);
	buf_commit(&b, 6);
	check_str(2, "full", buf_str(&b), S("cdefghijkl"));
	buf_reset(&b);
	assert_false(b.overflow);
	buf_consume(&b, 0);
	buf_free(&b);
	assert_null(b.p);
	assert_int_equal(b.max, 10);
	buf_init(&b, 0);
	assert_false(buf_addc(&b, 'x'));
	assert_true(buf_add(&b, NULL, 0));
	buf_free(&b);
}

static void
test_buf_printf(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_printf(&b, "%s", "hello"));
	assert_false(b.overflow);
	check_str(0, "exactly", buf_str(&b), S("hello"));
	assert_true(buf_printf(&b, "%s", ""));
	assert_false(buf_printf(&b, "%d", 1));
	assert_true(b.overflow);
	check_str(1, "kept", buf_str(&b), S("hello"));
	buf_free(&b);
}

static void
test_buf_growth(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 100000; i++)
		if (!buf_addc(&b, (char)i))
			fail_msg("octet %d", i);
	assert_false(buf_addc(&b, 'x'));
	assert_true(b.cap <= b.max);
	for (int i = 0; i < 100000; i++)
		if (b.p[i] != (char)i)
			fail_msg("octet %d", i);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_buf_printf),
		cmocka_unit_test(test_buf_growth),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
