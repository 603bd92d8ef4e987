/*
 * reject: refuse a message, with the very words of the reason.
 * How that is done is not known here. RFC 5429 s. 2.2
 */
#include "sieve/ext.h"
#include "sieve/refuse.h"

static bool
exec_reject(struct sieve_vm *vm, const uint64_t *v)
{
	return refuse(vm, vm_string(vm, v[0]), false);
}

static const struct sieve_op op_reject = { "reject", "s", exec_reject,
	"add REFUSE s; cancel the implicit keep" };

static const struct sieve_cmd cmds[] = {
	{ .name = "reject", .op = &op_reject, .args = "reason" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_reject,
	NULL,
};

const struct sieve_ext ext_reject = {
	.name = "reject",
	.rfc = "RFC 5429",
	.cmds = cmds,
	.ops = ops,
};
