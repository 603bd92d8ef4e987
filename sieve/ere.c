/*
 * ere: knows the grammar of POSIX extended regular expressions and which
 * octets PCRE2 would read in another way. Matches nothing itself.
 */
#include "sieve/ere.h"

#include "lib/arena.h"

enum {
	MAX_DEPTH = 100, /* groups within groups */
	MAX_BOUND = 255, /* RE_DUP_MAX */
	NO_ATOM = INT32_MAX,
};

struct ere {
	struct str in;
	size_t i;
	char *out;
	size_t n, cap;
	size_t atom;  /* where the last atom begins in out; NO_ATOM: none */
	bool counted; /* it has a quantifier already */
	size_t open[MAX_DEPTH]; /* where the open groups begin in out */
	size_t depth;
	const char *error;
};

bool
ere_is_special(char c)
{
	return c != '\0' && strchr(".[]{}()\\*+?^$|", c) != NULL;
}

static bool
bad(struct ere *e, const char *error)
{
	if (e->error == NULL)
		e->error = error;
	return false;
}

static void
put(struct ere *e, char c)
{
	if (e->n < e->cap)
		e->out[e->n++] = c;
	else
		bad(e, "it is too long");
}

static void
put_str(struct ere *e, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		put(e, s.p[i]);
}

/* An octet that means itself, in or out of brackets. */
static void
put_literal(struct ere *e, char c)
{
	if ((unsigned char)c < 0x80 && c > ' ' && !ascii_is_alnum(c))
		put(e, '\\');
	put(e, c);
}

static void
begin_atom(struct ere *e)
{
	e->atom = e->n;
	e->counted = false;
}

/* --- brackets --------------------------------------------------------- */

static bool
at(const struct ere *e, const char *s)
{
	return str_starts(str_from_offset(e->in, e->i), str_c(s));
}

/* "[:name:]", "[=x=]", "[.x.]" with mark : = . */
static bool
marked(struct ere *e, char mark, struct str *content)
{
	const char end[] = { mark, ']', '\0' };
	struct str rest = str_from_offset(e->in, e->i + 2);
	ssize_t len = str_find(rest, str_c(end));

	if (len < 0)
		return bad(e, "\"[\" without \"]\"");
	*content = str_sub(rest, 0, (size_t)len);
	e->i += (size_t)len + 4;
	return true;
}

static bool
bracket_class(struct ere *e)
{
	static const char *const names[] = { "alnum", "alpha", "blank", "cntrl",
		"digit", "graph", "lower", "print", "punct", "space", "upper",
		"xdigit" };
	struct str name;

	if (!marked(e, ':', &name))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!str_eq(str_c(names[i]), name))
			continue;
		put_str(e, S("[:"));
		put_str(e, name);
		put_str(e, S(":]"));
		return true;
	}
	return bad(e, "unknown character class in brackets");
}

/* Octets of the character at s[i]. */
static size_t
char_len(struct str s, size_t i)
{
	size_t end = i + 1;

	while (end < s.len && ((unsigned char)s.p[end] & 0xc0) == 0x80)
		end++;
	return end - i;
}

/* One end of a range, or a character. */
static bool
bracket_char(struct ere *e)
{
	struct str c = str_sub(e->in, e->i, e->i + char_len(e->in, e->i));

	if (at(e, "[.") || at(e, "[=")) {
		if (!marked(e, e->in.p[e->i + 1], &c))
			return false;
		if (c.len == 0 || char_len(c, 0) != c.len)
			return bad(e, "unknown collating element in brackets");
	} else if (at(e, "[:")) {
		return bad(e, "a character class cannot end a range");
	} else {
		e->i += c.len;
	}
	if (c.len == 1)
		put_literal(e, c.p[0]);
	else
		put_str(e, c);
	return true;
}

static bool
bracket_item(struct ere *e)
{
	if (at(e, "[:"))
		return bracket_class(e);
	if (!bracket_char(e))
		return false;
	if (!at(e, "-") || at(e, "-]"))
		return true;
	e->i++;
	put(e, '-');
	if (e->i >= e->in.len)
		return bad(e, "\"[\" without \"]\"");
	return bracket_char(e);
}

/* At "[". A "]" that comes first means itself. */
static bool
bracket(struct ere *e)
{
	bool first = true;

	begin_atom(e);
	e->i++;
	put(e, '[');
	if (at(e, "^")) {
		e->i++;
		put(e, '^');
	}
	for (; e->i < e->in.len; first = false) {
		if (!first && at(e, "]")) {
			e->i++;
			put(e, ']');
			return true;
		}
		if (!bracket_item(e))
			return false;
	}
	return bad(e, "\"[\" without \"]\"");
}

/* --- quantifiers ------------------------------------------------------ */

