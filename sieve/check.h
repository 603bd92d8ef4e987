/*
 * check: does the tree say something the command tables know? Resolves
 * commands and tags in place.
 *   RFC 5228 s. 2.6, 2.10.5, 3
 */
#ifndef TAMIS_SIEVE_CHECK_H
#define TAMIS_SIEVE_CHECK_H

#include "sieve/ext.h"

struct check;

/* What was found out, for those who come later. */
struct check_result {
	struct strlist capabilities; /* that the script requires */
	const bool *used; /* by index of the extension: it made a difference */
};
struct check_result check_script(struct arena *, struct tree_node *,
    const struct sieve_limits *, struct diag *);

/* For the check functions of commands and tags. */
struct diag *check_diag(struct check *);
struct arena *check_arena(struct check *);
const struct sieve_limits *check_limits(const struct check *);
/* The command in whose block this one stands; NULL: none. */
const struct tree_node *check_parent(const struct check *);
bool check_enabled(struct check *, const struct sieve_ext *);
bool check_enabled_at(const struct check *, size_t i); /* ext_at(i) */

/* The script uses it. check_enabled and check_use say so, too. */
void check_note_use(struct check *, const struct sieve_ext *);

/*
 * May what is being checked use this extension? With ihave it may, and the
 * machine will ask again. RFC 5463 s. 4
 */
bool check_use(struct check *, const struct sieve_ext *);

/* What is being checked uses something nobody knows. true: that is no error
 * before it is reached. */
bool check_defer(struct check *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The i-th positional argument, from 0; NULL when there are fewer. */
const struct tree_arg *tree_positional(const struct tree_node *, size_t i);

/* Convert the strings of one command or test, and find references. */
void check_strings(struct check *, struct tree_node *);

/* "add require ...;" */
struct str check_hint_require(struct check *, const struct sieve_ext *);

/* Names of the variables that "set" has set so far, as they were written. */
struct strlist *check_variables(struct check *);
/* Those that "global" has declared. RFC 6609 s. 3.4.1 */
struct strlist *check_globals(struct check *);

/* Complain when it holds references to variables: "WHAT must be constant".
 * RFC 5229 s. 3 */
bool check_constant(
    struct check *, const struct tree_string *, const char *what);

/* Complain when it is no name of a variable that can be set. */
void check_variable(struct check *, const struct tree_string *);

/* The match type a tag means. */
const struct sieve_match_type *tree_match_type(const struct tree_arg *tag);

/* The tag of that group, or NULL. */
const struct tree_arg *tree_tag(const struct tree_node *, const char *group);

#endif
