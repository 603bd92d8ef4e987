/*
 * Fields, folds and limits of message headers (lib/rfc5322, lib/message).
 */
#include "testsuite/unit/lib-check.h"

#include "lib/message.h"
#include "lib/rfc5322.h"

struct item {
	enum rfc5322_item item;
	struct str name, value;
};

#define FIELD(n, v)                                                            \
	{                                                                      \
		RFC5322_FIELD, STR(n), STR(v)                                  \
	}
#define JUNK(v)                                                                \
	{                                                                      \
		RFC5322_JUNK, { NULL, 0 }, STR(v)                              \
	}
#define BODY                                                                   \
	{                                                                      \
		RFC5322_BODY, { NULL, 0 },                                     \
		{                                                              \
			NULL, 0                                                \
		}                                                              \
	}
#define END                                                                    \
	{                                                                      \
		RFC5322_END, { NULL, 0 },                                      \
		{                                                              \
			NULL, 0                                                \
		}                                                              \
	}

static const struct {
	struct str bytes;
	struct item items[6];
	size_t at; /* when the last item was read */
} items[] = {
	{ STR(""), { END }, 0 },
	{ STR("\n"), { BODY }, 1 },
	{ STR("\r\n"), { BODY }, 2 },
	{ STR("\r"), { JUNK("\r"), END }, 1 },
	{ STR("\r\r\nA: b\n"), { JUNK("\r"), FIELD("A", " b"), END }, 8 },
	{ STR("A: b"), { FIELD("A", " b"), END }, 4 },
	{ STR("A: b\n\nC: d\n"), { FIELD("A", " b"), BODY }, 6 },
	{ STR("A: b\r\n\r\nx"), { FIELD("A", " b"), BODY }, 8 },
	{ STR("A:b\r\nC:d\nE:\n\n"),
	    { FIELD("A", "b"), FIELD("C", "d"), FIELD("E", ""), BODY }, 13 },
	{ STR("A: b\r\n c\n\td\r\n\n"), { FIELD("A", " b\r\n c\n\td"), BODY },
	    14 },
	{ STR("A: b\n \n c\n\n"), { FIELD("A", " b\n \n c"), BODY }, 11 },
	{ STR("A \t: b\n"), { FIELD("A", " b"), END }, 7 },
	{ STR("From x@y Mon 10:00\nA: b\n"),
	    { JUNK("From x@y Mon 10:00"), FIELD("A", " b"), END }, 24 },
	{ STR(">From x\n more\nA: b\n"),
	    { JUNK(">From x\n more"), FIELD("A", " b"), END }, 19 },
	{ STR(" lost\nA: b\n"), { JUNK(" lost"), FIELD("A", " b"), END }, 11 },
	{ STR(": v\nA:\n"), { JUNK(": v"), FIELD("A", ""), END }, 7 },
	{ STR("no colon\nA: b\n"), { JUNK("no colon"), FIELD("A", " b"), END },
	    14 },
	{ STR("no\n x: y\nA: b\n"),
	    { JUNK("no\n x: y"), FIELD("A", " b"), END }, 14 },
	{ STR("A\0B: c\nD: \0\n"), { JUNK("A\0B: c"), FIELD("D", " \0"), END },
	    12 },
	{ STR("\xc3\xa4: c\n"), { JUNK("\xc3\xa4: c"), END }, 6 },
	{ STR("A: b\rC: d\n"), { FIELD("A", " b\rC: d"), END }, 10 },
	{ STR("A: b\n\r\nC"), { FIELD("A", " b"), BODY }, 7 },
	{ STR("A: b\n "), { FIELD("A", " b\n "), END }, 6 },
	{ STR("A: b\r"), { FIELD("A", " b\r"), END }, 5 },
};

static void
test_items(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(items); i++) {
		struct str name = { NULL, 0 }, value = { NULL, 0 };
		size_t at = 0, n = 0;
		enum rfc5322_item item;

		do {
			const struct item *want = &items[i].items[n++];

			item = rfc5322_next(items[i].bytes, &at, &name, &value);
			check_num(i, "item", item, want->item);
			if (item == RFC5322_FIELD)
				check_str(i, "name", name, want->name);
			if (item == RFC5322_FIELD || item == RFC5322_JUNK)
				check_str(i, "value", value, want->value);
		} while (item != RFC5322_BODY && item != RFC5322_END);
		check_num(i, "offset", at, items[i].at);
	}
}

