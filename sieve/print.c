/*
 * print: a program as text, an instruction a line. The trace uses the same
 * words. Knows the layout of the line; operands print themselves.
 */
#include "sieve/op.h"

void
program_print_operands(
    const struct sieve_program *prog, uint32_t pc, struct buf *out)
{
	const struct sieve_insn *in = &prog->code[pc];
	const uint64_t *v = program_operands(prog, in);

	for (const char *sig = in->op->sig; *sig != '\0'; sig++)
		operand_kind(*sig)->print(prog, in->op, *v++, out);
}

static void
print_requires(const struct sieve_program *prog, struct buf *out)
{
	if (prog->capabilities.n == 0)
		return;
	buf_adds(out, S("require"));
	for (size_t i = 0; i < prog->capabilities.n; i++) {
		buf_addc(out, ' ');
		print_quoted(out, prog->capabilities.v[i]);
	}
	buf_addc(out, '\n');
}

void
sieve_print(const struct sieve_program *prog, struct buf *out)
{
	print_requires(prog, out);
	for (uint32_t pc = 0; pc < prog->ncode; pc++) {
		const struct sieve_insn *in = &prog->code[pc];

		buf_printf(out, "%04u  %u:%u  %s", pc, in->line, in->column,
		    in->op->name);
		program_print_operands(prog, pc, out);
		buf_addc(out, '\n');
	}
}
