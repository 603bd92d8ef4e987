/*
 * base64: decoding as mail readers do it.
 *   RFC 2045 s. 6.8
 */
#ifndef TAMIS_LIB_BASE64_H
#define TAMIS_LIB_BASE64_H

#include "lib/str.h"

/*
 * Decode; octets outside the alphabet are skipped, padding in the middle
 * starts afresh.
 *   cap      octets that fit into out
 *   returns  octets written
 */
size_t base64_decode(struct str in, char *out, size_t cap);

/* Encode with padding; out has room for (in.len + 2) / 3 * 4 octets, as many
 * as are written. */
size_t base64_encode(struct str in, char *out);

/* 0..63, or -1 for octets outside the alphabet */
int base64_value(char c);

#endif
