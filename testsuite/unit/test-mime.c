/*
 * Structured values, transfer encodings and the tree of parts (lib/mime).
 */
#include "testsuite/unit/lib-check.h"

#include "lib/mime.h"

static const struct {
	struct str in, main;
	struct {
		struct str name, value;
	} params[4];
	size_t n;
} values[] = {
	{ STR(""), STR(""), { { { NULL, 0 } } }, 0 },
	{ STR(" text/plain"), STR("text/plain"), { { { NULL, 0 } } }, 0 },
	{ STR("Text/HTML; Charset=UTF-8"), STR("text/html"),
	    { { STR("charset"), STR("UTF-8") } }, 1 },
	{ STR("attachment; filename=\"a b.txt\""), STR("attachment"),
	    { { STR("filename"), STR("a b.txt") } }, 1 },
	{ STR("a/b;x=\"a\\\"b\\\\\";y=z"), STR("a/b"),
	    { { STR("x"), STR("a\"b\\") }, { STR("y"), STR("z") } }, 2 },
	{ STR("a/b;\r\n x=1;\r\n\ty=2\r\n"), STR("a/b"),
	    { { STR("x"), STR("1") }, { STR("y"), STR("2") } }, 2 },
	{ STR("(c)a(c)/(c)b(c);(c)x(c)=(c)1(c);y=2"), STR("a/b"),
	    { { STR("x"), STR("1") }, { STR("y"), STR("2") } }, 2 },
	{ STR("a/b; x=1; X=2"), STR("a/b"), { { STR("x"), STR("1") } }, 1 },
	{ STR("a/b; x=a/b=c?d"), STR("a/b"), { { STR("x"), STR("a/b=c?d") } },
	    1 },
	{ STR("a/b; x=;y=1"), STR("a/b"),
	    { { STR("x"), STR("") }, { STR("y"), STR("1") } }, 2 },
	{ STR("a/b; x; y=1"), STR("a/b"), { { STR("y"), STR("1") } }, 1 },
	{ STR("a/b;;;y=1;"), STR("a/b"), { { STR("y"), STR("1") } }, 1 },
	{ STR("a/b junk; y=1"), STR("a/b"), { { STR("y"), STR("1") } }, 1 },
	{ STR("a/b \"x;z=2\"; y=1"), STR("a/b"), { { STR("y"), STR("1") } },
	    1 },
	{ STR("a/; y=1"), STR(""), { { STR("y"), STR("1") } }, 1 },
	{ STR("/b"), STR(""), { { { NULL, 0 } } }, 0 },
	{ STR("\xff;\0=1"), STR(""), { { { NULL, 0 } } }, 0 },
	{ STR("a/b; x=\"open; y=1"), STR("a/b"),
	    { { STR("x"), STR("open; y=1") } }, 1 },
	{ STR("a/b; x=\"open\\"), STR("a/b"), { { STR("x"), STR("open\\") } },
	    1 },
	{ STR("a/b; x=\"a\0b\""), STR("a/b"), { { STR("x"), STR("a\0b") } },
	    1 },
	/* RFC 2231 */
	{ STR("a; x*=utf-8'de'%C3%A4"), STR("a"),
	    { { STR("x"), STR("\xc3\xa4") } }, 1 },
	{ STR("a; x*=iso-8859-1''%E4"), STR("a"),
	    { { STR("x"), STR("\xc3\xa4") } }, 1 },
	{ STR("a; x*=x-none''%E4"), STR("a"), { { STR("x"), STR("\xe4") } },
	    1 },
	{ STR("a; x*=%41%zz%4"), STR("a"), { { STR("x"), STR("A%zz%4") } }, 1 },
	{ STR("a; x*=utf-8''a%00%0D%0A"), STR("a"),
	    { { STR("x"), STR("a\0\r\n") } }, 1 },
	{ STR("a; x*0=ab; x*1=\"cd\""), STR("a"), { { STR("x"), STR("abcd") } },
	    1 },
	{ STR("a; x*1=cd; y=1; x*0=ab"), STR("a"),
	    { { STR("x"), STR("abcd") }, { STR("y"), STR("1") } }, 2 },
	{ STR("a; x*0*=utf-8''%C3; x*1*=%A4; x*2=%41"), STR("a"),
	    { { STR("x"), STR("\xc3\xa4%41") } }, 1 },
	{ STR("a; x*0=a; x*2=c"), STR("a"), { { STR("x"), STR("a") } }, 1 },
	{ STR("a; x*1=b; y=1"), STR("a"), { { STR("y"), STR("1") } }, 1 },
	{ STR("a; x=old; x*=utf-8''new"), STR("a"),
	    { { STR("x"), STR("new") } }, 1 },
	{ STR("a; x*0=new; x=old"), STR("a"), { { STR("x"), STR("new") } }, 1 },
	{ STR("a; x*999=a; x*0=b"), STR("a"),
	    { { STR("x*999"), STR("a") }, { STR("x"), STR("b") } }, 2 },
};

