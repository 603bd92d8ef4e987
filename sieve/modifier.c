/*
 * modifier: knows in which order modifiers are applied; what each does stands
 * with the extension that has it. RFC 5229 s. 4.1
 */
#include "sieve/modifier.h"

#include "sieve/ext.h"

/* The modifier among flags with the highest precedence under below. */
static const struct sieve_modifier *
next_modifier(uint64_t flags, unsigned below)
{
	const struct sieve_modifier *best = NULL;
	const struct sieve_ext *ext;

	for (size_t i = 0; (ext = ext_at(i)) != NULL; i++)
		for (const struct sieve_tag *t = ext->tags;
		     t != NULL && t->name != NULL; t++)
			if (t->modifier != NULL && (t->flag & flags) != 0 &&
			    t->modifier->precedence < below &&
			    (best == NULL ||
				t->modifier->precedence > best->precedence))
				best = t->modifier;
	return best;
}

bool
modifiers_apply(struct sieve_vm *vm, uint64_t flags, struct str *value)
{
	const struct sieve_modifier *m =
	    flags != 0 ? next_modifier(flags, UINT32_MAX) : NULL;

	for (; m != NULL; m = next_modifier(flags, m->precedence)) {
		if (!vm_spend(vm, value->len))
			return false;
		*value = m->apply(vm_brief(vm), *value);
	}
	return true;
}
