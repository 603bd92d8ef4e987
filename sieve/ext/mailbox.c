/*
 * mailbox: ask whether mailboxes exist, and let fileinto make them.
 * RFC 5490 s. 3.1 and 3.2,
 * RFC 8580 s. 3.1.2
 */
#include "sieve/ext.h"

static bool
exists(const struct sieve_env *env, struct str mailbox)
{
	return env->mailbox_exists != NULL &&
	       env->mailbox_exists(env->ctx, mailbox);
}

/* The host has to look: each mailbox is charged like a kilobyte. */
static bool
exec_mailboxexists(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *names = vm_list(vm, v[0]);

	vm->truth = true;
	for (uint32_t i = 0; i < names->n && vm->truth; i++) {
		struct str name = vm_string(vm, names->v[i]);

		if (!vm_spend(vm, 1024 + name.len))
			return false;
		vm->truth = exists(vm->env, name);
	}
	return true;
}

static const struct sieve_op op_mailboxexists = { "mailboxexists", "l",
	exec_mailboxexists, "T := every mailbox l exists" };

static const struct sieve_tag tags[] = {
	{ .name = "create", .on = "fileinto", .flag = PLAN_CREATE },
	{ .name = "create",
	    .on = "vacation notify",
	    .with = "fcc",
	    .flag = PLAN_CREATE },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "mailboxexists",
	    .kind = SIEVE_TEST,
	    .op = &op_mailboxexists,
	    .args = "mailbox-names" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_mailboxexists,
	NULL,
};

const struct sieve_ext ext_mailbox = {
	.name = "mailbox",
	.rfc = "RFC 5490",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
