/*
 * txn: a transaction: envelope, recipients, and the received message.
 */
#ifndef TAMIS_LMTP_TXN_H
#define TAMIS_LMTP_TXN_H

#include "actions/recipient.h"
#include "lib/address.h"
#include "lib/fail.h"
#include "lib/str.h"
#include "lmtp/spool.h"

enum { TXN_ID_LEN = 16 };

struct txn_rcpt {
	struct address addr;   /* what RCPT said */
	bool ignore_quota;     /* IGNOREQUOTA */
	bool pending;          /* waits for its look-up */
	bool accepted;         /* got 250 at RCPT */
	bool done;             /* its result came */
	bool counted;          /* a run works for it now, see fair.h */
	struct recipient rcpt; /* when accepted */
	struct fail why;       /* refused at RCPT, or result */
	struct str where;      /* result: for the reply text */
};

struct txn {
	struct arena *arena; /* dies with the transaction */
	char id[TXN_ID_LEN + 1];
	int64_t start_us;
	struct str sender; /* "" is the null path */
	struct str peer;   /* as session_new got it */
	uint64_t size;     /* SIZE= or 0 */
	bool eightbit;     /* BODY=8BITMIME */
	struct txn_rcpt *rcpt;
	uint32_t nrcpt; /* RCPT commands that were well-formed */
	uint32_t naccepted;
	struct spool *spool; /* set at DATA */
};

struct digest_pool;

/* With a fresh id, from a pool or NULL, started now. txn_free frees the spool
 * too; NULL allowed. */
struct txn *txn_new(struct digest_pool *);
void txn_free(struct txn *);

/* Add a recipient whose address lives in txn->arena; returns its index. */
uint32_t txn_add_rcpt(struct txn *, const struct address *);

/* The answer to its look-up; accepting copies the recipient. */
void txn_accept(struct txn *, uint32_t i, const struct recipient *);
void txn_refuse(struct txn *, uint32_t i, const struct fail *);

#endif
