/*
 * ihave: the test that asks for extensions, and the command error. What a
 * script uses that it does not require, check leaves to the machine.
 * RFC 5463, whole.
 */
#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/ext.h"

/* Required ones are there; what changes how a script is read is too late. */
static bool
has(const struct sieve_vm *vm, struct str name)
{
	const struct sieve_ext *ext = ext_by_capability(name);

	if (strlist_has(&vm->prog->capabilities, name))
		return true;
	return ext != NULL && ext->string == NULL && !ext->references;
}

static void
gain(struct sieve_vm *vm, struct str name)
{
	const struct sieve_ext *ext = ext_by_capability(name);

	if (strlist_has(&vm->gained, name))
		return;
	strlist_add(vm->arena, &vm->gained, str_dup(vm->arena, name));
	if (ext != NULL && ext->implies != NULL)
		gain(vm, str_c(ext->implies));
}

/* s. 4: all of them, or none is enabled */
static bool
exec_ihave(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *names = vm_list(vm, v[0]);

	vm->truth = true;
	for (uint32_t i = 0; i < names->n && vm->truth; i++)
		vm->truth = has(vm, vm_string(vm, names->v[i]));
	for (uint32_t i = 0; i < names->n && vm->truth; i++)
		gain(vm, vm_string(vm, names->v[i]));
	return true;
}

static void
check_ihave(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	for (size_t i = 0; a != NULL && i < a->n; i++)
		check_constant(c, &a->v[i], "the name of an extension");
}

/* s. 5 */
static bool
exec_error(struct sieve_vm *vm, const uint64_t *v)
{
	struct str text = vm_string(vm, v[0]);

	return vm_fail(vm, "%.*s", STR_ARG(text.len > 0 ? text : S("error")));
}

static const struct sieve_op op_ihave = { "ihave", "l", exec_ihave,
	"T := every extension l is there; if so it can be used" };
static const struct sieve_op op_error = { "error", "s", exec_error,
	"fail with s" };

static const struct sieve_cmd cmds[] = {
	{ .name = "ihave",
	    .kind = SIEVE_TEST,
	    .op = &op_ihave,
	    .args = "capabilities",
	    .check = check_ihave },
	{ .name = "error", .op = &op_error, .args = "message", .ends = true },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_ihave,
	&op_error,
	NULL,
};

const struct sieve_ext ext_ihave = {
	.name = "ihave",
	.rfc = "RFC 5463",
	.cmds = cmds,
	.ops = ops,
	.defers = true,
};
