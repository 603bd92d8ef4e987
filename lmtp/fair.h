/*
 * fair: how many runs work for one mailbox at a time, so that one mailbox,
 * or one slow script, never holds all workers. Those above the limit wait in
 * the queue while others pass them; nobody is refused for it.
 */
#ifndef TAMIS_LMTP_FAIR_H
#define TAMIS_LMTP_FAIR_H

#include "lmtp/txn.h"

/* Mailboxes are counted by hash: two that collide wait for each other. */
enum { FAIR_BUCKETS = 8192 };

struct fair {
	uint32_t limit;
	uint32_t running[FAIR_BUCKETS];
};

/* May one more run work for this recipient? */
bool fair_has_room(const struct fair *, const struct txn_rcpt *);

/* One does, until fair_end. */
void fair_begin(struct fair *, struct txn_rcpt *);

/* It is over for this recipient; harmless when none was begun. */
void fair_end(struct fair *, struct txn_rcpt *);

/* The run is over, for whoever still counts. */
void fair_end_all(struct fair *, struct txn *);

#endif
