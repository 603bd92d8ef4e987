/*
 * regex: the match type :regex and the modifier :quoteregex. The only file
 * that knows PCRE2; without it there is no such extension.
 * draft-ietf-sieve-regex, draft-murchison-sieve-regex
 */
#include "config.h"

#include "sieve/ext.h"

#ifdef HAVE_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "lib/arena.h"
#include "sieve/ere.h"

/*
 * A match is tried with a few steps first and is cheap when that is enough.
 * A step that is counted by PCRE2 takes about 15 ns, so one match ends after
 * two milliseconds, and the work limit of a run allows some hundred of them.
 * The heap limit bounds the depth.
 */
enum {
	FEW_STEPS = 2000,
	MANY_STEPS = 100000,
	STEPS_PER_OCTET = 8,
	OCTETS_PER_STEP = 8, /* charged */
	COMPILE_COST = 1024, /* octets charged */
	HEAP_KB = 2048,
	GROUPS_MAX = 100,
};

/* --- compiling -------------------------------------------------------- */

static void *
take(size_t size, void *arena)
{
	return arena_alloc(arena, size);
}

static void
give_back(void *p, void *arena)
{
	(void)p;
	(void)arena;
}

/* The code lives in the arena; NULL with *error, static text. */
static pcre2_code *
compile_key(
    struct arena *arena, struct str key, bool caseless, const char **error)
{
	pcre2_general_context *general =
	    pcre2_general_context_create(take, give_back, arena);
	pcre2_compile_context *ctx = pcre2_compile_context_create(general);
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
	                   PCRE2_NEVER_BACKSLASH_C | PCRE2_MULTILINE;
	struct str pattern;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int err;

	if (!ere_translate(arena, key, &pattern, error))
		return NULL;
	pcre2_set_newline(ctx, PCRE2_NEWLINE_ANYCRLF);
	pcre2_set_parens_nest_limit(ctx, 2 * GROUPS_MAX);
	if (caseless)
		options |= PCRE2_CASELESS;
	code = pcre2_compile(
	    (PCRE2_SPTR)pattern.p, pattern.len, options, &err, &offset, ctx);
	if (code == NULL)
		*error = err == 120 ? "it is too large"
		                    : "it is not a regular expression";
	return code;
}

static bool
key_ok(struct arena *arena, struct str key, struct str *error)
{
	const char *text = NULL;

	if (compile_key(arena, key, false, &text) != NULL)
		return true;
	*error = str_c(text);
	return false;
}

/* m->own: a code for each key, NULL for a key that is none. */
static void
prepare(struct arena *arena, struct sieve_match *m)
{
	pcre2_code **code = ARENA_ARRAY(arena, m->nkeys, pcre2_code *);
	const char *error;

	for (size_t i = 0; i < m->nkeys; i++)
		code[i] = compile_key(arena, m->key[i],
		    m->comparator != &comparator_octet, &error);
	m->own = code;
}

/* --- matching --------------------------------------------------------- */

static void
keep_groups(pcre2_match_data *data, int n, struct captures *captures)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(data);

	captures->n = n > 0 ? (size_t)n : CAPTURES_MAX;
	for (size_t i = 0; i < captures->n; i++) {
		/* a group that took no part is empty */
		bool set = v[2 * i] != PCRE2_UNSET && v[2 * i] <= v[2 * i + 1];

		captures->at[i].from = set ? v[2 * i] : 0;
		captures->at[i].to = set ? v[2 * i + 1] : 0;
	}
}

/* Result of pcre2_match with at most that many steps. */
static int
try(const pcre2_code *code, struct str value, uint32_t steps,
    pcre2_match_data *data)
{
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);
	int n = PCRE2_ERROR_NOMEMORY;

	if (ctx == NULL)
		return n;
	pcre2_set_match_limit(ctx, steps);
	pcre2_set_depth_limit(ctx, steps);
	pcre2_set_heap_limit(ctx, HEAP_KB);
	n = pcre2_match(code, (PCRE2_SPTR)value.p, value.len, 0, 0, data, ctx);
	pcre2_match_context_free(ctx);
	return n;
}

static bool
over_limit(int n)
{
	return n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_DEPTHLIMIT;
}

static enum match_result
match_key(const pcre2_code *code, struct str value, struct budget *b,
    struct captures *captures)
{
	uint64_t few = FEW_STEPS + value.len;
	uint64_t many = MANY_STEPS + STEPS_PER_OCTET * (uint64_t)value.len;
	pcre2_match_data *data;
	int n;

	if (many > UINT32_MAX || !budget_spend(b, value.len + FEW_STEPS / 4))
		return MATCH_OVER;
	data =
	    pcre2_match_data_create(captures != NULL ? CAPTURES_MAX : 1, NULL);
	if (data == NULL)
		return MATCH_OVER;
	n = try(code, value, (uint32_t)few, data);
	if (over_limit(n)) {
		n = PCRE2_ERROR_MATCHLIMIT;
		if (budget_spend(b, OCTETS_PER_STEP * many))
			n = try(code, value, (uint32_t)many, data);
	}
	if (n >= 0 && captures != NULL)
		keep_groups(data, n, captures);
	pcre2_match_data_free(data);
	if (n == PCRE2_ERROR_NOMATCH)
		return MATCH_NO;
	return n >= 0 ? MATCH_YES : MATCH_OVER;
}

static enum match_result
match_regex(const struct sieve_match *m, struct str value, struct budget *b,
    size_t *key, struct captures *captures)
{
	pcre2_code *const *code = m->own;

	for (size_t i = 0; i < m->nkeys; i++) {
		enum match_result r = MATCH_BAD;

		*key = i;
		if (code[i] != NULL)
			r = match_key(code[i], value, b, captures);
		if (r != MATCH_NO)
			return r;
	}
	return MATCH_NO;
}

static const struct sieve_match_type type_regex = {
	.name = "regex",
	.substring = true,
	.raw = true,
	.key_cost = COMPILE_COST,
	.match = match_regex,
	.prepare = prepare,
	.key_ok = key_ok,
};

/* --- :quoteregex ------------------------------------------------------ */

static struct str
apply_quoteregex(struct arena *arena, struct str in)
{
	char *p = arena_alloc(arena, 2 * in.len);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (ere_is_special(in.p[i]))
			p[n++] = '\\';
		p[n++] = in.p[i];
	}
	return str_from(p, n);
}

static const struct sieve_modifier quoteregex = { 20, apply_quoteregex };

/* --- tables ----------------------------------------------------------- */

static const struct sieve_tag tags[] = {
	{ .name = "regex",
	    .on = "@match",
	    .group = "match-type",
	    .match = &type_regex },
	{ .name = "quoteregex",
	    .on = "set extracttext",
	    .group = "quoting modifier",
	    .flag = SET_QUOTEREGEX,
	    .modifier = &quoteregex },
	{ 0 },
};

static const struct sieve_match_type *const matches[] = {
	&type_regex,
	NULL,
};

const struct sieve_ext ext_regex = {
	.name = "regex",
	.rfc = "draft-ietf-sieve-regex",
	.tags = tags,
	.matches = matches,
};

#else

const struct sieve_ext ext_regex = {
	.rfc = "draft-ietf-sieve-regex",
};

#endif
