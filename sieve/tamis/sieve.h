/*
 * tamis/sieve.h: Sieve (RFC 5228 and extensions) for programs.
 *
 * Compile a script, run it over a message, get a list of actions; carry them
 * out yourself. The library opens no file and no socket: what it must know of
 * the world (is there such a mailbox?) it asks functions of yours. See
 * libtamis-sieve(3).
 *
 * ABI: structs you fill begin with their size, so that members can be added
 * at their ends; structs you only read come from the library and may grow at
 * their ends, too. Never copy them by sizeof.
 */
#ifndef TAMIS_SIEVE_H
#define TAMIS_SIEVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TAMIS_SIEVE_API __attribute__((visibility("default")))
#else
#define TAMIS_SIEVE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Octets; need not end in NUL, and p may be NULL when len is 0. */
struct tamis_str {
	const char *p;
	size_t len;
};

struct tamis_strs {
	const struct tamis_str *v;
	size_t n;
};

/* A compiled script: never changes, threads may share it. */
struct tamis_sieve;

/* What a run wants done. */
struct tamis_sieve_result;

/* "0.1.0", of the library that is loaded */
TAMIS_SIEVE_API const char *tamis_sieve_version(void);

/* The i-th capability scripts can require, from 0; NULL behind the last. */
TAMIS_SIEVE_API const char *tamis_sieve_capability(size_t i);

/* --- limits --------------------------------------------------------------- */

/* 0 in a member, or NULL instead of the struct, is the default. */
struct tamis_sieve_limits {
	size_t size; /* sizeof(struct tamis_sieve_limits) */
	uint64_t script_bytes;
	uint64_t string_bytes;
	uint64_t nesting; /* of blocks, and of tests */
	uint64_t errors;  /* that are reported */
	uint64_t actions; /* per run */
	uint64_t redirects;
	uint64_t notifies;
	uint64_t includes;
	uint64_t include_depth;
	uint64_t variables;
	uint64_t variable_octets;
	uint64_t header_octets; /* of a value addheader adds */
	uint64_t body_octets;   /* of a body part that tests look at */
	uint64_t work; /* units per run: one for each instruction and for each
	                  64 octets examined */
};

/* --- scripts ---------------------------------------------------------------
 */

/* An error or a warning; lives until the callback returns. */
struct tamis_sieve_diag {
	unsigned line, column;    /* from 1; the column counts octets */
	int warning;              /* 0: an error */
	const char *name;         /* "syntax", "script", or the warning's */
	struct tamis_str message; /* one line of UTF-8 */
	struct tamis_str hint;    /* how to mend it; may be empty */
	struct tamis_str source;  /* the line, cut, without control octets */
	size_t caret;             /* octets of it in front of the place */
};
typedef void tamis_sieve_diag_fn(void *ctx, const struct tamis_sieve_diag *);

/*
 * Compile. Errors go to fn, which may be NULL. NULL when there are any. The
 * result does not refer to the text.
 */
TAMIS_SIEVE_API struct tamis_sieve *tamis_sieve_compile(const char *text,
    size_t len, const struct tamis_sieve_limits *, tamis_sieve_diag_fn *fn,
    void *ctx);

/*
 * Report what is allowed and most likely a mistake; nothing for a script
 * with errors.
 *   owner  the owner's addresses, NULL: not known
 */
TAMIS_SIEVE_API void tamis_sieve_lint(const char *text, size_t len,
    const struct tamis_sieve_limits *, const struct tamis_strs *owner,
    tamis_sieve_diag_fn *fn, void *ctx);

TAMIS_SIEVE_API void tamis_sieve_free(struct tamis_sieve *); /* or NULL */

/*
 * The saved form, to be loaded by this version of the library on any machine
 * of this kind. write returns 0 when it failed, and so does the function.
 */
TAMIS_SIEVE_API int tamis_sieve_save(const struct tamis_sieve *,
    int (*write)(void *ctx, const void *p, size_t len), void *ctx);

