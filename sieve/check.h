/*
 * check: does the tree say something the command tables know? Resolves
 * commands and tags in place.
 *   RFC 5228 s. 2.6, 2.10.5, 3
 */
#ifndef TAMIS_SIEVE_CHECK_H
#define TAMIS_SIEVE_CHECK_H

#include "sieve/ext.h"

struct check;

/* capabilities: filled with what the script requires */
void check_script(struct arena *, struct tree_node *, struct diag *,
    struct strlist *capabilities);

/* For the check functions of commands and tags. */
struct diag *check_diag(struct check *);
struct arena *check_arena(struct check *);
bool check_enabled(const struct check *, const struct sieve_ext *);

/* The i-th positional argument, from 0; NULL when there are fewer. */
const struct tree_arg *tree_positional(const struct tree_node *, size_t i);

/* The tag of that group, or NULL. */
const struct tree_arg *tree_tag(const struct tree_node *, const char *group);

#endif
