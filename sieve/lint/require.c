/*
 * require: capabilities that a script asks for and does not use, or asks for
 * twice. RFC 5228 s. 3.2
 */
#include "lib/arena.h"
#include "sieve/lint/own.h"

/* Call visit for each string of each require. */
static void
each_capability(struct lint *l,
    void (*visit)(struct lint *, const struct tree_string *, void *), void *ctx)
{
	for (const struct tree_node *n = l->script; n != NULL; n = n->next)
		for (size_t i = 0; lint_is(n, "require") && i < n->args->n; i++)
			visit(l, &n->args->v[i], ctx);
}

static bool
was_noted(const struct lint *l, const struct sieve_ext *ext)
{
	for (size_t i = 0; i < ext_count(); i++)
		if (ext_at(i) == ext)
			return l->used[i];
	return true;
}

static void
look_for(struct lint *l, const struct tree_string *s, void *ctx)
{
	struct str *wanted = ctx;

	(void)l;
	if (str_eq(s->text, *wanted))
		*wanted = S("");
}

/* What it brings along counts, unless that is required itself. */
static bool
is_used(struct lint *l, const struct sieve_ext *ext)
{
	struct str other = str_c(ext->implies);

	if (was_noted(l, ext) || other.len == 0)
		return was_noted(l, ext);
	each_capability(l, look_for, &other);
	return other.len > 0 && was_noted(l, ext_by_capability(other));
}

static void
look_unused(struct lint *l, const struct tree_string *s, void *ctx)
{
	const struct sieve_ext *ext = ext_by_capability(s->text);

	(void)ctx;
	/* a comparator that is always there may be required all the same */
	if (ext == NULL || ext->name == NULL || is_used(l, ext))
		return;
	lint_warn(l, s->at, S("remove it"), "\"%s\" is required and not used",
	    ext->name);
}

static void
run_unused(struct lint *l)
{
	each_capability(l, look_unused, NULL);
}

static void
look_repeated(struct lint *l, const struct tree_string *s, void *ctx)
{
	struct strlist *seen = ctx;

	if (strlist_has(seen, s->text))
		lint_warn(l, s->at, S("once is enough"),
		    "\"%s\" is required already", diag_quote(l->diag, s->text));
	else
		strlist_add(l->arena, seen, s->text);
}

static void
run_repeated(struct lint *l)
{
	struct strlist seen = { 0 };

	each_capability(l, look_repeated, &seen);
}

const struct lint_check lint_unused_require = { "unused-require",
	"an extension is required and nothing of it is used", run_unused };
const struct lint_check lint_repeated_require = { "repeated-require",
	"an extension is required twice", run_repeated };
