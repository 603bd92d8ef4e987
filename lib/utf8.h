/*
 * utf8: the few things charset conversion has to know about UTF-8.
 *   RFC 3629
 */
#ifndef TAMIS_LIB_UTF8_H
#define TAMIS_LIB_UTF8_H

#include "lib/str.h"

/* U+FFFD, what stands for octets that mean nothing */
#define UTF8_REPLACEMENT S("\xef\xbf\xbd")

/* At most max octets of s, never ending inside a character. */
struct str utf8_cut(struct str s, size_t max);

/* Octets of the character at s[i]; 0 when none is well-formed there. */
size_t utf8_length(struct str s, size_t i);

/* Write c (at most 0x10ffff) to out; returns octets. */
size_t utf8_put(uint32_t c, char out[4]);

#endif
