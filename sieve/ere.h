/*
 * ere: POSIX extended regular expressions in the words of PCRE2.
 *   IEEE Std 1003.1 s. 9.4, draft-ietf-sieve-regex
 */
#ifndef TAMIS_SIEVE_ERE_H
#define TAMIS_SIEVE_ERE_H

#include "lib/str.h"

struct arena;

enum { ERE_MAX = 4096 }; /* octets of an expression */

/*
 * Translate. What POSIX leaves undefined is refused where another meaning
 * would be a surprise: back references, \w, "**" at the start, "(?".
 *   fails  false with *error, static text
 */
bool ere_translate(
    struct arena *, struct str ere, struct str *out, const char **error);

/* Octets that stand for themselves only with a backslash in front. */
bool ere_is_special(char);

#endif
