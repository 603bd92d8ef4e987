/*
 * key: keys that no value can be equal to, and names that no header field
 * can have. RFC 5228 s. 2.4.2.2, 2.7.1, 2.7.4, 5.7
 */
#include "lib/rfc5322.h"
#include "sieve/lint/own.h"

/* --- keys ---------------------------------------------------------------- */

static const char *
part_of(const struct tree_node *node)
{
	const struct tree_arg *part = tree_tag(node, "address-part");

	return part != NULL ? part->tag->name : "all";
}

/* Is it :is, with a comparator that looks at every character? */
static bool
is_whole(const struct tree_node *node)
{
	const struct tree_arg *type = tree_tag(node, "match-type");
	const struct tree_arg *cmp = tree_tag(node, "comparator");

	return (type == NULL || strcmp(type->tag->name, "is") == 0) &&
	       (cmp == NULL ||
		   !str_eq(cmp->next->v[0].text, S("i;ascii-numeric")));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
has_blank_ends(struct str s)
{
	return s.len > 0 && (is_blank(s.p[0]) || is_blank(s.p[s.len - 1]));
}

static void
look_header_key(
    struct lint *l, const struct tree_node *node, const struct tree_string *key)
{
	if (is_whole(node) && has_blank_ends(key->text))
		lint_warn(l, key->at, S("remove the blanks, or use :contains"),
		    "nothing is equal to this key: values have no blanks at "
		    "their ends");
}

static void
look_address_key(
    struct lint *l, const struct tree_node *node, const struct tree_string *key)
{
	const char *part = part_of(node);
	bool at = str_chr(key->text, '@') >= 0;

	if (!is_whole(node))
		return;
	if (at && strcmp(part, "domain") == 0)
		lint_warn(l, key->at, S("write what is behind the \"@\""),
		    "no domain is equal to this key");
	else if (!at && str_chr(key->text, '.') > 0 && strcmp(part, "all") == 0)
		lint_warn(l, key->at, S("use :domain to look at the domain"),
		    "a whole address is compared with this key, which has no "
		    "\"@\"");
}

static void
look_key(struct lint *l, const struct tree_node *node)
{
	const struct tree_arg *keys = lint_keys(node);
	bool header = lint_is(node, "header");
	bool addr = lint_is(node, "address") || lint_is(node, "envelope");

	for (size_t i = 0; keys != NULL && i < keys->n; i++) {
		if (keys->v[i].refs)
			continue;
		if (header)
			look_header_key(l, node, &keys->v[i]);
		else if (addr)
			look_address_key(l, node, &keys->v[i]);
	}
}

static void
run_keys(struct lint *l)
{
	lint_each(l, l->script, look_key);
}

/* --- names of header fields ---------------------------------------------- */

static void
look_name(struct lint *l, const struct tree_string *s)
{
	struct str name = s->text;

	if (s->refs || rfc5322_is_field_name(name))
		return;
	lint_warn(l, s->at,
	    str_ends(name, S(":")) ? S("write it without the colon") : S(""),
	    "no header field has the name \"%s\"", diag_quote(l->diag, name));
}

static void
look_header(struct lint *l, const struct tree_node *node)
{
	const struct tree_arg *names = tree_positional(node, 0);

	if (names == NULL ||
	    !(lint_is(node, "header") || lint_is(node, "address") ||
		lint_is(node, "exists")))
		return;
	for (size_t i = 0; i < names->n; i++)
		look_name(l, &names->v[i]);
}

static void
run_headers(struct lint *l)
{
	lint_each(l, l->script, look_header);
}

const struct lint_check lint_odd_key = { "odd-key",
	"a key that nothing can be equal to", run_keys };
const struct lint_check lint_odd_header = { "odd-header",
	"a name that no header field can have", run_headers };
