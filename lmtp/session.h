/*
 * session: one LMTP connection as a push parser: octets in, replies out. It
 * never blocks and knows no socket; whoever owns it feeds it and does what
 * it wants next. Used by the front (many sessions) and by the one-process
 * mode (one), and by the dialogue tests (in memory).
 *   RFC 2033, 5321, 2034, 1870, 2920, 6152, 3030, 6531, 9422, 3207, 4954
 */
#ifndef TAMIS_LMTP_SESSION_H
#define TAMIS_LMTP_SESSION_H

#include "lib/str.h"
#include "lmtp/txn.h"

struct session;

struct session_config {
	struct str servername; /* greeting, Received */
	struct str product;    /* "Tamis 0.1", or "" to be silent about it */
	uint64_t max_size;     /* of a message, octets; 0: unlimited; SIZE */
	uint32_t max_rcpt;     /* RCPTs of a transaction; above: 452 4.5.3 */
	uint32_t max_errors;   /* commands with errors of syntax since the
	                          last delivery; one more gets 421 4.7.0 */
	size_t spool_memory;   /* larger messages go to a file */
	int spool_dir;         /* directory descriptor for that file */
	bool starttls;         /* offered */
	struct spool_budget *budget; /* for all sessions; NULL: none */
	struct digest_pool *ids;     /* ditto */

	/* Asked before MAIL: is the service shut for now? Then *text is what
	 * the 421 says. NULL: never. */
	bool (*shut)(void *ctx, char *text, size_t size);
	void *shut_ctx;
};

enum auth_step {
	AUTH_CHALLENGE, /* the client is asked for more */
	AUTH_DONE,
	AUTH_FAILED, /* why says with what reply */
};

/* How a peer shows who it is: SASL, or a test. Challenges and names last
 * until the next call. */
struct session_auth {
	/* "PLAIN LOGIN", what is offered now; "": nothing */
	struct str (*mechanisms)(void *ctx);
	/* initial: the initial response, or NULL */
	enum auth_step (*begin)(void *ctx, struct str mechanism,
	    const struct str *initial, struct str *challenge, struct fail *why);
	enum auth_step (*next)(void *ctx, struct str response,
	    struct str *challenge, struct fail *why);
	struct str (*user)(void *ctx); /* after AUTH_DONE */
};

enum session_want {
	SESSION_INPUT,   /* octets from the peer */
	SESSION_ASK,     /* look up txn->rcpt[i] for all with .pending, then
	                    session_answer for each; it goes on by itself
	                    after the last */
	SESSION_DELIVER, /* hand the transaction to a worker; session_result
	                    for each accepted recipient, then it goes on */
	SESSION_TLS,     /* call session_starttls; its output goes out in the
	                    clear, what comes after it is encrypted */
	SESSION_CLOSE,   /* send the output, then close */
};

/*
 * A new session; the greeting is already in its output.
 *   config  copied; its texts and its descriptor must outlive the session
 *   peer    for Received and log: "unix socket" or "[192.0.2.1]"; copied
 *   preauth the peer is trusted as it is; false: MAIL gets 530 5.7.0
 */
struct session *session_new(
    const struct session_config *, struct str peer, bool preauth);
void session_free(struct session *);

/*
 * Feed n octets. Returns how many were used; fewer than n only when the
 * session wants something else first, or when its output holds more than
 * SESSION_OUTPUT_HIGH octets because the peer pipelines and does not read
 * (session_want is SESSION_INPUT then). Push the rest again when that is
 * over. All octets are used, and ignored, once it wants SESSION_CLOSE.
 */
enum { SESSION_OUTPUT_HIGH = 65536 };
size_t session_push(struct session *, const char *p, size_t n);

enum session_want session_want(const struct session *);

/* Replies to be sent; the owner consumes what it could send. */
struct buf *session_output(struct session *);

/*
 * SESSION_TLS: go on. All that the client said so far is forgotten, RFC 3207
 * s. 4.2.
 *   clean  no octet came behind STARTTLS; else somebody put it there to have
 *          it taken for encrypted, and the session ends
 */
void session_starttls(struct session *, bool clean);

/* The connection is encrypted from now on; before any input. */
void session_set_tls(struct session *);

/* AUTH, from the next command on; the octets of both outlive the session.
 * NULL: is not offered. */
void session_set_auth(struct session *, const struct session_auth *, void *ctx);

/* A certificate or the like has said who the peer is: it may send. */
void session_trust(struct session *);

struct str session_peer(const struct session *);

/* The open transaction, NULL when there is none. */
struct txn *session_txn(struct session *);

/*
 * Answer for recipient i of the transaction (SESSION_ASK): why == NULL
 * accepts it, and then the recipient is copied into the transaction's arena.
 * An answer nobody waits for (any more) is ignored.
 */
void session_answer(struct session *, uint32_t i, const struct recipient *,
    const struct fail *why);

/*
 * Result for recipient i (SESSION_DELIVER): why == NULL is 250. The reply is
 * put out as soon as all recipients before it have theirs. When the last one
 * came, the session wants input again and the transaction is gone. A result
 * nobody waits for, a second one for example, is ignored.
 */
void session_result(
    struct session *, uint32_t i, const struct fail *why, struct str where);

/*
 * The owner ends it: 421 with that text, then SESSION_CLOSE. During
 * SESSION_DELIVER it is remembered and said after the results. A second
 * call changes nothing.
 *   status  "4.3.2" shutdown, "4.4.2" time-out
 */
void session_close(struct session *, const char *status, const char *text);

/* No transaction open: may be closed without harm. */
bool session_idle(const struct session *);

#endif
