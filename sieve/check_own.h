/*
 * check_own: what the files of check share.
 */
#ifndef TAMIS_SIEVE_CHECK_OWN_H
#define TAMIS_SIEVE_CHECK_OWN_H

#include "sieve/check.h"

struct check {
	struct arena *arena;
	struct diag *diag;
	const struct sieve_limits *limits;
	bool *enabled; /* by index of the extension */
	bool *used;    /* likewise */
	struct strlist capabilities;
	struct strlist unknown;         /* names reported already */
	struct strlist variables;       /* set so far */
	struct strlist globals;         /* declared so far */
	bool defers;                    /* see struct sieve_ext */
	struct tree_node *node;         /* that is being checked */
	const struct tree_node *parent; /* in whose block it stands */
};

/* A candidate for "did you mean". */
struct near {
	struct str wanted;
	const char *best;
	unsigned distance;
};

struct near near_init(struct check *, struct str wanted);
void near_consider(struct near *, const char *candidate);
struct str near_hint(struct check *, const struct near *, const char *mark);

/* "command" or "test" */
const char *check_kind_word(const struct sieve_cmd *);

/* The tag of that name for cmd; enabled: of extensions that are, or of those
 * that are not. */
const struct sieve_tag *check_find_tag(struct check *, const struct sieve_cmd *,
    struct str name, bool enabled, const struct sieve_ext **);

/* Resolve the tags of a command or test, and look at all its arguments. */
void check_arguments(struct check *, struct tree_node *);

#endif
