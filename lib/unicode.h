/*
 * unicode: forms of text that mean the same. Without libunistring every text
 * and every character is its own and only form.
 */
#ifndef TAMIS_LIB_UNICODE_H
#define TAMIS_LIB_UNICODE_H

#include "lib/str.h"

struct arena;

/* Normalization form C of UTF-8; the text itself, and false, when it is no
 * UTF-8. */
bool unicode_nfc(struct arena *, struct str, struct str *out);

/*
 * One character in title case, then decomposed by compatibility (NFKD): what
 * RFC 5051 s. 2 compares.
 *   returns  number of characters in out
 */
enum { UNICODE_DECOMPOSED = 32 }; /* what one can become */
size_t unicode_title_nfkd(uint32_t c, uint32_t out[UNICODE_DECOMPOSED]);

#endif
