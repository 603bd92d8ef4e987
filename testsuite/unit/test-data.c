/*
 * test-data: where a message ends and what of it is stored, for line ends
 * of every kind and for any cut of the input.
 */
#include "lmtp/data.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "lib/log.h"

static const struct str trace = STR("T: 1\n\tx\n");

struct outcome {
	size_t end; /* octets used when the end was seen; 0: it was not */
	bool crlf;
	uint64_t octets, wsize;
	size_t trace_len;
	struct buf stored; /* behind the trace lines */
};

/* Cuts may be beyond the input or equal. */
static struct outcome
receive(struct str s, size_t cut1, size_t cut2, size_t memory)
{
	struct txn *t = txn_new(NULL);
	struct outcome o = { .end = 0 };
	size_t to[3] = { cut1, cut2, s.len }, at = 0, used;
	struct spool_facts *f;
	struct data *d;
	struct fail why;
	struct str bytes;

	t->spool = spool_new(AT_FDCWD, memory);
	d = data_new(t, trace, 0);
	for (size_t i = 0; i < 3 && o.end == 0; i++) {
		size_t n = to[i] < s.len ? to[i] : s.len;

		if (n < at)
			continue;
		if (data_push(d, s.p + at, n - at, &used))
			o.end = at + used;
		else
			assert_int_equal(used, n - at);
		at = n;
	}
	assert_null(data_failed(d));
	f = spool_facts(t->spool);
	assert_true(spool_bytes(t->spool, &bytes, &why));
	assert_int_equal(bytes.len, spool_size(t->spool));
	o.crlf = f->crlf;
	o.octets = f->octets;
	o.wsize = f->wsize;
	o.trace_len = f->trace_len;
	buf_init(&o.stored, 1 << 20);
	buf_adds(&o.stored, str_from_offset(bytes, f->trace_len));
	txn_free(t);
	return o;
}

/* --- the end of data --------------------------------------------------- */

