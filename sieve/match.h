/*
 * match: comparing values with keys: match types, comparators, and the work
 * they may cost. Knows octets; not where values come from.
 *   RFC 5228 s. 2.7, RFC 4790
 */
#ifndef TAMIS_SIEVE_MATCH_H
#define TAMIS_SIEVE_MATCH_H

#include "lib/str.h"

struct arena;
struct sieve_match;

/* Work units left; octets are charged as one unit for each 64. */
struct budget {
	uint64_t left;
	uint32_t octets; /* not yet charged, under 64 */
};

/* false when that was more than was left; nothing is then left. */
bool budget_spend(struct budget *, uint64_t octets);

/*
 * A comparator is given by its normal form: two strings are equal when
 * their normal forms are the same octets.
 */
struct sieve_comparator {
	const char *name;
	bool substring; /* has the substring operation */
	/* out has room for in.len octets; the result is out, or part of in */
	struct str (*fold)(struct str in, char *out);
	/* order of two normal forms: <0, 0, >0 */
	int (*compare)(struct str a, struct str b);
};

/* What matched, and whether the budget held out. */
enum match_result {
	MATCH_NO,
	MATCH_YES,
	MATCH_OVER, /* the budget is used up */
};

struct sieve_match_type {
	const char *name; /* of its tag, without colon: "is" */
	bool substring;   /* only for comparators that have substring */
	/* value is a normal form; *key: index of the key that matched */
	enum match_result (*match)(const struct sieve_match *, struct str value,
	    struct budget *, size_t *key);
};

/* Comparator, match type and keys of one test: the operand letter 'm'. */
struct sieve_match {
	const struct sieve_comparator *comparator;
	const struct sieve_match_type *type;
	uint32_t list; /* of the program: the keys */
	/* made by match_prepare: */
	struct str *key;    /* as written */
	struct str *folded; /* normal forms */
	size_t nkeys;
	uint32_t *slot; /* hash table over folded, index + 1; NULL if few */
	size_t nslots;  /* a power of two */
};

/* Fold the keys and make what searches among many need. */
void match_prepare(
    struct arena *, struct sieve_match *, const struct str *keys, size_t n);

extern const struct sieve_comparator comparator_octet, comparator_casemap;
extern const struct sieve_match_type match_is, match_contains, match_matches;

/*
 * Does the whole of value match the wildcard pattern? "*" any octets, "?"
 * one octet, "\x" the octet x itself. Iterative, O(value * pattern).
 */
enum match_result match_glob(
    struct str value, struct str pattern, struct budget *);

#endif
