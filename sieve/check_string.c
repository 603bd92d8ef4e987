/*
 * check_string: what extensions do to strings before anybody looks at them:
 * conversions, then references to variables. RFC 5228 s. 2.4.2.4, RFC 5229
 */
#include "sieve/check.h"
#include "sieve/template.h"

static void
convert(struct check *c, const struct sieve_ext *ext, struct tree_string *s)
{
	const char *error = NULL;
	struct str out;

	if (ext->string(check_arena(c), s->text, &out, &error)) {
		if (!str_eq(s->text, out))
			check_note_use(c, ext);
		s->text = out;
		return;
	}
	check_note_use(c, ext);
	diag_add(check_diag(c), s->at, S(""), "%s", error);
}

bool
check_constant(struct check *c, const struct tree_string *s, const char *what)
{
	if (s->refs)
		diag_add(check_diag(c), s->at, S(""),
		    "%s must be constant: no variables", what);
	return !s->refs;
}

/* RFC 5229 s. 3, 6 */
static void
check_reference(struct check *c, const struct tree_string *s,
    const struct template_part *ref)
{
	const struct sieve_ext *owner = NULL;
	const struct sieve_namespace *ns;
	const char *error;

	if (ref->kind == TEMPLATE_MATCH && ref->index > TEMPLATE_MAX_INDEX)
		diag_add(check_diag(c), s->at, S(""),
		    "match variable is out of range: ${%d} is the last",
		    TEMPLATE_MAX_INDEX);
	if (ref->kind == TEMPLATE_MATCH || ref->ns.len == 0)
		return;
	ns = ext_namespace(ref->ns, &owner);
	if (ns == NULL || !check_enabled(c, owner)) {
		diag_add(check_diag(c), s->at,
		    ns != NULL ? check_hint_require(c, owner) : S(""),
		    "unknown namespace \"%s\" in a variable",
		    diag_quote(check_diag(c), ref->ns));
		return;
	}
	error = ns->check != NULL ? ns->check(ref->name) : NULL;
	if (error != NULL)
		diag_add(check_diag(c), s->at, S(""), "variable \"%s.%s\": %s",
		    ns->name, diag_quote(check_diag(c), ref->name), error);
}

/* Those for whose sake they are looked for. */
static void
note_references(struct check *c)
{
	for (size_t i = 0; i < ext_count(); i++)
		if (check_enabled_at(c, i) && ext_at(i)->references)
			check_note_use(c, ext_at(i));
}

static void
find_references(struct check *c, struct tree_string *s)
{
	struct str rest = s->text;
	struct template_part ref;
	size_t from, to;

	while (template_find(rest, &ref, &from, &to)) {
		s->refs = true;
		note_references(c);
		check_reference(c, s, &ref);
		rest = str_from_offset(rest, to);
	}
}

/* After all conversions: RFC 5229 s. 3.1 */
static void
mark_references(struct check *c, struct tree_node *node)
{
	bool wanted = false;

	for (size_t i = 0; i < ext_count(); i++)
		wanted |= check_enabled_at(c, i) && ext_at(i)->references;
	for (struct tree_arg *a = node->args; wanted && a != NULL; a = a->next)
		for (size_t k = 0; k < a->n; k++)
			find_references(c, &a->v[k]);
}

/* Let extensions such as encoded-character see every string. */
void
check_strings(struct check *c, struct tree_node *node)
{
	for (size_t i = 0; i < ext_count(); i++) {
		if (!check_enabled_at(c, i) || ext_at(i)->string == NULL)
			continue;
		for (struct tree_arg *a = node->args; a != NULL; a = a->next)
			for (size_t k = 0; k < a->n; k++)
				convert(c, ext_at(i), &a->v[k]);
	}
	mark_references(c, node);
}

/* --- names of variables ----------------------------------------------- */

/* A namespace must be there, known, and open for writing. */
static void
check_namespace(struct check *c, const struct tree_string *s, struct str name)
{
	const struct sieve_ext *owner;
	const struct sieve_namespace *ns;
	struct str rest = name, first;
	const char *error = NULL;

	str_cut(&rest, '.', &first);
	ns = ext_namespace(first, &owner);
	if (ns == NULL || !check_enabled(c, owner))
		error = "nothing that is required has this namespace";
	else if (ns->set == NULL)
		error = "variables of this namespace cannot be set";
	else if (ns->check != NULL)
		error = ns->check(rest);
	if (error != NULL)
		diag_add(check_diag(c), s->at, S(""),
		    "cannot set variable \"%s\": %s",
		    diag_quote(check_diag(c), name), error);
}

/* RFC 5229 s. 4 */
void
check_variable(struct check *c, const struct tree_string *s)
{
	if (str_chr(s->text, '.') > 0)
		check_namespace(c, s, s->text);
	else if (!template_is_name(s->text))
		diag_add(check_diag(c), s->at,
		    S("letters, digits and \"_\", no digit first"),
		    "invalid variable name \"%s\"",
		    diag_quote(check_diag(c), s->text));
}
