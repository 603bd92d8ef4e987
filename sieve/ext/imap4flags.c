/*
 * imap4flags: the flags a stored message gets. The internal variable is part
 * of the plan, because the implicit keep carries it; variables by name are
 * those of the variables extension, as strings. RFC 5232, whole
 */
#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/imapflags.h"

/* --- actions: s. 3 ---------------------------------------------------- */

typedef bool change_fn(struct sieve_vm *, struct strlist *, struct str words);

static bool
change(struct sieve_vm *vm, struct strlist *set, uint64_t list, change_fn *each)
{
	const struct sieve_list *words = vm_list(vm, list);

	for (uint32_t i = 0; i < words->n; i++)
		if (!each(vm, set, vm_string(vm, words->v[i])))
			return false;
	return true;
}

static bool
exec_addflag(struct sieve_vm *vm, const uint64_t *v)
{
	return change(vm, &vm->plan->imapflags, v[0], imapflags_add);
}

static bool
exec_removeflag(struct sieve_vm *vm, const uint64_t *v)
{
	return change(vm, &vm->plan->imapflags, v[0], imapflags_remove);
}

static bool
exec_setflag(struct sieve_vm *vm, const uint64_t *v)
{
	vm->plan->imapflags = (struct strlist){ 0 };
	return exec_addflag(vm, v);
}

/* --- variables by name ------------------------------------------------ */

static bool
get_set(struct sieve_vm *vm, struct str name, struct strlist *set)
{
	*set = (struct strlist){ 0 };
	return imapflags_add(vm, set, variable_get(vm, name));
}

static bool
put_set(struct sieve_vm *vm, struct str name, const struct strlist *set)
{
	struct str *part = ARENA_ARRAY(vm_brief(vm), 2 * set->n, struct str);
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (i > 0)
			part[n++] = S(" ");
		part[n++] = set->v[i];
	}
	return variable_set(vm, name, str_join(vm_brief(vm), part, n));
}

static bool
change_variable(
    struct sieve_vm *vm, const uint64_t *v, bool keep, change_fn *each)
{
	struct str name = vm_string(vm, v[0]);
	struct strlist set = { 0 };

	if (keep && !get_set(vm, name, &set))
		return false;
	return change(vm, &set, v[1], each) && put_set(vm, name, &set);
}

static bool
exec_setflag_in(struct sieve_vm *vm, const uint64_t *v)
{
	return change_variable(vm, v, false, imapflags_add);
}

static bool
exec_addflag_in(struct sieve_vm *vm, const uint64_t *v)
{
	return change_variable(vm, v, true, imapflags_add);
}

static bool
exec_removeflag_in(struct sieve_vm *vm, const uint64_t *v)
{
	return change_variable(vm, v, true, imapflags_remove);
}

/* s. 1: without the variables extension the name must not be there. */
static void
check_names(struct check *c, const struct tree_node *node)
{
	const struct sieve_ext *ext = ext_by_capability(S("variables"));
	const struct tree_arg *names = tree_positional(node, 0);

	if (!check_enabled(c, ext)) {
		diag_add(check_diag(c), names->at, check_hint_require(c, ext),
		    "the %s %s takes no variable without \"variables\"",
		    node->cmd->name,
		    node->cmd->kind == SIEVE_TEST ? "test" : "command");
		return;
	}
	for (size_t i = 0; i < names->n; i++)
		check_variable(c, &names->v[i]);
}

/* --- hasflag: s. 4 ---------------------------------------------------- */

/* A key, too, may be several flags. They are not looked at for validity:
 * with :contains and :matches they are parts of flags. */
static bool
split_keys(struct sieve_vm *vm, uint64_t m)
{
	const struct sieve_list *list = vm_list(vm, vm->prog->match[m].list);
	struct strlist words = { 0 };

	for (uint32_t i = 0; i < list->n; i++) {
		struct str rest = vm_string(vm, list->v[i]), word;

		if (!vm_spend(vm, rest.len))
			return false;
		while (imapflags_word(&rest, &word))
			strlist_add(vm_brief(vm), &words, word);
	}
	vm_match_keys(vm, m, words.v, words.n);
	return true;
}

