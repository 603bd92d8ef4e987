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

/* --- comparators ------------------------------------------------------ */

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

size_t
comparator_room(const struct sieve_comparator *cmp, size_t len)
{
	return cmp->room != NULL ? cmp->room(len) : len;
}

/* --- many keys -------------------------------------------------------- */

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
		m->folded[i] = keys[i];
		if (!m->type->raw)
			m->folded[i] = m->comparator->fold(keys[i],
			    arena_alloc(arena,
				comparator_room(m->comparator, keys[i].len)));
	}
	m->slot = NULL;
	if (n >= MANY_KEYS && m->type == &match_is)
		hash_keys(arena, m);
	if (m->type->prepare != NULL)
		m->type->prepare(arena, m);
}

/* --- match types ------------------------------------------------------ */

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
is(const struct sieve_match *m, struct str value, struct budget *b, size_t *key,
    struct captures *captures)
{
	(void)captures;
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
    size_t *key, struct captures *captures)
{
	(void)captures;
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
    size_t *key, struct captures *captures)
{
	for (size_t i = 0; i < m->nkeys; i++) {
		enum match_result r =
		    match_glob(value, m->folded[i], b, captures);

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

/* --- wildcards -------------------------------------------------------- */

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

/* The octets at pattern[i] that stand for themselves; may be "". */
static struct str
literal(struct str pattern, size_t i)
{
	size_t end = i;

	while (end < pattern.len && strchr("*?\\", pattern.p[end]) == NULL)
		end++;
	return str_sub(pattern, i, end);
}

/* Where we are in value and pattern, and where the last star was. */
struct glob {
	struct str value, pattern;
	size_t v, p;
	size_t star_p;     /* behind the last star; SIZE_MAX: none yet */
	size_t star_v;     /* what the star takes ends here */
	struct str anchor; /* literal behind the last star */
	struct captures *captures; /* may be NULL */
	size_t ncaptures;          /* wildcards so far, and the whole */
	size_t star_capture;       /* of the last star */
};

/* The n-th wildcard takes these octets. */
static void
capture(struct glob *g, size_t n, size_t from, size_t to)
{
	if (g->captures == NULL || n >= CAPTURES_MAX)
		return;
	g->captures->at[n].from = from;
	g->captures->at[n].to = to;
}

static enum match_result
matched(struct glob *g)
{
	if (g->captures == NULL)
		return MATCH_YES;
	capture(g, 0, 0, g->value.len);
	if (g->star_p != SIZE_MAX) {
		size_t to =
		    g->star_p == g->pattern.len ? g->value.len : g->star_v;

		if (g->star_capture < CAPTURES_MAX)
			g->captures->at[g->star_capture].to = to;
	}
	g->captures->n =
	    g->ncaptures < CAPTURES_MAX ? g->ncaptures : CAPTURES_MAX;
	return MATCH_YES;
}

/*
 * Let the last star take more, up to where what follows it can begin.
 * Only the last star has to be tried again: whatever an earlier one could
 * take instead, the last can take as well.
 */
static bool
retry(struct glob *g, struct budget *b, enum match_result *result)
{
	struct str rest;
	ssize_t skip = 0;

	*result = MATCH_NO;
	if (g->star_p == SIZE_MAX || g->star_v > g->value.len)
		return false;
	rest = str_from_offset(g->value, g->star_v);
	if (g->anchor.len > 0)
		skip = str_find(rest, g->anchor);
	if (!budget_spend(
		b, g->anchor.len + (skip < 0 ? rest.len : (uint64_t)skip)))
		*result = MATCH_OVER;
	if (skip < 0 || *result == MATCH_OVER)
		return false;
	g->star_v += (size_t)skip;
	g->v = g->star_v + g->anchor.len;
	g->p = g->star_p + g->anchor.len;
	g->ncaptures = g->star_capture + 1;
	return true;
}

static bool
at_star(struct glob *g)
{
	if (g->p >= g->pattern.len || g->pattern.p[g->p] != '*')
		return false;
	/* what the star before took is now settled */
	if (g->star_p != SIZE_MAX && g->captures != NULL &&
	    g->star_capture < CAPTURES_MAX)
		g->captures->at[g->star_capture].to = g->star_v;
	g->star_capture = g->ncaptures++;
	capture(g, g->star_capture, g->v, g->v);
	g->star_p = ++g->p;
	g->star_v = g->v;
	g->anchor = literal(g->pattern, g->p);
	return true;
}

/* Take units one by one up to a star, the end, or what does not fit. */
static void
take(struct glob *g)
{
	while (g->p < g->pattern.len && g->v < g->value.len &&
	       g->pattern.p[g->p] != '*' &&
	       takes(g->pattern, g->p, g->value.p[g->v])) {
		if (g->pattern.p[g->p] == '?')
			capture(g, g->ncaptures++, g->v, g->v + 1);
		g->p += unit_len(g->pattern, g->p);
		g->v++;
	}
}

enum match_result
match_glob(struct str value, struct str pattern, struct budget *b,
    struct captures *captures)
{
	struct glob g = { .value = value,
		.pattern = pattern,
		.star_p = SIZE_MAX,
		.captures = captures,
		.ncaptures = 1 };
	enum match_result result;

	if (!budget_spend(b, COMPARE_COST))
		return MATCH_OVER;
	for (;;) {
		size_t from = g.v;

		take(&g);
		if (!budget_spend(b, g.v - from + 1))
			return MATCH_OVER;
		if (g.p == pattern.len && g.v == value.len)
			return matched(&g);
		if (at_star(&g)) {
			if (g.star_p == pattern.len)
				return matched(&g);
		} else {
			g.star_v++;
		}
		if (!retry(&g, b, &result))
			return result;
	}
}
