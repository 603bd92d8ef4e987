/*
 * lint: what is allowed in a script and yet most likely a mistake. Only
 * looked for when somebody asks, never on delivery.
 */
#ifndef TAMIS_SIEVE_LINT_H
#define TAMIS_SIEVE_LINT_H

#include "sieve/program.h"

/* What to look for. */
struct sieve_lint {
	struct strlist off; /* names of warnings that are not wanted */
	struct strlist
	    owner; /* addresses of the script's owner; may be empty */
	/* What is wrong with the name of a mailbox, and how to mend it; static
	 * or in the arena. NULL: nothing. The function may be NULL. */
	const char *(*mailbox)(
	    void *ctx, struct arena *, struct str name, struct str *hint);
	void *ctx;
};

/*
 * Look. The script's errors are sieve_compile's business: in one that has
 * some nothing is found.
 *   warnings  filled in order of appearance; each has its name
 */
void sieve_lint(struct arena *, struct str text, const struct sieve_limits *,
    const struct sieve_lint *, struct sieve_errors *warnings);

/* The warnings there are, by name; NULL: no more. *doc: one line */
const char *sieve_warning(size_t i, const char **doc);

#endif
