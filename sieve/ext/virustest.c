/*
 * virustest: what a virus scanner found, from 1 to 5.
 * RFC 5235 s. 3.3
 */
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/scanner.h"

static bool
exec_virustest(struct sieve_vm *vm, const uint64_t *v)
{
	return scanner_match(vm, vm->env->virus_scanner, 5, v[0] != 0, v[1]);
}

/* One value, not a list of them. */
static void
check_virustest(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (a->kind == TREE_LIST)
		diag_add(check_diag(c), a->at, S(""),
		    "the virustest test expects a string as argument 1 "
		    "(value), "
		    "found a string list");
}

static const struct sieve_op op_virustest = { "virustest", "fm", exec_virustest,
	"T := the result of the scan matches m" };

static const struct sieve_cmd cmds[] = {
	{ .name = "virustest",
	    .kind = SIEVE_TEST,
	    .op = &op_virustest,
	    .args = "value",
	    .classes = "@match",
	    .check = check_virustest },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_virustest,
	NULL,
};

const struct sieve_ext ext_virustest = {
	.name = "virustest",
	.rfc = "RFC 5235",
	.cmds = cmds,
	.ops = ops,
};
