/*
 * relational: the match types :value and :count with an order. Each order is
 * a match type of its own, so a saved program names it. RFC 5231, whole.
 */
#include "sieve/check.h"
#include "sieve/ext.h"

enum { COMPARE_COST = 8 }; /* octets charged for looking at a key at all */

static bool
is_gt(int order)
{
	return order > 0;
}

static bool
is_ge(int order)
{
	return order >= 0;
}

static bool
is_lt(int order)
{
	return order < 0;
}

static bool
is_le(int order)
{
	return order <= 0;
}

static bool
is_eq(int order)
{
	return order == 0;
}

static bool
is_ne(int order)
{
	return order != 0;
}

/* s. 4.1: true if any pair is; the value is the left side */
static enum match_result
relate(const struct sieve_match *m, struct str value, struct budget *b,
    size_t *key, bool (*holds)(int order))
{
	for (size_t i = 0; i < m->nkeys; i++) {
		size_t less =
		    value.len < m->folded[i].len ? value.len : m->folded[i].len;

		if (!budget_spend(b, less + COMPARE_COST))
			return MATCH_OVER;
		if (holds(m->comparator->compare(value, m->folded[i]))) {
			*key = i;
			return MATCH_YES;
		}
	}
	return MATCH_NO;
}

#define RELATION(op)                                                           \
	static enum match_result match_##op(const struct sieve_match *m,       \
	    struct str value, struct budget *b, size_t *key,                   \
	    struct captures *captures)                                         \
	{                                                                      \
		(void)captures;                                                \
		return relate(m, value, b, key, is_##op);                      \
	}                                                                      \
	static const struct sieve_match_type value_##op = {                    \
		.name = "value \"" #op "\"", .match = match_##op               \
	};                                                                     \
	static const struct sieve_match_type count_##op = {                    \
		.name = "count \"" #op "\"",                                   \
		.match = match_##op,                                           \
		.count = true                                                  \
	}

RELATION(gt);
RELATION(ge);
RELATION(lt);
RELATION(le);
RELATION(eq);
RELATION(ne);

static const struct {
	struct str name;
	const struct sieve_match_type *value, *count;
} relations[] = {
	{ STR("gt"), &value_gt, &count_gt },
	{ STR("ge"), &value_ge, &count_ge },
	{ STR("lt"), &value_lt, &count_lt },
	{ STR("le"), &value_le, &count_le },
	{ STR("eq"), &value_eq, &count_eq },
	{ STR("ne"), &value_ne, &count_ne },
};
enum { NRELATIONS = sizeof(relations) / sizeof(relations[0]) };

/* Strings of ABNF have no case. */
static size_t
find_relation(struct str name)
{
	size_t i = 0;

	while (i < NRELATIONS && !str_caseeq(relations[i].name, name))
		i++;
	return i;
}

static const struct sieve_match_type *
choose_value(struct str name)
{
	size_t i = find_relation(name);

	return i < NRELATIONS ? relations[i].value : NULL;
}

static const struct sieve_match_type *
choose_count(struct str name)
{
	size_t i = find_relation(name);

	return i < NRELATIONS ? relations[i].count : NULL;
}

static void
check_relation(struct check *c, const struct tree_arg *value)
{
	if (find_relation(value->v[0].text) == NRELATIONS)
		diag_add(check_diag(c), value->at,
		    S("use gt, ge, lt, le, eq or ne"),
		    "unknown relational match \"%s\"",
		    diag_quote(check_diag(c), value->v[0].text));
}

static const struct sieve_tag tags[] = {
	{ .name = "value",
	    .on = "@match",
	    .group = "match-type",
	    .arg = 's',
	    .choose = choose_value,
	    .check = check_relation },
	{ .name = "count",
	    .on = "@match",
	    .group = "match-type",
	    .arg = 's',
	    .choose = choose_count,
	    .check = check_relation },
	{ 0 },
};

static const struct sieve_match_type *const matches[] = {
	&value_gt,
	&value_ge,
	&value_lt,
	&value_le,
	&value_eq,
	&value_ne,
	&count_gt,
	&count_ge,
	&count_lt,
	&count_le,
	&count_eq,
	&count_ne,
	NULL,
};

const struct sieve_ext ext_relational = {
	.name = "relational",
	.rfc = "RFC 5231",
	.tags = tags,
	.matches = matches,
};
