/*
 * special-use: mailboxes by what they are for. Which one has a special use,
 * the host knows. RFC 8579, whole
 */
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/target.h"

static bool
has_use(struct sieve_vm *vm, struct str mailbox, struct str use)
{
	const struct sieve_env *env = vm->env;
	struct str found = STR("");

	/* the host has to look: charged like a kilobyte */
	if (!vm_spend(vm, 1024 + use.len))
		return false;
	return env->special_use != NULL && target_is_specialuse(use) &&
	       env->special_use(env->ctx, mailbox, use, &found) &&
	       found.len > 0;
}

static bool
each_use(struct sieve_vm *vm, struct str mailbox, uint64_t list)
{
	const struct sieve_list *uses = vm_list(vm, list);

	for (uint32_t i = 0; i < uses->n && vm->truth; i++)
		vm->truth = has_use(vm, mailbox, vm_string(vm, uses->v[i]));
	return !vm->failed;
}

/* s. 3: any mailbox for each of the uses, which may be several */
static bool
exec_exists(struct sieve_vm *vm, const uint64_t *v)
{
	vm->truth = true;
	return each_use(vm, S(""), v[0]);
}

/* s. 3: this mailbox for all of them */
static bool
exec_exists_in(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_env *env = vm->env;
	struct str mailbox = vm_string(vm, v[0]);

	if (!vm_spend(vm, 1024 + mailbox.len))
		return false;
	vm->truth = mailbox.len > 0 && env->mailbox_exists != NULL &&
	            env->mailbox_exists(env->ctx, mailbox);
	return each_use(vm, mailbox, v[1]);
}

static const struct sieve_op op_exists = { "specialuse_exists", "l",
	exec_exists, "T := for every special use l there is a mailbox" };
static const struct sieve_op op_exists_in = { "specialuse_exists-in", "sl",
	exec_exists_in, "T := mailbox s exists and has every special use l" };

static const struct sieve_tag tags[] = {
	{ .name = "specialuse",
	    .on = "fileinto",
	    .group = "mailbox finder",
	    .arg = 's',
	    .operand = TARGET_AT_SPECIALUSE,
	    .flag = TARGET_SPECIALUSE,
	    .check = target_check_specialuse },
	{ .name = "specialuse",
	    .on = "vacation notify",
	    .group = "mailbox finder",
	    .with = "fcc",
	    .arg = 's',
	    .operand = TARGET_AT_SPECIALUSE,
	    .flag = TARGET_SPECIALUSE,
	    .check = target_check_specialuse },
	{ 0 },
};

static const struct sieve_cmd exists_in = { .name = "specialuse_exists",
	.kind = SIEVE_TEST,
	.op = &op_exists_in,
	.args = "mailbox special-use-attrs" };

static const struct sieve_cmd cmds[] = {
	{ .name = "specialuse_exists",
	    .kind = SIEVE_TEST,
	    .op = &op_exists,
	    .args = "special-use-attrs",
	    .other = &exists_in },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_exists,
	&op_exists_in,
	NULL,
};

const struct sieve_ext ext_special_use = {
	.name = "special-use",
	.rfc = "RFC 8579",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