/*
 * Load. What was damaged, or written by another version, is refused: compile
 * from the text. It is verified: untrusted octets are safe.
 *   why  NULL, or room for a message of up to size octets, NUL included
 */
TAMIS_SIEVE_API struct tamis_sieve *tamis_sieve_load(
    const void *p, size_t len, char *why, size_t size);

/* --- running ---------------------------------------------------------------
 */

enum tamis_sieve_event_kind {
	TAMIS_SIEVE_EVENT_STEP = 0,   /* an instruction was executed */
	TAMIS_SIEVE_EVENT_MATCH = 1,  /* a value was compared with a key */
	TAMIS_SIEVE_EVENT_ACTION = 2, /* an action was added */
	TAMIS_SIEVE_EVENT_KEEP = 3,   /* the implicit keep was cancelled */
	TAMIS_SIEVE_EVENT_ERROR = 4   /* the run ended with a failure */
};

/* Lives until the callback returns. Kinds may be added. */
struct tamis_sieve_event {
	int kind;
	unsigned line, column;
	int truth;                   /* STEP: of the last test; MATCH: result */
	struct tamis_str op, detail; /* STEP: instruction and operands */
	struct tamis_str value, key; /* MATCH */
	struct tamis_str target;     /* ACTION: mailbox or address */
	struct tamis_str message;    /* ERROR */
};

/* What a duplicate test looked for. RFC 7352 */
struct tamis_sieve_mark {
	struct tamis_str id;
	struct tamis_str handle; /* p NULL: none */
	uint64_t seconds;        /* it expires after, */
	int last;                /* counted from the last time it was seen */
};

enum tamis_sieve_found {
	TAMIS_SIEVE_FOUND = 0,
	TAMIS_SIEVE_MISSING = 1,
	TAMIS_SIEVE_BROKEN = 2 /* it does not compile, may not be read */
};

/*
 * A script's whole world. Unknown facts are empty, functions may be NULL
 * (the answer is no). Mailboxes are named as scripts name them. What a
 * function hands out must live until tamis_sieve_run returns; it returns 0
 * for no.
 */
struct tamis_sieve_host {
	size_t size; /* sizeof(struct tamis_sieve_host) */
	void *ctx;
	int64_t now;             /* seconds since 1970 */
	struct tamis_str sender; /* envelope; empty: the null sender */
	struct tamis_str rcpt;
	struct tamis_str auth;             /* AUTH= of MAIL */
	struct tamis_str detail_separator; /* one octet; empty: "+" */
	/* RFC 5183 */
	struct tamis_str domain, host, location, phase, remote_ip, remote_host;
	struct tamis_str script_name; /* so that include finds circles */

	int (*mailbox_exists)(void *ctx, struct tamis_str mailbox);
	/* RFC 8579; an empty mailbox: any */
	int (*special_use)(void *ctx, struct tamis_str mailbox,
	    struct tamis_str flag, struct tamis_str *mailbox_out);
	/* RFC 9042 */
	int (*mailbox_by_id)(
	    void *ctx, struct tamis_str id, struct tamis_str *mailbox_out);
	/* RFC 5490; an empty mailbox: of the server */
	int (*metadata)(void *ctx, struct tamis_str mailbox,
	    struct tamis_str name, struct tamis_str *value_out);
	/* RFC 6609. Returns an enum tamis_sieve_found; *why when BROKEN */
	int (*script)(void *ctx, int global, struct tamis_str name,
	    const struct tamis_sieve **out, struct tamis_str *why);
	/* Was it marked by an earlier run, and is not expired? RFC 7352 */
	int (*seen)(void *ctx, const struct tamis_sieve_mark *);
	void (*event)(void *ctx, const struct tamis_sieve_event *);
};

/*
 * Run. Never NULL; to be freed. A script that fails asks for one thing: to
 * keep the message.
 *   message  as it came, header and body; it must live until the result is
 *            freed
 */
