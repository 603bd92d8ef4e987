/*
 * diag: collects what is wrong with a script, in order of appearance. One
 * place has one error; it may have several warnings.
 */
#ifndef TAMIS_SIEVE_DIAG_H
#define TAMIS_SIEVE_DIAG_H

#include "sieve/program.h"

struct diag {
	struct arena *arena;
	struct sieve_errors *errors;
	size_t cap;
	uint32_t max;
	bool syntax;         /* what is added now is about the syntax */
	const char *warning; /* its name; NULL: errors are added */
};

/* Where something stands in the text. */
struct place {
	uint32_t line, column; /* from 1 */
};

void diag_init(
    struct diag *, struct arena *, struct sieve_errors *, uint32_t max);

/*
 * Report. Words that come from the script go through diag_quote first.
 *   hint  how to mend it; "" for none
 */
void diag_add(struct diag *, struct place, struct str hint, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
void diag_vadd(struct diag *, struct place, struct str hint, const char *fmt,
    va_list) __attribute__((format(printf, 4, 0)));

/* Copy what they hold: they shall outlive the arena they were made in. */
void sieve_errors_keep(struct arena *, struct sieve_errors *);

/* NUL-terminated, cut to 60 octets; what is no UTF-8 text becomes '?'. */
const char *diag_quote(struct diag *, struct str);

#endif
