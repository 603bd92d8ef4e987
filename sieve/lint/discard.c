/*
 * discard: a discard next to a command that keeps the message all the same.
 * RFC 5228 s. 4.4: discard only cancels the implicit keep.
 */
#include "sieve/lint/own.h"

static bool
stores(const struct tree_node *node)
{
	return lint_is(node, "keep") ||
	       (lint_is(node, "fileinto") && tree_tag(node, "copy") == NULL);
}

/* Both are run when one of them is, as they stand in one block. */
static void
look(struct lint *l, const struct tree_node *node)
{
	const struct tree_node *discard = NULL, *store = NULL;

	for (; node != NULL; node = node->next) {
		if (discard == NULL && lint_is(node, "discard"))
			discard = node;
		if (store == NULL && stores(node))
			store = node;
	}
	if (discard != NULL && store != NULL)
		lint_warn(l, discard->at,
		    S("discard undoes nothing that others ask for"),
		    "discard has no effect: \"%s\" on line %u stores the "
		    "message",
		    store->cmd->name, store->at.line);
}

static void
run(struct lint *l)
{
	lint_blocks(l, l->script, look);
}

const struct lint_check lint_undone_discard = { "undone-discard",
	"discard beside a command that stores the message", run };