static const struct end_case {
	struct str in;
	size_t end; /* 0: never */
} ends[] = {
	/* at the very start */
	{ STR(".\r\n"), 3 },
	{ STR(".\n"), 0 },
	{ STR(".\r"), 0 },
	{ STR(".\r\r\n"), 0 },
	{ STR("..\r\n"), 0 },
	{ STR(".\0\r\n"), 0 },
	{ STR(". \r\n"), 0 },
	{ STR(" .\r\n"), 0 },
	{ STR("\n.\r\n"), 0 },
	{ STR("\r.\r\n"), 0 },
	{ STR("\r\n.\r\n"), 5 },
	{ STR("\0.\r\n"), 0 },
	/* CRLF . x */
	{ STR("a\r\n.\r\n"), 6 },
	{ STR("a\r\n.\n"), 0 },
	{ STR("a\r\n.\r"), 0 },
	{ STR("a\r\n.\n\r"), 0 },
	{ STR("a\r\n.\n\r\n"), 0 },
	{ STR("a\r\n.\r\r\n"), 0 },
	{ STR("a\r\n.\r\r\r\n"), 0 },
	{ STR("a\r\n.\0\r\n"), 0 },
	{ STR("a\r\n.\r\0\n"), 0 },
	{ STR("a\r\n. \r\n"), 0 },
	{ STR("a\r\n.\t\r\n"), 0 },
	{ STR("a\r\n.\v\r\n"), 0 },
	{ STR("a\r\n.\f\n"), 0 },
	{ STR("a\r\n.\x85"), 0 },
	{ STR("a\r\n.\xe2\x80\xa8"), 0 },
	{ STR("a\r\n..\r\n"), 0 },
	{ STR("a\r\n..\n"), 0 },
	/* LF . x */
	{ STR("a\n.\r\n"), 0 },
	{ STR("a\n.\n"), 0 },
	{ STR("a\n.\r"), 0 },
	{ STR("a\n.\n\r"), 0 },
	{ STR("a\n.\n\r\n"), 0 },
	{ STR("a\n.\r\r\n"), 0 },
	{ STR("a\n\n.\n\n"), 0 },
	{ STR("a\n\n.\r\n"), 0 },
	/* CR . x */
	{ STR("a\r.\r\n"), 0 },
	{ STR("a\r.\n"), 0 },
	{ STR("a\r.\r"), 0 },
	{ STR("a\r.\n\r"), 0 },
	{ STR("a\r.\r\r\n"), 0 },
	{ STR("a\r\r.\r\r"), 0 },
	{ STR("a\r\r.\r\n"), 0 },
	/* LF CR . x */
	{ STR("a\n\r.\r\n"), 0 },
	{ STR("a\n\r.\n"), 0 },
	{ STR("a\n\r.\n\r"), 0 },
	{ STR("a\n\r.\r"), 0 },
	/* CR CRLF . x: the line ended with CRLF all the same */
	{ STR("a\r\r\n.\r\n"), 7 },
	{ STR("a\r\r\n.\n"), 0 },
	{ STR("a\r\r\n.\r\r\n"), 0 },
	/* CRLF CR . x, CRLF LF . x */
	{ STR("a\r\n\r.\r\n"), 0 },
	{ STR("a\r\n\r.\n"), 0 },
	{ STR("a\r\n\n.\r\n"), 0 },
	{ STR("a\r\n\n.\n"), 0 },
	{ STR("a\r\n\0.\r\n"), 0 },
	/* NUL and others in the line end before */
	{ STR("a\r\0\n.\r\n"), 0 },
	{ STR("a\0\n.\r\n"), 0 },
	{ STR("a\r\0.\r\n"), 0 },
	{ STR("a\x85.\r\n"), 0 },
	{ STR("a\v.\r\n"), 0 },
	{ STR("a\\r\\n.\\r\\n"), 0 },
	/* a false end, then the true one */
	{ STR("\n.\n\r\n.\r\n"), 8 },
	{ STR("a\n.\r\n.\r\n"), 8 },
	{ STR("\r.\r\r\n.\r\nNOOP\r\n"), 8 },
	{ STR("a\r\n.\n.\r\n.\r\n"), 11 },
	{ STR("a\r\n.\r.\r\n.\r\n"), 11 },
	{ STR("a\r\n.\r\r\n.\r\n"), 10 },
	{ STR("a\r\n..\r\n.\r\n"), 10 },
	{ STR("a\r\n.\r\n.\r\n"), 6 },
	{ STR(".\r\n.\r\n"), 3 },
};

static void
test_ends(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(ends) / sizeof(*ends); k++) {
		struct outcome whole = receive(ends[k].in, 999, 999, 999);

		if (whole.end != ends[k].end)
			fail_msg("case %zu: end %zu, not %zu", k, whole.end,
			    ends[k].end);
		for (size_t i = 0; i <= ends[k].in.len; i++)
			for (size_t j = i; j <= ends[k].in.len; j++) {
				struct outcome o =
				    receive(ends[k].in, i, j, 999);

				if (o.end != whole.end ||
				    !str_eq(buf_str(&o.stored),
					buf_str(&whole.stored)))
					fail_msg("case %zu differs when cut "
						 "at %zu and %zu",
					    k, i, j);
				buf_free(&o.stored);
			}
		buf_free(&whole.stored);
	}
}

/* --- all short inputs against the definition --------------------------- */

/* RFC 5321 s. 4.1.1.4 and 4.5.2 in the simplest way; false: no end. */
static bool
define(struct str in, size_t *end, struct buf *octets)
{
	struct str all[2] = { S("\r\n"), in };
	struct str mark = S("\r\n.\r\n");
	char text[32];
	ssize_t at;

	memcpy(text, all[0].p, 2);
	memcpy(text + 2, in.p, in.len);
	at = str_find(str_from(text, in.len + 2), mark);
	if (at < 0)
		return false;
	*end = (size_t)at + 3;
	for (size_t i = 2; i < (size_t)at + 2; i++)
		if (text[i] != '.' || memcmp(text + i - 2, "\r\n", 2) != 0)
			buf_addc(octets, text[i]);
	return true;
}

