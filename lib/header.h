/*
 * header: how a header field is written: folded, and encoded where it has to
 * be. The counterpart of header_decode.
 *   RFC 5322 s. 2.1.1 and 2.2.3, RFC 2047
 */
#ifndef TAMIS_LIB_HEADER_H
#define TAMIS_LIB_HEADER_H

#include "lib/str.h"

struct arena;

/*
 * One field with its line end. Line ends in the value become folds; words
 * with octets that cannot stand in a header become encoded-words; lines are
 * folded at blanks where they would be longer than 78 octets.
 *   name  a valid field name
 *   eol   line end: "\n" or "\r\n"
 */
struct str header_format(
    struct arena *, struct str name, struct str value, struct str eol);

#endif
