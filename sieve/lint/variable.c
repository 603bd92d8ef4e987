/*
 * variable: variables that are read and never set. In a script that includes
 * others, or shares variables with them, nobody can know.
 */
#include "lib/arena.h"
#include "sieve/lint/own.h"
#include "sieve/template.h"

enum { MAX_NAMES = 1000 }; /* a script with more is left alone */

struct names {
	struct strlist set;
	bool shared;
};

static void
collect(struct names *names, struct arena *arena, const struct tree_node *node)
{
	for (; node != NULL; node = node->next) {
		const struct tree_arg *a = tree_positional(node, 0);

		names->shared |=
		    lint_is(node, "include") || lint_is(node, "global") ||
		    lint_is(node, "foreverypart") || names->set.n > MAX_NAMES;
		if (lint_is(node, "set") && a != NULL && a->n == 1)
			strlist_add(arena, &names->set, a->v[0].text);
		else if (node->cmd != NULL && node->cmd->args != NULL &&
			 str_starts(word_at(node->cmd->args, 0), S("variable")))
			for (size_t i = 0; a != NULL && i < a->n; i++)
				strlist_add(arena, &names->set, a->v[i].text);
		collect(names, arena, node->tests);
		collect(names, arena, node->block);
	}
}

static void
look_string(struct lint *l, struct names *names, const struct tree_string *s)
{
	struct str rest = s->text;
	struct template_part ref;
	size_t from, to;

	while (template_find(rest, &ref, &from, &to)) {
		if (ref.kind == TEMPLATE_VARIABLE && ref.ns.len == 0 &&
		    !strlist_casehas(&names->set, ref.name)) {
			lint_warn(l, s->at, S("it is empty"),
			    "variable \"%s\" is never set",
			    diag_quote(l->diag, ref.name));
			/* once for each name */
			strlist_add(l->arena, &names->set, ref.name);
		}
		rest = str_from_offset(rest, to);
	}
}

static void
look(struct lint *l, struct names *names, const struct tree_node *node)
{
	for (; node != NULL; node = node->next) {
		for (const struct tree_arg *a = node->args; a != NULL;
		     a = a->next)
			for (size_t i = 0; i < a->n; i++)
				if (a->v[i].refs)
					look_string(l, names, &a->v[i]);
		look(l, names, node->tests);
		look(l, names, node->block);
	}
}

static void
run(struct lint *l)
{
	struct names names = { 0 };

	collect(&names, l->arena, l->script);
	if (!names.shared)
		look(l, &names, l->script);
}

const struct lint_check lint_unset_variable = { "unset-variable",
	"a variable that is read and never set", run };
