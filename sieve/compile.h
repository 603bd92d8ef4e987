/*
 * compile: a checked tree to a program.
 */
#ifndef TAMIS_SIEVE_COMPILE_H
#define TAMIS_SIEVE_COMPILE_H

#include "sieve/ext.h"

/* The program lives in the arena and refers to nothing else. */
struct sieve_program *compile_script(struct arena *, const struct tree_node *);

/* --- for the emit functions of commands ------------------------------- */

struct compile;

void compile_block(struct compile *, const struct tree_node *first);
void compile_node(struct compile *, const struct tree_node *);

/* op with the operands the node's arguments give it. */
void compile_op(
    struct compile *, const struct tree_node *, const struct sieve_op *);

/* op, which takes one string. */
void compile_string_op(struct compile *, const struct tree_node *,
    const struct sieve_op *, struct str);

/* In flow.c: what ihave leaves to the machine. RFC 5463 */
extern const struct sieve_op op_need, op_unavailable;

/*
 * Jumps that are to end at one place: start with JUMPS_NONE, add jumps, say
 * where. The pending jumps are chained through their own operands.
 */
enum { JUMPS_NONE = 0 };
void compile_jump(struct compile *, const struct tree_node *,
    const struct sieve_op *, uint32_t *jumps);
void compile_land(struct compile *, uint32_t *jumps);

/* The loops around what is being emitted, innermost first. RFC 5703 s. 3 */
struct compile_loop {
	struct compile_loop *up;
	struct str name; /* "": none */
	uint32_t out;    /* jumps to its end */
};
struct compile_loop **compile_loops(struct compile *);

#endif