static const struct {
	struct str s;
	size_t from, to, comment;
} cfws[] = {
	{ STR(""), 0, 0, 0 },
	{ STR("a"), 0, 0, 0 },
	{ STR(" \t\r\n a"), 0, 5, 0 },
	{ STR("(c)a"), 0, 3, 3 },
	{ STR("(c(d)e) (f)a"), 0, 11, 7 },
	{ STR("(\\))a"), 0, 4, 4 },
	{ STR("(\\"), 0, 2, 0 },
	{ STR("(a"), 0, 2, 0 },
	{ STR("((a)"), 0, 4, 0 },
	{ STR("x (a) y"), 1, 6, 0 },
	{ STR(")"), 0, 0, 0 },
	{ STR("(\0)\0"), 0, 3, 3 },
};

static void
test_cfws(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str deep = repeat(a, S("("), 1 << 20);

	(void)state;
	for (size_t i = 0; i < COUNT(cfws); i++) {
		struct str s = exact(a, cfws[i].s);

		check_num(i, "offset", rfc5322_skip_cfws(s, cfws[i].from),
		    cfws[i].to);
		if (s.len > 0 && s.p[0] == '(')
			check_num(i, "comment", rfc5322_skip_comment(s, 0),
			    cfws[i].comment);
	}
	assert_int_equal(rfc5322_skip_cfws(deep, 0), deep.len);
	for (size_t n = 1000; n <= 1001; n++) {
		struct str nested = str_join(a,
		    (struct str[]){
			repeat(a, S("("), n), repeat(a, S(")"), n) },
		    2);

		assert_int_equal(rfc5322_skip_comment(nested, 0),
		    n == 1000 ? nested.len : 0);
	}
	arena_free(a);
}

static void
test_names(void **state)
{
	(void)state;
	assert_true(rfc5322_is_field_name(S("X-Spam.Flag!")));
	assert_false(rfc5322_is_field_name(S("")));
	assert_false(rfc5322_is_field_name(S("a b")));
	assert_false(rfc5322_is_field_name(S("a:")));
	assert_false(rfc5322_is_field_name(S("a\0")));
	assert_false(rfc5322_is_field_name(S("\x7f")));
	assert_false(rfc5322_is_field_name(S("\xe4")));
	for (int c = -128; c < 256; c++)
		if (rfc5322_is_atext((char)c) !=
		    (c > 32 && c < 127 && strchr("()<>[]:;@\\,.\"", c) == NULL))
			fail_msg("atext %d", c);
}

static const char sample[] = "Received: one\r\n"
			     "From x@y Mon 10:00\n"
			     "Subject : a\r\n b\n"
			     "received: two\n"
			     "garbage\n and more\n"
			     "RECEIVED: three\r\n"
			     "X-Empty:\n"
			     "\r\n"
			     "body\nmore\r\n";

static void
test_index(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct message *m = message_open(a, str_c(sample), 0, NULL);
	uint32_t i;

	(void)state;
	assert_int_equal(message_nfields(m), 5);
	i = message_find(m, S("rEceived"));
	assert_int_equal(i, 0);
	i = message_field(m, i)->next;
	check_str(1, "value", message_field(m, i)->value, S(" two"));
	i = message_field(m, i)->next;
	check_str(2, "value", message_field(m, i)->value, S(" three"));
	assert_int_equal(message_field(m, i)->next, MESSAGE_NONE);
	i = message_find(m, S("subject"));
	check_str(3, "name", message_field(m, i)->name, S("Subject"));
	check_str(
	    3, "unfolded", header_unfold(a, m, message_field(m, i)), S("a b"));
	assert_int_equal(message_find(m, S("x-none")), MESSAGE_NONE);
	assert_int_equal(message_find(m, S("")), MESSAGE_NONE);
	check_str(4, "body", message_body(m), S("body\nmore\r\n"));
	check_str(5, "bytes", message_bytes(m), str_c(sample));
	assert_int_equal(message_octets(m), sizeof(sample) - 1 + 7);
	assert_false(message_truncated(m));
	assert_int_equal(message_limits(m)->fields, 2000);
	arena_free(a);
}

static void
test_edges(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct message *m = message_open(a, (struct str){ NULL, 0 }, 0, NULL);

	(void)state;
	assert_int_equal(message_nfields(m), 0);
	assert_int_equal(message_octets(m), 0);
	assert_int_equal(message_body(m).len, 0);
	assert_int_equal(message_find(m, S("a")), MESSAGE_NONE);
	m = message_open(a, S("A: b\nno empty line\n"), 77, NULL);
	assert_int_equal(message_nfields(m), 1);
	assert_int_equal(message_body(m).len, 0);
	assert_int_equal(message_octets(m), 77);
	m = message_open(a, S("\nA: b\n"), 0, NULL);
	assert_int_equal(message_nfields(m), 0);
	check_str(0, "body", message_body(m), S("A: b\n"));
	assert_int_equal(message_octets(m), 8);
	arena_free(a);
}

