/*
 * flow: control flow of the base language: if, elsif, else, stop, require,
 * and the tests made of tests. Everything becomes jumps forward over one
 * truth register. RFC 5228 s. 3, 5.2, 5.3, 5.6, 5.8, 5.10
 */
#include "sieve/compile.h"

static bool
exec_jump(struct sieve_vm *vm, const uint64_t *v)
{
	vm->pc = (uint32_t)v[0];
	return true;
}

static bool
exec_jump_false(struct sieve_vm *vm, const uint64_t *v)
{
	if (!vm->truth)
		vm->pc = (uint32_t)v[0];
	return true;
}

static bool
exec_jump_true(struct sieve_vm *vm, const uint64_t *v)
{
	if (vm->truth)
		vm->pc = (uint32_t)v[0];
	return true;
}

static bool
exec_true(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	vm->truth = true;
	return true;
}

static bool
exec_false(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	vm->truth = false;
	return true;
}

static bool
exec_not(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	vm->truth = !vm->truth;
	return true;
}

static bool
exec_stop(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	vm->stopped = true;
	return true;
}

/* RFC 5463 s. 4: usable after an ihave that succeeded */
static bool
exec_need(struct sieve_vm *vm, const uint64_t *v)
{
	struct str name = vm_string(vm, v[0]);

	if (strlist_has(&vm->gained, name))
		return true;
	return vm_fail(vm,
	    "extension \"%.*s\" is neither required nor found by ihave",
	    STR_ARG(name));
}

static bool
exec_unavailable(struct sieve_vm *vm, const uint64_t *v)
{
	return vm_fail(vm, "%.*s", STR_ARG(vm_string(vm, v[0])));
}

const struct sieve_op op_need = { "need", "s", exec_need,
	"fail unless ihave found extension s" };
const struct sieve_op op_unavailable = { "unavailable", "s", exec_unavailable,
	"fail: s is not known" };
static const struct sieve_op op_jump = { "jump", "j", exec_jump, "goto j" };
static const struct sieve_op op_jfalse = { "jfalse", "j", exec_jump_false,
	"if !T goto j" };
static const struct sieve_op op_jtrue = { "jtrue", "j", exec_jump_true,
	"if T goto j" };
static const struct sieve_op op_true = { "true", "", exec_true, "T := true" };
static const struct sieve_op op_false = { "false", "", exec_false,
	"T := false" };
static const struct sieve_op op_not = { "not", "", exec_not, "T := !T" };
static const struct sieve_op op_stop = { "stop", "", exec_stop, "end" };

static const struct sieve_op *const ops[] = {
	&op_jump,
	&op_jfalse,
	&op_jtrue,
	&op_true,
	&op_false,
	&op_not,
	&op_stop,
	&op_need,
	&op_unavailable,
	NULL,
};

static bool
follows_me(const struct tree_node *next)
{
	return next != NULL && next->cmd != NULL && next->cmd->follows != NULL;
}

/* if test { a } elsif test { b } else { c }: the whole chain at once */
static void
emit_if(struct compile *c, const struct tree_node *node)
{
	uint32_t out = JUMPS_NONE;

	for (;; node = node->next) {
		uint32_t skip = JUMPS_NONE;

		if (node->tests != NULL) {
			compile_node(c, node->tests);
			compile_jump(c, node, &op_jfalse, &skip);
		}
		compile_block(c, node->block);
		if (follows_me(node->next))
			compile_jump(c, node, &op_jump, &out);
		compile_land(c, &skip);
		if (!follows_me(node->next))
			break;
	}
	compile_land(c, &out);
}

static void
emit_list(struct compile *c, const struct tree_node *node,
    const struct sieve_op *leave)
{
	uint32_t out = JUMPS_NONE;

	for (const struct tree_node *t = node->tests; t != NULL; t = t->next) {
		compile_node(c, t);
		if (t->next != NULL)
			compile_jump(c, node, leave, &out);
	}
	compile_land(c, &out);
}

static void
emit_anyof(struct compile *c, const struct tree_node *node)
{
	emit_list(c, node, &op_jtrue);
}

static void
emit_allof(struct compile *c, const struct tree_node *node)
{
	emit_list(c, node, &op_jfalse);
}

static void
emit_not(struct compile *c, const struct tree_node *node)
{
	compile_node(c, node->tests);
	compile_op(c, node, &op_not);
}

static void
emit_nothing(struct compile *c, const struct tree_node *node)
{
	(void)c;
	(void)node;
}

static const struct sieve_cmd cmds[] = {
	{ .name = "require",
	    .sig = "l",
	    .args = "capabilities",
	    .emit = emit_nothing },
	{ .name = "if",
	    .tests = SIEVE_ONE_TEST,
	    .block = true,
	    .emit = emit_if },
	{ .name = "elsif",
	    .tests = SIEVE_ONE_TEST,
	    .block = true,
	    .follows = "if elsif",
	    .emit = emit_nothing },
	{ .name = "else",
	    .block = true,
	    .follows = "if elsif",
	    .emit = emit_nothing },
	{ .name = "stop", .op = &op_stop, .ends = true },
	{ .name = "true", .kind = SIEVE_TEST, .op = &op_true },
	{ .name = "false", .kind = SIEVE_TEST, .op = &op_false },
	{ .name = "not",
	    .kind = SIEVE_TEST,
	    .tests = SIEVE_ONE_TEST,
	    .emit = emit_not },
	{ .name = "anyof",
	    .kind = SIEVE_TEST,
	    .tests = SIEVE_TEST_LIST,
	    .emit = emit_anyof },
	{ .name = "allof",
	    .kind = SIEVE_TEST,
	    .tests = SIEVE_TEST_LIST,
	    .emit = emit_allof },
	{ 0 },
};

const struct sieve_ext ext_flow = {
	.rfc = "RFC 5228",
	.cmds = cmds,
	.ops = ops,
};
