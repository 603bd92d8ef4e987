/*
 * Address lists and envelope paths (lib/address).
 */
#include "testsuite/unit/lib-check.h"

#include "lib/address.h"

struct want {
	struct str text, display;
	bool bad;
};

#define ADDR(t)                                                                \
	{                                                                      \
		STR(t), { NULL, 0 }, false                                     \
	}
#define NAMED(d, t)                                                            \
	{                                                                      \
		STR(t), STR(d), false                                          \
	}
#define INVALID(t)                                                             \
	{                                                                      \
		STR(t), { NULL, 0 }, true                                      \
	}

static const struct {
	struct str in;
	size_t n;
	struct want v[4];
} lists[] = {
	{ STR(""), 0, { { { NULL, 0 } } } },
	{ STR(" \r\n "), 0, { { { NULL, 0 } } } },
	{ STR("(only a comment)"), 0, { { { NULL, 0 } } } },
	{ STR(",, ,"), 0, { { { NULL, 0 } } } },
	{ STR("a@b"), 1, { ADDR("a@b") } },
	{ STR(" a@b.example "), 1, { ADDR("a@b.example") } },
	{ STR("a@b, c@d"), 2, { ADDR("a@b"), ADDR("c@d") } },
	{ STR("a@b,\r\n c@d,"), 2, { ADDR("a@b"), ADDR("c@d") } },
	{ STR("<a@b>"), 1, { ADDR("a@b") } },
	{ STR("N <a@b>"), 1, { NAMED("N", "a@b") } },
	{ STR("John Q. Public <a@b>"), 1, { NAMED("John Q. Public", "a@b") } },
	{ STR("\"Doe, J.\" <a@b>, c@d"), 2,
	    { NAMED("Doe, J.", "a@b"), ADDR("c@d") } },
	{ STR("\"a\\\"b\\\\c\" <a@b>"), 1, { NAMED("a\"b\\c", "a@b") } },
	{ STR("\"a\" \"b\" c <a@b>"), 1, { NAMED("a b c", "a@b") } },
	{ STR("\"a\r\n b\" <a@b>"), 1, { NAMED("a b", "a@b") } },
	{ STR("\"a\\\nb\" <a@b>"), 1, { NAMED("ab", "a@b") } },
	{ STR("=?utf-8?q?x?= <a@b>"), 1, { NAMED("=?utf-8?q?x?=", "a@b") } },
	{ STR("J\xc3\xb6rg <a@b>"), 1, { NAMED("J\xc3\xb6rg", "a@b") } },
	{ STR("J\xf6rg <a@b>"), 1, { NAMED("J\xf6rg", "a@b") } },
	{ STR("a@b (comment)"), 1, { ADDR("a@b") } },
	{ STR("(x)a(y)@(z)b(w)"), 1, { ADDR("a@b") } },
	{ STR("a (x(y)z) . b @ c . d"), 1, { ADDR("a.b@c.d") } },
	{ STR("N(x)<(y)a@b(z)>(w)"), 1, { NAMED("N", "a@b") } },
	{ STR("a.b.c@d"), 1, { ADDR("a.b.c@d") } },
	{ STR("\"a b\"@c"), 1, { ADDR("\"a b\"@c") } },
	{ STR("\"ab\"@c"), 1, { ADDR("ab@c") } },
	{ STR("\"a\".b@c"), 1, { ADDR("a.b@c") } },
	{ STR("\"\"@c"), 1, { ADDR("\"\"@c") } },
	{ STR("\"a@b\"@c"), 1, { ADDR("\"a@b\"@c") } },
	{ STR("a@b."), 1, { ADDR("a@b") } },
	{ STR("a@[192.0.2.1]"), 1, { ADDR("a@[192.0.2.1]") } },
	{ STR("a@[ 192.0.2.1 ]"), 1, { ADDR("a@[192.0.2.1]") } },
	{ STR("a@[IPv6:2001:db8::1]"), 1, { ADDR("a@[IPv6:2001:db8::1]") } },
	{ STR("a@b_c.example"), 1, { ADDR("a@b_c.example") } },
	{ STR("\xc3\xa4@\xc3\xb6.example"), 1,
	    { ADDR("\xc3\xa4@\xc3\xb6.example") } },
	{ STR("<@r1,@r2:a@b>"), 1, { ADDR("a@b") } },
	{ STR("N <,@r1,,@r2 : a@b>"), 1, { NAMED("N", "a@b") } },
	/* groups */
	{ STR("undisclosed-recipients:;"), 0, { { { NULL, 0 } } } },
	{ STR("g:a@b,c@d;"), 2, { ADDR("a@b"), ADDR("c@d") } },
	{ STR("g: a@b; , \"h i\": c@d ;, e@f"), 3,
	    { ADDR("a@b"), ADDR("c@d"), ADDR("e@f") } },
	{ STR("g:;;;a@b"), 1, { ADDR("a@b") } },
	{ STR("g:h:a@b;"), 1, { ADDR("a@b") } },
	{ STR("g:a@b"), 1, { ADDR("a@b") } },
	{ STR("a@b;c@d"), 2, { ADDR("a@b"), ADDR("c@d") } },
	/* what is wrong, and that the next one is found */
	{ STR("<>"), 1, { INVALID("<>") } },
	{ STR("N <>, a@b"), 2, { INVALID("N <>"), ADDR("a@b") } },
	{ STR("foo"), 1, { INVALID("foo") } },
	{ STR("foo, a@b"), 2, { INVALID("foo"), ADDR("a@b") } },
	{ STR("a b@c, d@e"), 2, { INVALID("a b@c"), ADDR("d@e") } },
	{ STR("a..b@c, d@e"), 2, { INVALID("a..b@c"), ADDR("d@e") } },
	{ STR(".a@c"), 1, { INVALID(".a@c") } },
	{ STR("a.@c"), 1, { INVALID("a.@c") } },
	{ STR("@c"), 1, { INVALID("@c") } },
	{ STR("a@"), 1, { INVALID("a@") } },
	{ STR("a@, b@c"), 2, { INVALID("a@"), ADDR("b@c") } },
	{ STR("a@.b"), 1, { INVALID("a@.b") } },
	{ STR("a@b..c"), 1, { INVALID("a@b..c") } },
	{ STR("a@b c@d, e@f"), 2, { INVALID("a@b c@d"), ADDR("e@f") } },
	{ STR("a@b <c@d>, e@f"), 2, { INVALID("a@b <c@d>"), ADDR("e@f") } },
	{ STR("N <a@b, c@d"), 2, { INVALID("N <a@b"), ADDR("c@d") } },
	{ STR("N <a@b> x, c@d"), 2, { INVALID("N <a@b> x"), ADDR("c@d") } },
	{ STR("\"open <a@b>, c@d"), 2,
	    { INVALID("\"open <a@b>"), ADDR("c@d") } },
	{ STR("\"open\\"), 1, { INVALID("\"open\\") } },
	{ STR("a@b (open, c@d"), 2, { INVALID("a@b (open"), ADDR("c@d") } },
	{ STR("(open\\"), 1, { INVALID("(open\\") } },
	{ STR("(open <a@b>"), 1, { INVALID("(open <a@b>") } },
	{ STR("a@[1.2, c@d"), 2, { INVALID("a@[1.2"), ADDR("c@d") } },
	{ STR("a@[1[2]"), 1, { INVALID("a@[1[2]") } },
	{ STR("a@[1\\]"), 1, { INVALID("a@[1\\]") } },
	{ STR(":a@b, c@d"), 2, { INVALID(":a@b"), ADDR("c@d") } },
	{ STR("<@r a@b>"), 1, { INVALID("<@r a@b>") } },
	{ STR("a\0b@c, d@e"), 2, { INVALID("a\0b@c"), ADDR("d@e") } },
	{ STR("\"a\0b\"@c"), 1, { INVALID("\"a\0b\"@c") } },
	{ STR("\"a\\\rb\0\"@c"), 1, { INVALID("\"a\\\rb\0\"@c") } },
	{ STR("\xff@c"), 1, { INVALID("\xff@c") } },
	{ STR("a@\xff, d@e"), 2, { INVALID("a@\xff"), ADDR("d@e") } },
	{ STR("x \"y, z\" w(,) \\,, a@b"), 2,
	    { INVALID("x \"y, z\" w(,) \\,"), ADDR("a@b") } },
	{ STR("\\"), 1, { INVALID("\\") } },
	{ STR(">"), 1, { INVALID(">") } },
};

