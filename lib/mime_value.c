/*
 * mime_value: knows structured fields with parameters, and how RFC 2231
 * spreads one over several. Does not know what any parameter means.
 *   RFC 2045 s. 5.1, RFC 2231
 */
#include "lib/mime.h"

#include "lib/arena.h"
#include "lib/charset.h"
#include "lib/rfc5322.h"

enum {
	RAW_MAX = 100, /* parameters looked at, sections included */
	SECTION_NONE = -1,
};

/* A parameter as it stands in the field. */
struct raw {
	struct str name; /* without "*", section and "*"; lower case */
	int section;     /* of name*2=, or SECTION_NONE */
	bool extended;   /* name*=, name*2*=: percent-encoded */
	bool done;       /* joined to an earlier one already */
	struct str value;
};

static bool
is_token_char(char c)
{
	return c > 32 && c < 127 && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* What an unquoted value may hold in real mail: far more than a token. */
static bool
is_value_char(char c)
{
	return c != ';' && c != '(' && c != ' ' && c != '\t' && c != '\r' &&
	       c != '\n' && c != '"';
}

static struct str
take(struct str s, size_t *i, bool (*is)(char))
{
	size_t from = *i;

	while (*i < s.len && is(s.p[*i]))
		++*i;
	return str_sub(s, from, *i);
}

static bool
skip(struct str s, size_t *i, char c)
{
	if (*i >= s.len || s.p[*i] != c)
		return false;
	++*i;
	return true;
}

/* A quoted-string; one that is not closed goes to the end. */
static struct str
take_quoted(struct arena *a, struct str s, size_t *i)
{
	size_t len = 0, close;
	char *out;

	for (close = ++*i; close < s.len && s.p[close] != '"'; close++)
		if (s.p[close] == '\\')
			close++;
	if (close > s.len)
		close = s.len;
	out = arena_alloc(a, close - *i);
	for (; *i < close; ++*i) {
		if (s.p[*i] == '\r' || s.p[*i] == '\n')
			continue;
		if (s.p[*i] == '\\' && *i + 1 < close)
			++*i;
		out[len++] = s.p[*i];
	}
	skip(s, i, '"');
	return str_from(out, len);
}

/* Go on behind the next ";" that is not quoted; false at the end. */
static bool
next_param(struct str s, size_t *i)
{
	while (*i < s.len) {
		char c = s.p[(*i)++];

		if (c == ';')
			return true;
		if (c == '(')
			*i = rfc5322_skip_cfws(s, *i - 1);
		if (c != '"')
			continue;
		while (*i < s.len && s.p[*i] != '"')
			*i += s.p[*i] == '\\' ? 2 : 1;
		++*i;
	}
	*i = s.len;
	return false;
}

/* "type/subtype", or one token; garbage gives "". */
static struct str
main_value(struct arena *a, struct str s, size_t *i)
{
	struct str parts[3] = { { NULL, 0 }, S("/"), { NULL, 0 } };
	struct str joined;

	*i = rfc5322_skip_cfws(s, *i);
	parts[0] = take(s, i, is_token_char);
	*i = rfc5322_skip_cfws(s, *i);
	if (parts[0].len == 0 || !skip(s, i, '/'))
		return str_lower(a, parts[0]);
	*i = rfc5322_skip_cfws(s, *i);
	parts[2] = take(s, i, is_token_char);
	joined = str_join(a, parts, 3);
	return parts[2].len > 0 ? str_lower(a, joined) : S("");
}

/* Split "name*2*" into its three. */
static void
split_name(struct arena *a, struct str name, struct raw *raw)
{
	ssize_t star;
	uint64_t n;

	raw->section = SECTION_NONE;
	raw->extended = name.len > 1 && name.p[name.len - 1] == '*';
	if (raw->extended)
		name.len--;
	star = str_rchr(name, '*');
	if (star > 0 &&
	    str_to_u64(str_from_offset(name, (size_t)star + 1), &n) &&
	    n < RAW_MAX) {
		raw->section = (int)n;
		name.len = (size_t)star;
	}
	raw->name = str_lower(a, name);
}

/* name "=" value; false: something else stood there. */
static bool
take_param(struct arena *a, struct str s, size_t *i, struct raw *raw)
{
	struct str name;

	*i = rfc5322_skip_cfws(s, *i);
	name = take(s, i, is_token_char);
	*i = rfc5322_skip_cfws(s, *i);
	if (name.len == 0 || !skip(s, i, '='))
		return false;
	*i = rfc5322_skip_cfws(s, *i);
	split_name(a, name, raw);
	raw->value = *i < s.len && s.p[*i] == '"' ? take_quoted(a, s, i)
	                                          : take(s, i, is_value_char);
	return true;
}

static size_t
decode_percent(struct str s, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%' && s.len - i > 2 &&
		    ascii_hex_value(s.p[i + 1]) >= 0 &&
		    ascii_hex_value(s.p[i + 2]) >= 0) {
			c = (char)(ascii_hex_value(s.p[i + 1]) << 4 |
				   ascii_hex_value(s.p[i + 2]));
			i += 2;
		}
		out[len++] = c;
	}
	return len;
}

