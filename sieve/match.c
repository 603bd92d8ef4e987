/*
 * match: the match types and comparators that are always there. Knows
 * octets and budgets; neither headers nor programs.
 */
#include "sieve/match.h"

#include "lib/arena.h"

enum {
	MANY_KEYS = 8,    /* from here on :is looks into a hash table */
	COMPARE_COST = 8, /* octets charged for looking at a key at all */
};

bool
budget_spend(struct budget *b, uint64_t octets)
{
	uint64_t units = octets / 64;

	b->octets += (uint32_t)(octets % 64);
	units += b->octets / 64;
	b->octets %= 64;
	if (units > b->left) {
		b->left = 0;
		return false;
	}
	b->left -= units;
	return true;
}

/* --- comparators -------------------------------------------------------- */

static struct str
fold_octet(struct str in, char *out)
{
	(void)out;
	return in;
}

/* RFC 4790 s. 9.2.1: lower case letters become upper case. */
static struct str
fold_casemap(struct str in, char *out)
{
	size_t i = 0;

	while (i < in.len && (in.p[i] < 'a' || in.p[i] > 'z'))
		i++;
	if (i == in.len)
		return in;
	memcpy(out, in.p, i);
	for (; i < in.len; i++)
		out[i] = ascii_upper(in.p[i]);
	return str_from(out, in.len);
}

const struct sieve_comparator comparator_octet = {
	.name = "i;octet",
	.substring = true,
	.fold = fold_octet,
	.compare = str_cmp,
};

const struct sieve_comparator comparator_casemap = {
	.name = "i;ascii-casemap",
	.substring = true,
	.fold = fold_casemap,
	.compare = str_cmp,
};

/* --- many keys ---------------------------------------------------------- */

static void
hash_keys(struct arena *arena, struct sieve_match *m)
{
	m->nslots = 16;
	while (m->nslots < 2 * m->nkeys)
		m->nslots *= 2;
	m->slot = ARENA_ARRAY(arena, m->nslots, uint32_t);
	for (size_t i = 0; i < m->nkeys; i++) {
		size_t at = str_hash(m->folded[i], false) & (m->nslots - 1);

		while (m->slot[at] != 0 &&
		       !str_eq(m->folded[m->slot[at] - 1], m->folded[i]))
			at = (at + 1) & (m->nslots - 1);
		if (m->slot[at] == 0)
			m->slot[at] = (uint32_t)i + 1;
	}
}

void
match_prepare(struct arena *arena, struct sieve_match *m,
    const struct str *keys, size_t n)
{
	m->key = ARENA_ARRAY(arena, n, struct str);
	m->folded = ARENA_ARRAY(arena, n, struct str);
	m->nkeys = n;
	for (size_t i = 0; i < n; i++) {
		m->key[i] = keys[i];
		m->folded[i] = m->comparator->fold(
		    keys[i], arena_alloc(arena, keys[i].len));
	}
	m->slot = NULL;
	if (n >= MANY_KEYS && m->type == &match_is)
		hash_keys(arena, m);
}

/* --- match types -------------------------------------------------------- */

static enum match_result
is_among_many(const struct sieve_match *m, struct str value, size_t *key)
{
	size_t at = str_hash(value, false) & (m->nslots - 1);

	for (; m->slot[at] != 0; at = (at + 1) & (m->nslots - 1))
		if (str_eq(m->folded[m->slot[at] - 1], value)) {
			*key = m->slot[at] - 1;
			return MATCH_YES;
		}
	return MATCH_NO;
}

static enum match_result
is(const struct sieve_match *m, struct str value, struct budget *b, size_t *key)
{
	if (!budget_spend(b, value.len + COMPARE_COST))
		return MATCH_OVER;
	if (m->slot != NULL)
		return is_among_many(m, value, key);
	for (size_t i = 0; i < m->nkeys; i++) {
		if (!budget_spend(b, COMPARE_COST))
			return MATCH_OVER;
		if (str_eq(m->folded[i], value)) {
			*key = i;
			return MATCH_YES;
		}
	}
	return MATCH_NO;
}

static enum match_result
contains(const struct sieve_match *m, struct str value, struct budget *b,
    size_t *key)
{
	for (size_t i = 0; i < m->nkeys; i++) {
		if (!budget_spend(b, value.len + COMPARE_COST))
			return MATCH_OVER;
		if (str_find(value, m->folded[i]) >= 0) {
			*key = i;
			return MATCH_YES;
		}
	}
	return MATCH_NO;
}

static enum match_result
matches(const struct sieve_match *m, struct str value, struct budget *b,
    size_t *key)
{
	for (size_t i = 0; i < m->nkeys; i++) {
		enum match_result r = match_glob(value, m->folded[i], b);

		if (r != MATCH_NO) {
			*key = i;
			return r;
		}
	}
	return MATCH_NO;
}

const struct sieve_match_type match_is = {
	.name = "is",
	.match = is,
};

const struct sieve_match_type match_contains = {
	.name = "contains",
	.substring = true,
	.match = contains,
};

const struct sieve_match_type match_matches = {
	.name = "matches",
	.substring = true,
	.match = matches,
};

/* --- wildcards ---------------------------------------------------------- */

/* Octets of pattern that stand for one octet of value here. */
static size_t
unit_len(struct str pattern, size_t i)
{
	return pattern.p[i] == '\\' && i + 1 < pattern.len ? 2 : 1;
}

/* Does the unit at pattern[i], which is no star, take this octet? */
static bool
takes(struct str pattern, size_t i, char c)
{
	if (unit_len(pattern, i) == 2)
		return pattern.p[i + 1] == c;
	return pattern.p[i] == '?' || pattern.p[i] == c;
}

/*
 * Only the last star has to be tried again: whatever an earlier one could
 * take instead, the last can take as well.
 */
enum match_result
match_glob(struct str value, struct str pattern, struct budget *b)
{
	size_t v = 0, p = 0, steps = 0;
	size_t star_p = SIZE_MAX, star_v = 0; /* behind the last star */

	if (!budget_spend(b, COMPARE_COST))
		return MATCH_OVER;
	while (v < value.len) {
		if (++steps % 64 == 0 && !budget_spend(b, 64))
			return MATCH_OVER;
		if (p < pattern.len && pattern.p[p] == '*') {
			star_p = ++p;
			star_v = v;
		} else if (p < pattern.len && takes(pattern, p, value.p[v])) {
			p += unit_len(pattern, p);
			v++;
		} else if (star_p != SIZE_MAX) {
			if (star_p == pattern.len)
				return MATCH_YES;
			p = star_p;
			v = ++star_v;
		} else {
			return MATCH_NO;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len ? MATCH_YES : MATCH_NO;
}
