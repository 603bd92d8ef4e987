/*
 * scanner: reads a result out of header fields and brings it to a scale.
 * Knows no scanner; which fields they write, the site says. RFC 5235 s. 3
 */
#include "sieve/scanner.h"

#include "lib/arena.h"
#include "lib/rfc5322.h"
#include "sieve/ext.h"

enum {
	DECIMALS = 1000, /* scores are counted in thousandths */
	SCORE_MAX = 1000000,
};

bool
scanner_field(struct str spec, struct str *name, struct str *pattern)
{
	*pattern = str_trim(spec);
	str_cut(pattern, ':', name);
	*pattern = str_trim(*pattern);
	*name = str_trim(*name);
	return rfc5322_is_field_name(*name);
}

/* --- the value ---------------------------------------------------------- */

/* The first group of a pattern that is anywhere in the value. */
static bool
extract(struct sieve_vm *vm, struct str pattern, struct str *value, bool *found)
{
	const struct sieve_match_type *regex = ext_match_type(S("regex"));
	struct sieve_match m = { .comparator = &comparator_octet,
		.type = regex };
	struct captures c = { .n = 0 };
	size_t key;
	enum match_result r;

	*found = false;
	if (regex == NULL)
		return true;
	if (!vm_spend(vm, pattern.len + regex->key_cost))
		return false;
	match_prepare(vm_brief(vm), &m, &pattern, 1);
	r = regex->match(&m, *value, &vm->budget, &key, &c);
	if (r == MATCH_OVER)
		return vm_spend(vm, UINT64_MAX);
	*found = r == MATCH_YES && c.n > 1;
	if (*found)
		*value = str_sub(*value, c.at[1].from, c.at[1].to);
	return true;
}

static bool
get(struct sieve_vm *vm, struct str header, struct str pattern,
    struct str *value, bool *found)
{
	uint32_t f =
	    header.len > 0 ? message_find(vm->msg, header) : MESSAGE_NONE;
	const struct vm_value *v;

	*found = false;
	if (f == MESSAGE_NONE)
		return true;
	v = vm_header_value(vm, f);
	if (v == NULL)
		return false;
	*value = v->text;
	*found = true;
	return pattern.len == 0 || extract(vm, pattern, value, found);
}

/* "-7.25" in thousandths; further digits do not count. */
static bool
to_score(struct str s, int64_t *out)
{
	struct str part, fraction = str_trim(s);
	bool minus = str_starts(fraction, S("-"));
	uint64_t whole, thousandths = 0;
	size_t digits = 0;

	if (minus || str_starts(fraction, S("+")))
		fraction = str_from_offset(fraction, 1);
	str_cut(&fraction, '.', &part);
	if (!str_to_u64(part, &whole) || whole > SCORE_MAX)
		return false;
	for (; digits < fraction.len; digits++)
		if (!ascii_is_digit(fraction.p[digits]))
			return false;
	for (size_t i = 0; i < 3; i++)
		thousandths =
		    10 * thousandths +
		    (i < digits ? (uint64_t)(fraction.p[i] - '0') : 0);
	*out = (int64_t)(whole * DECIMALS + thousandths);
	if (minus)
		*out = -*out;
	return true;
}

static bool
get_max(struct sieve_vm *vm, const struct sieve_scanner *s, int64_t *max)
{
	struct str text = s->max_value;
	bool found = true;

	*max = 0;
	if (s->max_header.len > 0 &&
	    !get(vm, s->max_header, s->max_pattern, &text, &found))
		return false;
	if (!found || !to_score(text, max))
		*max = 0;
	return true;
}

/* --- the result --------------------------------------------------------- */

/* How far it is from harmless to certain. */
struct grade {
	bool tested;
	int64_t at, of;
};

static void
grade_text(const struct sieve_scanner *s, struct str value, unsigned scale,
    struct grade *g)
{
	for (unsigned i = 1; i <= scale && i < SCANNER_TEXTS; i++)
		if (s->text[i].p != NULL && str_eq(s->text[i], value)) {
			g->tested = true;
			g->at = (int64_t)i - 1;
			g->of = (int64_t)scale - 1;
			return;
		}
}

static bool
grade(struct sieve_vm *vm, const struct sieve_scanner *s, unsigned scale,
    struct grade *g)
{
	struct str value;
	bool found;

	*g = (struct grade){ .tested = false };
	if (s == NULL)
		return true;
	if (!get(vm, s->header, s->pattern, &value, &found))
		return false;
	if (!found)
		return true;
	if (s->type == SCANNER_TEXT) {
		grade_text(s, value, scale, g);
		return true;
	}
	if (!get_max(vm, s, &g->of))
		return false;
	g->tested = g->of > 0;
	if (s->type == SCANNER_STRLEN)
		g->at =
		    (int64_t)(value.len < SCORE_MAX ? value.len : SCORE_MAX) *
		    DECIMALS;
	else
		g->tested &= to_score(value, &g->at);
	g->at = g->at < 0 ? 0 : g->at < g->of ? g->at : g->of;
	return true;
}

/* s. 3.1: what was not tested is "0", and does not count */
bool
scanner_match(struct sieve_vm *vm, const struct sieve_scanner *s,
    unsigned scale, bool percent, uint64_t m)
{
	struct grade g;
	int64_t result = 0;

	vm->truth = false;
	if (!grade(vm, s, scale, &g))
		return false;
	if (!g.tested && vm_counts(vm, m))
		return true;
	if (g.tested && percent)
		result = 100 * g.at / g.of;
	else if (g.tested)
		result = 1 + ((int64_t)scale - 1) * g.at / g.of;
	return vm_match_str(vm, m, str_printf(vm_brief(vm), "%d", (int)result));
}