static void
expect_defined(struct str in, size_t end, struct str octets, size_t cut)
{
	struct outcome o = receive(in, cut, 999, cut % 2 ? 0 : 999);
	struct buf form;

	buf_init(&form, 64);
	for (size_t i = 0; i < octets.len; i++)
		if (o.crlf || octets.p[i] != '\r')
			buf_addc(&form, octets.p[i]);
	if (o.end != end || o.octets != octets.len ||
	    !str_eq(buf_str(&form), buf_str(&o.stored)))
		fail_msg("differs from the definition, cut %zu: %02x %02x "
			 "%02x %02x %02x %02x",
		    cut, in.p[0], in.p[1], in.p[2], in.p[3], in.p[4], in.p[5]);
	buf_free(&form);
	buf_free(&o.stored);
}

/* Every LF has its CR and every CR its LF. */
static bool
is_clean(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			return false;
		if (s.p[i] == '\r' && (i + 1 == s.len || s.p[i + 1] != '\n'))
			return false;
	}
	return true;
}

static void
test_all_short(void **state)
{
	enum { LEN = 7, FIXED = 5 };
	char in[LEN + FIXED];
	struct buf octets;
	size_t end = 0;

	(void)state;
	buf_init(&octets, 64);
	/* An end is put behind, so that what is stored is seen too. */
	memcpy(in + LEN, "\r\n.\r\n", FIXED);
	for (unsigned k = 0; k < 1U << (2 * LEN); k++) {
		struct outcome o;

		for (unsigned i = 0; i < LEN; i++)
			in[i] = "\r\n.a"[k >> (2 * i) & 3];
		buf_reset(&octets);
		assert_true(define(str_from(in, sizeof(in)), &end, &octets));
		expect_defined(str_from(in, sizeof(in)), end, buf_str(&octets),
		    k % sizeof(in));
		o = receive(str_from(in, sizeof(in)), 999, 999, 999);
		if (o.crlf == is_clean(buf_str(&octets)))
			fail_msg("message %u: wrong form", k);
		buf_free(&o.stored);
	}
	buf_free(&octets);
}

/* --- what is stored ---------------------------------------------------- */

static const struct store_case {
	struct str in, stored;
	bool crlf;
	uint64_t octets, wsize; /* wsize without trace lines */
} stores[] = {
	{ STR(".\r\n"), STR(""), false, 0, 0 },
	{ STR("a\r\n.\r\n"), STR("a\n"), false, 3, 3 },
	{ STR("a\r\n\r\n..\r\n.\r\n"), STR("a\n\n.\n"), false, 8, 8 },
	{ STR("a\nb\r\n.\r\n"), STR("a\nb\r\n"), true, 5, 6 },
	{ STR("a\r\nb\n\r\n.\r\n"), STR("a\r\nb\n\r\n"), true, 7, 8 },
	{ STR("a\rb\r\n.\r\n"), STR("a\rb\r\n"), true, 5, 5 },
	{ STR("a\0b\r\n.\r\n"), STR("a\0b\r\n"), true, 5, 5 },
	{ STR("\n\n\n\r\n.\r\n"), STR("\n\n\n\r\n"), true, 5, 8 },
	/* header filter */
	{ STR("Return-Path: <x>\r\nA: b\r\n.\r\n"), STR("A: b\n"), false, 24,
	    6 },
	{ STR("A: b\r\nRETURN-path:\r\n\tc\r\n d\r\nE: f\r\n.\r\n"),
	    STR("A: b\nE: f\n"), false, 34, 12 },
	{ STR("A: b\r\n Return-Path: x\r\n.\r\n"),
	    STR("A: b\n Return-Path: x\n"), false, 23, 23 },
	{ STR("\r\nReturn-Path: x\r\n.\r\n"), STR("\nReturn-Path: x\n"), false,
	    18, 18 },
	{ STR("Return-Path\r\n.\r\n"), STR("Return-Path\n"), false, 13, 13 },
	{ STR("Return-Pat\r\n.\r\n"), STR("Return-Pat\n"), false, 12, 12 },
	{ STR("Return-Path \t x:\r\n.\r\n"), STR("Return-Path \t x:\n"), false,
	    18, 18 },
	{ STR("Return-Path\t :x\r\n.\r\n"), STR(""), false, 17, 0 },
	{ STR("Xeturn-Path:x\r\n.\r\n"), STR("Xeturn-Path:x\n"), false, 15,
	    15 },
	{ STR("Return-Path: a\rb\r\nC: d\r\n.\r\n"), STR("C: d\r\n"), true, 24,
	    6 },
	{ STR("A: b\nReturn-Path: x\n y\nC: d\r\n.\r\n"), STR("A: b\nC: d\r\n"),
	    true, 29, 12 },
	{ STR("..Return-Path: x\r\n.\r\n"), STR(".Return-Path: x\n"), false, 17,
	    17 },
	{ STR(".Return-Path: x\r\n.\r\n"), STR(""), false, 16, 0 },
};

