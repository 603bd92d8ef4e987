/*
 * memory: what store_memory tells those who look on: tests and dry runs. Put
 * a struct memory_log into store_options.memory; one log may serve many
 * transactions.
 */
#ifndef TAMIS_MAILSTORE_MEMORY_H
#define TAMIS_MAILSTORE_MEMORY_H

#include "mailstore/mailstore.h"

/* One staged copy, and what became of it. */
struct memory_copy {
	struct staged staged; /* mailbox; published and final as they are now */
	struct memory_copy *next;
	struct str root;
	uint32_t rcpt, seq;
	bool create;
	struct strlist flags;
	struct str bytes;
	bool discarded;
};

enum memory_call { MEMORY_STAGE, MEMORY_PUBLISH, MEMORY_SYNC, MEMORY_NCALLS };

/* Zeroed: everything works. Copies live as long as the log's arena. */
struct memory_log {
	struct arena *arena; /* for the copies; NULL: the transaction's */
	struct memory_copy *first, *last; /* in order of stage */
	size_t n;
	const struct strlist *missing; /* mailboxes that do not exist: stage
	                                  without create fails 5.1.1 */
	unsigned calls[MEMORY_NCALLS];
	unsigned fail[MEMORY_NCALLS]; /* which call of that kind fails with
	                                 4.3.0, from 1; 0: none */
	unsigned begun, ended;        /* transactions */
};

/* Copies in this mailbox that are final; root "" means any. */
size_t memory_count(
    const struct memory_log *, struct str root, struct str mailbox);

#endif
