/*
 * refuse: the intent of reject and ereject. RFC 5429 s. 2
 */
#include "sieve/refuse.h"

#include "lib/arena.h"

bool
refuse(struct sieve_vm *vm, struct str reason, bool ereject)
{
	struct plan_refuse *refuse = ARENA_NEW(vm->arena, struct plan_refuse);
	const struct intent like = { .verb = INTENT_REFUSE,
		.target = vm->env->sender,
		.refuse = refuse };

	refuse->reason = str_dup(vm->arena, reason);
	refuse->ereject = ereject;
	return vm_intent_with(vm, &like, 0);
}
