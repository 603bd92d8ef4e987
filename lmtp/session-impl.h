/*
 * session-impl: what session.c and command.c share and nobody else may see.
 */
#ifndef TAMIS_LMTP_SESSION_IMPL_H
#define TAMIS_LMTP_SESSION_IMPL_H

#include "lmtp/data.h"
#include "lmtp/session.h"

enum {
	LINE_MAX_OCTETS = 2048, /* of a command, with its CRLF */
	LHLO_MAX = 255,         /* of its argument; the rest is forgotten */
};

struct session {
	struct arena *arena;
	struct session_config conf;
	struct str peer;
	bool preauth;                    /* may begin a transaction */
	bool tls;                        /* is encrypted */
	bool authed;                     /* by AUTH */
	const struct session_auth *auth; /* NULL: AUTH is not offered */
	void *auth_ctx;
	bool authenticating; /* the next line is a response, no command */
	enum session_want want;
	struct buf out;
	uint32_t errors;
	bool closing; /* SESSION_CLOSE as soon as all replies are out */

	/* A command that came in pieces. */
	char line[LINE_MAX_OCTETS];
	size_t line_len;
	bool too_long; /* swallowed up to its end */

	char lhlo[LHLO_MAX];
	size_t lhlo_len; /* 0: no LHLO yet */

	struct txn *txn;
	struct data *data;   /* while the message is received */
	bool chunked;        /* by BDAT: commands stand between the chunks */
	bool last_chunk;     /* the one that is coming */
	bool stray_chunk;    /* it belongs to no message: swallowed */
	uint64_t chunk_left; /* octets of it that are still to come */

	/*
	 * Replies that must wait for others. A NUL stands where the reply
	 * to the next pending RCPT goes: no reply holds one.
	 */
	struct buf held;
	uint32_t npending;    /* RCPTs that wait for their look-up */
	uint32_t first_asked; /* the first of them */
	uint32_t next_result; /* recipients before it have their reply */
};

/* What has been said so far, as commands depend on it. */
enum phase {
	PHASE_START = 1, /* no LHLO */
	PHASE_READY = 2, /* no transaction */
	PHASE_MAIL = 4,  /* no accepted recipient */
	PHASE_RCPT = 8,
	PHASE_CHUNK = 16, /* BDAT was said, and BDAT LAST was not */
	PHASE_ANY = 31,
};
enum phase session_phase(const struct session *);

void session_say(
    struct session *, int code, const char *status, const char *text);
/* The same for commands that are wrong in themselves; counts them. */
void session_bad(
    struct session *, int code, const char *status, const char *text);
/* Say it, and close when all replies are out. */
void session_bye(
    struct session *, int code, const char *status, const char *text);

/* Recipient i waits for its look-up; its reply goes here. */
void session_ask(struct session *, uint32_t i);
void session_begin_data(struct session *);
/* Octets of a chunk follow; the session knows of which message. */
void session_begin_chunk(struct session *, uint64_t octets, bool last);
void session_end_txn(struct session *);

#endif
