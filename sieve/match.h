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
	/* octets of room fold needs for len octets; NULL: len */
	size_t (*room)(size_t len);
	/* offset in the input for one in its normal form; NULL: the same */
	size_t (*origin)(struct str in, size_t offset);
};

/* What matched, and whether the budget held out. */
enum match_result {
	MATCH_NO,
	MATCH_YES,
	MATCH_OVER, /* the budget is used up */
	MATCH_BAD,  /* *key is none that this match type can use */
};

/* What the parts of a pattern matched; 0 is the whole match.
 * RFC 5229 s. 3.2 */
enum { CAPTURES_MAX = 33 };
struct captures {
	size_t n;
	struct {
		size_t from, to; /* octets of the value */
	} at[CAPTURES_MAX];
};

struct sieve_match_type {
	const char *name; /* as it is written behind the colon: "is" */
	bool substring;   /* only for comparators that have substring */
	bool raw;         /* wants values as they are, not normal forms */
	bool count;       /* looks at the number of values, not at them */
	/*
	 * value is a normal form; *key: index of the key that matched
	 *   captures  NULL: nobody wants to know; n is 0 when it is called
	 */
	enum match_result (*match)(const struct sieve_match *, struct str value,
	    struct budget *, size_t *key, struct captures *captures);
	uint32_t key_cost; /* octets charged when a key with variables is
	                      prepared */
	/* Work once per list of keys, kept in m->own; NULL: none. */
	void (*prepare)(struct arena *, struct sieve_match *m);
	/* Is that a key it can use? false: *error is text in the arena.
	 * NULL: all are. */
	bool (*key_ok)(struct arena *, struct str key, struct str *error);
};

/* Comparator, match type and keys of one test: the operand letter 'm'. */
struct sieve_match {
	const struct sieve_comparator *comparator;
	const struct sieve_match_type *type;
	uint32_t list; /* of the program: the keys */
	/* made by program_prepare: */
	bool dynamic; /* keys hold variables: prepared when they are known */
	/* made by match_prepare: */
	struct str *key;    /* as written */
	struct str *folded; /* normal forms */
	size_t nkeys;
	uint32_t *slot; /* hash table over folded, index + 1; NULL if few */
	size_t nslots;  /* a power of two */
	void *own;      /* of the match type */
};

/* Room for the normal form of len octets. */
size_t comparator_room(const struct sieve_comparator *, size_t len);

/* Fold the keys and make what searches among many need. */
void match_prepare(
    struct arena *, struct sieve_match *, const struct str *keys, size_t n);

extern const struct sieve_comparator comparator_octet, comparator_casemap;
extern const struct sieve_match_type match_is, match_contains, match_matches;

/*
 * Does the whole of value match the wildcard pattern? "*" any octets, "?"
 * one octet, "\x" the octet x itself. Iterative, O(value * pattern).
 */
enum match_result match_glob(struct str value, struct str pattern,
    struct budget *, struct captures *captures);

#endif
