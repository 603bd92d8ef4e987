/*
 * scanner: what a spam or virus scanner said in the header of a message, as
 * a number on the scale that scripts know. RFC 5235
 */
#ifndef TAMIS_SIEVE_SCANNER_H
#define TAMIS_SIEVE_SCANNER_H

#include "sieve/run.h"

enum { SCANNER_TEXTS = 11 }; /* results 0 to 10 */

enum scanner_type {
	SCANNER_SCORE,  /* "7.5" */
	SCANNER_STRLEN, /* "*******" */
	SCANNER_TEXT,   /* "Yes" */
};

/* Where a result stands, as the site says; all of it lives as long as the
 * environment. */
struct sieve_scanner {
	struct str header;  /* name of the field; "": nothing is scanned */
	struct str pattern; /* POSIX ERE whose first group is the value;
	                       "": the whole */
	enum scanner_type type;
	struct str max_header; /* field with the largest score, and */
	struct str max_pattern;
	struct str max_value; /* the largest score, when it is fixed */
	struct str text[SCANNER_TEXTS]; /* TEXT: for each result; p NULL */
};

/* "NAME" or "NAME:PATTERN"; false: no name of a field. */
bool scanner_field(struct str spec, struct str *name, struct str *pattern);

/*
 * The truth register becomes: the result matches operand m.
 *   scanner  NULL: the site has none
 *   scale    results are 1 to scale, or percent; 0: it was not tested
 *   fails    false when the budget is used up
 */
bool scanner_match(struct sieve_vm *, const struct sieve_scanner *,
    unsigned scale, bool percent, uint64_t m);

#endif
