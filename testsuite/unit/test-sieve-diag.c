/*
 * How errors are shown (sieve/diag_print): the line, the caret below the
 * place, and nothing a terminal would obey. And which errors the parser saw.
 */
#include "testsuite/unit/lib-check.h"

#include "sieve/program.h"

/* What is printed below the first error of that script. */
static struct str
below(struct arena *a, struct str text)
{
	struct sieve_errors errors;
	struct str rest, line, out;
	struct buf b;

	sieve_compile(a, text, NULL, &errors);
	assert_true(errors.n > 0);
	errors.n = 1;
	errors.more = false;
	buf_init(&b, SIZE_MAX);
	sieve_errors_print(&errors, S("s"), text, &b);
	rest = buf_str(&b);
	assert_true(str_cut(&rest, '\n', &line));
	out = str_dup(a, rest);
	buf_free(&b);
	return out;
}

static const struct {
	const char *name;
	struct str script, below;
} cases[] = {
	{ "start of a line", STR("keep;\nfrop;\n"), STR("    frop;\n    ^\n") },
	{ "CRLF", STR("keep;\r\n  frop;\r\n"), STR("      frop;\n      ^\n") },
	{ "no line end", STR("frop;"), STR("    frop;\n    ^\n") },
	{ "behind the end", STR("keep"), STR("    keep\n        ^\n") },
	{ "tabs stay", STR("\tkeep \t\"x\";"),
	    STR("    \tkeep \t\"x\";\n    \t     \t^\n") },
	{ "characters, not octets", STR("/* \xc3\xa4\xe2\x82\xac */ frop;"),
	    STR("    /* \xc3\xa4\xe2\x82\xac */ frop;\n             ^\n") },
	{ "escape", STR("/* \x1b[31m */ frop;"),
	    STR("    /* ?[31m */ frop;\n                ^\n") },
	{ "C1", STR("/* \xc2\x9b */ frop;"),
	    STR("    /* ?? */ frop;\n             ^\n") },
	{ "no UTF-8", STR("/* \xff */ frop;"),
	    STR("    /* ? */ frop;\n            ^\n") },
	{ "long, place in front",
	    STR("frop; # 345678901234567890123456789012345678901234567890"
		"1234567890123456789012345"),
	    STR("    frop; # 3456789012345678901234567890123456789012345678"
		"901234567890123456...\n    ^\n") },
	{ "long, place behind",
	    STR("/* 4567890123456789012345678901234567890123456789012345678"
		"901234567890 */ frop; /* 123456789012345678901234567890 */"),
	    STR("    ...78901234567890123456789012345678901234567890 */ "
		"frop; /* 123456789012345...\n"
		"                                                       "
		"^\n") },
};

static void
test_below(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = below(a, cases[i].script);

		if (!str_eq(got, cases[i].below))
			fail_msg("%s:\n%.*swanted:\n%.*s", cases[i].name,
			    STR_ARG(got), STR_ARG(cases[i].below));
	}
	arena_free(a);
}

/* Counts of syntax errors and of others. */
static const struct {
	struct str script;
	size_t syntax, other;
} kinds[] = {
	{ STR("keep"), 1, 0 },
	{ STR("frop;"), 0, 1 },
	{ STR("frop; if true { keep }"), 1, 1 },
	{ STR("if true; { keep; }"), 1, 0 },
	{ STR("keep; { discard; }"), 1, 0 },
	{ STR("if true { } { keep; }"), 1, 0 },
	{ STR("if true { keep; } keep; { frop; } stop \"x\";"), 1, 2 },
	{ STR("{ } { }"), 2, 0 },
};

static void
test_kinds(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct sieve_errors errors;
		size_t syntax = 0;

		sieve_compile(a, kinds[i].script, NULL, &errors);
		for (size_t k = 0; k < errors.n; k++)
			syntax += errors.v[k].syntax;
		if (syntax != kinds[i].syntax ||
		    errors.n - syntax != kinds[i].other)
			fail_msg("%.*s: %zu and %zu", STR_ARG(kinds[i].script),
			    syntax, errors.n - syntax);
	}
	arena_free(a);
}

/* What of the script stands in the message. */
static const struct {
	struct str script, message;
} quotes[] = {
	{ STR("redirect \"\x80\";"), STR("\"?\" is not a valid address") },
	{ STR("redirect \"\x7f\";"), STR("\"?\" is not a valid address") },
	{ STR("redirect \"\x1f\";"), STR("\"?\" is not a valid address") },
	{ STR("redirect \" \";"), STR("\" \" is not a valid address") },
	{ STR("redirect \"\xc3\xa4\";"),
	    STR("\"\xc3\xa4\" is not a valid address") },
	{ STR("redirect "
	      "\"123456789012345678901234567890123456789012345678901234"
	      "567890\";"),
	    STR("\"12345678901234567890123456789012345678901234567890123456"
		"7890\" is not a valid address") },
	{ STR("redirect "
	      "\"123456789012345678901234567890123456789012345678901234"
	      "5678901\";"),
	    STR("\"12345678901234567890123456789012345678901234567890123456"
		"7...\" is not a valid address") },
	{ STR("redirect \"12345678901234567890123456789012345678901234567890123"
	      "456\xc3\xa4"
	      "8901\";"),
	    STR("\"12345678901234567890123456789012345678901234567890123456"
		"...\" is not a valid address") },
};

static void
test_quotes(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_errors errors;

	(void)state;
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		sieve_compile(a, quotes[i].script, NULL, &errors);
		assert_int_equal(errors.n, 1);
		if (!str_eq(errors.v[0].text, quotes[i].message))
			fail_msg("%.*s, wanted %.*s", STR_ARG(errors.v[0].text),
			    STR_ARG(quotes[i].message));
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