/* PCRE2 would read "a+?" as lazy: make it "(?:a+)?". */
static void
wrap_atom(struct ere *e)
{
	if (e->n + 4 > e->cap) {
		bad(e, "it is too long");
		return;
	}
	memmove(e->out + e->atom + 3, e->out + e->atom, e->n - e->atom);
	memcpy(e->out + e->atom, "(?:", 3);
	e->n += 3;
	put(e, ')');
}

static bool
before_quantifier(struct ere *e)
{
	if (e->atom == NO_ATOM)
		return bad(e, "there is nothing to repeat");
	if (e->counted)
		wrap_atom(e);
	e->counted = true;
	return true;
}

static bool
bound(struct ere *e, unsigned *v)
{
	size_t start = e->i;

	for (*v = 0; e->i < e->in.len && ascii_is_digit(e->in.p[e->i]); e->i++)
		if (*v <= MAX_BOUND)
			*v = *v * 10 + (unsigned)(e->in.p[e->i] - '0');
	return e->i > start;
}

/* {m} {m,} {m,n} {,n} */
static bool
interval(struct ere *e)
{
	unsigned min, max = 0;
	bool has_min, has_max = false, comma;

	if (!before_quantifier(e))
		return false;
	e->i++;
	has_min = bound(e, &min);
	comma = at(e, ",");
	if (comma) {
		e->i++;
		has_max = bound(e, &max);
	}
	if (!at(e, "}") || (!has_min && !has_max))
		return bad(e, "a repetition is like {1}, {1,} or {1,2}");
	e->i++;
	if (min > MAX_BOUND || max > MAX_BOUND)
		return bad(e, "more than 255 repetitions");
	if (has_max && max < min)
		return bad(e, "a repetition from more to less");
	put_str(e, S("{"));
	for (unsigned d = 100; d > 0; d /= 10)
		put(e, (char)('0' + min / d % 10));
	if (comma)
		put(e, ',');
	for (unsigned d = 100; has_max && d > 0; d /= 10)
		put(e, (char)('0' + max / d % 10));
	put(e, '}');
	return true;
}

/* --- atoms ------------------------------------------------------------ */

static bool
open_group(struct ere *e)
{
	if (e->depth == MAX_DEPTH)
		return bad(e, "too many groups within groups");
	e->open[e->depth++] = e->n;
	put(e, '(');
	e->i++;
	e->atom = NO_ATOM;
	return true;
}

/* Without a group to close it means itself. */
static bool
close_group(struct ere *e)
{
	e->i++;
	if (e->depth == 0) {
		begin_atom(e);
		put_literal(e, ')');
		return true;
	}
	put(e, ')');
	e->atom = e->open[--e->depth];
	e->counted = false;
	return true;
}

static bool
escape(struct ere *e)
{
	char c;

	if (e->i + 1 >= e->in.len)
		return bad(e, "backslash at the end");
	c = e->in.p[e->i + 1];
	if (ascii_is_digit(c))
		return bad(e, "there are no back references");
	if (ascii_is_alpha(c) || c == '<' || c == '>' || c == '`' || c == '\'')
		return bad(e, "a backslash stands before special characters "
			      "only");
	begin_atom(e);
	put_literal(e, c);
	e->i += 2;
	return true;
}

static bool
ordinary(struct ere *e)
{
	size_t len = char_len(e->in, e->i);

	begin_atom(e);
	if (len == 1)
		put_literal(e, e->in.p[e->i]);
	else
		put_str(e, str_sub(e->in, e->i, e->i + len));
	e->i += len;
	return true;
}

static bool
verbatim(struct ere *e)
{
	put(e, e->in.p[e->i++]);
	return true;
}

static bool
next(struct ere *e)
{
	switch (e->in.p[e->i]) {
	case '[':
		return bracket(e);
	case '(':
		return open_group(e);
	case ')':
		return close_group(e);
	case '\\':
		return escape(e);
	case '{':
		return interval(e);
	case '*':
	case '+':
	case '?':
		return before_quantifier(e) && verbatim(e);
	case '^':
	case '$':
	case '|':
		e->atom = NO_ATOM;
		return verbatim(e);
	case '.':
		begin_atom(e);
		return verbatim(e);
	default:
		return ordinary(e);
	}
}

bool
ere_translate(
    struct arena *arena, struct str ere, struct str *out, const char **error)
{
	struct ere e = { .in = ere, .atom = NO_ATOM };

	*error = "it is longer than 4096 octets";
	if (ere.len > ERE_MAX)
		return false;
	*error = "it is not UTF-8";
	if (!str_is_utf8(ere))
		return false;
	e.cap = 8 * ere.len + 16;
	e.out = arena_alloc(arena, e.cap);
	while (e.i < ere.len && e.error == NULL)
		if (!next(&e))
			break;
	if (e.error == NULL && e.depth > 0)
		bad(&e, "\"(\" without \")\"");
	*error = e.error;
	*out = str_from(e.out, e.n);
	return e.error == NULL;
}
