/*
 * extracttext: the text of the part that a loop is at, into a variable.
 * RFC 5703 s. 7
 */
#include "sieve/ext.h"
#include "sieve/check.h"
#include "sieve/modifier.h"
#include "sieve/part.h"

enum { EXTRACT_FIRST = 1 << 16 }; /* beside the flags of modifiers */

/* The first n characters. */
static struct str
first(struct str s, uint64_t n)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && n-- == 0)
			return str_sub(s, 0, i);
	return s;
}

/* Of what is no text, and cannot be read as such, there is none. */
static bool
text_of(struct sieve_vm *vm, const struct mime_part *p, struct str *text)
{
	*text = S("");
	if (str_eq(p->type, S("multipart")))
		return true;
	if (!vm_spend(vm, p->body.len))
		return false;
	*text = part_text(vm, vm_brief(vm), p);
	if (!str_is_utf8(*text))
		*text = S("");
	return true;
}

static bool
exec_extracttext(struct sieve_vm *vm, const uint64_t *v)
{
	struct str name = vm_string(vm, v[2]), text = STR("");

	if (vm->loop != NULL && !text_of(vm, part_current(vm), &text))
		return false;
	if ((v[0] & EXTRACT_FIRST) != 0)
		text = first(text, v[1]);
	return modifiers_apply(vm, v[0] & ~(uint64_t)EXTRACT_FIRST, &text) &&
	       variable_set(vm, name, text);
}

static bool
in_loop(const struct tree_node *node)
{
	for (node = node->parent; node != NULL; node = node->parent)
		if (str_caseeq(node->name, S("foreverypart")))
			return true;
	return false;
}

static void
check_extracttext(struct check *c, const struct tree_node *node)
{
	const struct sieve_ext *variables = ext_by_capability(S("variables"));
	const struct tree_arg *a = tree_positional(node, 0);

	if (!check_enabled(c, variables))
		diag_add(check_diag(c), node->at,
		    check_hint_require(c, variables),
		    "extracttext needs variables");
	if (!in_loop(node))
		diag_add(check_diag(c), node->at, S(""),
		    "extracttext stands in no foreverypart");
	if (a->kind == TREE_STRING)
		check_variable(c, &a->v[0]);
}

static const struct sieve_op op_extracttext = { "extracttext", "fNs",
	exec_extracttext,
	"variable s := text of the part, changed by the modifiers f" };

static const struct sieve_tag tags[] = {
	{ .name = "first",
	    .on = "extracttext",
	    .arg = 'n',
	    .operand = 1,
	    .flag = EXTRACT_FIRST },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "extracttext",
	    .op = &op_extracttext,
	    .args = "varname",
	    .check = check_extracttext },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_extracttext,
	NULL,
};

const struct sieve_ext ext_extracttext = {
	.name = "extracttext",
	.rfc = "RFC 5703",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
