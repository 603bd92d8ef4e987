/*
 * foreverypart: the loop over the parts of the message, and break. The only
 * way back in a program: the machine remembers where a loop began, and each
 * round takes one part, so that it ends. RFC 5703 s. 3
 */
#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/compile.h"
#include "sieve/part.h"

enum { LOOPS_MAX = 32 }; /* as blocks are nested */

/* --- running ---------------------------------------------------------- */

static bool
exec_begin(struct sieve_vm *vm, const uint64_t *v)
{
	struct part_loop *loop = ARENA_NEW(vm->arena, struct part_loop);
	unsigned depth = 0;

	(void)v;
	for (const struct part_loop *l = vm->loop; l != NULL; l = l->up)
		depth++;
	if (depth >= LOOPS_MAX)
		return vm_fail(
		    vm, "foreverypart: more than %d loops", LOOPS_MAX);
	loop->up = vm->loop;
	loop->root = vm->loop != NULL ? vm->loop->at : NULL;
	loop->again = vm->pc;
	vm->loop = loop;
	return vm_spend(vm, sizeof(*loop)) && part_all(vm) != NULL;
}

static bool
exec_next(struct sieve_vm *vm, const uint64_t *v)
{
	struct part_loop *loop = vm->loop;
	const struct mime_part *next;

	if (loop == NULL)
		return vm_fail(vm, "foreverypart: there is no loop");
	loop->end = (uint32_t)v[0];
	if (loop->root != NULL)
		next = part_next(loop->root, loop->at);
	else
		next = loop->at != NULL ? loop->at->next : part_all(vm);
	if (next == NULL)
		vm->pc = loop->end;
	else
		loop->at = next;
	return !vm->failed;
}

static bool
exec_again(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	if (vm->loop == NULL)
		return vm_fail(vm, "foreverypart: there is no loop");
	vm->pc = vm->loop->again;
	return true;
}

/* A break may have left several at once. */
static bool
exec_end(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	while (vm->loop != NULL && vm->loop->end != vm->at)
		vm->loop = vm->loop->up;
	if (vm->loop != NULL)
		vm->loop = vm->loop->up;
	return true;
}

static bool
exec_break(struct sieve_vm *vm, const uint64_t *v)
{
	vm->pc = (uint32_t)v[0];
	return true;
}

static const struct sieve_op op_begin = { "parts-begin", "", exec_begin,
	"a loop over the parts begins" };
static const struct sieve_op op_next = { "parts-next", "j", exec_next,
	"take the next part; without one goto j" };
static const struct sieve_op op_again = { "parts-again", "", exec_again,
	"goto parts-next of the loop" };
static const struct sieve_op op_end = { "parts-end", "", exec_end,
	"the loop ends" };
static const struct sieve_op op_break = { "parts-break", "j", exec_break,
	"goto j, where a loop ends" };

/* --- compiling -------------------------------------------------------- */

/* Of "foreverypart" and "break"; "": none */
static struct str
loop_name(const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "name");

	return tag != NULL && tag->next != NULL && tag->next->n > 0
	           ? tag->next->v[0].text
	           : S("");
}

static void
emit_foreverypart(struct compile *c, const struct tree_node *node)
{
	struct compile_loop **loops = compile_loops(c);
	struct compile_loop loop = { *loops, loop_name(node), JUMPS_NONE };

	compile_op(c, node, &op_begin);
	compile_jump(c, node, &op_next, &loop.out);
	*loops = &loop;
	compile_block(c, node->block);
	*loops = loop.up;
	compile_op(c, node, &op_again);
	compile_land(c, &loop.out);
	compile_op(c, node, &op_end);
}

static void
emit_break(struct compile *c, const struct tree_node *node)
{
	struct str name = loop_name(node);
	struct compile_loop *loop = *compile_loops(c);

	while (loop != NULL && name.len > 0 && !str_eq(loop->name, name))
		loop = loop->up;
	/* check has seen to it, unless the loop itself was not known */
	if (loop != NULL)
		compile_jump(c, node, &op_break, &loop->out);
}

static void
check_name(struct check *c, const struct tree_arg *value)
{
	check_constant(c, &value->v[0], "the name of a loop");
}

static void
check_break(struct check *c, const struct tree_node *node)
{
	struct str name = loop_name(node);

	for (const struct tree_node *p = node->parent; p != NULL; p = p->parent)
		if (p->cmd != NULL && p->cmd->emit == emit_foreverypart &&
		    (name.len == 0 || str_eq(loop_name(p), name)))
			return;
	if (name.len > 0)
		diag_add(check_diag(c), node->at, S(""),
		    "\"break\" stands in no foreverypart with the name \"%s\"",
		    diag_quote(check_diag(c), name));
	else
		diag_add(check_diag(c), node->at, S(""),
		    "\"break\" stands in no foreverypart");
}

/* --- tables ----------------------------------------------------------- */

static const struct sieve_tag tags[] = {
	{ .name = "name",
	    .on = "foreverypart break",
	    .arg = 's',
	    .check = check_name },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "foreverypart", .block = true, .emit = emit_foreverypart },
	{ .name = "break", .emit = emit_break, .check = check_break },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_begin,
	&op_next,
	&op_again,
	&op_end,
	&op_break,
	NULL,
};

const struct sieve_ext ext_foreverypart = {
	.name = "foreverypart",
	.rfc = "RFC 5703",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
