/*
 * data: receives the message of a transaction into its spool, from behind
 * the 354 to CRLF.CRLF and nothing else, or in chunks that say their length.
 * What it must survive: line ends of every kind, any cut of the input, no
 * space, no end.
 *   RFC 5321 s. 2.3.8, 4.1.1.4 and 4.5.2, RFC 3030
 */
#ifndef TAMIS_LMTP_DATA_H
#define TAMIS_LMTP_DATA_H

#include "lmtp/txn.h"

struct data;

/*
 * Begin; lives in txn->arena, and txn->spool is set.
 *   trace     our own header lines, each with LF
 *   max_size  octets received, after dot-unstuffing; 0: no limit
 */
struct data *data_new(struct txn *, struct str trace, uint64_t max_size);

/*
 * Feed n octets; *used of them belong to the message.
 * true: the end was read, and the spool and its facts are complete.
 */
bool data_push(struct data *, const char *p, size_t n, size_t *used);

/*
 * The same message in chunks: n octets as they are, no dot means anything.
 * Never together with data_push. RFC 3030 s. 2
 */
void data_chunk(struct data *, const char *p, size_t n);
/* The last chunk has come; the message may end within a line. */
void data_end(struct data *);

/*
 * Why the message cannot be delivered, or NULL. The spool is freed and
 * txn->spool is NULL then; the rest of the message is still to be pushed.
 *   552 5.3.4 larger than max_size, 452 4.3.1 no space, 451 4.3.0
 */
const struct fail *data_failed(const struct data *);

#endif