static void
test_values(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct mime_value v =
		    mime_parse_value(a, exact(a, values[i].in));

		check_str(i, "main", v.main, values[i].main);
		check_num(i, "params", v.nparams, values[i].n);
		for (size_t k = 0; k < v.nparams; k++) {
			check_str(i, "name", v.params[k].name,
			    values[i].params[k].name);
			check_str(i, "value", v.params[k].value,
			    values[i].params[k].value);
		}
	}
	arena_free(a);
}

static void
test_many_params(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct buf b;
	struct mime_value v;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_adds(&b, S("a/b"));
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "; p%d=%d", i, i);
	v = mime_parse_value(a, buf_str(&b));
	assert_int_equal(v.nparams, 100);
	check_str(0, "p99", mime_param(&v, S("P99")), S("99"));
	assert_null(mime_param(&v, S("p100")).p);
	buf_free(&b);
	arena_free(a);
}

static const struct {
	enum mime_encoding encoding;
	struct str in, out;
} bodies[] = {
	{ MIME_IDENTITY, STR("a=20\n"), STR("a=20\n") },
	{ MIME_BASE64, STR("YWJj\r\nZGVm\r\n"), STR("abcdef") },
	{ MIME_QUOTED_PRINTABLE, STR(""), STR("") },
	{ MIME_QUOTED_PRINTABLE, STR("a=20b"), STR("a b") },
	{ MIME_QUOTED_PRINTABLE, STR("a=e4=E4"), STR("a\xe4\xe4") },
	{ MIME_QUOTED_PRINTABLE, STR("a=\nb=\r\nc"), STR("abc") },
	{ MIME_QUOTED_PRINTABLE, STR("a= \t\r\nb"), STR("ab") },
	{ MIME_QUOTED_PRINTABLE, STR("a  \nb \t\r\nc  "), STR("a\nb\r\nc") },
	{ MIME_QUOTED_PRINTABLE, STR("a  b"), STR("a  b") },
	{ MIME_QUOTED_PRINTABLE, STR("a=20 \nb"), STR("a \nb") },
	{ MIME_QUOTED_PRINTABLE, STR("a=zz=4"), STR("a=zz=4") },
	{ MIME_QUOTED_PRINTABLE, STR("a="), STR("a") },
	{ MIME_QUOTED_PRINTABLE, STR("a=\r"), STR("a=\r") },
	{ MIME_QUOTED_PRINTABLE, STR("=00\0"), STR("\0\0") },
};

static void
test_bodies(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct str in = exact(a, bodies[i].in);

		check_str(i, "octets",
		    mime_decode(a, in, bodies[i].encoding, 100), bodies[i].out);
		for (size_t max = 0; max < bodies[i].out.len; max++)
			check_str(i, "cut",
			    mime_decode(a, in, bodies[i].encoding, max),
			    str_sub(bodies[i].out, 0, max));
	}
	arena_free(a);
}

struct part {
	uint32_t depth;
	const char *type;
	struct str body;
};

#define MIXED "Content-Type: multipart/mixed; boundary=b\n"
#define ALT   "Content-Type: multipart/alternative; boundary=\"i i\"\n"

