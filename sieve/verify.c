/*
 * verify: is a program that was read from a file one that compile could have
 * made? Everything the machine relies on is checked here, so it need not be
 * checked again at run time.
 */
#include "lib/arena.h"
#include "sieve/op.h"

/* Octets of keys that are folded after a load. A file could make many tests
 * share one long list; compile never does. */
static const uint64_t max_key_octets = UINT64_C(64) << 20;

static bool
refuse(struct fail *why, const char *what, uint32_t i)
{
	return fail_perm(
	    why, "5.6.0", "compiled script: %s %u is out of range", what, i);
}

static bool
lists_valid(const struct sieve_program *prog, struct fail *why)
{
	for (uint32_t i = 0; i < prog->nlists; i++)
		for (uint32_t k = 0; k < prog->list[i].n; k++)
			if (prog->list[i].v[k] >= prog->nstrings)
				return refuse(why, "list", i);
	if (prog->nlists == 0 || prog->list[0].n != 0)
		return refuse(why, "list", 0);
	if (prog->nstrings == 0 || prog->string[0].len != 0 || prog->refs[0])
		return refuse(why, "string", 0);
	return true;
}

static uint64_t
key_octets(const struct sieve_program *prog, const struct sieve_list *list)
{
	uint64_t sum = 0;

	/* each key costs a slice or two besides its octets */
	for (uint32_t k = 0; k < list->n; k++)
		sum += prog->string[list->v[k]].len + 32;
	return sum;
}

static bool
matches_valid(const struct sieve_program *prog, struct fail *why)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < prog->nmatches; i++) {
		const struct sieve_match *m = &prog->match[i];

		if (m->list >= prog->nlists ||
		    (m->type->substring && !m->comparator->substring))
			return refuse(why, "match", i);
		sum += key_octets(prog, &prog->list[m->list]);
		if (sum > max_key_octets)
			return refuse(why, "match", i);
	}
	return true;
}

static bool
insn_valid(const struct sieve_program *prog, uint32_t pc)
{
	const struct sieve_insn *in = &prog->code[pc];
	size_t n = strlen(in->op->sig);

	if (in->at > prog->noperands || n > prog->noperands - in->at)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!operand_kind(in->op->sig[i])
			 ->valid(prog, pc, prog->operand[in->at + i]))
			return false;
	return true;
}

bool
program_verify(const struct sieve_program *prog, struct fail *why)
{
	if (!lists_valid(prog, why) || !matches_valid(prog, why))
		return false;
	for (uint32_t pc = 0; pc < prog->ncode; pc++)
		if (!insn_valid(prog, pc))
			return refuse(why, "instruction", pc);
	return true;
}
