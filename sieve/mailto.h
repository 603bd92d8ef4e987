/*
 * mailto: URIs of that scheme, checked and taken apart. What a URI may not
 * say in a notification is left out. RFC 6068, RFC 5436 s. 2
 */
#ifndef TAMIS_SIEVE_MAILTO_H
#define TAMIS_SIEVE_MAILTO_H

#include "lib/str.h"

struct arena;

enum {
	MAILTO_RCPTS = 8,    /* in one URI */
	MAILTO_HEADERS = 16, /* in one URI */
};

struct mailto_header {
	struct str name;  /* a valid field name, as written */
	struct str value; /* UTF-8, one line */
};

struct mailto {
	struct strlist to;    /* canonical addresses, for the To field */
	struct strlist cc;    /* for the Cc field */
	struct strlist rcpts; /* both, each once: who gets the message */
	struct str subject;   /* UTF-8, one line; p NULL: not given */
	struct str body;      /* UTF-8, CRLF; p NULL: not given */
	struct mailto_header header[MAILTO_HEADERS]; /* others, in order */
	size_t nheaders;
};

/* Is it a URI of that scheme at all? */
bool is_mailto(struct str uri);

/*
 * Take apart. Everything in out is in the arena. A URI without recipients is
 * valid. Header fields that are ours to write, that trace the message or that
 * describe its format, and Bcc, are left out: RFC 5436 s. 2.7, RFC 6068 s. 4
 *   fails  false: it breaks the rules; *error is static text
 */
bool mailto_parse(
    struct arena *, struct str uri, struct mailto *out, const char **error);

#endif