static const struct {
	struct str bytes;
	struct part parts[8];
} trees[] = {
	{ STR(""), { { 0, "text/plain", STR("") } } },
	{ STR("\nbody"), { { 0, "text/plain", STR("body") } } },
	{ STR("Content-Type: TEXT/html\n\nx"),
	    { { 0, "text/html", STR("x") } } },
	{ STR("Content-Type: text\n\nx"), { { 0, "text/plain", STR("x") } } },
	{ STR("Content-Type: multipart/mixed\n\n--\n\nx"),
	    { { 0, "multipart/mixed", STR("--\n\nx") } } },
	{ STR(MIXED "\npre\n--b\n\none\n--b\nA: b\n\ntwo\n--b--\npost\n"),
	    { { 0, "multipart/mixed",
		  STR("pre\n--b\n\none\n--b\nA: b\n\ntwo\n--b--\npost\n") },
		{ 1, "text/plain", STR("one") },
		{ 1, "text/plain", STR("two") } } },
	{ STR(MIXED "\r\n--b\r\n\r\none\r\n\r\n--b-- \t\r\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\r\n\r\none\r\n\r\n--b-- \t\r\n") },
		{ 1, "text/plain", STR("one\r\n") } } },
	/* no end: the part goes to the end */
	{ STR(MIXED "\n--b\n\none\n"),
	    { { 0, "multipart/mixed", STR("--b\n\none\n") },
		{ 1, "text/plain", STR("one\n") } } },
	/* a delimiter in a header, and right behind one */
	{ STR(MIXED "\n--b\nA: c\n--b\n--b\n\n--b--"),
	    { { 0, "multipart/mixed", STR("--b\nA: c\n--b\n--b\n\n--b--") },
		{ 1, "text/plain", STR("") }, { 1, "text/plain", STR("") },
		{ 1, "text/plain", STR("") } } },
	/* lines that only look like one */
	{ STR(MIXED "\n--b\n\n--bxx\n--\n --b\n--b-\nx--b\n--b---\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\n\n--bxx\n--\n --b\n--b-\nx--b\n--b---\n") },
		{ 1, "text/plain",
		    STR("--bxx\n--\n --b\n--b-\nx--b\n--b---\n") } } },
	/* nested; the inner one is not closed */
	{ STR(MIXED "\n--b\n" ALT "\n--i i\n\none\n--b\n\ntwo\n--b--\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\n" ALT "\n--i i\n\none\n--b\n\ntwo\n--b--\n") },
		{ 1, "multipart/alternative", STR("--i i\n\none") },
		{ 2, "text/plain", STR("one") },
		{ 1, "text/plain", STR("two") } } },
	/* nested and closed, with an epilogue of its own */
	{ STR(MIXED "\n--b\n" ALT "\n--i i\n\no\n--i i--\nepi\n--b\n\ntwo\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\n" ALT "\n--i i\n\no\n--i i--\nepi\n--b\n\ntwo\n") },
		{ 1, "multipart/alternative", STR("--i i\n\no\n--i i--\nepi") },
		{ 2, "text/plain", STR("o") },
		{ 1, "text/plain", STR("two\n") } } },
	{ STR(MIXED "\n--b\n" ALT "\n--i i\n\no\n--i i--\n--b--\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\n" ALT "\n--i i\n\no\n--i i--\n--b--\n") },
		{ 1, "multipart/alternative", STR("--i i\n\no\n--i i--") },
		{ 2, "text/plain", STR("o") } } },
	/* what stands behind the end is not looked at */
	{ STR(MIXED "\n--b--\n--b\n\nx"),
	    { { 0, "multipart/mixed", STR("--b--\n--b\n\nx") } } },
	/* messages in messages */
	{ STR("Content-Type: message/rfc822\n\nA: b\n\nbody\n"),
	    { { 0, "message/rfc822", STR("A: b\n\nbody\n") },
		{ 1, "text/plain", STR("body\n") } } },
	{ STR(MIXED "\n--b\nContent-Type: message/rfc822\n\n" ALT
		    "\n--i i\n\nx\n--b--\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\nContent-Type: message/rfc822\n\n" ALT
		      "\n--i i\n\nx\n--b--\n") },
		{ 1, "message/rfc822", STR(ALT "\n--i i\n\nx") },
		{ 2, "multipart/alternative", STR("--i i\n\nx") },
		{ 3, "text/plain", STR("x") } } },
	{ STR("Content-Type: message/rfc822\n"
	      "Content-Transfer-Encoding: base64\n\nQTogYgoK"),
	    { { 0, "message/rfc822", STR("QTogYgoK") } } },
	{ STR("Content-Type: message/rfc822\n\nA: b"),
	    { { 0, "message/rfc822", STR("A: b") },
		{ 1, "text/plain", STR("") } } },
	/* RFC 2046 s. 5.1.5 */
	{ STR("Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\n"
	      "x\n--b\nContent-Type: text/plain\n\ny\n--b--\n"),
	    { { 0, "multipart/digest",
		  STR("--b\n\nA: b\n\nx\n--b\nContent-Type: text/plain\n\ny\n"
		      "--b--\n") },
		{ 1, "message/rfc822", STR("A: b\n\nx") },
		{ 2, "text/plain", STR("x") },
		{ 1, "text/plain", STR("y") } } },
	/* the same boundary twice: the inner one takes it */
	{ STR(MIXED "\n--b\n" MIXED "\n--b\n\nx\n--b--\n--b--\n"),
	    { { 0, "multipart/mixed",
		  STR("--b\n" MIXED "\n--b\n\nx\n--b--\n--b--\n") },
		{ 1, "multipart/mixed", STR("--b\n\nx\n--b--") },
		{ 2, "text/plain", STR("x") } } },
	{ STR(MIXED "\n--b\0\n--b\n\nx\0\n--b--"),
	    { { 0, "multipart/mixed", STR("--b\0\n--b\n\nx\0\n--b--") },
		{ 1, "text/plain", STR("x\0") } } },
};

