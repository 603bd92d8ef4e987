/*
 * The cache of compiled scripts: what it drops, and what it must not.
 */
#include "testsuite/unit/lib-check.h"

#include "actions/cache.h"
#include "lib/arena.h"

static int
setup(void **state)
{
	*state = arena_new("test", 0);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct digest
key(unsigned n)
{
	struct str s = str_from((const char *)&n, sizeof(n));

	return digest_of(&s, 1);
}

static const struct script_entry *
add(struct script_cache *c, unsigned n, size_t octets)
{
	struct script_entry e = { .arena = arena_new("test entry", 0) };
	struct digest k = key(n);

	e.text = str_from(arena_alloc(e.arena, octets), octets);
	e.line = n;
	return script_cache_add(c, &k, &e);
}

static bool
has(struct script_cache *c, unsigned n)
{
	struct digest k = key(n);
	const struct script_entry *e = script_cache_key(c, &k);

	if (e != NULL)
		assert_int_equal(e->line, n);
	return e != NULL;
}

static void
cache_is_bounded(void **state)
{
	struct arena *a = *state;
	struct script_cache *c = script_cache_new(a, 3, 1 << 20);

	for (unsigned n = 1; n <= 3; n++)
		add(c, n, 10);
	assert_true(has(c, 1)); /* now 2 is the oldest */
	add(c, 4, 10);
	assert_true(has(c, 1) && has(c, 3) && has(c, 4));
	assert_false(has(c, 2));
	/* octets */
	add(c, 5, 2 << 20);
	assert_true(has(c, 5) && has(c, 3));
	add(c, 6, 10);
	assert_true(has(c, 6));
	assert_int_equal(script_cache_count(c), 2);
	script_cache_free(c);
}

static void
cache_holds(void **state)
{
	struct arena *a = *state;
	struct script_cache *c = script_cache_new(a, 2, 1 << 20);
	struct script_entry e = { .arena = arena_new("test entry", 0) };
	struct digest k = key(9);

	add(c, 1, 10);
	add(c, 2, 10);
	script_cache_hold(c);
	assert_true(has(c, 1));
	assert_non_null(add(c, 3, 10)); /* in the place of 2 */
	assert_true(has(c, 1) && has(c, 3) && !has(c, 2));
	assert_null(script_cache_add(c, &k, &e));
	assert_true(has(c, 1) && has(c, 3));
	script_cache_release(c);
	assert_non_null(script_cache_add(c, &k, &e));
	script_cache_free(c);
}

static void
cache_by_identity(void **state)
{
	struct arena *a = *state;
	struct script_cache *c = script_cache_new(a, 2, 1 << 20);
	struct stat st = { .st_dev = 1,
		.st_ino = 2,
		.st_size = 3,
		.st_mtim = { 4, 5 },
		.st_ctim = { 6, 7 } };
	struct digest path = key(100), other_path = key(101);
	struct script_ident id = script_ident_of(&path, &st), x;
	struct script_ident differ[7];
	const struct script_entry *e = add(c, 1, 10);

	assert_null(script_cache_ident(c, &id));
	script_cache_bind(c, &id, e);
	assert_ptr_equal(script_cache_ident(c, &id), e);
	for (int i = 0; i < 7; i++)
		differ[i] = id;
	differ[0].dev++;
	differ[1].ino++;
	differ[2].size++;
	differ[3].mtime.tv_nsec++;
	differ[4].ctime.tv_nsec++;
	differ[5].ctime.tv_sec++;
	differ[6].path = other_path;
	for (int i = 0; i < 7; i++)
		if (script_cache_ident(c, &differ[i]) != NULL)
			fail_msg("case %d", i);
	/* the same path, another file: the old identity is forgotten */
	x = differ[1];
	script_cache_bind(c, &x, add(c, 2, 10));
	assert_null(script_cache_ident(c, &id));
	assert_int_equal(script_cache_ident(c, &x)->line, 2);
	/* an identity does not survive its program, whoever has its place */
	add(c, 3, 10);
	add(c, 4, 10);
	assert_null(script_cache_ident(c, &x));
	script_cache_free(c);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(cache_is_bounded),
		T(cache_by_identity),
		T(cache_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
