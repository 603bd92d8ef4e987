/*
 * rfc5322: the lexical level of a message header, for everything that has to
 * find field boundaries: the index (message.h), MIME part headers (mime.h)
 * and the trace filter of the LMTP front. Pull style, no state but an
 * offset, no allocation.
 *   RFC 5322 s. 2.2, 3.2
 */
#ifndef TAMIS_LIB_RFC5322_H
#define TAMIS_LIB_RFC5322_H

#include "lib/str.h"

enum rfc5322_item {
	RFC5322_FIELD, /* name and raw value are set */
	RFC5322_JUNK,  /* a line that is no field; raw value is the line */
	RFC5322_BODY,  /* the empty line was read: *at is where the body is */
	RFC5322_END,   /* the octets ended inside the header */
};

/*
 * Next item of a header.
 *   *at  in: where to read; out: behind the item
 */
enum rfc5322_item rfc5322_next(
    struct str bytes, size_t *at, struct str *name, struct str *value);

/*
 * The comment whose "(" is s[i] (nested, iteratively, at most 1000 deep):
 * offset behind its ")"; 0 when it is not closed or too deep.
 */
size_t rfc5322_skip_comment(struct str s, size_t i);

/*
 * Skip blanks, folds and comments from s[i] on; returns the offset of the
 * first other octet or s.len. A comment that is not closed goes to the end.
 */
size_t rfc5322_skip_cfws(struct str s, size_t i);

bool rfc5322_is_atext(char);
/* A header field name: 1..n octets 33..126 without colon. */
bool rfc5322_is_field_name(struct str);

#endif