static void
check_tree(size_t i, const struct mime_part *p)
{
	size_t n = 0;

	for (; p != NULL; p = p->next, n++) {
		const struct part *want = &trees[i].parts[n];
		char type[64];

		if (want->type == NULL)
			fail_msg("row %zu: more than %zu parts", i, n);
		snprintf(type, sizeof(type), "%.*s/%.*s", STR_ARG(p->type),
		    STR_ARG(p->subtype));
		check_str(i, "type", str_c(type), str_c(want->type));
		check_num(i, "depth", p->depth, want->depth);
		check_str(i, "body", p->body, want->body);
		check_num(i, "parent", p->parent == NULL, n == 0);
	}
	if (trees[i].parts[n].type != NULL)
		fail_msg("row %zu: only %zu parts", i, n);
}

static void
test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(trees); i++) {
		struct arena *a = arena_new("test", 0);
		struct arena *scratch = arena_new("scratch", 0);
		struct message *m =
		    message_open(a, exact(a, trees[i].bytes), 0, NULL);
		const struct mime_part *p = mime_parts(scratch, m);

		/* cached, and not in the arena that was lent */
		arena_free(scratch);
		assert_ptr_equal(mime_parts(NULL, m), p);
		check_tree(i, p);
		arena_free(a);
	}
}

static void
test_part(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct message *m = message_open(a,
	    S(MIXED "\n--b\nContent-Type: text/plain; charset=iso-8859-1\n"
		    "Content-Transfer-Encoding: Quoted-Printable (x)\n"
		    "X-A:\n\n=E4=\nb\n--b\n\n\xc3\xa4\xff\n--b\n"
		    "Content-Type: text/plain; charset=x-none\n\n\xe4\n--b\n"
		    "Content-Type: image/png; charset=utf-16\n"
		    "content-transfer-encoding: base64\n\nYWI=\n--b--\n"),
	    0, NULL);
	const struct mime_part *p = mime_parts(a, m)->next;

	(void)state;
	assert_int_equal(p->encoding, MIME_QUOTED_PRINTABLE);
	check_str(0, "text", mime_text(a, p, 100),
	    S("\xc3\xa4"
	      "b"));
	check_str(0, "cut", mime_text(a, p, 1), S(""));
	check_str(0, "header", mime_header(p, S("x-a")), S(""));
	assert_non_null(mime_header(p, S("x-a")).p);
	assert_null(mime_header(p, S("x-b")).p);
	p = p->next;
	check_str(1, "text", mime_text(a, p, 100), S("\xc3\xa4\xef\xbf\xbd"));
	p = p->next;
	check_str(2, "text", mime_text(a, p, 100), S("\xe4"));
	p = p->next;
	check_str(3, "octets", mime_text(a, p, 100), S("ab"));
	check_str(3, "cut", mime_text(a, p, 1), S("a"));
	assert_null(p->next);
	arena_free(a);
}

