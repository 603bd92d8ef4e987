/*
 * tree: a script as it was written, before anybody asked what it means.
 * parse makes it, check adds what the tables say, compile reads it.
 *   RFC 5228 s. 8.2
 */
#ifndef TAMIS_SIEVE_TREE_H
#define TAMIS_SIEVE_TREE_H

#include "sieve/diag.h"

struct sieve_cmd;
struct sieve_tag;

enum tree_arg_kind {
	TREE_NUMBER,
	TREE_STRING, /* one string, no brackets */
	TREE_LIST,   /* strings in brackets */
	TREE_TAG,
};

struct tree_string {
	struct str text;
	struct place at;
	bool refs; /* by check: holds references to variables */
};

struct tree_arg {
	struct tree_arg *next;
	enum tree_arg_kind kind;
	struct place at;
	uint64_t number;       /* NUMBER */
	struct str name;       /* TAG, as written, without colon */
	struct tree_string *v; /* STRING (one), LIST */
	size_t n;
	/* by check: */
	const struct sieve_tag *tag; /* of a TAG that is known */
	bool is_value;               /* belongs to the tag before it */
};

/* A command or a test: the grammar is the same up to what ends it. */
struct tree_node {
	struct tree_node *next;
	struct str name; /* as written */
	struct place at;
	struct tree_arg *args;
	struct tree_node *tests;
	bool paren; /* tests stand in parentheses */
	struct tree_node *block;
	bool has_block;
	bool broken; /* syntax error inside: do not complain again */
	/* by check: NULL when not known */
	const struct sieve_cmd *cmd;
	const struct tree_node *parent; /* in whose block it stands */
	/* by check, when extensions are looked for at run time, RFC 5463: */
	struct strlist needs;   /* capabilities it uses, not required */
	struct str unavailable; /* why it cannot be run; "" when it can */
};

#endif