TAMIS_SIEVE_API struct tamis_sieve_result *tamis_sieve_run(
    const struct tamis_sieve *, const char *message, size_t len,
    const struct tamis_sieve_host *, const struct tamis_sieve_limits *);

TAMIS_SIEVE_API void tamis_sieve_result_free(struct tamis_sieve_result *);

/* Why it failed, one line; NULL: it did not. line and column may be NULL. */
TAMIS_SIEVE_API const char *tamis_sieve_result_error(
    const struct tamis_sieve_result *, unsigned *line, unsigned *column);

/* Verbs may be added: a host must refuse those it does not know. */
enum tamis_sieve_verb {
	TAMIS_SIEVE_STORE = 0,    /* target: mailbox */
	TAMIS_SIEVE_REDIRECT = 1, /* target: address */
	TAMIS_SIEVE_REPLY = 2,    /* vacation; target: envelope sender */
	TAMIS_SIEVE_REFUSE = 3,   /* reject; target: envelope sender */
	TAMIS_SIEVE_NOTIFY = 4,   /* target: method, a URI */
	TAMIS_SIEVE_CALENDAR = 5  /* processcalendar */
};

enum tamis_sieve_flag {
	TAMIS_SIEVE_COPY = 1,     /* :copy */
	TAMIS_SIEVE_CREATE = 2,   /* make the mailbox if need be */
	TAMIS_SIEVE_IMPLICIT = 4, /* no command asked: the implicit keep */
	TAMIS_SIEVE_KEEP = 8,     /* keep: target is "INBOX" */
	TAMIS_SIEVE_EREJECT = 16, /* REFUSE: within the protocol, please */
	TAMIS_SIEVE_MIME = 32     /* REPLY: text is a MIME entity */
};

/* Lives as long as the result. Empty: not given, unless said otherwise. */
struct tamis_sieve_action {
	int verb;
	unsigned flags;
	unsigned line; /* of the command; 0: implicit keep */
	struct tamis_str target;
	struct tamis_str header;      /* p NULL: the message's own; else the one
	                                 a script has edited. RFC 5293 */
	struct tamis_strs imapflags;  /* STORE */
	struct tamis_str special_use; /* STORE: of a mailbox that is made */
	struct tamis_str text;        /* REPLY, REFUSE, NOTIFY */
	struct tamis_str subject;     /* REPLY; p NULL: from the message */
	struct tamis_str from;        /* REPLY, NOTIFY */
	struct tamis_str id;          /* REPLY: equal ones are one reply */
	uint64_t seconds;             /* REPLY: not again within */
	struct tamis_strs addresses;  /* REPLY: of the owner, too */
	unsigned importance;          /* NOTIFY: 1 high, 2 normal, 3 low */
	struct tamis_strs options;    /* NOTIFY: "name=value" */
	struct tamis_str fcc;         /* REPLY, NOTIFY: mailbox for a copy */
	unsigned fcc_flags;           /* TAMIS_SIEVE_CREATE */
	struct tamis_strs fcc_imapflags;
	struct tamis_str fcc_special_use;
	struct tamis_str dsn_notify, dsn_ret; /* REDIRECT. RFC 6009 */
	int deliver_by;                       /* REDIRECT: not 0 when the next
	                                         three are given. RFC 2852 */
	int64_t by_seconds;
	char by_mode; /* 'N' 'R' */
	int by_trace;
};

/* In order; NULL behind the last. None at all: discard. */
TAMIS_SIEVE_API const struct tamis_sieve_action *tamis_sieve_result_action(
    const struct tamis_sieve_result *, size_t i);

/* What to remember once the message is delivered. NULL behind the last. */
TAMIS_SIEVE_API const struct tamis_sieve_mark *tamis_sieve_result_mark(
    const struct tamis_sieve_result *, size_t i);

#ifdef __cplusplus
}
#endif

#endif
