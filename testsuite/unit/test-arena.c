/*
 * Memory by lifetime (lib/arena).
 */
#include "testsuite/unit/lib-check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static const size_t sizes[] = { 0, 1, 7, 15, 16, 17, 100, 4095, 4096, 4097,
	5000, 16383, 16384, 16385, 40000, 3, 1 << 20, 1, 4000, 4000, 4000, 4000,
	4000 };

/* Every block is zeroed, aligned, and nobody else's. */
static void
fill(struct arena *a)
{
	char *p[COUNT(sizes)];

	for (size_t i = 0; i < COUNT(sizes); i++) {
		p[i] = arena_alloc(a, sizes[i]);
		check_num(
		    i, "alignment", (uintptr_t)p[i] % _Alignof(max_align_t), 0);
		if (!all_zero(p[i], sizes[i]))
			fail_msg("row %zu: not zeroed", i);
		memset(p[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(sizes); i++)
		for (size_t k = 0; k < sizes[i]; k++)
			if (p[i][k] != (char)(i + 1))
				fail_msg("row %zu: overwritten", i);
}

static void
test_alloc(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	assert_string_equal(arena_name(a), "test");
	assert_int_equal(arena_used(a), 0);
	for (int i = 0; i < 4; i++) {
		size_t used;

		fill(a);
		used = arena_used(a);
		assert_true(used >= 1 << 20 && used < 2 << 20);
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
	arena_free(a);
	arena_free(NULL);
}

static void
test_small_after_big(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	memset(arena_alloc(a, 50000), 1, 50000);
	for (int i = 0; i < 3000; i++) {
		char *p = arena_alloc(a, 24);

		assert_true(all_zero(p, 24));
		memset(p, 2, 24);
		if (i % 500 == 0)
			memset(arena_alloc(a, 20000), 3, 20000);
	}
	arena_reset(a);
	assert_true(all_zero(arena_alloc(a, 16000), 16000));
	arena_free(a);
}

static void
test_helpers(void **state)
{
	struct arena *a = arena_new("test", 0);
	int *v = ARENA_ARRAY(a, 3, int), *w;
	char *s = arena_strndup(a, "a\0b", 3);

	(void)state;
	v[2] = 7;
	w = arena_grow(a, v, 3 * sizeof(int), 6 * sizeof(int));
	assert_int_equal(w[2], 7);
	assert_int_equal(w[5], 0);
	assert_memory_equal(s, "a\0b", 4);
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_non_null(arena_grow(a, NULL, 0, 0));
	arena_free(a);
}

static void
over_max(void)
{
	struct arena *a = arena_new("test", 1000);

	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(a, 100));
}

static void
overflowing(void)
{
	assert_non_null(arena_alloc_n(arena_new("test", 0), SIZE_MAX / 2, 3));
}

static void
huge(void)
{
	assert_non_null(arena_alloc(arena_new("test", 1000), SIZE_MAX));
}

static void
huge_copy(void)
{
	assert_non_null(arena_strndup(arena_new("test", 0), "", SIZE_MAX));
}

static void (*const fatal[])(void) = { over_max, overflowing, huge, huge_copy };

/* A worker that asks for too much ends, instead of going on without. */
static void
test_fatal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fatal); i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			signal(SIGABRT, SIG_DFL);
			close(STDERR_FILENO);
			fatal[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
			fail_msg("row %zu: status %d", i, status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_small_after_big),
		cmocka_unit_test(test_helpers),
		cmocka_unit_test(test_fatal),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
