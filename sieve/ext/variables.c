/*
 * variables: set with its modifiers, and the test string. How references
 * are found and what they give is in template and variable. RFC 5229, whole.
 */
#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/modifier.h"

/* --- modifiers: s. 4.1 ------------------------------------------------ */

static struct str
each_octet(struct arena *arena, struct str in, size_t n, char (*change)(char))
{
	struct str out = str_dup(arena, in);
	char *p = (char *)(uintptr_t)out.p;

	for (size_t i = 0; i < n && i < in.len; i++)
		p[i] = change(p[i]);
	return out;
}

static struct str
apply_lower(struct arena *arena, struct str in)
{
	return each_octet(arena, in, in.len, ascii_lower);
}

static struct str
apply_upper(struct arena *arena, struct str in)
{
	return each_octet(arena, in, in.len, ascii_upper);
}

static struct str
apply_lowerfirst(struct arena *arena, struct str in)
{
	return each_octet(arena, in, 1, ascii_lower);
}

static struct str
apply_upperfirst(struct arena *arena, struct str in)
{
	return each_octet(arena, in, 1, ascii_upper);
}

static struct str
apply_quotewildcard(struct arena *arena, struct str in)
{
	char *p = arena_alloc(arena, 2 * in.len);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.p[i] == '*' || in.p[i] == '?' || in.p[i] == '\\')
			p[n++] = '\\';
		p[n++] = in.p[i];
	}
	return str_from(p, n);
}

/* Characters; in what is no UTF-8, octets. */
static struct str
apply_length(struct arena *arena, struct str in)
{
	size_t n = 0;

	if (!str_is_utf8(in))
		return str_printf(arena, "%zu", in.len);
	for (size_t i = 0; i < in.len; i++)
		n += ((unsigned char)in.p[i] & 0xc0) != 0x80;
	return str_printf(arena, "%zu", n);
}

static const struct sieve_modifier mod_lower = { 40, apply_lower };
static const struct sieve_modifier mod_upper = { 40, apply_upper };
static const struct sieve_modifier mod_lowerfirst = { 30, apply_lowerfirst };
static const struct sieve_modifier mod_upperfirst = { 30, apply_upperfirst };
static const struct sieve_modifier mod_quotewildcard = { 20,
	apply_quotewildcard };
static const struct sieve_modifier mod_length = { 10, apply_length };

/* --- set: s. 4 -------------------------------------------------------- */

static bool
exec_set(struct sieve_vm *vm, const uint64_t *v)
{
	struct str name = vm_string(vm, v[1]), value = vm_string(vm, v[2]);

	return modifiers_apply(vm, v[0], &value) &&
	       variable_set(vm, name, value);
}

/* Remember it: "global" wants to know, and there is a limit. */
static void
note_variable(struct check *c, const struct tree_string *s)
{
	struct strlist *names = check_variables(c);
	uint32_t max = check_limits(c)->variables;

	if (names->n > max || strlist_casehas(names, s->text))
		return;
	strlist_add(check_arena(c), names, s->text);
	if (names->n > max)
		diag_add(
		    check_diag(c), s->at, S(""), "more than %u variables", max);
}

/* s. 6: a value that is known to be too large is an error */
static void
check_set(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *name = tree_positional(node, 0);
	const struct tree_arg *value = tree_positional(node, 1);
	uint32_t max = check_limits(c)->variable_octets;

	if (name != NULL && name->kind == TREE_STRING) {
		check_variable(c, &name->v[0]);
		note_variable(c, &name->v[0]);
	}
	if (value != NULL && value->kind == TREE_STRING && !value->v[0].refs &&
	    value->v[0].text.len > max)
		diag_add(check_diag(c), value->at, S(""),
		    "the value is longer than the limit of %u octets", max);
}

static const struct sieve_op op_set = { "set", "fss", exec_set,
	"variable s := s, changed by the modifiers f" };

/* --- string: s. 5 ----------------------------------------------------- */

/* No blanks are stripped; an empty string does not count. */
static bool
exec_string(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *sources = vm_list(vm, v[0]);

	vm->truth = false;
	for (uint32_t i = 0; i < sources->n && !vm->truth; i++) {
		struct str source = vm_string(vm, sources->v[i]);

		if (vm->failed)
			return false;
		if (source.len == 0 && vm_counts(vm, v[1]))
			continue;
		if (!vm_match_str(vm, v[1], source))
			return false;
	}
	return true;
}

static const struct sieve_op op_string = { "string", "lm", exec_string,
	"T := a string l matches m" };

/* --- tables ----------------------------------------------------------- */

static const struct sieve_tag tags[] = {
	{ .name = "lower",
	    .on = "set extracttext",
	    .group = "case modifier",
	    .flag = SET_LOWER,
	    .modifier = &mod_lower },
	{ .name = "upper",
	    .on = "set extracttext",
	    .group = "case modifier",
	    .flag = SET_UPPER,
	    .modifier = &mod_upper },
	{ .name = "lowerfirst",
	    .on = "set extracttext",
	    .group = "first letter modifier",
	    .flag = SET_LOWERFIRST,
	    .modifier = &mod_lowerfirst },
	{ .name = "upperfirst",
	    .on = "set extracttext",
	    .group = "first letter modifier",
	    .flag = SET_UPPERFIRST,
	    .modifier = &mod_upperfirst },
	{ .name = "quotewildcard",
	    .on = "set extracttext",
	    .group = "quoting modifier",
	    .flag = SET_QUOTEWILDCARD,
	    .modifier = &mod_quotewildcard },
	{ .name = "length",
	    .on = "set extracttext",
	    .flag = SET_LENGTH,
	    .modifier = &mod_length },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "set",
	    .op = &op_set,
	    .args = "name value",
	    .check = check_set },
	{ .name = "string",
	    .kind = SIEVE_TEST,
	    .op = &op_string,
	    .args = "source key-list",
	    .classes = "@match" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_set,
	&op_string,
	NULL,
};

const struct sieve_ext ext_variables = {
	.name = "variables",
	.rfc = "RFC 5229",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
	.references = true,
};
