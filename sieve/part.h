/*
 * part: the MIME parts of the message as scripts see them, and the loop over
 * them. RFC 5173, RFC 5703
 */
#ifndef TAMIS_SIEVE_PART_H
#define TAMIS_SIEVE_PART_H

#include "lib/mime.h"
#include "sieve/run.h"

/* A foreverypart that is being executed. */
struct part_loop {
	struct part_loop *up;
	const struct mime_part *root; /* whose parts; NULL: all */
	const struct mime_part *at;   /* NULL: before the first */
	uint32_t again;               /* instruction that takes the next one */
	uint32_t end;                 /* and the one behind the loop */
};

/* Scripts and mail end lines with CRLF; a store may have made it LF. Cut at
 * the limit for bodies. */
struct str part_crlf(struct sieve_vm *, struct arena *, struct str);

/* The body, decoded; of text in UTF-8. Not charged. */
struct str part_text(
    struct sieve_vm *, struct arena *, const struct mime_part *);

/* The parts, the message itself first; NULL: the budget is used up. */
const struct mime_part *part_all(struct sieve_vm *);

/* The part that a loop is at, or else the message itself. */
const struct mime_part *part_current(struct sieve_vm *);

/* The next one of what root is made of, root not counted; NULL: none. at
 * NULL: the first. */
const struct mime_part *part_next(
    const struct mime_part *root, const struct mime_part *at);

/* The header of a part, to be searched; of the message itself as the script
 * has made it. NULL: the budget is used up. */
const struct message *part_header(struct sieve_vm *, const struct mime_part *);

#endif
