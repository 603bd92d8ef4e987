/*
 * fileinto: file the message into a mailbox. RFC 5228 s. 4.1
 */
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/target.h"

static bool
exec_fileinto(struct sieve_vm *vm, const uint64_t *v)
{
	struct intent like = { .verb = INTENT_STORE,
		.flags = (uint32_t)v[0] & TARGET_PLAN };

	return target_find(vm, v, "fileinto", &like.target, &like.specialuse) &&
	       vm_intent_with(vm, &like, v[TARGET_AT_FLAGS]);
}

static void
check_fileinto(struct check *c, const struct tree_node *node)
{
	target_check_mailbox(c, tree_positional(node, 0));
}

static const struct sieve_op op_fileinto = { "fileinto", "fLsSS", exec_fileinto,
	"add STORE s; cancel the implicit keep unless :copy" };

static const struct sieve_cmd cmds[] = {
	{ .name = "fileinto",
	    .op = &op_fileinto,
	    .args = "mailbox",
	    .check = check_fileinto },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_fileinto,
	NULL,
};

const struct sieve_ext ext_fileinto = {
	.name = "fileinto",
	.rfc = "RFC 5228",
	.cmds = cmds,
	.ops = ops,
};
