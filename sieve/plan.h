/*
 * plan: what a script wants done. The interpreter only appends; conflicts
 * and the implicit keep are settled afterwards, over the finished list.
 * Actions read it; nothing here acts.
 *   RFC 5228 s. 2.10.2 to 2.10.6, RFC 9122
 */
#ifndef TAMIS_SIEVE_PLAN_H
#define TAMIS_SIEVE_PLAN_H

#include "lib/fail.h"
#include "lib/str.h"

struct arena;

enum intent_verb {
	INTENT_STORE,
	INTENT_REDIRECT,
	INTENT_REPLY,
	INTENT_REFUSE,
	INTENT_NOTIFY,
	INTENT_CALENDAR,
};

enum plan_flag {
	PLAN_COPY = 1 << 0,     /* :copy: the implicit keep stays */
	PLAN_CREATE = 1 << 1,   /* :create: make the mailbox if need be */
	PLAN_IMPLICIT = 1 << 2, /* added by plan_settle, not by a command */
	PLAN_KEEP = 1 << 3,     /* keep: target is where keep goes, "INBOX" */
};

struct intent {
	struct intent *next;
	enum intent_verb verb;
	uint32_t line; /* of the command that asked; 0: implicit keep */
	uint32_t flags;
	struct str target;        /* mailbox name or address, UTF-8, no NUL */
	struct strlist imapflags; /* RFC 5232 */
	const struct str *header; /* the message has this one instead of its
	                             own, NULL: its own; without the empty
	                             line. RFC 5293 */
};

/* What a duplicate test looked for, to be remembered when the message is
 * delivered. RFC 7352 s. 3 */
struct plan_mark {
	struct plan_mark *next;
	struct str id;
	struct str handle;
	bool has_handle;
	uint64_t seconds; /* it expires after, */
	bool last;        /* counted from the last time it was seen */
	uint32_t line;
};

struct plan {
	struct arena *arena;
	struct intent *first, *last;
	uint32_t n;
	uint32_t nredirects;
	bool implicit_keep;   /* true until an action cancels it */
	uint32_t cancel_line; /* command that cancelled it first; 0: none */
	struct plan_mark *marks;
	const struct str *header; /* of intents that are added from now on */
	struct strlist imapflags; /* of stores that name none: the internal
	                             variable of RFC 5232 s. 3 */
	bool settled;
};

struct plan *plan_new(struct arena *);

/* Append; never merges. target and imapflags must live as long as the plan. */
struct intent *plan_add(struct plan *, enum intent_verb, uint32_t line,
    uint32_t flags, struct str target);

/* An action without :copy, or discard, on that line. */
void plan_cancel_keep(struct plan *, uint32_t line);

/* Copy it in, unless there is one with that id and handle. */
void plan_add_mark(struct plan *, const struct plan_mark *);

/* Would doing both be doing it twice: one mailbox, or one address? */
bool intent_same(const struct intent *, const struct intent *);

/*
 * Settle a finished list: the implicit keep becomes a STORE, a second store
 * into the same mailbox and a second redirect to the same address are
 * dropped, the last IMAP flags win. RFC 5228 s. 2.10.3, RFC 5232 s. 3
 *   fails  false with the text of a conflict; the caller then keeps
 */
bool plan_settle(struct plan *, struct fail *why);

/* A plan of one STORE into INBOX: no script, or a script that failed. */
void plan_keep_only(struct plan *);

/*
 * The golden form: one line for each intent, in order,
 *
 *	VERB "TARGET" line N [copy] [create] [edited] [flags "FLAG" ...]
 *
 * with "implicit" instead of "line N" for the implicit keep; VERB is one of
 * store redirect reply refuse notify calendar. '"' and '\' in a target have
 * a backslash in front, control octets are \r, \n or \xHH. A plan that does
 * nothing because a command cancelled the implicit keep is "discard line N".
 * What is to be remembered follows:
 *
 *	remember "ID" line N seconds N [handle "HANDLE"] [last]
 */
void plan_print(const struct plan *, struct buf *out);

#endif
