/*
 * ext: the list of extensions and look-ups over all their tables. Knows the
 * tables' shape, none of their rows.
 */
#include "sieve/ext.h"

extern const struct sieve_ext ext_base, ext_flow;
#define EXT(name) extern const struct sieve_ext ext_##name;
#include "sieve/ext_table.inc"
#undef EXT

#define EXT(name) &ext_##name,
static const struct sieve_ext *const all[] = {
	&ext_base,
	&ext_flow,
#include "sieve/ext_table.inc"
};
#undef EXT
enum { NALL = sizeof(all) / sizeof(all[0]) };

static const struct str comparator_prefix = STR("comparator-");

const struct sieve_ext *
ext_at(size_t i)
{
	return i < NALL ? all[i] : ext_extra[i - NALL];
}

size_t
ext_count(void)
{
	size_t n = NALL;

	while (ext_at(n) != NULL)
		n++;
	return n;
}

bool
ext_is_extra(const struct sieve_ext *ext)
{
	for (size_t i = 0; ext_extra[i] != NULL; i++)
		if (ext_extra[i] == ext)
			return true;
	return false;
}

/* "comparator-NAME" of a comparator that needs no require */
static const struct sieve_ext *
builtin_comparator(struct str capability)
{
	const struct sieve_ext *owner;

	if (str_starts(capability, comparator_prefix) &&
	    ext_comparator(str_from_offset(capability, comparator_prefix.len),
		&owner) != NULL &&
	    owner->name == NULL)
		return owner;
	return NULL;
}

const struct sieve_ext *
ext_by_capability(struct str capability)
{
	for (size_t i = 0; ext_at(i) != NULL; i++)
		if (ext_at(i)->name != NULL &&
		    str_eq(str_c(ext_at(i)->name), capability))
			return ext_at(i);
	return builtin_comparator(capability);
}

const struct sieve_op *
ext_op(struct str name)
{
	for (size_t i = 0; ext_at(i) != NULL; i++)
		for (const struct sieve_op *const *op = ext_at(i)->ops;
		     op != NULL && *op != NULL; op++)
			if (str_eq(str_c((*op)->name), name))
				return *op;
	return NULL;
}

const struct sieve_comparator *
ext_comparator(struct str name, const struct sieve_ext **owner)
{
	for (size_t i = 0; ext_at(i) != NULL; i++)
		for (const struct sieve_comparator *const *c =
			 ext_at(i)->comparators;
		     c != NULL && *c != NULL; c++)
			if (str_eq(str_c((*c)->name), name)) {
				*owner = ext_at(i);
				return *c;
			}
	return NULL;
}

const struct sieve_match_type *
ext_match_type(struct str name)
{
	for (size_t i = 0; ext_at(i) != NULL; i++)
		for (const struct sieve_match_type *const *m =
			 ext_at(i)->matches;
		     m != NULL && *m != NULL; m++)
			if (str_eq(str_c((*m)->name), name))
				return *m;
	return NULL;
}

const struct sieve_part *
ext_part(struct str name)
{
	for (size_t i = 0; ext_at(i) != NULL; i++)
		for (const struct sieve_part *const *p = ext_at(i)->parts;
		     p != NULL && *p != NULL; p++)
			if (str_eq(str_c((*p)->name), name))
				return *p;
	return NULL;
}

const struct sieve_envelope_part *
ext_envelope_part(struct str name, const struct sieve_ext **owner)
{
	for (size_t i = 0; (*owner = ext_at(i)) != NULL; i++)
		for (const struct sieve_envelope_part *p = (*owner)->envelope;
		     p != NULL && p->name != NULL; p++)
			if (str_caseeq(str_c(p->name), name))
				return p;
	return NULL;
}

const struct sieve_namespace *
ext_namespace(struct str name, const struct sieve_ext **owner)
{
	for (size_t i = 0; ext_at(i) != NULL; i++)
		for (const struct sieve_namespace *const *n =
			 ext_at(i)->namespaces;
		     n != NULL && *n != NULL; n++)
			if (str_caseeq(str_c((*n)->name), name)) {
				*owner = ext_at(i);
				return *n;
			}
	return NULL;
}

struct str
word_at(const char *words, size_t i)
{
	struct str rest = str_c(words), word = STR("");

	while (str_cut(&rest, ' ', &word))
		if (i-- == 0)
			return word;
	return S("");
}

static bool
has_word(const char *words, struct str word)
{
	struct str rest = str_c(words), w;

	while (str_cut(&rest, ' ', &w))
		if (str_eq(w, word))
			return true;
	return false;
}

bool
word_in(const char *words, const char *word)
{
	return has_word(words, str_c(word));
}

bool
words_meet(const char *a, const char *b)
{
	struct str rest = str_c(a), w;

	while (str_cut(&rest, ' ', &w))
		if (has_word(b, w))
			return true;
	return false;
}

/* --- the public listing: what a script can require -------------------- */

const struct sieve_ext *
sieve_ext_at(size_t i)
{
	for (size_t n = 0; n < NALL; n++)
		if (all[n]->name != NULL && i-- == 0)
			return all[n];
	return NULL;
}

const char *
sieve_ext_name(const struct sieve_ext *ext)
{
	return ext != NULL ? ext->name : NULL;
}

const char *
sieve_ext_rfc(const struct sieve_ext *ext)
{
	return ext->rfc;
}