static bool
match_flags(struct sieve_vm *vm, const struct strlist *set, uint64_t m)
{
	for (size_t i = 0; i < set->n && !vm->truth; i++)
		if (!vm_match_str(vm, m, set->v[i]))
			return false;
	return true;
}

static bool
exec_hasflag(struct sieve_vm *vm, const uint64_t *v)
{
	vm->truth = false;
	return split_keys(vm, v[0]) &&
	       match_flags(vm, &vm->plan->imapflags, v[0]);
}

static bool
exec_hasflag_in(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *names = vm_list(vm, v[0]);

	vm->truth = false;
	if (!split_keys(vm, v[1]))
		return false;
	for (uint32_t i = 0; i < names->n && !vm->truth; i++) {
		struct strlist set;

		if (!get_set(vm, vm_string(vm, names->v[i]), &set) ||
		    !match_flags(vm, &set, v[1]))
			return false;
	}
	return true;
}

/* --- tables ----------------------------------------------------------- */

static const struct sieve_op op_setflag = { "setflag", "l", exec_setflag,
	"flags := l" };
static const struct sieve_op op_addflag = { "addflag", "l", exec_addflag,
	"flags := flags and l" };
static const struct sieve_op op_removeflag = { "removeflag", "l",
	exec_removeflag, "flags := flags without l" };
static const struct sieve_op op_hasflag = { "hasflag", "m", exec_hasflag,
	"T := one of the flags matches m" };

static const struct sieve_op op_setflag_in = { "setflag-in", "sl",
	exec_setflag_in, "variable s := l" };
static const struct sieve_op op_addflag_in = { "addflag-in", "sl",
	exec_addflag_in, "variable s := variable s and l" };
static const struct sieve_op op_removeflag_in = { "removeflag-in", "sl",
	exec_removeflag_in, "variable s := variable s without l" };
static const struct sieve_op op_hasflag_in = { "hasflag-in", "lm",
	exec_hasflag_in, "T := a flag in one of the variables l matches m" };

static const struct sieve_tag tags[] = {
	{ .name = "flags", .on = "keep fileinto", .arg = 'l', .operand = 1 },
	{ .name = "flags", /* RFC 8580 s. 3.1.1 */
	    .on = "vacation notify",
	    .with = "fcc",
	    .arg = 'l',
	    .operand = 1 },
	{ 0 },
};

static const struct sieve_cmd setflag_in = { .name = "setflag",
	.op = &op_setflag_in,
	.args = "variablename list-of-flags",
	.check = check_names };
static const struct sieve_cmd addflag_in = { .name = "addflag",
	.op = &op_addflag_in,
	.args = "variablename list-of-flags",
	.check = check_names };
static const struct sieve_cmd removeflag_in = { .name = "removeflag",
	.op = &op_removeflag_in,
	.args = "variablename list-of-flags",
	.check = check_names };
static const struct sieve_cmd hasflag_in = { .name = "hasflag",
	.kind = SIEVE_TEST,
	.op = &op_hasflag_in,
	.args = "variable-list list-of-flags",
	.classes = "@match",
	.check = check_names };

static const struct sieve_cmd cmds[] = {
	{ .name = "setflag",
	    .op = &op_setflag,
	    .args = "list-of-flags",
	    .other = &setflag_in },
	{ .name = "addflag",
	    .op = &op_addflag,
	    .args = "list-of-flags",
	    .other = &addflag_in },
	{ .name = "removeflag",
	    .op = &op_removeflag,
	    .args = "list-of-flags",
	    .other = &removeflag_in },
	{ .name = "hasflag",
	    .kind = SIEVE_TEST,
	    .op = &op_hasflag,
	    .args = "list-of-flags",
	    .classes = "@match",
	    .other = &hasflag_in },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_setflag,
	&op_addflag,
	&op_removeflag,
	&op_hasflag,
	&op_setflag_in,
	&op_addflag_in,
	&op_removeflag_in,
	&op_hasflag_in,
	NULL,
};

const struct sieve_ext ext_imap4flags = {
	.name = "imap4flags",
	.rfc = "RFC 5232",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
