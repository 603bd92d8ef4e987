/*
 * envelope-dsn: the envelope test on what the client asked for about delivery
 * status notifications. RFC 6009 s. 4
 */
#include "sieve/ext.h"

/* What was not given has no value. */
static bool
match_one(struct sieve_vm *vm, struct str value, uint64_t m)
{
	return value.len == 0 || vm_match_str(vm, m, value);
}

/* One value for each condition. */
static bool
match_notify(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	struct str rest = vm->env->dsn_notify, value;

	(void)zone;
	while (!vm->truth && rest.len > 0 && str_cut(&rest, ',', &value))
		if (!match_one(vm, value, m))
			return false;
	return true;
}

static bool
match_orcpt(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	(void)zone;
	return match_one(vm, vm->env->dsn_orcpt, m);
}

static bool
match_ret(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	(void)zone;
	return match_one(vm, vm->env->dsn_ret, m);
}

static bool
match_envid(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	(void)zone;
	return match_one(vm, vm->env->dsn_envid, m);
}

static const struct sieve_envelope_part parts[] = {
	{ "notify", match_notify },
	{ "orcpt", match_orcpt },
	{ "ret", match_ret },
	{ "envid", match_envid },
	{ 0 },
};

const struct sieve_ext ext_envelope_dsn = {
	.name = "envelope-dsn",
	.rfc = "RFC 6009",
	.envelope = parts,
};