static void
check_stored(size_t k, size_t i, size_t j, size_t memory)
{
	const struct store_case *c = &stores[k];
	struct outcome o = receive(c->in, i, j, memory);

	if (!str_eq(buf_str(&o.stored), c->stored) || o.crlf != c->crlf ||
	    o.octets != c->octets || o.wsize != c->wsize + trace.len + 2 ||
	    o.trace_len != trace.len + (c->crlf ? 2 : 0))
		fail_msg("case %zu cut at %zu and %zu, memory %zu: \"%.*s\" "
			 "%d %zu %zu %zu",
		    k, i, j, memory, (int)o.stored.len, o.stored.p, o.crlf,
		    (size_t)o.octets, (size_t)o.wsize, o.trace_len);
	buf_free(&o.stored);
}

static void
test_stores(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(stores) / sizeof(*stores); k++) {
		for (size_t i = 0; i <= stores[k].in.len; i++)
			for (size_t j = i; j <= stores[k].in.len; j++)
				check_stored(k, i, j, 999);
		check_stored(k, 999, 999, 0);
		check_stored(k, 5, 999, 12);
	}
}

/* A name with more blanks than can be held passes as it is. */
static void
test_hold(void **state)
{
	(void)state;
	for (size_t blanks = 980; blanks < 996; blanks++) {
		bool dropped = blanks + 11 <= 1000;
		struct outcome o;
		struct buf in;

		buf_init(&in, 4096);
		buf_adds(&in, S("Return-Path"));
		for (size_t i = 0; i < blanks; i++)
			buf_addc(&in, ' ');
		buf_adds(&in, S(":\r\n.\r\n"));
		o = receive(buf_str(&in), 500, 999, 0);
		if (o.stored.len != (dropped ? 0 : blanks + 13))
			fail_msg("%zu blanks: %zu octets are stored", blanks,
			    o.stored.len);
		buf_free(&in);
		buf_free(&o.stored);
	}
}

static void
test_limit(void **state)
{
	(void)state;
	for (uint64_t max = 1; max < 30; max++) {
		struct txn *t = txn_new(NULL);
		struct str in = S("0123456\r\n..\r\n234\nReturn\r\n.\r\n");
		uint64_t size = 24;
		struct data *d;
		size_t used;

		t->spool = spool_new(AT_FDCWD, 999);
		d = data_new(t, trace, max);
		if (!data_push(d, in.p, in.len, &used) || used != in.len)
			fail_msg("max %d: end not seen", (int)max);
		if ((data_failed(d) != NULL) != (size > max))
			fail_msg("max %d: wrong", (int)max);
		if (size > max) {
			assert_null(t->spool);
			assert_int_equal(data_failed(d)->code, 552);
			assert_string_equal(data_failed(d)->status, "5.3.4");
		}
		txn_free(t);
	}
}

/* Hostile input of a megabyte must not cost its square. */
static void
test_linear(void **state)
{
	static const char *const fill[] = { "\r", "\n", ".", "\r\n.x", "\r\n",
		"\r\r\n", " " };
	struct buf in;

	(void)state;
	buf_init(&in, 1 << 21);
	for (size_t k = 0; k < sizeof(fill) / sizeof(*fill); k++) {
		struct outcome o;

		buf_reset(&in);
		while (in.len < 1 << 20)
			buf_adds(&in, str_c(fill[k]));
		o = receive(buf_str(&in), SIZE_MAX, SIZE_MAX, 1000);
		assert_int_equal(o.end, 0);
		buf_free(&o.stored);
	}
	buf_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_all_short),
		cmocka_unit_test(test_stores),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_linear),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
