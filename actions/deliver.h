/*
 * deliver: one message to its recipients, from script to disk. The order of
 * everything that can be seen from outside is decided here: all recipients
 * are prepared, redirects handed over, names published, files and
 * directories synced, and only then a result is reported.
 */
#ifndef TAMIS_ACTIONS_DELIVER_H
#define TAMIS_ACTIONS_DELIVER_H

#include "actions/out.h"
#include "actions/recipient.h"

struct deliver; /* what stays between transactions: options, script cache */
struct store;   /* mailstore/mailstore.h */

struct deliver_rcpt {
	struct recipient rcpt;
	uint32_t index;    /* in the transaction; the same in every run of it */
	bool no_script;    /* this recipient killed workers: INBOX, no script,
	                      marked $SieveFailed */
	bool ignore_quota; /* IGNOREQUOTA */
	struct str notify; /* NOTIFY=, "SUCCESS,DELAY"; "": not given */
	struct str orcpt;  /* ORCPT=, decoded: "rfc822;joe@x.org"; or "" */
};

struct deliver_txn {
	struct str id; /* [A-Za-z0-9]+, unique for this transaction */
	int64_t start_us;
	struct str sender;
	struct str auth;  /* AUTH= of MAIL, decoded; "": not given, or <> */
	struct str ret;   /* RET=: "FULL", "HDRS" or "". RFC 3461 */
	struct str envid; /* ENVID=, decoded, or "" */
	bool utf8;        /* SMTPUTF8: addresses and header may be UTF-8 */
	struct str peer;  /* the client: "[192.0.2.1]", or other text */
	struct str bytes; /* the final file: our trace lines first */
	int fd;           /* unnamed file with these bytes, or -1 */
	uint64_t octets;  /* received, see message_open */
	uint64_t wsize;   /* see store_message */
	const struct deliver_rcpt *rcpt;
	size_t nrcpt;
	int64_t deadline_ms; /* clock_mono_ms; not committed then: 4.3.2;
	                        0: none */
};

/* The outcome for one recipient; final when it is reported. */
struct deliver_result {
	bool ok;         /* 250: on disk, redirected, or discarded on purpose */
	struct fail why; /* when !ok */
	struct str where; /* "INBOX", "Lists/x, redirect a@b", "discarded";
	                     when !ok: lines of the reply, "": why->text */
	bool more; /* a response is sent after this: deliver_transaction takes
	              its time before it returns */
};

typedef void deliver_result_fn(
    void *ctx, uint32_t index, const struct deliver_result *);

/*
 * Prepare for delivering.
 *   send  hands redirects over; NULL: redirects fail with 4.4.0
 * Lives in the arena (process lifetime), and keeps conf.
 */
struct deliver *deliver_new(
    struct arena *, const struct conf *, out_send_fn *send, void *send_ctx);

/* What it holds outside the arena: the script cache. NULL is allowed. */
void deliver_free(struct deliver *);

/* Another store than store_maildir: tests, dry runs. */
void deliver_set_store(struct deliver *, const struct store *);

/*
 * Deliver. result is called exactly once for each recipient, as each becomes
 * final, in any order. One recipient's outcome never depends on another's.
 * Very many recipients are done in several rounds, so that the number of
 * files held open is bounded.
 *
 * What a script asks for is done as a whole or not at all: when a part
 * cannot be done because of the script, the message goes to INBOX instead,
 * with the keyword $SieveFailed. The exceptions are redirects, which are
 * handed over after everything was prepared and before anything is visible:
 *   refused for ever (5yz)   the rest is done, and INBOX gets a marked copy
 *   refused for now (4yz)    the recipient fails with 451, nothing is
 *                            stored; but when another redirect went out
 *                            already, a retry would send that one twice:
 *                            then as if refused for ever
 * Failures are never permanent, except that an account is over quota, when
 * lmtp_over_quota_perm_failure says so. A store that fails after a redirect
 * went out fails the recipient all the same: a second redirect is better than
 * no copy.
 */
void deliver_transaction(struct deliver *, const struct deliver_txn *,
    deliver_result_fn *result, void *ctx);

/* Transactions of one recipient each, delivered together. */
enum { DELIVER_TOGETHER_MAX = 4 };
struct deliver_member {
	struct deliver_txn txn;
	void *ctx; /* for result and back */
};
typedef void deliver_back_fn(void *ctx);

/*
 * Deliver several, prepared one after the other and then brought to disk
 * together. None waits for another's long work: one that hands something
 * over, or whose script does more than a little, does so alone.
 *   result  once for each, or
 *   back    instead of it: this one was not begun, because it or one before
 *           it takes long; called before anything is waited for. Never for
 *           the first.
 */
void deliver_together(struct deliver *, const struct deliver_member *, size_t n,
    deliver_result_fn *result, deliver_back_fn *back);

/*
 * How many transactions at a time are worth it: 1 where each file is synced
 * on its own.
 *   partition  directory of the mailboxes, open
 */
size_t deliver_together_max(const struct conf *, int partition);

#endif
