/*
 * ereject: refuse a message in the protocol, if the reason can be said or not.
 * How that is done is not known here. RFC 5429 s. 2.1
 */
#include "sieve/ext.h"
#include "sieve/refuse.h"

static bool
exec_ereject(struct sieve_vm *vm, const uint64_t *v)
{
	return refuse(vm, vm_string(vm, v[0]), true);
}

static const struct sieve_op op_ereject = { "ereject", "s", exec_ereject,
	"add REFUSE s; cancel the implicit keep" };

static const struct sieve_cmd cmds[] = {
	{ .name = "ereject", .op = &op_ereject, .args = "reason" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_ereject,
	NULL,
};

const struct sieve_ext ext_ereject = {
	.name = "ereject",
	.rfc = "RFC 5429",
	.cmds = cmds,
	.ops = ops,
};
