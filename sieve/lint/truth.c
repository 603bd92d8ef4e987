/*
 * truth: tests whose result does not depend on the message.
 */
#include "lib/arena.h"
#include "sieve/lint/own.h"

static enum lint_truth
negated(enum lint_truth t)
{
	static const enum lint_truth other[] = {
		[LINT_DEPENDS] = LINT_DEPENDS,
		[LINT_TRUE] = LINT_FALSE,
		[LINT_FALSE] = LINT_TRUE,
	};

	return other[t];
}

/* anyof is decided by one that is true, allof by one that is false. */
static enum lint_truth
combined(const struct tree_node *test, enum lint_truth decides)
{
	enum lint_truth all = negated(decides);

	for (; test != NULL; test = test->next) {
		enum lint_truth t = lint_truth(test);

		if (t == decides)
			return t;
		if (t == LINT_DEPENDS)
			all = LINT_DEPENDS;
	}
	return all;
}

static const struct tree_string *
only_string(const struct tree_arg *a)
{
	return a != NULL && a->n == 1 && !a->v[0].refs ? &a->v[0] : NULL;
}

/* string "a" "b": two constants, compared as :is does by default */
static enum lint_truth
truth_of_string(const struct tree_node *node)
{
	const struct tree_string *source =
	    only_string(tree_positional(node, 0));
	const struct tree_arg *keys = tree_positional(node, 1);

	if (source == NULL || tree_tag(node, "match-type") != NULL ||
	    tree_tag(node, "comparator") != NULL)
		return LINT_DEPENDS;
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->v[i].refs)
			return LINT_DEPENDS;
		if (str_caseeq(keys->v[i].text, source->text))
			return LINT_TRUE;
	}
	return LINT_FALSE;
}

/* No message has fewer than no octets. */
static enum lint_truth
truth_of_size(const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "limit");
	const struct tree_arg *n = tree_positional(node, 0);

	if (tag == NULL || n == NULL || strcmp(tag->tag->name, "under") != 0 ||
	    n->number > 0)
		return LINT_DEPENDS;
	return LINT_FALSE;
}

/* Recursion is as deep as the parser allowed. */
enum lint_truth
lint_truth(const struct tree_node *node)
{
	if (lint_is(node, "true"))
		return LINT_TRUE;
	if (lint_is(node, "false"))
		return LINT_FALSE;
	if (lint_is(node, "not"))
		return negated(lint_truth(node->tests));
	if (lint_is(node, "anyof"))
		return combined(node->tests, LINT_TRUE);
	if (lint_is(node, "allof"))
		return combined(node->tests, LINT_FALSE);
	if (lint_is(node, "string"))
		return truth_of_string(node);
	if (lint_is(node, "size"))
		return truth_of_size(node);
	return LINT_DEPENDS;
}

/* The outermost test that is constant, or those inside of one that is not. */
static void
look_test(struct lint *l, const struct tree_node *test)
{
	enum lint_truth t = lint_truth(test);

	if (t != LINT_DEPENDS) {
		lint_warn(l, test->at, S(""), "this test is always %s",
		    t == LINT_TRUE ? "true" : "false");
		return;
	}
	for (test = test->tests; test != NULL; test = test->next)
		look_test(l, test);
}

static void
look(struct lint *l, const struct tree_node *node)
{
	if (node->cmd != NULL && node->cmd->kind == SIEVE_COMMAND &&
	    node->tests != NULL)
		look_test(l, node->tests);
}

static void
run(struct lint *l)
{
	lint_each(l, l->script, look);
}

const struct lint_check lint_constant_test = { "constant-test",
	"a test is true, or false, for every message", run };
