/*
 * token: the lexical level of Sieve: text in, tokens out. Lines may end in
 * CRLF or LF; line ends inside strings are CRLF in the value.
 *   RFC 5228 s. 2.1 to 2.4 and 8.1
 */
#ifndef TAMIS_SIEVE_TOKEN_H
#define TAMIS_SIEVE_TOKEN_H

#include "sieve/diag.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,   /* text: as written */
	TOKEN_TAG,    /* text: as written, without the colon */
	TOKEN_NUMBER, /* number, suffix applied */
	TOKEN_STRING, /* text: the value */
	TOKEN_PUNCT,  /* punct: one of { } [ ] ( ) , ; */
};

struct token {
	enum token_kind kind;
	char punct;
	struct place at;
	struct str text;
	uint64_t number;
};

struct lexer {
	struct arena *arena;
	struct diag *diag;
	const struct sieve_limits *limits;
	struct str text;
	size_t pos;
	size_t line_start; /* offset of the first octet of the line */
	uint32_t line;
	bool cut; /* the text ended inside a string or comment */
};

/* Reports octets that may stand nowhere in a script (NUL, CR without LF);
 * false when there is no point in going on. */
bool lexer_init(struct lexer *, struct arena *, struct diag *,
    const struct sieve_limits *, struct str text);

/* Errors are reported to diag; the caller always gets a usable token. */
void lexer_next(struct lexer *, struct token *out);

/* Where the next octet stands. */
struct place lexer_place(const struct lexer *);

#endif
