/*
 * template: strings that hold references to variables, "${name}". Knows the
 * grammar and the names, nothing of values.
 *   RFC 5229 s. 3
 */
#ifndef TAMIS_SIEVE_TEMPLATE_H
#define TAMIS_SIEVE_TEMPLATE_H

#include "lib/str.h"

struct arena;

enum { TEMPLATE_MAX_INDEX = 32 }; /* highest match variable, ${32} */

enum template_kind {
	TEMPLATE_TEXT,
	TEMPLATE_MATCH,    /* ${1} */
	TEMPLATE_VARIABLE, /* ${name}, ${namespace.name} */
};

struct template_part {
	enum template_kind kind;
	struct str text; /* TEXT */
	uint32_t index;  /* MATCH; UINT32_MAX when it is larger */
	struct str ns;   /* VARIABLE: first component; "" for none */
	struct str name; /* VARIABLE: what follows it, may hold dots */
};

/* Parts refer to the text they were made from. */
struct template
{
	struct template_part *v;
	size_t n;
};

/* The first reference in s; *from..*to is where it stands. Linear. */
bool template_find(
    struct str s, struct template_part *out, size_t *from, size_t *to);

/* Take s apart. */
void template_parse(struct arena *, struct str s, struct template *out);

/* Is it an identifier: the name of a variable that can be set? */
bool template_is_name(struct str);

#endif
