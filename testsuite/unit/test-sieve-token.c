/*
 * The lexical level of Sieve (sieve/token): each row is a text and its tokens
 * as words: names as they are, :tag, #number, "string", punctuation; and
 * "!line:column" for each error, at the end.
 */
#include "testsuite/unit/lib-check.h"

#include <inttypes.h>

#include "sieve/token.h"

static const struct {
	struct str text;
	const char *want;
} rows[] = {
	{ STR(""), "" },
	{ STR(" \t\r\n\n "), "" },
	{ STR("if true{keep;}"), "if true { keep ; }" },
	{ STR("IF _a1 a_2"), "IF _a1 a_2" },
	{ STR(":is:CONTAINS :_x"), ":is :CONTAINS :_x" },
	{ STR("0 1k 2K 3m 4M 1g 10G"),
	    "#0 #1024 #2048 #3145728 #4194304 #1073741824 #10737418240" },
	{ STR("18446744073709551615 18446744073709551616"),
	    "#18446744073709551615 #0 !1:22" },
	{ STR("18014398509481983K 18014398509481984K"),
	    "#18446744073709550592 #0 !1:20" },
	{ STR("12a 12kk 5_"), "#0 #0 #0 !1:1 !1:5 !1:10" },
	{ STR("1 k"), "#1 k" },
	{ STR("\"\" \"a\" \"\\\"\" \"\\\\\" \"\\a\\?\""),
	    "\"\" \"a\" \"\"\" \"\\\" \"a?\"" },
	{ STR("\"a\nb\" \"a\r\nb\""), "\"a\r\nb\" \"a\r\nb\"" },
	{ STR("\"a\\\nb\""), "\"a\r\nb\"" },
	{ STR("x \"abc"), "x \"\" !1:3" },
	{ STR("\""), "\"\" !1:1" },
	{ STR("\"\\"), "\"\" !1:1" },
	{ STR("\"\\\""), "\"\" !1:1" },
	{ STR("text:\n.\n;"), "\"\" ;" },
	{ STR("text:\na\n.\n;"), "\"a\r\n\" ;" },
	{ STR("TEXT: \t#x\r\na\r\n.\r\n;"), "\"a\r\n\" ;" },
	{ STR("text:\n..\n.x\n..y\n. \n.\n"), "\".\r\n.x\r\n.y\r\n. \r\n\"" },
	{ STR("text:\n\n\n.\n"), "\"\r\n\r\n\"" },
	{ STR("text:\na\n."), "\"a\r\n\"" },
	{ STR("text:\na"), "\"\" !1:1" },
	{ STR("text:"), "\"\" !1:1" },
	{ STR("text:#"), "\"\" !1:1" },
	{ STR("text: x"), "\"\" x !1:1" },
	{ STR("text text :x"), "text text :x" },
	{ STR("# a\nb # c"), "b" },
	{ STR("a/**/b/***/c/* * / */d/*/*/e"), "a b c d e" },
	{ STR("/* \"x\n*/ a"), "a" },
	{ STR("/* x"), "!1:1" },
	{ STR("a /*/"), "a !1:3" },
	{ STR("a / b"), "a b !1:3" },
	{ STR("a == b"), "a b !1:3" },
	{ STR("a\n  : b"), "a b !2:3" },
	{ STR("-1 a-b"), "#1 a b !1:1 !1:5" },
	{ STR("a\x80\x81 b"), "a b !1:2" },
	{ STR("\xef\xbb\xbfkeep;"), "keep ;" },
	{ STR("a\rb"), "a b !1:2" },
	{ STR("\"a\rb\""), "\"a\rb\" !1:3" },
	{ STR("{}[](),;"), "{ } [ ] ( ) , ;" },
};

static void
show(struct buf *b, const struct token *t)
{
	if (b->len > 0)
		buf_addc(b, ' ');
	if (t->kind == TOKEN_NUMBER)
		buf_printf(b, "#%" PRIu64, t->number);
	else if (t->kind == TOKEN_PUNCT)
		buf_addc(b, t->punct);
	else {
		if (t->kind == TOKEN_TAG)
			buf_addc(b, ':');
		if (t->kind == TOKEN_STRING)
			buf_addc(b, '"');
		buf_adds(b, t->text);
		if (t->kind == TOKEN_STRING)
			buf_addc(b, '"');
	}
}

static void
lex(struct arena *a, struct str text, struct buf *out)
{
	struct sieve_errors errors;
	struct diag diag;
	struct lexer lx;
	struct token t;

	diag_init(&diag, a, &errors, 50);
	if (lexer_init(&lx, a, &diag, &sieve_limits_default, text))
		for (lexer_next(&lx, &t); t.kind != TOKEN_END;
		     lexer_next(&lx, &t))
			show(out, &t);
	for (size_t i = 0; i < errors.n; i++)
		buf_printf(out, "%s!%u:%u", out->len > 0 ? " " : "",
		    errors.v[i].line, errors.v[i].column);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new("test", 0);
		struct buf b;

		buf_init(&b, 4096);
		lex(a, exact(a, rows[i].text), &b);
		check_str(i, "tokens", buf_str(&b), str_c(rows[i].want));
		buf_free(&b);
		arena_free(a);
	}
}

static void
test_nul(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	lex(a, S("keep;\n \"\0\""), &b);
	check_str(0, "tokens", buf_str(&b), S("!2:3"));
	buf_free(&b);
	arena_free(a);
}

static void
test_places(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_errors errors;
	struct diag diag;
	struct lexer lx;
	struct token t;
	static const struct place want[] = { { 1, 1 }, { 2, 3 }, { 4, 3 },
		{ 4, 4 } };

	(void)state;
	diag_init(&diag, a, &errors, 50);
	lexer_init(&lx, a, &diag, &sieve_limits_default,
	    S("a\r\n  \"x\r\ny\"\r\n\t b;"));
	for (size_t i = 0; i < COUNT(want); i++) {
		lexer_next(&lx, &t);
		check_num(i, "line", t.at.line, want[i].line);
		check_num(i, "column", t.at.column, want[i].column);
	}
	arena_free(a);
}

static void
test_long_string(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_limits limits = { .string_bytes = 3 };
	struct sieve_errors errors;
	struct diag diag;
	struct lexer lx;
	struct token t;

	(void)state;
	diag_init(&diag, a, &errors, 50);
	lexer_init(
	    &lx, a, &diag, &limits, S("\"abc\" \"abcd\" text:\nab\n.\n"));
	do
		lexer_next(&lx, &t);
	while (t.kind != TOKEN_END);
	check_num(0, "errors", errors.n, 2);
	check_num(0, "column", errors.v[0].column, 7);
	check_num(1, "column", errors.v[1].column, 14);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_long_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
