/*
 * vm: runs a program over one message and returns a plan. It can ask
 * read-only questions; it can do nothing.
 */
#ifndef TAMIS_SIEVE_VM_H
#define TAMIS_SIEVE_VM_H

#include "lib/message.h"
#include "sieve/plan.h"
#include "sieve/program.h"

struct sieve_vm;
struct sieve_scanner;

enum sieve_event_kind {
	SIEVE_EVENT_STEP,   /* an instruction was executed */
	SIEVE_EVENT_MATCH,  /* a value was compared with a key */
	SIEVE_EVENT_INTENT, /* an intent was added */
	SIEVE_EVENT_KEEP,   /* the implicit keep was cancelled */
	SIEVE_EVENT_ERROR,  /* the run ended with a failure */
};

/* What happened; slices live until the callback returns. */
struct sieve_event {
	enum sieve_event_kind kind;
	uint32_t pc, line, column;
	struct str op;     /* STEP: operation name */
	struct str detail; /* STEP: operands as sieve_print shows them */
	bool truth;        /* STEP: truth register afterwards; MATCH: result */
	struct str value, key; /* MATCH */
	const struct intent *intent;
	const struct fail *why; /* ERROR */
};

/* Whether a script that is to be included can be. */
enum sieve_found {
	SIEVE_FOUND,
	SIEVE_MISSING,
	SIEVE_BROKEN, /* it does not compile, may not be read */
};

/* A script's whole world. */
struct sieve_env {
	const struct message *msg;
	const struct str *header; /* it has this one instead of its own: a
	                             script before edited it; NULL */
	struct str sender;        /* envelope from; "" is the null sender */
	struct str rcpt;          /* envelope to */
	struct str auth; /* AUTH= of MAIL, RFC 4954 s. 5; "": not given */
	/* Parameters of MAIL and RCPT, decoded; "": not given. RFC 3461 */
	struct str dsn_notify, dsn_orcpt, dsn_ret, dsn_envid;
	/* BY= of MAIL, RFC 2852; mode 0: not given */
	int64_t by_time; /* seconds since 1970 */
	char by_mode;    /* 'N' or 'R' */
	bool by_trace;
	int64_t now;     /* seconds since 1970 */
	char detail_sep; /* between user and detail; 0: '+' */
	/* RFC 5183 s. 4.1; all may be "" */
	struct str domain, host;
	struct str location;  /* "" is "MDA" */
	struct str phase;     /* "" is "during" */
	struct str remote_ip; /* as in RFC 5321 s. 4.1.3, without brackets */
	struct str remote_host;
	/* sieve/scanner.h; NULL: nothing is scanned. RFC 5235 */
	const struct sieve_scanner *spam_scanner, *virus_scanner;
	/* Read-only questions; NULL: answered with no. ctx is handed back. */
	bool (*mailbox_exists)(void *ctx, struct str mailbox);
	/*
	 * The existing mailbox with this special use, as the script names
	 * mailboxes; always the same one. RFC 8579
	 *   mailbox  "": any; else only whether this one has it
	 *   attr     "\\Junk", in any case
	 *   returns  false or *out "": there is none
	 */
	bool (*special_use)(
	    void *ctx, struct str mailbox, struct str attr, struct str *out);
	/* The existing mailbox with this id. RFC 9042, RFC 8474 */
	bool (*mailbox_by_id)(void *ctx, struct str id, struct str *out);
	/*
	 * The value of an annotation. RFC 5490 s. 3.3 to 4.2, RFC 5464
	 *   mailbox  "": of the server
	 *   name     "/private/comment", in any case
	 *   returns  false: there is none, which is not an empty value
	 */
	bool (*metadata)(
	    void *ctx, struct str mailbox, struct str name, struct str *value);
	/*
	 * The program of a script to include, from the user's scripts or from
	 * those of the site; it must live until the run ends. NULL: there are
	 * none. RFC 6609 s. 3.2
	 *   *why  BROKEN: what is wrong, one line
	 */
	enum sieve_found (*script)(void *ctx, bool global, struct str name,
	    const struct sieve_program **, struct str *why);
	struct str script_name; /* the active script's; "" when not known */
	/* Was that id with that handle marked by an earlier run, and is not
	 * expired? RFC 7352 */
	bool (*seen)(void *ctx, const struct plan_mark *);
	/* The run failed: shall it go on where the host has set vm->pc? NULL:
	 * no. Test suites do, deliveries never. */
	bool (*recover)(void *ctx, struct sieve_vm *, const struct fail *);
	void *ctx;
	/* NULL: nobody listens, and events cost nothing */
	void (*event)(void *event_ctx, const struct sieve_event *);
	void *event_ctx;
};

/*
 * Run. The plan is settled when this returns true.
 *   arena    what the run needs, and the plan
 *   limits   NULL: sieve_limits_default
 *   *line, *column  where it failed; 0 when it has no place
 *   fails    false when the script failed at run time (a limit, an address
 *            or mailbox name that is none, a conflict); the plan then holds
 *            what was asked so far and must not be carried out
 */
bool sieve_run(const struct sieve_program *, const struct sieve_env *,
    const struct sieve_limits *limits, struct arena *, struct plan **plan,
    uint32_t *line, uint32_t *column, struct fail *why);

#endif
