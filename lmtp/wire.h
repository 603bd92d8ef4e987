/*
 * wire: numbers and slices as octets, for records between our own
 * processes on one host: host byte order, length-prefixed, never text.
 */
#ifndef TAMIS_LMTP_WIRE_H
#define TAMIS_LMTP_WIRE_H

#include "lib/fail.h"
#include "lib/str.h"

struct wire {
	struct str rest;
	bool bad; /* read beyond the end; every later value is 0 or "" */
};

void wire_put_u32(struct buf *, uint32_t);
void wire_put_u64(struct buf *, uint64_t);
void wire_put_str(struct buf *, struct str);
void wire_put_fail(struct buf *, const struct fail *); /* NULL: no failure */

uint32_t wire_u32(struct wire *);
uint64_t wire_u64(struct wire *);
struct str wire_str(struct wire *); /* a slice of the record */
/* true: *out is a failure; false: it was none, *out is cleared */
bool wire_fail(struct wire *, struct fail *out);

#endif
