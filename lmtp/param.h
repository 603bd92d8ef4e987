/*
 * param: ESMTP parameters of MAIL and RCPT.
 *   RFC 5321 s. 4.1.1.11, RFC 1870, RFC 6152, RFC 4954 s. 5, RFC 3461 s. 4,
 *   RFC 6531 s. 3.4
 */
#ifndef TAMIS_LMTP_PARAM_H
#define TAMIS_LMTP_PARAM_H

#include "lib/fail.h"
#include "lib/str.h"

struct arena;

enum param_notify {
	NOTIFY_NEVER = 1,
	NOTIFY_SUCCESS = 2,
	NOTIFY_FAILURE = 4,
	NOTIFY_DELAY = 8,
};

/* Texts are slices of what was parsed; "": not given. */
struct param_rcpt {
	bool ignore_quota; /* IGNOREQUOTA, draft-murchison-lmtp-ignorequota */
	unsigned notify;   /* NOTIFY=, of enum param_notify; 0: not given */
	struct str orcpt;  /* ORCPT=, "type;xtext" */
};

struct param_mail {
	uint64_t size;    /* SIZE=, UINT64_MAX for what is larger; else 0 */
	bool eightbit;    /* BODY=8BITMIME */
	bool utf8;        /* SMTPUTF8 */
	struct str auth;  /* AUTH=, xtext or "<>" */
	struct str ret;   /* RET=: "FULL" or "HDRS" */
	struct str envid; /* ENVID=, xtext */
};

/*
 * Parse what stands behind the path: parameters separated by blanks.
 *   utf8   the transaction is one of SMTPUTF8: ORCPT= may be UTF-8
 *   fails  501 5.5.4 syntax, bad value, given twice; 555 5.5.4 unknown
 */
bool param_parse_mail(struct str text, struct param_mail *out, struct fail *);
bool param_parse_rcpt(
    struct str text, bool utf8, struct param_rcpt *out, struct fail *);

/* What xtext means: printable US-ASCII and blanks, or UTF-8 as it was.
 * RFC 3461 s. 4 */
struct str param_xtext(struct arena *, struct str);

/* "SUCCESS,FAILURE": enum param_notify as RFC 3461 s. 4.1 writes it. */
struct str param_notify_text(struct arena *, unsigned notify);

#endif
