/*
 * mboxmetadata: test the annotations of a mailbox. RFC 5490 s. 3.3 and 3.4
 */
#include "sieve/ext.h"
#include "sieve/metadata.h"

static bool
exec_metadata(struct sieve_vm *vm, const uint64_t *v)
{
	struct str mailbox = vm_string(vm, v[0]);

	vm->truth = false;
	/* "" is no mailbox, and would mean the server */
	return mailbox.len == 0 ||
	       metadata_match(vm, mailbox, vm_string(vm, v[1]), v[2]);
}

static bool
exec_exists(struct sieve_vm *vm, const uint64_t *v)
{
	struct str mailbox = vm_string(vm, v[0]);

	vm->truth = false;
	return mailbox.len == 0 || metadata_exist(vm, mailbox, v[1]);
}

static const struct sieve_op op_metadata = { "metadata", "ssm", exec_metadata,
	"T := mailbox s has annotation s and it matches m" };
static const struct sieve_op op_exists = { "metadataexists", "sl", exec_exists,
	"T := mailbox s has every annotation l" };

static const struct sieve_cmd cmds[] = {
	{ .name = "metadata",
	    .kind = SIEVE_TEST,
	    .op = &op_metadata,
	    .args = "mailbox annotation-name key-list",
	    .classes = "@match" },
	{ .name = "metadataexists",
	    .kind = SIEVE_TEST,
	    .op = &op_exists,
	    .args = "mailbox annotation-names" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_metadata,
	&op_exists,
	NULL,
};

const struct sieve_ext ext_mboxmetadata = {
	.name = "mboxmetadata",
	.rfc = "RFC 5490",
	.cmds = cmds,
	.ops = ops,
};