static void
test_limits(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct message_limits l = message_limits_default;
	struct str bytes = S("A: 1\nB: 2\nC: 0123456789\n\nbody");
	struct message *m;

	(void)state;
	l.fields = 2;
	m = message_open(a, bytes, 0, &l);
	assert_int_equal(message_nfields(m), 2);
	assert_true(message_truncated(m));
	check_str(0, "body", message_body(m), S("body"));
	l.fields = 3;
	assert_false(message_truncated(message_open(a, bytes, 0, &l)));
	l.fields = 0;
	m = message_open(a, bytes, 0, &l);
	assert_int_equal(message_find(m, S("a")), MESSAGE_NONE);
	l.fields = 100;
	l.header_bytes = 10;
	m = message_open(a, bytes, 0, &l);
	assert_int_equal(message_nfields(m), 2);
	assert_true(message_truncated(m));
	check_str(1, "body", message_body(m), S("body"));
	l.header_bytes = 1000;
	l.value_bytes = 4;
	m = message_open(a, bytes, 0, &l);
	check_str(
	    2, "cut", header_unfold(a, m, message_field(m, 2)), S("0123"));
	arena_free(a);
}

static const struct {
	struct str raw, unfolded, decoded;
} values[] = {
	{ STR(" a"), STR("a"), STR("a") },
	{ STR(""), STR(""), STR("") },
	{ STR(" \r\n \r\n "), STR(""), STR("") },
	{ STR(" a\n b\r\n\tc"), STR("a b\tc"), STR("a b\tc") },
	{ STR(" a\n \n b"), STR("a  b"), STR("a  b") },
	{ STR(" a\rb\n c"), STR("a\rb c"), STR("a\rb c") },
	{ STR(" a\r\r\n b"), STR("a\r b"), STR("a\r b") },
	{ STR(" a\0b \n"), STR("a\0b"), STR("a\0b") },
	{ STR(" raw \xe4\xff"), STR("raw \xe4\xff"), STR("raw \xe4\xff") },
	{ STR(" =?utf-8?q?=C3=A4?="), STR("=?utf-8?q?=C3=A4?="),
	    STR("\xc3\xa4") },
	{ STR(" =?utf-8?q?=C3?=\r\n =?utf-8?q?=A4?="),
	    STR("=?utf-8?q?=C3?= =?utf-8?q?=A4?="), STR("\xc3\xa4") },
	{ STR(" =?utf-8?q?=00=0D=0Ax?="), STR("=?utf-8?q?=00=0D=0Ax?="),
	    STR("\0\r\nx") },
	{ STR(" a =? b"), STR("a =? b"), STR("a =? b") },
};

static void
test_values(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct header_field f = { .value = exact(a, values[i].raw) };
		struct message *m = message_open(a, S(""), 0, NULL);

		check_str(
		    i, "unfolded", header_unfold(a, m, &f), values[i].unfolded);
		check_str(
		    i, "decoded", header_decode(a, m, &f), values[i].decoded);
	}
	arena_free(a);
}

/* Many names in one table: each is found, none is found twice. */
static void
test_many(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct buf b;
	struct message *m;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 4000; i++)
		buf_printf(&b, "X-%d: %d\n", i % 1500, i);
	m = message_open(a, buf_str(&b), 0, NULL);
	assert_int_equal(message_nfields(m), 2000);
	for (uint32_t i = 0; i < 1500; i++) {
		struct str name = str_printf(a, "x-%u", i);
		uint32_t k = message_find(m, name);

		check_num(i, "first", k, i);
		check_num(i, "next", message_field(m, k)->next,
		    i < 500 ? i + 1500 : MESSAGE_NONE);
	}
	assert_int_equal(message_find(m, S("x-1500")), MESSAGE_NONE);
	buf_free(&b);
	arena_free(a);
}

static const struct str hostile[] = {
	STR("A: b\n"),
	STR("A"),
	STR("\n "),
	STR("\0"),
	STR(":"),
	STR("A:\n "),
	STR("A:=?utf-8?q?"),
	STR("A: =?\n "),
	STR("A: =?utf-8?q?=C3?=\r\n "),
	STR("\r"),
};

static void
read_all(struct arena *a, struct str bytes)
{
	struct message *m = message_open(a, bytes, 0, NULL);

	for (uint32_t i = 0; i < message_nfields(m); i++)
		header_decode(a, m, message_field(m, i));
	message_octets(m);
}

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new("test", 0);
		struct str s = repeat(a, hostile[i], 1 << 20);

		CHECK_FAST(read_all(a, s));
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_cfws),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