static void
check_entry(size_t row, const struct address *got, const struct want *want)
{
	check_num(row, "valid", got->valid, !want->bad);
	check_str(row, "text", got->text, want->text);
	check_str(row, "display", got->display, want->display);
	if (!got->valid)
		check_num(
		    row, "parts", got->localpart.len + got->domain.len, 0);
}

static void
test_lists(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct address_list l =
		    address_parse_list(a, exact(a, lists[i].in));

		check_num(i, "entries", l.n, lists[i].n);
		assert_false(l.truncated);
		for (size_t k = 0; k < l.n; k++)
			check_entry(i, &l.v[k], &lists[i].v[k]);
	}
	arena_free(a);
}

static void
test_parts(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct address_list l =
	    address_parse_list(a, S("\"J\" <\"a\\\"b\"@Example.ORG.>"));

	(void)state;
	assert_int_equal(l.n, 1);
	check_str(0, "display", l.v[0].display, S("J"));
	check_str(0, "localpart", l.v[0].localpart, S("a\"b"));
	check_str(0, "domain", l.v[0].domain, S("Example.ORG"));
	check_str(0, "text", l.v[0].text, S("\"a\\\"b\"@Example.ORG"));
	arena_free(a);
}

static const struct {
	struct str in;
	bool ok;
} ones[] = {
	{ STR("a@b"), true },
	{ STR(" N <a@b> "), true },
	{ STR("a@b (c)"), true },
	{ STR("\"\"@b"), true },
	{ STR(""), false },
	{ STR("a"), false },
	{ STR("<>"), false },
	{ STR("a@b,"), false },
	{ STR(",a@b"), false },
	{ STR("a@b;"), false },
	{ STR("a@b, c@d"), false },
	{ STR("g:a@b;"), false },
	{ STR("g:"), false },
	{ STR("<@c:a@b>"), false },
	{ STR("a@b\0"), false },
	{ STR("a@b\nX: y"), false },
};

