/*
 * test-spool: octets in memory and in a file are the same octets.
 */
#include "lmtp/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static void
expect_bytes(struct spool *s, struct str want, size_t k)
{
	struct fail why;
	struct str got;

	if (!spool_bytes(s, &got, &why))
		fail_msg("case %zu: %s", k, why.text);
	if (!str_eq(got, want) || spool_size(s) != want.len)
		fail_msg("case %zu: other octets, %zu of them", k, got.len);
}

static void
test_write(void **state)
{
	(void)state;
	for (size_t memory = 0; memory < 14; memory++) {
		struct spool *s = spool_new(AT_FDCWD, memory);
		struct fail why;

		assert_int_equal(spool_fd(s), -1);
		for (int i = 0; i < 4; i++)
			assert_true(spool_write(s, "a\0b", 3, &why));
		assert_true(spool_write(s, NULL, 0, &why));
		if ((spool_fd(s) >= 0) != (memory < 12))
			fail_msg("memory %zu: fd %d", memory, spool_fd(s));
		expect_bytes(s, S("a\0ba\0ba\0ba\0b"), memory);
		spool_free(s);
	}
	spool_free(NULL);
}

static void
test_empty(void **state)
{
	struct spool *s = spool_new(-1, 0);
	struct fail why;

	(void)state;
	assert_true(spool_to_crlf(s, 0, &why));
	expect_bytes(s, S(""), 0);
	assert_int_equal(spool_facts(s)->octets, 0);
	spool_facts(s)->octets = 7;
	assert_int_equal(spool_facts(s)->octets, 7);
	spool_free(s);
}

static const struct crlf_case {
	struct str in;
	size_t from;
	struct str out;
} crlfs[] = {
	{ STR(""), 0, STR("") },
	{ STR("a"), 0, STR("a") },
	{ STR("\n"), 0, STR("\r\n") },
	{ STR("\n\n\n"), 0, STR("\r\n\r\n\r\n") },
	{ STR("a\nb\n"), 0, STR("a\r\nb\r\n") },
	{ STR("a\nb\nc"), 2, STR("a\nb\r\nc") },
	{ STR("a\nb\n"), 1, STR("a\r\nb\r\n") },
	{ STR("a\nb\n"), 4, STR("a\nb\n") },
	{ STR("a\nb\n"), 99, STR("a\nb\n") },
	{ STR("\0\n\0"), 0, STR("\0\r\n\0") },
};

static void
test_to_crlf(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(crlfs) / sizeof(*crlfs); k++)
		for (size_t memory = 0; memory < 12; memory += 11) {
			struct spool *s = spool_new(AT_FDCWD, memory);
			struct str out = crlfs[k].out, all[2];
			char text[32];
			struct fail why;

			assert_true(spool_write(
			    s, crlfs[k].in.p, crlfs[k].in.len, &why));
			assert_true(spool_to_crlf(s, crlfs[k].from, &why));
			expect_bytes(s, out, k);
			spool_free(s);

			/* and it goes on behind that */
			s = spool_new(AT_FDCWD, memory);
			assert_true(spool_write(
			    s, crlfs[k].in.p, crlfs[k].in.len, &why));
			assert_true(spool_to_crlf(s, crlfs[k].from, &why));
			assert_true(spool_write(s, "more\n", 5, &why));
			all[0] = out;
			all[1] = S("more\n");
			memcpy(text, all[0].p, all[0].len);
			memcpy(text + all[0].len, all[1].p, all[1].len);
			expect_bytes(s, str_from(text, out.len + 5), k);
			spool_free(s);
		}
}

/* Larger than the blocks it is rewritten in, LFs at their edges. */
static void
test_to_crlf_large(void **state)
{
	static const size_t every[] = { 1, 2, 3, 1000, 16383, 16384, 16385 };
	struct buf in, out;
	struct fail why;

	(void)state;
	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	for (size_t k = 0; k < sizeof(every) / sizeof(*every); k++) {
		struct spool *s = spool_new(AT_FDCWD, k % 2 ? 1 << 20 : 0);

		buf_reset(&in);
		buf_reset(&out);
		for (size_t i = 1; i < 100000; i++) {
			char c = i % every[k] == 0 ? '\n' : (char)(i % 7 + 'a');

			buf_addc(&in, c);
			if (c == '\n' && i > 5)
				buf_addc(&out, '\r');
			buf_addc(&out, c);
		}
		assert_true(spool_write(s, in.p, in.len, &why));
		assert_true(spool_to_crlf(s, 5, &why));
		/* and it goes on behind that */
		assert_true(spool_write(s, "more", 4, &why));
		buf_adds(&out, S("more"));
		expect_bytes(s, buf_str(&out), k);
		spool_free(s);
	}
	buf_free(&in);
	buf_free(&out);
}

/* After a failure all calls fail in the same way. */
static void
test_failed(void **state)
{
	struct spool *s = spool_new(-1, 3);
	struct fail why;
	struct str bytes;

	(void)state;
	assert_true(spool_write(s, "abc", 3, &why));
	assert_false(spool_write(s, "d", 1, &why));
	assert_int_equal(why.sys, EBADF);
	assert_string_equal(why.status, "4.3.0");
	fail_clear(&why);
	assert_false(spool_write(s, "d", 1, &why));
	assert_int_equal(why.sys, EBADF);
	assert_false(spool_to_crlf(s, 0, &why));
	assert_false(spool_bytes(s, &bytes, &why));
	spool_free(s);
}

static void
test_no_space(void **state)
{
	struct rlimit old, lim;
	struct spool *s = spool_new(AT_FDCWD, 0);
	struct fail why;
	bool first, second, third;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	lim = old;
	lim.rlim_cur = 6;
	setrlimit(RLIMIT_FSIZE, &lim);
	first = spool_write(s, "abc\n", 4, &why);
	second = spool_write(s, "defg", 4, &why);
	third = spool_write(s, "h", 1, &why);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_true(first);
	assert_false(second);
	assert_false(third);
	assert_int_equal(why.code, 452);
	assert_string_equal(why.status, "4.3.1");
	spool_free(s);
}

/* Two spools share one budget; what is freed can be used again. */
static void
test_budget(void **state)
{
	struct spool_budget budget = { .max = 1000 };
	struct spool *a = spool_new(AT_FDCWD, 100), *b;
	struct fail why;
	char text[600] = { 0 };

	(void)state;
	b = spool_new(AT_FDCWD, 100);
	spool_charge(a, &budget);
	spool_charge(b, &budget);
	assert_true(spool_write(a, text, 600, &why));
	assert_true(spool_write(b, text, 400, &why));
	assert_int_equal(budget.used, 1000);
	assert_false(spool_write(b, text, 1, &why));
	assert_string_equal(why.status, "4.3.1");
	assert_int_equal(why.code, 452);
	spool_free(a);
	assert_int_equal(budget.used, 400);
	/* A message that has a hole stays failed. */
	assert_false(spool_write(b, text, 1, &why));
	spool_free(b);
	assert_int_equal(budget.used, 0);
	b = spool_new(AT_FDCWD, 100);
	spool_charge(b, &budget);
	assert_true(spool_write(b, text, 600, &why));
	spool_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_to_crlf),
		cmocka_unit_test(test_to_crlf_large),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_no_space),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
