/*
 * dialogue: a .lmtp file: what a client sends, what it must get, and what
 * the rest of the server answers meanwhile. The language:
 *
 *   C: text       the client sends text and CRLF
 *   C- text       the client sends text alone
 *   C*n text      the client sends text n times
 *   S: text       the server must have sent text and CRLF by now
 *   S*n text      that line n times
 *   # directive   see the table in dialogue.c
 *   ## text       comment
 *
 * Texts know \r \n \t \0 \xNN and \\. In what the server says, the id of a
 * transaction reads ID and its date DATE.
 */
#ifndef TAMIS_TESTSUITE_DIALOGUE_H
#define TAMIS_TESTSUITE_DIALOGUE_H

#include "lmtp/session.h"

enum step_kind {
	STEP_CLIENT,
	STEP_SERVER,
	STEP_CLOSE, /* session_close */
	STEP_PAUSE, /* the client waits for the replies so far */
};

struct step {
	enum step_kind kind;
	struct str text;   /* STEP_CLOSE: the text */
	struct str status; /* STEP_CLOSE */
	unsigned line;
};

struct verdict { /* on a recipient */
	struct str addr;
	bool refused; /* at RCPT */
	bool failed;  /* after the data */
	struct fail why;
	struct str where;
};

struct dialogue {
	struct arena *arena;
	struct session_config conf;
	struct step *step;
	size_t nsteps;
	struct verdict *verdict;
	size_t nverdicts;
	struct buf stored; /* of all messages, behind the trace lines */
	struct buf trace;  /* of the last message; empty: not checked */
	int64_t octets;    /* of the last message; -1: not checked */
	int64_t wsize;     /* the same */
	int64_t messages;  /* -1: not checked */
	int64_t asks;      /* look-up rounds when pushed whole; -1 */
	bool auth;         /* AUTH is offered, see run-dialogue.c */
	bool network;      /* the peer is not preauthorised */
	struct str shut;   /* what the 421 before MAIL says; "": not shut */
	bool closed;       /* must want SESSION_CLOSE at the end */
	bool reverse;      /* results come from the last to the first */
	bool full;         /* files cannot grow */
	bool close_in_delivery;
	bool all_splits; /* every one and two cuts, not only some */
};

/* Aborts the program with file and line on a mistake in the file. */
struct dialogue *dialogue_read(const char *path);
void dialogue_free(struct dialogue *);

/* What is known about a recipient, or NULL. */
const struct verdict *dialogue_verdict(const struct dialogue *, struct str);

#endif