static void
test_one(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(ones); i++) {
		struct address out;
		bool ok = address_parse_one(a, exact(a, ones[i].in), &out);

		check_num(i, "result", ok, ones[i].ok);
		if (ok)
			check_num(i, "valid", out.valid, true);
	}
	arena_free(a);
}

enum { NO, YES, UTF8 }; /* refused; accepted; accepted with SMTPUTF8 only */

static const struct {
	struct str in;
	int ok;
	struct str localpart, domain, text;
} paths[] = {
	{ STR(""), YES, STR(""), STR(""), STR("") },
	{ STR("a@b"), YES, STR("a"), STR("b"), STR("a@b") },
	{ STR("a.b+c@d.example"), YES, STR("a.b+c"), STR("d.example"),
	    STR("a.b+c@d.example") },
	{ STR("a"), YES, STR("a"), STR(""), STR("a") },
	{ STR("postmaster"), YES, STR("postmaster"), STR(""),
	    STR("postmaster") },
	{ STR("\"\"@example.org"), YES, STR(""), STR("example.org"),
	    STR("\"\"@example.org") },
	{ STR("\"a b\"@c"), YES, STR("a b"), STR("c"), STR("\"a b\"@c") },
	{ STR("\"a\\@\\\"\"@c"), YES, STR("a@\""), STR("c"),
	    STR("\"a@\\\"\"@c") },
	{ STR("\"a.b\"@c"), YES, STR("a.b"), STR("c"), STR("a.b@c") },
	{ STR("\"a b\""), YES, STR("a b"), STR(""), STR("\"a b\"") },
	{ STR("@r:a@b"), YES, STR("a"), STR("b"), STR("a@b") },
	{ STR("@r,@s.example:a@b"), YES, STR("a"), STR("b"), STR("a@b") },
	{ STR("@[IPv6:::1]:a@b"), YES, STR("a"), STR("b"), STR("a@b") },
	{ STR("a@b."), YES, STR("a"), STR("b"), STR("a@b") },
	{ STR("a@b_c.example"), YES, STR("a"), STR("b_c.example"),
	    STR("a@b_c.example") },
	{ STR("a@[192.0.2.1]"), YES, STR("a"), STR("[192.0.2.1]"),
	    STR("a@[192.0.2.1]") },
	{ STR("a@[IPv6:2001:db8::1]"), YES, STR("a"), STR("[IPv6:2001:db8::1]"),
	    STR("a@[IPv6:2001:db8::1]") },
	{ STR("\xc3\xa4@b"), UTF8, STR("\xc3\xa4"), STR("b"),
	    STR("\xc3\xa4@b") },
	{ STR("a@\xc3\xa4.example"), UTF8, STR("a"), STR("\xc3\xa4.example"),
	    STR("a@\xc3\xa4.example") },
	{ STR("\"\xc3\xa4 \"@b"), UTF8, STR("\xc3\xa4 "), STR("b"),
	    STR("\"\xc3\xa4 \"@b") },
	{ STR("\xe4@b"), NO },
	{ STR("a@"), NO },
	{ STR("@"), NO },
	{ STR("@b"), NO },
	{ STR("a@b@c"), NO },
	{ STR("a b@c"), NO },
	{ STR(" a@c"), NO },
	{ STR("a@c "), NO },
	{ STR("a..b@c"), YES, STR("a..b"), STR("c"), STR("\"a..b\"@c") },
	{ STR(".a@c"), YES, STR(".a"), STR("c"), STR("\".a\"@c") },
	{ STR("a.@c"), YES, STR("a."), STR("c"), STR("\"a.\"@c") },
	{ STR("a@b..c"), NO },
	{ STR("a@b.."), NO },
	{ STR("a@."), NO },
	{ STR("a@-b"), YES, STR("a"), STR("-b"), STR("a@-b") },
	{ STR("a@b-"), YES, STR("a"), STR("b-"), STR("a@b-") },
	{ STR("a@b c"), NO },
	{ STR("a@b(c)"), NO },
	{ STR("(c)a@b"), NO },
	{ STR("<a@b>"), NO },
	{ STR("a,b@c"), NO },
	{ STR("\"a"), NO },
	{ STR("\"a\\"), NO },
	{ STR("\"a\\\""), NO },
	{ STR("\"a\"b@c"), NO },
	{ STR("\"\""), NO },
	{ STR("a@[1.2.3.4"), NO },
	{ STR("a@[]"), NO },
	{ STR("a@1.2]"), NO },
	{ STR("a@[1[2]"), NO },
	{ STR("a@[1 2]"), NO },
	{ STR("a@[1]x"), NO },
	{ STR("@r:"), NO },
	{ STR("@r"), NO },
	{ STR("r:a@b"), NO },
	{ STR("@r,s:a@b"), NO },
	{ STR("a\0@b"), NO },
	{ STR("\"a\0\"@b"), NO },
	{ STR("a\r\n@b"), NO },
	{ STR("a@b\n"), NO },
	{ STR("\"\t\"@b"), NO },
};

