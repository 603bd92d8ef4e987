/*
 * Match types and comparators (sieve/match, ext/ascii-numeric): a naive
 * oracle for wildcards, the numeric table, the budget.
 */
#include "testsuite/unit/lib-check.h"

#include "sieve/ext.h"

/* What :matches means, said as simply as possible. */
static bool
oracle(struct str v, struct str p)
{
	if (p.len == 0)
		return v.len == 0;
	if (p.p[0] == '*')
		return oracle(v, str_from_offset(p, 1)) ||
		       (v.len > 0 && oracle(str_from_offset(v, 1), p));
	if (v.len == 0)
		return false;
	if (p.p[0] == '\\' && p.len > 1)
		return v.p[0] == p.p[1] &&
		       oracle(str_from_offset(v, 1), str_from_offset(p, 2));
	return (p.p[0] == '?' || p.p[0] == v.p[0]) &&
	       oracle(str_from_offset(v, 1), str_from_offset(p, 1));
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static struct str
random_text(uint32_t *seed, char *p, size_t max, const char *letters)
{
	size_t n = next(seed) % (max + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = letters[next(seed) % strlen(letters)];
	return str_from(p, n);
}

static void
test_glob_oracle(void **state)
{
	struct budget b = { .left = UINT64_MAX };
	uint32_t seed = 1;
	size_t yes = 0;

	(void)state;
	for (size_t i = 0; i < 200000; i++) {
		char vbuf[10], pbuf[8];
		struct str v = random_text(&seed, vbuf, 9, "aab?*\\");
		struct str p = random_text(&seed, pbuf, 7, "aab?**\\");
		bool want = oracle(v, p);

		yes += want;
		if ((match_glob(v, p, &b, NULL) == MATCH_YES) != want)
			fail_msg("case %zu: value \"%.*s\" pattern \"%.*s\" "
				 "should be %d",
			    i, STR_ARG(v), STR_ARG(p), want);
	}
	assert_true(yes > 5000);
}

/* The worst patterns cost no more than value times pattern; ordinary ones
 * little more than the value. */
static const struct {
	struct str unit, end; /* of the pattern; unit is repeated */
	size_t times;
	enum match_result want;
	uint64_t octets; /* at most, for a value of 4000 times "a" */
} costs[] = {
	{ STR("a*"), STR("b"), 1000, MATCH_NO, 20000 },
	{ STR("*?"), STR("b"), 1000, MATCH_NO, 20000 },
	{ STR("*"), STR("b"), 1, MATCH_NO, 5000 },
	{ STR("*"), STR("b*"), 1, MATCH_NO, 5000 },
	{ STR("*"), STR("a*"), 1, MATCH_YES, 5000 },
	{ STR("*a*"), STR(""), 1000, MATCH_YES, 20000 },
	{ STR("?"), STR("b"), 3999, MATCH_NO, 9000 },
	{ STR("*?a?a?a?a?a?a?ab"), STR(""), 1, MATCH_NO, 4000 * 20 },
	{ STR("*\\a"), STR("b"), 1, MATCH_NO, 4000 * 6 },
};

static void
test_glob_cost(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++) {
		struct arena *a = arena_new("test", 0);
		struct str v = repeat(a, S("a"), 4000);
		struct str p = str_join(a,
		    (struct str[]){ repeat(a, costs[i].unit,
					costs[i].unit.len * costs[i].times),
			costs[i].end },
		    2);
		struct budget b = { .left = 1000000 };

		check_num(
		    i, "result", match_glob(v, p, &b, NULL), costs[i].want);
		if (64 * (1000000 - b.left) > costs[i].octets)
			fail_msg("row %zu: %llu octets are too many", i,
			    (unsigned long long)(64 * (1000000 - b.left)));
		b = (struct budget){ .left = 1 };
		if (costs[i].want == MATCH_NO) {
			check_num(i, "small budget", match_glob(v, p, &b, NULL),
			    MATCH_OVER);
			check_num(i, "left", b.left, 0);
		}
		arena_free(a);
	}
}

static const struct {
	struct str a, b;
	int order;
} numbers[] = {
	{ STR("0"), STR("1"), -1 },
	{ STR("1"), STR("4294967298"), -1 },
	{ STR("4294967298"), STR("04294967298"), 0 },
	{ STR("4294967298"), STR("4294967298b"), 0 },
	{ STR("04294967298"), STR(""), -1 },
	{ STR(""), STR("x"), 0 },
	{ STR("x"), STR("y"), 0 },
	{ STR("-1"), STR("9"), 1 },
	{ STR(" 1"), STR("2"), 1 },
	{ STR("0"), STR("000x1"), 0 },
	{ STR("10"), STR("9"), 1 },
	{ STR("1.9"), STR("1"), 0 },
	{ STR("99999999999999999999999999"), STR("100000000000000000000000000"),
	    -1 },
	{ STR("\xff"), STR("\0"), 0 },
};

static int
sign(int i)
{
	return (i > 0) - (i < 0);
}

static void
test_numeric(void **state)
{
	const struct sieve_ext *owner;
	const struct sieve_comparator *cmp =
	    ext_comparator(S("i;ascii-numeric"), &owner);
	char out[64];

	(void)state;
	assert_non_null(cmp);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct str a = cmp->fold(numbers[i].a, out);
		struct str b = cmp->fold(numbers[i].b, out);

		if (sign(cmp->compare(a, b)) != numbers[i].order ||
		    sign(cmp->compare(b, a)) != -numbers[i].order ||
		    str_eq(a, b) != (numbers[i].order == 0))
			fail_msg("row %zu", i);
	}
}

static void
test_casemap(void **state)
{
	char out[300];
	char in[256];
	struct str folded;

	(void)state;
	for (size_t i = 0; i < 256; i++)
		in[i] = (char)i;
	folded = comparator_casemap.fold(str_from(in, 256), out);
	for (size_t i = 0; i < 256; i++)
		check_num(i, "octet", (unsigned char)folded.p[i],
		    i >= 'a' && i <= 'z' ? i - 32 : i);
}

/* The hash table finds exactly what a search through the list would. */
static void
test_many_keys(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_match m = { .comparator = &comparator_casemap,
		.type = &match_is };
	struct budget b = { .left = UINT64_MAX };
	struct str keys[500];
	size_t key;

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		keys[i] = str_printf(a, "Key%zu", 2 * i);
	match_prepare(a, &m, keys, COUNT(keys));
	assert_non_null(m.slot);
	for (size_t i = 0; i < 2 * COUNT(keys); i++) {
		struct str v = str_printf(a, "KEY%zu", i);
		enum match_result r = m.type->match(&m, v, &b, &key, NULL);

		check_num(i, "result", r, i % 2 == 0 ? MATCH_YES : MATCH_NO);
		if (i % 2 == 0)
			check_num(i, "key", key, i / 2);
	}
	arena_free(a);
}

static void
test_budget(void **state)
{
	struct budget b = { .left = 2 };

	(void)state;
	for (size_t i = 0; i < 191; i++)
		assert_true(budget_spend(&b, 1));
	assert_int_equal(b.left, 0);
	assert_false(budget_spend(&b, 1));
	b = (struct budget){ .left = 5 };
	assert_false(budget_spend(&b, UINT64_MAX));
	assert_int_equal(b.left, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glob_oracle),
		cmocka_unit_test(test_glob_cost),
		cmocka_unit_test(test_numeric),
		cmocka_unit_test(test_casemap),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
