/*
 * duplicate: rules that are written twice in one block, and tests that come
 * again in one chain of if and elsif. Equal means: the same tokens.
 */
#include "lib/arena.h"
#include "sieve/lint/own.h"

/* --- equality ----------------------------------------------------------- */

static uint64_t
mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
}

static uint64_t
hash_args(uint64_t h, const struct tree_arg *a)
{
	for (; a != NULL; a = a->next) {
		h = mix(h, a->kind);
		h = mix(h, a->number);
		h = mix(h, str_hash(a->name, true));
		for (size_t i = 0; i < a->n; i++)
			h = mix(h, str_hash(a->v[i].text, false));
	}
	return h;
}

/* Of a node and what is in it; deep: of those behind it, too. */
static uint64_t
hash_node(uint64_t h, const struct tree_node *node, bool deep)
{
	for (; node != NULL; node = deep ? node->next : NULL) {
		h = mix(h, str_hash(node->name, true));
		h = hash_args(h, node->args);
		h = mix(hash_node(h, node->tests, true), '(');
		h = mix(hash_node(h, node->block, true), '{');
	}
	return h;
}

static bool
same_args(const struct tree_arg *a, const struct tree_arg *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		if (a->kind != b->kind || a->number != b->number ||
		    !str_caseeq(a->name, b->name) || a->n != b->n)
			return false;
		for (size_t i = 0; i < a->n; i++)
			if (!str_eq(a->v[i].text, b->v[i].text))
				return false;
	}
	return a == NULL && b == NULL;
}

static bool same_lists(const struct tree_node *, const struct tree_node *);

static bool
same_node(const struct tree_node *a, const struct tree_node *b)
{
	return str_caseeq(a->name, b->name) && same_args(a->args, b->args) &&
	       same_lists(a->tests, b->tests) && same_lists(a->block, b->block);
}

/* Recursion is as deep as the parser allowed. */
static bool
same_lists(const struct tree_node *a, const struct tree_node *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!same_node(a, b))
			return false;
	return a == NULL && b == NULL;
}

/* --- rules --------------------------------------------------------------- */

/* A second time would be something else. */
static bool
has_memory(const struct tree_node *node)
{
	static const char changing[] =
	    "set addheader deleteheader global include notify";

	for (; node != NULL; node = node->next) {
		if (node->cmd == NULL || word_in(changing, node->cmd->name) ||
		    has_memory(node->tests) || has_memory(node->block))
			return true;
		for (const struct tree_arg *a = node->args; a != NULL;
		     a = a->next)
			for (size_t i = 0; i < a->n; i++)
				if (a->v[i].refs)
					return true;
	}
	return false;
}

/* Those of a block that were seen, by hash; twice as many as needed. */
struct table {
	const struct tree_node **v;
	size_t n; /* a power of two */
};

static size_t
count_rules(const struct tree_node *node)
{
	size_t n = 0;

	for (; node != NULL; node = node->next)
		n += lint_is(node, "if");
	return n;
}

/* The first one that is the same; node itself when it is the first. */
static const struct tree_node *
find_or_add(struct table *t, const struct tree_node *node)
{
	uint64_t h = hash_node(0, node, false);

	for (;; h++) {
		const struct tree_node **slot = &t->v[h & (t->n - 1)];

		if (*slot == NULL)
			*slot = node;
		if (*slot == node || same_node(*slot, node))
			return *slot;
	}
}

/* A rule with branches is compared by its first one only, so not at all. */
static bool
is_rule(const struct tree_node *node)
{
	return lint_is(node, "if") && !lint_goes_on(node->next) &&
	       !has_memory(node->tests) && !has_memory(node->block);
}

static void
look_rules(struct lint *l, const struct tree_node *node)
{
	struct table t = { .n = 4 };
	const struct tree_node *first;

	while (t.n < 2 * count_rules(node))
		t.n *= 2;
	t.v = ARENA_ARRAY(l->arena, t.n, const struct tree_node *);
	for (; node != NULL; node = node->next) {
		if (!is_rule(node))
			continue;
		first = find_or_add(&t, node);
		if (first != node)
			lint_warn(l, node->at, S("remove one of them"),
			    "the same rule as on line %u", first->at.line);
	}
}

static void
run_rules(struct lint *l)
{
	lint_blocks(l, l->script, look_rules);
}

/* --- tests of one chain -------------------------------------------------- */

enum { MAX_CHAIN = 64 }; /* elsifs that are compared with those in front */

static const struct tree_node *
same_before(const struct tree_node *chain, const struct tree_node *node)
{
	for (size_t i = 0; chain != node && i < MAX_CHAIN;
	     chain = chain->next, i++)
		if (same_lists(chain->tests, node->tests))
			return chain;
	return NULL;
}

static void
look_chain(struct lint *l, const struct tree_node *chain)
{
	const struct tree_node *node = chain, *first;

	if (!lint_is(chain, "if"))
		return;
	for (; lint_goes_on(node->next); node = node->next) {
		first = same_before(chain, node->next);
		if (node->next->tests != NULL && first != NULL)
			lint_warn(l, node->next->at, S(""),
			    "this is never reached: the same test stands on "
			    "line %u",
			    first->at.line);
	}
}

static void
run_tests(struct lint *l)
{
	lint_each(l, l->script, look_chain);
}

const struct lint_check lint_duplicate_rule = { "duplicate-rule",
	"the same test with the same commands, twice in one block", run_rules };
const struct lint_check lint_repeated_test = { "repeated-test",
	"an elsif with the test of a branch in front of it", run_tests };