/* Parts, and how deep the deepest is. */
static size_t
count_parts(struct arena *a, struct str bytes,
    const struct message_limits *limits, uint32_t *deepest)
{
	const struct mime_part *p =
	    mime_parts(a, message_open(a, bytes, 0, limits));
	size_t n = 0;

	for (*deepest = 0; p != NULL; p = p->next, n++)
		if (p->depth > *deepest)
			*deepest = p->depth;
	return n;
}

static struct str
nest(struct arena *a, int levels)
{
	struct buf b;
	struct str s;

	buf_init(&b, 16 << 20);
	for (int i = 0; i < levels; i++)
		buf_printf(&b,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
		    i);
	for (int i = levels - 1; i >= 0; i--)
		buf_printf(&b, "\nx\n--b%d--\n", i);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
test_limits(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct message_limits l = message_limits_default;
	struct str many = str_join(a,
	    (struct str[]){ S(MIXED "\n"), repeat(a, S("--b\n\n"), 50000) }, 2);
	uint32_t deepest;

	(void)state;
	assert_int_equal(count_parts(a, nest(a, 5), NULL, &deepest), 6);
	assert_int_equal(count_parts(a, nest(a, 100), NULL, &deepest), 33);
	assert_int_equal(deepest, 32);
	assert_int_equal(count_parts(a, many, NULL, &deepest), 1000);
	l.mime_depth = 0;
	l.mime_parts = 0;
	assert_int_equal(count_parts(a, many, &l, &deepest), 1);
	l.mime_depth = 1;
	l.mime_parts = 3;
	assert_int_equal(count_parts(a, nest(a, 3), &l, &deepest), 2);
	assert_int_equal(count_parts(a, many, &l, &deepest), 3);
	arena_free(a);
}

static const struct str hostile[] = {
	STR("--b\n"),
	STR("--b\n\n"),
	STR("--b--\n"),
	STR("--\n"),
	STR("--b "),
	STR("\n"),
	STR("--b\n" MIXED "\n"),
	STR("--b\nContent-Type: message/rfc822\n\n"),
	STR("Content-Type: message/rfc822\n\n"),
	STR("--b\n" ALT "\n--i i\n"),
	STR("--b\nContent-Type: a/b;x*0*=a;x*0*=b;"),
	STR("Content-Type: a/b;(\"="),
	STR("--b\n" MIXED "\n--b\nA:"),
};

static void
test_hostile(void **state)
{
	uint32_t deepest;

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new("test", 0);
		struct str s = str_join(a,
		    (struct str[]){
			S(MIXED "\n"), repeat(a, hostile[i], 1 << 20) },
		    2);

		CHECK_FAST(count_parts(a, s, NULL, &deepest));
		arena_free(a);
	}
}

static const struct str encoded[] = {
	STR(" "),
	STR("= "),
	STR("="),
	STR("=\t\r"),
	STR("A"),
	STR("\0"),
};

static void
test_hostile_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(encoded); i++) {
		struct arena *a = arena_new("test", 0);
		struct str s = str_join(a,
		    (struct str[]){ repeat(a, encoded[i], 1 << 20), S("\nx") },
		    2);

		CHECK_FAST(mime_decode(a, s, MIME_QUOTED_PRINTABLE, SIZE_MAX));
		CHECK_FAST(mime_decode(a, s, MIME_BASE64, SIZE_MAX));
		arena_free(a);
	}
}

/* 32 open boundaries of 1000 octets and a body of lines that resemble them */
static void
test_deep_stack(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str name = repeat(a, S("x"), 1000);
	struct buf b;
	uint32_t deepest;

	(void)state;
	buf_init(&b, 16 << 20);
	for (int i = 0; i < 32; i++)
		buf_printf(&b,
		    "Content-Type: multipart/mixed; boundary=%.*s%02d\n\n"
		    "--%.*s%02d\n",
		    STR_ARG(name), i, STR_ARG(name), i);
	for (int i = 0; i < 4000; i++)
		buf_printf(&b, "--%.*s99\n", STR_ARG(name));
	CHECK_FAST(count_parts(a, buf_str(&b), NULL, &deepest));
	assert_int_equal(deepest, 32);
	buf_free(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many_params),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_part),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_hostile_bodies),
		cmocka_unit_test(test_deep_stack),
	};

	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
