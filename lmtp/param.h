/*
 * param: ESMTP parameters of MAIL and RCPT.
 *   RFC 5321 s. 4.1.1.11, RFC 1870, RFC 6152, RFC 4954 s. 5
 */
#ifndef TAMIS_LMTP_PARAM_H
#define TAMIS_LMTP_PARAM_H

#include "lib/fail.h"
#include "lib/str.h"

struct param_rcpt {
	bool ignore_quota; /* IGNOREQUOTA, draft-murchison-lmtp-ignorequota */
};

struct param_mail {
	uint64_t size; /* SIZE=, UINT64_MAX for what is larger; else 0 */
	bool eightbit; /* BODY=8BITMIME */
};

/*
 * Parse what stands behind the path: parameters separated by blanks.
 *   fails  501 5.5.4 syntax, bad value, given twice; 555 5.5.4 unknown
 */
bool param_parse_mail(struct str text, struct param_mail *out, struct fail *);
bool param_parse_rcpt(struct str text, struct param_rcpt *out, struct fail *);

#endif