/* Take "charset'language'" off the front of an extended value. */
static struct str
cut_charset(struct str *value)
{
	struct str rest = *value, charset, language;

	if (!str_cut(&rest, '\'', &charset) || rest.p == NULL ||
	    !str_cut(&rest, '\'', &language) || rest.p == NULL)
		return (struct str){ NULL, 0 };
	*value = rest;
	return charset;
}

/* Join n pieces in order, undo the percents, convert. RFC 2231 s. 4.1 */
static struct str
join(struct arena *a, struct raw *const *pieces, size_t n)
{
	struct str charset = { NULL, 0 }, octets, utf8;
	size_t total = 0, len = 0;
	char *out;

	if (pieces[0]->extended)
		charset = cut_charset(&pieces[0]->value);
	else if (n == 1)
		return pieces[0]->value;
	for (size_t i = 0; i < n; i++)
		total += pieces[i]->value.len;
	out = arena_alloc(a, total);
	for (size_t i = 0; i < n; i++) {
		struct str v = pieces[i]->value;

		if (pieces[i]->extended)
			len += decode_percent(v, out + len);
		else if (v.len > 0) {
			memcpy(out + len, v.p, v.len);
			len += v.len;
		}
	}
	octets = str_from(out, len);
	/* No octet gives more than one character of four octets. */
	return charset_to_utf8(a, charset, octets, 4 * len, &utf8) ? utf8
	                                                           : octets;
}

/*
 * All that was said under the name of raws[first]: name*= wins over
 * sections, those over a plain name=. At most RAW_MAX are compared.
 */
static bool
collect(struct arena *a, struct raw *raws, size_t n, size_t first,
    struct str *value)
{
	struct raw *pieces[RAW_MAX] = { NULL };
	struct raw *plain = NULL, *whole = NULL;
	size_t count = 0;

	for (size_t i = first; i < n; i++) {
		struct raw *r = &raws[i];

		if (r->done || !str_eq(r->name, raws[first].name))
			continue;
		r->done = i != first;
		if (r->section != SECTION_NONE) {
			if (pieces[r->section] == NULL)
				pieces[r->section] = r;
		} else if (r->extended) {
			whole = whole != NULL ? whole : r;
		} else {
			plain = plain != NULL ? plain : r;
		}
	}
	while (count < RAW_MAX && pieces[count] != NULL)
		count++;
	if (whole != NULL || count == 0) {
		pieces[0] = whole != NULL ? whole : plain;
		count = 1;
	}
	if (pieces[0] == NULL)
		return false;
	*value = join(a, pieces, count);
	return true;
}

struct mime_value
mime_parse_value(struct arena *a, struct str raw)
{
	struct mime_value v = { .main = { NULL, 0 } };
	struct raw raws[RAW_MAX];
	size_t i = 0, n = 0;

	v.main = main_value(a, raw, &i);
	while (n < RAW_MAX && next_param(raw, &i))
		if (take_param(a, raw, &i, &raws[n])) {
			raws[n].done = false;
			n++;
		}
	if (n == 0)
		return v;
	v.params = ARENA_ARRAY(a, n, struct mime_param);
	for (size_t k = 0; k < n; k++) {
		struct mime_param *p = &v.params[v.nparams];

		if (raws[k].done || !collect(a, raws, n, k, &p->value))
			continue;
		p->name = raws[k].name;
		v.nparams++;
	}
	return v;
}

struct str
mime_param(const struct mime_value *v, struct str name)
{
	for (size_t i = 0; i < v->nparams; i++)
		if (str_caseeq(v->params[i].name, name))
			return v->params[i].value;
	return (struct str){ NULL, 0 };
}
