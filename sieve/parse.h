/*
 * parse: tokens to tree. Recursion is bounded by limits->nesting. After an
 * error it goes on at the next ";", "}", "{" or, in tests, ",".
 *   RFC 5228 s. 8.2
 */
#ifndef TAMIS_SIEVE_PARSE_H
#define TAMIS_SIEVE_PARSE_H

#include "sieve/tree.h"

/* The commands of a script; NULL for none. Errors go to diag. */
struct tree_node *parse_script(struct arena *, struct str text,
    const struct sieve_limits *, struct diag *);

#endif
