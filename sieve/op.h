/*
 * op: operations and the letters of their signatures.
 *
 *   n number   s string   l string list   h list of header field names
 *   m match: comparator, match type, keys    p address part    f flags
 *   j jump, forward only
 *   N S L as n s l, but filled by a tag; 0, "" and the empty list without
 */
#ifndef TAMIS_SIEVE_OP_H
#define TAMIS_SIEVE_OP_H

#include "sieve/code.h"

struct sieve_vm;

struct sieve_op {
	const char *name;
	const char *sig; /* one letter for each operand */
	/* v: the operands; false: the script failed, vm_fail was called */
	bool (*exec)(struct sieve_vm *, const uint64_t *v);
	const char *doc; /* what it does, as an equation */
};

struct operand_kind {
	char letter;
	const char *name;
	bool (*valid)(
	    const struct sieve_program *, uint32_t pc, uint64_t value);
	void (*print)(const struct sieve_program *, const struct sieve_op *,
	    uint64_t value, struct buf *);
};

const struct operand_kind *operand_kind(char letter);

/* A string as the disassembler and the plan show it. */
void print_quoted(struct buf *, struct str);

#endif
