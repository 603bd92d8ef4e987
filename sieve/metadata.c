/*
 * metadata: knows which names annotations can have; the host knows which
 * there are. RFC 5464 s. 3.2, RFC 5490
 */
#include "sieve/metadata.h"

enum { ASK_COST = 1024 }; /* octets charged when the host has to look */

/* Names of other roots, and what is no name at all, have no values. */
static bool
is_entry_name(struct str name)
{
	if (!str_casestarts(name, S("/private/")) &&
	    !str_casestarts(name, S("/shared/")))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c < 0x20 || c >= 0x7f || c == '*' || c == '%' ||
		    (c == '/' && (i + 1 == name.len || name.p[i + 1] == '/')))
			return false;
	}
	return true;
}

/* *found as struct sieve_env says; false: the budget is used up */
static bool
get(struct sieve_vm *vm, struct str mailbox, struct str name, struct str *value,
    bool *found)
{
	const struct sieve_env *env = vm->env;

	if (!vm_spend(vm, ASK_COST + mailbox.len + name.len))
		return false;
	*value = S("");
	*found = env->metadata != NULL && is_entry_name(name) &&
	         env->metadata(env->ctx, mailbox, name, value);
	return true;
}

bool
metadata_exist(struct sieve_vm *vm, struct str mailbox, uint64_t list)
{
	const struct sieve_list *names = vm_list(vm, list);
	struct str value;

	vm->truth = true;
	for (uint32_t i = 0; i < names->n && vm->truth; i++)
		if (!get(vm, mailbox, vm_string(vm, names->v[i]), &value,
			&vm->truth))
			return false;
	return true;
}

bool
metadata_match(
    struct sieve_vm *vm, struct str mailbox, struct str name, uint64_t m)
{
	struct str value;
	bool found;

	vm->truth = false;
	if (!get(vm, mailbox, name, &value, &found))
		return false;
	return !found || vm_match_str(vm, m, value);
}
