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
struct mailto;

enum intent_verb {
	INTENT_STORE,
	INTENT_REDIRECT,
	INTENT_REPLY,
	INTENT_REFUSE,
	INTENT_NOTIFY,
	INTENT_CALENDAR,
};

/* A copy of what is sent, for a mailbox of the user. RFC 8580 s. 3 */
struct plan_fcc {
	struct str mailbox;
	uint32_t flags; /* PLAN_CREATE */
	struct strlist imapflags;
	struct str specialuse; /* as in struct intent */
};

/* vacation: target is the envelope sender, "" when nobody is to be told.
 * Whether to answer at all is for the action to find out. RFC 5230 s. 4 */
struct plan_reply {
	struct str id;      /* equal ones are one response, s. 4.2; octets */
	uint64_t seconds;   /* it is not sent again within; within the site's
	                       limits already; 0: no such time */
	struct str subject; /* UTF-8; p NULL: from the message, s. 5.3 */
	struct str from;    /* a valid mailbox-list; p NULL: the owner */
	struct strlist addresses; /* of the owner, too */
	bool mime;                /* reason is a MIME entity with its header */
	struct str reason;        /* UTF-8 */
	const struct plan_fcc *fcc; /* NULL: none */
};

/* reject, ereject: target is the envelope sender. RFC 5429 s. 2 */
struct plan_refuse {
	struct str reason; /* UTF-8, may have lines */
	bool ereject;      /* prefer the protocol to the exact reason */
};

/* notify: target is the method, a URI that is valid. RFC 5435 s. 3 */
struct plan_notify {
	const struct mailto *mailto; /* the method taken apart, recipients
	                                that an earlier notify has left out;
	                                NULL: not that scheme */
	struct str from;             /* p NULL: not given, or not usable */
	unsigned importance;         /* 1 high, 2 normal, 3 low */
	struct strlist options;      /* "name=value" */
	struct str message;          /* p NULL: the default one */
	const struct plan_fcc *fcc;  /* NULL: none */
};

/* redirect, what goes to the next hop with the address. RFC 6009 s. 4, 6 */
struct plan_redirect {
	struct str notify;  /* "NEVER" or "SUCCESS,DELAY"; "": not given */
	struct str ret;     /* "FULL", "HDRS"; "": not given */
	bool by;            /* deliver by a time: RFC 2852 */
	int64_t by_seconds; /* from now on; may be negative */
	char by_mode;       /* 'N' 'R' */
	bool by_trace;
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
	uint32_t line;     /* of the command that asked; 0: implicit keep */
	struct str script; /* it stands in; "": the only one, or the last */
	uint32_t flags;
	struct str target; /* mailbox name, address or URI; UTF-8, no NUL. What
	                      :specialuse and :mailboxid found stands here */
	struct strlist imapflags; /* RFC 5232 */
	struct str specialuse; /* STORE: "\\Junk", for a mailbox that has to be
	                          made. RFC 8579 s. 4.1; "": none */
	union {                /* by verb; NULL: nothing is given */
		const void *detail;
		const struct plan_redirect *redirect;
		const struct plan_reply *reply;   /* never NULL */
		const struct plan_refuse *refuse; /* never NULL */
		const struct plan_notify *notify; /* never NULL */
	};
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
	uint64_t work; /* units that the run took, failed or not */
};

struct plan *plan_new(struct arena *);

/* Append; never merges. target and imapflags must live as long as the plan. */
struct intent *plan_add(struct plan *, enum intent_verb, uint32_t line,
    uint32_t flags, struct str target);

/* Does an action with that verb and those flags cancel the implicit keep? */
bool plan_cancels_keep(enum intent_verb, uint32_t flags);

/* An action without :copy, or discard, on that line. */
void plan_cancel_keep(struct plan *, uint32_t line);

/* Copy it in, unless there is one with that id and handle. */
void plan_add_mark(struct plan *, const struct plan_mark *);

/* Would doing both be doing it twice: one mailbox, or one address? */
bool intent_same(const struct intent *, const struct intent *);

/*
 * Settle a finished list: the implicit keep becomes a STORE, a second store
 * into the same mailbox and a second redirect to the same address are
 * dropped, the last IMAP flags win; who gets a notification gets no second
 * one. RFC 5228 s. 2.10.3, RFC 5232 s. 3, RFC 5436 s. 2.7
 *   fails  false with the text of a conflict: two refusals, two replies, a
 *          refusal beside a reply or a delivery; the caller then keeps.
 *          RFC 5429 s. 2.4, RFC 5230 s. 4.7, RFC 9122
 */
bool plan_settle(struct plan *, struct fail *why);

/*
 * Scripts that run one after the other make one plan. A keep, written or
 * implicit, is what lets the next one run, and is no store before the last
 * one has ended; its flags are gathered meanwhile. A second reply is left
 * out, and a refusal withdraws the replies before it. That a script before
 * filed a copy is no conflict: a site may keep what its users refuse.
 *   into     plan_new before the first
 *   next     what one script asked for, settled, or as it was when it failed
 *   script   its name
 *   returns  keep is in effect: the next script is to run
 */
bool plan_chain(struct plan *into, const struct plan *next, struct str script);

/* After the last one: keep is a store now. The plan is settled. */
void plan_chain_end(struct plan *into);

/* A plan of one STORE into INBOX: no script, or a script that failed. */
void plan_keep_only(struct plan *);

/*
 * The golden form: one line for each intent, in order,
 *
 *	VERB "TARGET" line N [copy] [create] [edited] [flags "FLAG" ...]
 *
 * with "implicit" instead of "line N" for the implicit keep; VERB is one of
 * store redirect reply refuse notify calendar. '"' and '\' in a target have
 * a backslash in front, control octets are \r, \n or \xHH. What belongs to
 * the verb follows, as far as it is given:
 *
 *	store     specialuse "ATTR"
 *	redirect  notify "LIST" ret "WHAT" by SECONDS MODE [trace]
 *	reply     seconds N id "ID" subject "TEXT" from "LIST" addresses "A" ...
 *	          [mime] reason "TEXT"
 *	refuse    reject|ereject "REASON"
 *	notify    importance N from "ADDRESS" options "O" ... message "TEXT"
 *	reply and notify, at the end: fcc "MAILBOX" [create]
 *	          [specialuse "ATTR"] [flags "FLAG" ...]
 *
 * A plan that does nothing because a command cancelled the implicit keep is
 * "discard line N".
 * What is to be remembered follows:
 *
 *	remember "ID" line N seconds N [handle "HANDLE"] [last]
 */
void plan_print(const struct plan *, struct buf *out);
/* One line of it. */
void plan_print_intent(const struct intent *, struct buf *out);

#endif
