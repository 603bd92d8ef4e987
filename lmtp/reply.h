/*
 * reply: replies as octets: code, enhanced status code, text. Whatever a
 * text holds, a reply is lines of printable ASCII of at most REPLY_MAX
 * octets; of UTF-8 where the client asked for it.
 *   RFC 5321 s. 4.2 and 4.5.3.1.5, RFC 2034 s. 4, RFC 6531 s. 3.7.4
 */
#ifndef TAMIS_LMTP_REPLY_H
#define TAMIS_LMTP_REPLY_H

#include "lib/fail.h"
#include "lib/str.h"

enum { REPLY_MAX = 512 }; /* octets of a line, with its CRLF */

/*
 * One reply; a text of more than 400 octets becomes several lines.
 *   status  "2.1.0", or NULL where none belongs (220, 354)
 */
void reply(struct buf *, int code, const char *status, struct str text);

/* One line for each text, without status: the answer to LHLO. n > 0. */
void reply_list(struct buf *, int code, const struct str *text, size_t n);

/* What a struct fail says; one that makes no sense becomes 451 4.3.0. */
void reply_fail(struct buf *, const struct fail *, bool utf8);

/* The same with other text: its lines, not too many of them. "": reply_fail */
void reply_refused(
    struct buf *, const struct fail *, struct str text, bool utf8);

/* After the data: "250 2.1.5 <addr> id where", one line, cut where needed. */
void reply_delivered(
    struct buf *, struct str addr, const char *id, struct str where, bool utf8);

#endif
