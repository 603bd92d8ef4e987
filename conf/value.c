/*
 * value: parses one value. Knows types and ranges, not files or names.
 */
#include "conf/value.h"

#include "lib/arena.h"

static const struct unit {
	const char *name;
	int64_t factor;
} units[] = {
	{ "seconds", 1 },
	{ "minutes", 60 },
	{ "hours", 3600 },
	{ "days", 86400 },
	{ "octets", 1 },
	{ "kilobytes", 1024 },
};

static int64_t
unit_factor(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(units) / sizeof(*units);
	     i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].factor;
	return 1;
}

static int
digit(char c)
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return ascii_is_alpha(c) ? c - 'a' + 10 : 99;
}

/* Take digits of that base from the front; false: none, or too many. */
static bool
take_number(struct str *s, int base, int64_t *out)
{
	size_t i = 0;

	*out = 0;
	for (; i < s->len && digit(s->p[i]) < base; i++)
		if (__builtin_mul_overflow(*out, base, out) ||
		    __builtin_add_overflow(*out, digit(s->p[i]), out))
			return false;
	*s = str_from_offset(*s, i);
	return i > 0;
}

static bool
take_char(struct str *s, char c)
{
	if (s->len == 0 || ascii_lower(s->p[0]) != c)
		return false;
	*s = str_from_offset(*s, 1);
	return true;
}

static bool
parse_int(struct str s, int64_t *out)
{
	bool minus = take_char(&s, '-');
	int base = 10;

	if (!minus)
		take_char(&s, '+');
	if (str_casestarts(s, S("0x"))) {
		base = 16;
		s = str_from_offset(s, 2);
	} else if (str_starts(s, S("0"))) {
		base = 8;
	}
	if (!take_number(&s, base, out) || s.len > 0)
		return false;
	*out = minus ? -*out : *out;
	return true;
}

static bool
parse_octal(struct str s, int64_t *out)
{
	return take_number(&s, 8, out) && s.len == 0;
}

/* The factor of the letter in front, or of a bare number at the end. */
static bool
take_time_unit(struct str *s, int64_t bare, int64_t *factor)
{
	static const struct {
		char letter;
		int64_t factor;
	} letters[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 },
		{ 'd', 86400 } };

	*factor = bare;
	if (s->len == 0)
		return true;
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (letters[i].letter == s->p[0]) {
			*factor = letters[i].factor;
			*s = str_from_offset(*s, 1);
			return true;
		}
	return false;
}

static bool
parse_duration(struct str s, int64_t bare, int64_t *out)
{
	bool minus = take_char(&s, '-');

	*out = 0;
	do {
		int64_t n, factor;

		if (!take_number(&s, 10, &n) ||
		    !take_time_unit(&s, bare, &factor) ||
		    __builtin_mul_overflow(n, factor, &n) ||
		    __builtin_add_overflow(*out, n, out))
			return false;
	} while (s.len > 0);
	*out = minus ? -*out : *out;
	return true;
}

static bool
parse_bytesize(struct str s, int64_t bare, int64_t *out)
{
	bool minus = take_char(&s, '-');
	int64_t factor = bare;

	if (!take_number(&s, 10, out))
		return false;
	s = str_trim(s);
	if (s.len > 0) {
		if (take_char(&s, 'k'))
			factor = INT64_C(1) << 10;
		else if (take_char(&s, 'm'))
			factor = INT64_C(1) << 20;
		else if (take_char(&s, 'g'))
			factor = INT64_C(1) << 30;
		else
			return false;
		if (s.len > 0 && !str_caseeq(s, S("b")) &&
		    !str_caseeq(s, S("ib")))
			return false;
	}
	if (__builtin_mul_overflow(*out, factor, out))
		return false;
	*out = minus ? -*out : *out;
	return true;
}

