/*
 * action: what can be done for a recipient. A plan's intents become effects;
 * each kind of effect is one row of a table and one file.
 *
 *   settle   what the script wrote becomes what will be done
 *   prepare  everything that can fail for a foreseeable reason
 *   commit   it can be seen from outside
 *   finish   it is on disk
 *   after    everybody has a result; what is done now changes none
 *   abort    at any time: nothing of it is left
 *
 * The class of a failure says whose fault it is: FAIL_PERM, the script asked
 * for what cannot be done (the message is then kept in INBOX); FAIL_TEMP,
 * the delivery is to be tried again later.
 */
#ifndef TAMIS_ACTIONS_ACTION_H
#define TAMIS_ACTIONS_ACTION_H

#include "actions/deliver.h"
#include "actions/track.h"
#include "lib/message.h"
#include "mailstore/mailstore.h"
#include "sieve/plan.h"

struct action;

/* What actions work with; the same for every delivery of the process. */
struct action_tools {
	const struct store *store;
	const struct store_options *options;
	out_send_fn *send; /* NULL: there is no way out */
	void *send_ctx;
	bool refuse_in_reply; /* reject answers the client when it can */
	bool any_recipient;  /* vacation answers what names others in To, too */
	struct track *track; /* NULL: nothing is remembered */
	char sep;    /* between the levels of mailbox names in scripts */
	bool create; /* fileinto makes mailboxes without being asked */
	struct strlist creatable; /* and these in any case */
	bool fuzzy;               /* +detail may be near a mailbox's name */
	const struct strlist *excluded; /* special uses +detail cannot have */
	struct str default_domain;
};

/* The message with another header, made by a script. RFC 5293 */
struct edited {
	struct edited *next;
	const struct str *from; /* what the plan calls it; while settling */
	struct store_message msg;
	struct store_txn *txn; /* NULL: nothing was staged yet */
};

struct effect {
	struct effect *next;
	const struct action *action;
	uint32_t line;     /* of the script; 0: nobody asked */
	struct str script; /* which one, when it is not the last that ran */
	uint32_t flags;    /* enum plan_flag */
	uint32_t seq;      /* the same in every run over the same plan */
	struct str target;
	struct strlist imapflags;
	struct str specialuse;   /* of a mailbox that has to be made, or "" */
	struct edited *edited;   /* NULL: the message as it came */
	struct staged *staged;   /* STORE: once prepared */
	struct sending *sending; /* what goes out after the result, or NULL */
	const struct intent *intent; /* while settling */
	bool done;                   /* committed */
};

/* One recipient, one attempt. */
struct delivery {
	const struct action_tools *tools;
	const struct deliver_txn *txn;
	const struct deliver_rcpt *to;
	const struct message *msg; /* while settling; NULL afterwards */
	struct arena *scratch;     /* goes with msg */
	struct store_txn *store_txn;
	struct arena *arena; /* of this recipient alone, until its result */
	struct effect *first, *last;
	struct edited *edited;
	struct store_quota quota;
	uint32_t nseq;    /* next seq */
	bool handed_over; /* something went out that cannot be undone */
	bool over;        /* the result was reported */
	struct remembered *remembered; /* remember.c */
	bool undecided;     /* another is at what a duplicate test asked for */
	struct str refusal; /* what the sender is told instead of a delivery;
	                       p NULL: it is not refused */
	struct str script;  /* name of the last that ran, for people */
	uint32_t at;        /* line of the script that is being carried out */
	uint32_t cancelled; /* line that cancelled the implicit keep, or 0 */
};

/* A step that is NULL is nothing to do. */
struct action {
	const char *name;
	bool irrevocable; /* is committed before all others */
	bool merges;      /* two with one target are one */
	bool (*settle)(struct delivery *, struct effect *, struct fail *why);
	bool (*prepare)(struct delivery *, struct effect *, struct fail *why);
	bool (*commit)(struct delivery *, struct effect *, struct fail *why);
	bool (*finish)(struct delivery *, struct effect *, struct fail *why);
	void (*abort)(struct delivery *, struct effect *);
	void (*after)(struct delivery *, struct effect *);
};
extern const struct action action_store, action_redirect, action_reply,
    action_refuse, action_notify;

/* NULL: this version cannot do that. */
const struct action *action_for(enum intent_verb);

/*
 * Settle every intent of a plan and add the effects. Two of the same action
 * and target become one; the last IMAP flags win.
 */
bool action_adopt(struct delivery *, const struct plan *, struct fail *why);

/* Prepare what was adopted. After a failure: action_abort_all. */
bool action_prepare_all(struct delivery *, struct fail *why);

/*
 * Make sure a copy for INBOX that carries $SieveFailed is prepared, whatever
 * else is. fails FAIL_TEMP only
 */
bool action_keep_marked(struct delivery *, struct fail *why);

/* Is there something to do after the result? */
bool action_has_more(const struct delivery *);
void action_after_all(struct delivery *);

/* Undo everything and forget it. */
void action_abort_all(struct delivery *);

/* Close what the delivery opened, when all is over. */
void action_close(struct delivery *);

/* store.c: the recipient's mailboxes, to ask about */
struct store_account store_account_of(const struct delivery *);

/* quota.c: the limits of an account */
struct store_quota quota_of(const struct conf *, const struct account *);
/* quota.c: "over quota" becomes 552 5.2.2 when that is configured. false */
bool quota_say(const struct conf *, struct fail *why);

/* store.c: this effect, as a keep, whatever it was before */
void store_as_keep(struct effect *, bool detail);

#endif
