/*
 * own: what the checks share. A check is a file in this directory that ends
 * in one "const struct lint_check" for each warning, and a row in the list of
 * sieve/lint.c.
 */
#ifndef TAMIS_SIEVE_LINT_OWN_H
#define TAMIS_SIEVE_LINT_OWN_H

#include "sieve/check.h"
#include "sieve/lint.h"

struct lint;

struct lint_check {
	const char *name;
	const char *doc;
	void (*run)(struct lint *);
};

/* A script without errors, as check has left it. */
struct lint {
	struct arena *arena;
	const struct tree_node *script;
	const bool *used; /* by index of the extension */
	const struct sieve_lint *asked;
	struct diag *diag;
};

/* As diag_add. */
void lint_warn(struct lint *, struct place, struct str hint, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* Call visit for every command and every test; as deep as the parser
 * allows. */
void lint_each(struct lint *, const struct tree_node *first,
    void (*visit)(struct lint *, const struct tree_node *));

/* Call visit for each list of commands: the script's and every block's. */
void lint_blocks(struct lint *, const struct tree_node *first,
    void (*visit)(struct lint *, const struct tree_node *));

bool lint_is(const struct tree_node *, const char *name);

/* Is it an elsif or an else? */
bool lint_goes_on(const struct tree_node *);

/* Is a test always true, always false? Known words only. */
enum lint_truth {
	LINT_DEPENDS,
	LINT_TRUE,
	LINT_FALSE,
};
enum lint_truth lint_truth(const struct tree_node *);

/* The keys of a test that compares; NULL: it does not. */
const struct tree_arg *lint_keys(const struct tree_node *);

#define LINT_CHECKS(X)                                                         \
	X(unused_require)                                                      \
	X(repeated_require)                                                    \
	X(unreachable)                                                         \
	X(constant_test)                                                       \
	X(duplicate_rule)                                                      \
	X(repeated_test)                                                       \
	X(undone_discard)                                                      \
	X(odd_key)                                                             \
	X(odd_header)                                                          \
	X(never_matches)                                                       \
	X(redirect_to_self)                                                    \
	X(mailbox_name)                                                        \
	X(vacation_addresses)                                                  \
	X(unset_variable)
#define X(name) extern const struct lint_check lint_##name;
LINT_CHECKS(X)
#undef X

#endif
