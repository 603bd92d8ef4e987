/*
 * code: what a compiled script is made of. Shared by the files that make,
 * verify, print, save and run it.
 */
#ifndef TAMIS_SIEVE_CODE_H
#define TAMIS_SIEVE_CODE_H

#include "sieve/match.h"
#include "sieve/program.h"
#include "sieve/template.h"

struct sieve_op;
struct sieve_part;

struct sieve_insn {
	const struct sieve_op *op;
	uint32_t line, column;
	uint32_t at; /* index of its first operand */
};

struct sieve_list {
	uint32_t *v; /* indices of strings */
	uint32_t n;
};

/* List 0 is empty, string 0 is "". */
struct sieve_program {
	struct digest source;
	struct sieve_insn *code;
	uint32_t ncode;
	uint64_t *operand;
	uint32_t noperands;
	struct str *string;  /* as written */
	bool *refs;          /* by index: it holds references to variables */
	uint32_t *name_hash; /* by index, made by program_prepare: as a name of
	                        a header field, 0: it can be none */
	struct template **template; /* those taken apart; NULL: text only */
	uint32_t nstrings;
	struct sieve_list *list;
	uint32_t nlists;
	struct sieve_match *match;
	uint32_t nmatches;
	const struct sieve_part **part;
	uint32_t nparts;
	struct strlist capabilities; /* that it requires */
	bool references;             /* one of them has variables */
	bool counts; /* made by program_prepare: a match counts */
};

/* Work that is done once per program, before the first run. */
void program_prepare(struct arena *, struct sieve_program *);

/* For message_find_hashed; 0: that is no name of a header field. */
uint32_t program_name_hash(struct str name);

/* Operands of an instruction. */
const uint64_t *program_operands(
    const struct sieve_program *, const struct sieve_insn *);

/*
 * Every operand is what its letter says, every jump goes forward, every
 * index is in range. Needed after load only; compile makes nothing else.
 */
bool program_verify(const struct sieve_program *, struct fail *why);

/* Operands of one instruction as text. */
void program_print_operands(
    const struct sieve_program *, uint32_t pc, struct buf *out);

#endif
