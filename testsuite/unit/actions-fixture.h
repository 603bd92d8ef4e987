/*
 * What the tests of deliveries share: a store that is a tape, a next hop
 * whose addresses say what it does, and people with scripts.
 */
#ifndef TAMIS_TEST_ACTIONS_FIXTURE_H
#define TAMIS_TEST_ACTIONS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actions/deliver.h"
#include "conf/conf.h"
#include "mailstore/mailstore.h"
#include "testsuite/unit/actions-scratch.h"

enum tape_state { STAGED, PUBLISHED, SYNCED, GONE };

struct copy {
	struct staged pub;
	struct copy *next;
	struct str user; /* last component of the root */
	struct strlist flags;
	uint32_t rcpt, seq;
	enum tape_state state;
};

/*
 * A store that records what is asked of it and fails where it is told to.
 * Store functions have no context but the transaction: hence one for all.
 */
extern struct tape {
	struct arena *arena;
	struct copy *copies; /* newest first */
	struct buf log;
	struct strlist mailboxes; /* "user:Lists/x": there */
	struct strlist failing;   /* "stage user:INBOX" and the like: 4.3.0;
	                             "perm user:x": stage fails 5.1.1;
	                             "full user:x": 4.2.2 */
	unsigned begun, ended;
	unsigned nstaged, most_staged; /* in one transaction of the store */
} tape;

struct out {
	struct arena *arena;
	struct strlist sent; /* addresses */
	struct str head, bytes, sender;
	bool eightbit;
	long wait_ms;
};

enum { MAX_RCPT = 1000 };

struct fixture {
	struct arena *arena;
	struct str dir;
	const struct conf *conf;
	struct deliver *d;
	struct out out;
	struct deliver_rcpt rcpt[MAX_RCPT];
	size_t nrcpt;
	struct str header; /* behind our trace lines */
	int64_t deadline_ms;
	bool track;       /* remember, from the next make_deliver on */
	unsigned attempt; /* of the client; each has its id, time and trace */
	/* results, by index */
	unsigned nresults[MAX_RCPT];
	struct deliver_result result[MAX_RCPT];
};

extern const struct store store_tape;

int setup(void **state);
int teardown(void **state);

/* Start again with more lines in the configuration. */
void make_deliver(struct fixture *, const char *more);

/* user+detail@example.org with that active script; NULL: has none */
struct deliver_rcpt person(
    struct fixture *, const char *user, const char *detail, const char *script);

/* A recipient of the transactions to come. */
void add(struct fixture *, struct deliver_rcpt);

/* One transaction; checks that each recipient gets one result. */
void deliver(struct fixture *);

/* A transaction for each recipient, together; each gets a result or "back
 * INDEX" in the log. */
void deliver_each(struct fixture *);

/* "INBOX[$SieveFailed] Lists/x": what is on disk for a user, by seq */
struct str stored(struct fixture *, const char *user);

/* "a@b c@d": what was handed over, in order */
struct str sent(struct fixture *);

#define RF     "require \"fileinto\";\n"
#define FAILED "INBOX[$SieveFailed]"

#endif