/* By its first letters, in this case only: "Yes" is no switch in Cyrus. */
static bool
parse_switch(struct str s, int64_t *out)
{
	static const struct {
		struct str prefix;
		int64_t n;
	} words[] = {
		{ STR("0"), 0 },
		{ STR("n"), 0 },
		{ STR("f"), 0 },
		{ STR("of"), 0 },
		{ STR("1"), 1 },
		{ STR("y"), 1 },
		{ STR("t"), 1 },
		{ STR("on"), 1 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_starts(s, words[i].prefix)) {
			*out = words[i].n;
			return true;
		}
	return false;
}

static bool
choice_index(
    const char *choices, struct str s, int64_t *out, struct str *canonical)
{
	struct str rest = str_c(choices);

	for (*out = 0; str_cut(&rest, ' ', canonical); (*out)++)
		if (str_caseeq(*canonical, s))
			return true;
	return false;
}

static bool
parse_enum(
    const char *choices, struct str s, int64_t *out, struct str *canonical)
{
	static const struct {
		struct str word, means;
	} synonyms[] = {
		{ STR("1"), STR("on") },
		{ STR("yes"), STR("on") },
		{ STR("t"), STR("on") },
		{ STR("true"), STR("on") },
		{ STR("0"), STR("off") },
		{ STR("no"), STR("off") },
		{ STR("f"), STR("off") },
		{ STR("false"), STR("off") },
	};

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(*synonyms); i++)
		if (str_eq(s, synonyms[i].word)) {
			s = synonyms[i].means;
			break;
		}
	return choice_index(choices, s, out, canonical);
}

static struct strlist
parse_list(struct arena *a, struct str s)
{
	struct strlist list = { 0 };
	size_t start = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != ' ' && s.p[i] != '\t')
			continue;
		if (i > start)
			strlist_add(a, &list, str_sub(s, start, i));
		start = i + 1;
	}
	return list;
}

/* {configdirectory} is filled in later and is absolute itself. */
static bool
parse_path(struct str s)
{
	return str_starts(s, S("/")) ||
	       str_casestarts(s, S("{configdirectory}"));
}

static bool
parse(struct arena *a, const struct setting_row *row, struct str s,
    struct value *out)
{
	switch (row->type) {
	case CONF_STRING:
		return true;
	case CONF_PATH:
		return parse_path(s);
	case CONF_LIST:
		out->list = parse_list(a, s);
		return true;
	case CONF_SWITCH:
		return parse_switch(s, &out->n);
	case CONF_INT:
		return parse_int(s, &out->n);
	case CONF_OCTAL:
		return parse_octal(s, &out->n);
	case CONF_DURATION:
		return parse_duration(s, unit_factor(row->unit), &out->n);
	case CONF_BYTESIZE:
		return parse_bytesize(s, unit_factor(row->unit), &out->n);
	case CONF_ENUM:
		return parse_enum(row->choices, s, &out->n, &out->text);
	}
	return false;
}

static bool
ranged(enum conf_type type)
{
	return type == CONF_INT || type == CONF_OCTAL ||
	       type == CONF_DURATION || type == CONF_BYTESIZE;
}

static const char *
expected(const struct setting_row *row)
{
	switch (row->type) {
	case CONF_PATH:
		return "an absolute path";
	case CONF_SWITCH:
		return "yes or no";
	case CONF_OCTAL:
		return "an octal number";
	case CONF_DURATION:
		return "a duration like 30s, 5m or 1h30m";
	case CONF_BYTESIZE:
		return "a size like 1000, 64K, 10M or 1G";
	case CONF_ENUM:
		return "one of";
	default:
		return "a number";
	}
}

static struct str
say_range(struct arena *a, const struct setting_row *row)
{
	const char *of = row->unit == NULL ? "" : row->unit;

	if (unit_factor(row->unit) != 1)
		of = row->type == CONF_BYTESIZE ? "octets" : "seconds";
	if (row->type == CONF_OCTAL)
		return str_printf(a,
		    "is out of range: it must be at most 0%llo",
		    (unsigned long long)row->max);
	if (row->max == INT64_MAX)
		return str_printf(a,
		    "is out of range: it must be at least %lld%s%s",
		    (long long)row->min, *of ? " " : "", of);
	return str_printf(a, "is out of range: it must be %lld to %lld%s%s",
	    (long long)row->min, (long long)row->max, *of ? " " : "", of);
}

bool
value_parse(struct arena *a, const struct setting_row *row, struct str text,
    struct value *out, struct str *why)
{
	*out = (struct value){ .text = text };
	if (!parse(a, row, text, out)) {
		*why = str_printf(a, "must be %s%s%s", expected(row),
		    row->type == CONF_ENUM ? " " : "",
		    row->type == CONF_ENUM ? row->choices : "");
		return false;
	}
	if (ranged(row->type) && (out->n < row->min || out->n > row->max)) {
		*why = say_range(a, row);
		return false;
	}
	if (row->type == CONF_SWITCH)
		out->text = out->n != 0 ? S("yes") : S("no");
	return true;
}
