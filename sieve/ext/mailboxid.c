/*
 * mailboxid: mailboxes by an id that stays when they are renamed. Which one
 * has it, the host knows. RFC 9042, whole
 */
#include "sieve/ext.h"
#include "sieve/target.h"

/* s. 6; the host has to look: charged like a kilobyte */
static bool
exec_exists(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *ids = vm_list(vm, v[0]);
	const struct sieve_env *env = vm->env;

	vm->truth = true;
	for (uint32_t i = 0; i < ids->n && vm->truth; i++) {
		struct str id = vm_string(vm, ids->v[i]), found = STR("");

		if (!vm_spend(vm, 1024 + id.len))
			return false;
		vm->truth = env->mailbox_by_id != NULL &&
		            env->mailbox_by_id(env->ctx, id, &found) &&
		            found.len > 0;
	}
	return true;
}

static const struct sieve_op op_exists = { "mailboxidexists", "l", exec_exists,
	"T := a mailbox with every id l exists" };

/* s. 4.2: one of the two only */
static const struct sieve_tag tags[] = {
	{ .name = "mailboxid",
	    .on = "fileinto",
	    .group = "mailbox finder",
	    .arg = 's',
	    .operand = TARGET_AT_MAILBOXID,
	    .flag = TARGET_MAILBOXID },
	{ .name = "mailboxid",
	    .on = "vacation notify",
	    .group = "mailbox finder",
	    .with = "fcc",
	    .arg = 's',
	    .operand = TARGET_AT_MAILBOXID,
	    .flag = TARGET_MAILBOXID },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "mailboxidexists",
	    .kind = SIEVE_TEST,
	    .op = &op_exists,
	    .args = "mailbox-objectids" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_exists,
	NULL,
};

const struct sieve_ext ext_mailboxid = {
	.name = "mailboxid",
	.rfc = "RFC 9042",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