static void
test_paths(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			struct address out;
			const char *why = NULL;
			bool ok = address_parse_path(
			    a, exact(a, paths[i].in), utf8 == 1, &out, &why);

			check_num(i, "result", ok,
			    paths[i].ok == YES ||
				(paths[i].ok == UTF8 && utf8 == 1));
			check_num(i, "valid", out.valid, ok);
			check_num(i, "reason", why == NULL, ok);
			if (!ok)
				continue;
			check_str(
			    i, "local", out.localpart, paths[i].localpart);
			check_str(i, "domain", out.domain, paths[i].domain);
			check_str(i, "text", out.text, paths[i].text);
		}
	arena_free(a);
}

static bool
path_ok(struct arena *a, size_t local, size_t labels, size_t label)
{
	struct str path = str_join(a,
	    (struct str[]){ repeat(a, S("l"), local), S("@"),
		repeat(a,
		    str_join(a,
			(struct str[]){ repeat(a, S("d"), label), S(".") }, 2),
		    labels * (label + 1) - 1) },
	    3);
	struct address out;
	const char *why;

	return address_parse_path(a, path, false, &out, &why);
}

static void
test_path_lengths(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	assert_true(path_ok(a, 64, 1, 63));
	assert_true(path_ok(a, 255, 4, 63));
	assert_false(path_ok(a, 256, 1, 10));
	assert_false(path_ok(a, 10, 1, 64));
	assert_false(path_ok(a, 10, 5, 63));
	assert_false(path_ok(a, 1 << 20, 1, 3));
	arena_free(a);
}

static const struct {
	struct str in, out;
} quotes[] = {
	{ STR("a"), STR("a") },
	{ STR("a.b"), STR("a.b") },
	{ STR(""), STR("\"\"") },
	{ STR("a..b"), STR("\"a..b\"") },
	{ STR(".a"), STR("\".a\"") },
	{ STR("a b"), STR("\"a b\"") },
	{ STR("\"\\"), STR("\"\\\"\\\\\"") },
	{ STR("a\r\nb\0"), STR("\"a??b?\"") },
	{ STR("\xc3\xa4"), STR("\xc3\xa4") },
};

static void
test_quotes(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(quotes); i++)
		check_str(i, "quoted",
		    address_quote_localpart(a, exact(a, quotes[i].in)),
		    quotes[i].out);
	arena_free(a);
}

static void
test_too_many(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct address_list l =
	    address_parse_list(a, repeat(a, S("a@b,"), 40004));

	(void)state;
	assert_int_equal(l.n, 10000);
	assert_true(l.truncated);
	l = address_parse_list(a, repeat(a, S("a@b,"), 40000));
	assert_int_equal(l.n, 10000);
	assert_false(l.truncated);
	arena_free(a);
}

static const struct str hostile[] = {
	STR("g:"),
	STR("a@b,"),
	STR("("),
	STR("()"),
	STR("(\\"),
	STR("\""),
	STR("\"\\"),
	STR("\" \\\" "),
	STR("\\\""),
	STR("<"),
	STR("<@a,"),
	STR("a@["),
	STR("a@[,"),
	STR("a."),
	STR("a "),
	STR("a@b c,("),
	STR("x (\","),
	STR("\0"),
	STR("\xff"),
	STR("=?utf-8?q?=,"),
	STR("a@b.c. "),
};

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new("test", 0);
		struct str s = repeat(a, hostile[i], 1 << 20);
		struct address out;
		const char *why;

		CHECK_FAST(address_parse_list(a, s));
		CHECK_FAST(address_parse_one(a, s, &out));
		CHECK_FAST(address_parse_path(a, s, true, &out, &why));
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_path_lengths),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
