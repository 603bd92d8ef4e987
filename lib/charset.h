/*
 * charset: conversion to UTF-8, home of iconv. Only charsets on a list are
 * handed to iconv: the name comes from the mail.
 *   RFC 2978, RFC 2047, RFC 2231
 */
#ifndef TAMIS_LIB_CHARSET_H
#define TAMIS_LIB_CHARSET_H

#include "lib/str.h"

struct arena;

bool charset_known(struct str name);

/*
 * Load every converter for as long as the process lives, so that conversion
 * works in a sandbox where no file can be opened any more.
 */
void charset_preload(struct arena *process);

/*
 * Convert to UTF-8. Octets that are wrong in that charset become U+FFFD.
 *   max     octets of output at most, cut at a character
 *   returns false when the charset is not known; out is then untouched
 */
bool charset_to_utf8(struct arena *, struct str charset, struct str in,
    size_t max, struct str *out);

/*
 * Decode the RFC 2047 encoded-words of an unfolded value. Adjacent
 * encoded-words of one charset are joined before conversion; white space
 * between encoded-words is dropped; what is no well-formed encoded-word, or
 * has an unknown charset, stays as written. At most max octets.
 */
struct str charset_decode_words(struct arena *, struct str value, size_t max);

#endif
