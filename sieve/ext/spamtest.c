/*
 * spamtest: how likely a message is spam, from 1 to 10.
 * RFC 5235 s. 3.2
 */
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/scanner.h"

static bool
exec_spamtest(struct sieve_vm *vm, const uint64_t *v)
{
	return scanner_match(vm, vm->env->spam_scanner, 10, v[0] != 0, v[1]);
}

/* One value, not a list of them. */
static void
check_spamtest(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (a->kind == TREE_LIST)
		diag_add(check_diag(c), a->at, S(""),
		    "the spamtest test expects a string as argument 1 (value), "
		    "found a string list");
}

static const struct sieve_op op_spamtest = { "spamtest", "fm", exec_spamtest,
	"T := the result of the scan matches m" };

static const struct sieve_cmd cmds[] = {
	{ .name = "spamtest",
	    .kind = SIEVE_TEST,
	    .op = &op_spamtest,
	    .args = "value",
	    .classes = "@match",
	    .check = check_spamtest },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_spamtest,
	NULL,
};

const struct sieve_ext ext_spamtest = {
	.name = "spamtest",
	.rfc = "RFC 5235",
	.cmds = cmds,
	.ops = ops,
};
