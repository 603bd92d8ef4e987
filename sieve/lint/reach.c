/*
 * reach: commands that can never be reached: behind one that ends the script,
 * or in branches behind one that is always taken.
 */
#include "sieve/lint/own.h"

static bool block_ends(const struct tree_node *);

/* The last node of the chain of if, elsif and else that node begins. */
static const struct tree_node *
chain_end(const struct tree_node *node)
{
	while (lint_goes_on(node->next))
		node = node->next;
	return node;
}

/* Does every way through the chain end? The last is an else or always true. */
static bool
chain_ends(const struct tree_node *node)
{
	for (;; node = node->next) {
		bool always =
		    node->tests == NULL || lint_truth(node->tests) == LINT_TRUE;

		if (!block_ends(node->block))
			return false;
		if (always)
			return true;
		if (!lint_goes_on(node->next))
			return false;
	}
}

/* Does what stands behind this command never come? */
static bool
ends(const struct tree_node *node)
{
	if (node->cmd == NULL)
		return false;
	return node->cmd->ends || (lint_is(node, "if") && chain_ends(node));
}

/* Recursion is as deep as the parser allowed. */
static bool
block_ends(const struct tree_node *node)
{
	for (; node != NULL; node = node->next)
		if (!lint_goes_on(node) && ends(node))
			return true;
	return false;
}

static void
look_chain(struct lint *l, const struct tree_node *node)
{
	for (; lint_goes_on(node->next); node = node->next) {
		if (node->tests == NULL || lint_truth(node->tests) != LINT_TRUE)
			continue;
		lint_warn(l, node->next->at, S(""),
		    "this is never reached: the test on line %u is always true",
		    node->tests->at.line);
		return;
	}
}

/* One for each block: what comes later is not reached either. */
static void
look(struct lint *l, const struct tree_node *node)
{
	bool ended = false;

	for (; node != NULL; node = node->next) {
		const struct tree_node *next = chain_end(node)->next;

		if (lint_is(node, "if"))
			look_chain(l, node);
		if (ended || lint_goes_on(node) || !ends(node) || next == NULL)
			continue;
		ended = true;
		lint_warn(l, next->at, S(""),
		    "this is never reached: \"%s\" on line %u ends the script",
		    node->cmd->name, node->at.line);
	}
}

static void
run(struct lint *l)
{
	lint_blocks(l, l->script, look);
}

const struct lint_check lint_unreachable = { "unreachable",
	"a command that can never be reached", run };
