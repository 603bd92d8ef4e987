/*
 * servermetadata: test the annotations of the server. RFC 5490 s. 4
 */
#include "sieve/ext.h"
#include "sieve/metadata.h"

static bool
exec_metadata(struct sieve_vm *vm, const uint64_t *v)
{
	return metadata_match(vm, S(""), vm_string(vm, v[0]), v[1]);
}

static bool
exec_exists(struct sieve_vm *vm, const uint64_t *v)
{
	return metadata_exist(vm, S(""), v[0]);
}

static const struct sieve_op op_metadata = { "servermetadata", "sm",
	exec_metadata, "T := the server has annotation s and it matches m" };
static const struct sieve_op op_exists = { "servermetadataexists", "l",
	exec_exists, "T := the server has every annotation l" };

static const struct sieve_cmd cmds[] = {
	{ .name = "servermetadata",
	    .kind = SIEVE_TEST,
	    .op = &op_metadata,
	    .args = "annotation-name key-list",
	    .classes = "@match" },
	{ .name = "servermetadataexists",
	    .kind = SIEVE_TEST,
	    .op = &op_exists,
	    .args = "annotation-names" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_metadata,
	&op_exists,
	NULL,
};

const struct sieve_ext ext_servermetadata = {
	.name = "servermetadata",
	.rfc = "RFC 5490",
	.cmds = cmds,
	.ops = ops,
};
