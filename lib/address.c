/*
 * address: knows the address syntax of header fields, obsolete forms too.
 * A loop over tokens: groups and comments never nest calls, and the only way
 * is forward. Envelope paths are in address_path.c.
 *   RFC 5322 s. 3.4 and 4.4, RFC 6532
 */
#include "lib/address.h"

#include "lib/arena.h"
#include "lib/rfc5322.h"

enum { ADDRESS_MAX = 10000 };

enum entry {
	ENTRY_EMPTY,   /* nothing but blanks and comments */
	ENTRY_GROUP,   /* a group name and its colon */
	ENTRY_MAILBOX, /* out is filled */
	ENTRY_BAD,
};

struct parser {
	struct arena *arena;
	struct str s;
	size_t i;
	bool unquoted;    /* a string was not closed: quotes are plain now */
	bool uncommented; /* the same for comments; both keep it linear */
	bool no_route;    /* RFC 5228 s. 2.4.2.3: a route is an error */
	struct buf display;
	struct buf local;
	struct buf domain;
};

static bool
is_ctl(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 6532 s. 3.2 adds UTF-8 to atext; whether it is UTF-8 is seen later. */
static bool
is_atext(char c)
{
	return rfc5322_is_atext(c) || (unsigned char)c >= 0x80;
}

static void
start(struct parser *p, struct arena *a, struct str s)
{
	*p = (struct parser){ .arena = a, .s = s };
	/* Each takes less than the source: undoing quotes makes shorter. */
	buf_init(&p->display, 2 * s.len + 1);
	buf_init(&p->local, s.len + 1);
	buf_init(&p->domain, s.len + 1);
}

static void
end(struct parser *p)
{
	buf_free(&p->display);
	buf_free(&p->local);
	buf_free(&p->domain);
}

static char
peek(const struct parser *p)
{
	return p->i < p->s.len ? p->s.p[p->i] : '\0';
}

static bool
skip(struct parser *p, char c)
{
	if (p->i >= p->s.len || p->s.p[p->i] != c)
		return false;
	p->i++;
	return true;
}

static void
skip_cfws(struct parser *p)
{
	for (;;) {
		size_t behind;

		while (p->i < p->s.len && strchr(" \t\r\n", p->s.p[p->i]) &&
		       p->s.p[p->i] != '\0')
			p->i++;
		if (p->uncommented || peek(p) != '(')
			return;
		behind = rfc5322_skip_comment(p->s, p->i);
		p->uncommented = behind == 0;
		if (!p->uncommented)
			p->i = behind;
	}
}

/* Offset of the quote that closes the string begun at i; s.len: none. */
static size_t
find_close(struct str s, size_t i)
{
	for (i++; i < s.len && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.len ? i : s.len;
}

/* A quoted-string; its content goes to both buffers. */
static bool
quoted_string(struct parser *p)
{
	size_t close = p->unquoted ? p->s.len : find_close(p->s, p->i);

	if (close == p->s.len) {
		p->unquoted = true;
		return false;
	}
	for (size_t i = p->i + 1; i < close; i++) {
		char c = p->s.p[i];

		if (c == '\\')
			c = p->s.p[++i];
		if (c == '\r' || c == '\n')
			continue; /* a fold; the blank behind it stays */
		buf_addc(&p->display, c);
		buf_addc(&p->local, c);
	}
	p->i = close + 1;
	return true;
}

static bool
atom(struct parser *p, struct buf *first, struct buf *second)
{
	size_t from = p->i;
	struct str text;

	while (p->i < p->s.len && is_atext(p->s.p[p->i]))
		p->i++;
	text = str_sub(p->s, from, p->i);
	buf_adds(first, text);
	if (second != NULL)
		buf_adds(second, text);
	return text.len > 0;
}

/*
 * Words and dots up to something else. They may turn out to be a phrase or a
 * local part, so both are collected.
 *   words  how many words
 *   local  whether they could be a local part: word *("." word)
 *   fails  when a string is not closed
 */
static bool
word_sequence(struct parser *p, size_t *words, bool *local)
{
	bool want_word = true;

	*words = 0;
	*local = true;
	for (;;) {
		size_t before = p->i;
		bool blank, dot;

		skip_cfws(p);
		blank = p->i > before;
		dot = peek(p) == '.';
		if (!dot && peek(p) != '"' && !is_atext(peek(p)))
			break;
		if (blank && *words > 0)
			buf_addc(&p->display, ' ');
		if (dot != !want_word)
			*local = false;
		want_word = dot;
		if (dot) {
			p->i++;
			buf_addc(&p->display, '.');
			buf_addc(&p->local, '.');
			continue;
		}
		if (peek(p) == '"' ? !quoted_string(p)
				   : !atom(p, &p->display, &p->local))
			return false;
		++*words;
	}
	*local = *local && !want_word;
	return true;
}

/*
 * "[" dtext "]", with blanks left out. A literal that is not closed is left
 * where it begins: the next comma may be before the end of what was read.
 */
static bool
domain_literal(struct parser *p)
{
	for (size_t i = p->i; i < p->s.len; i++) {
		char c = p->s.p[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (is_ctl(c) || c == '\\' || (c == '[' && i > p->i))
			return false;
		buf_addc(&p->domain, c);
		if (c == ']') {
			p->i = i + 1;
			return true;
		}
	}
	return false;
}

/* RFC 5322 s. 3.4.1 and 4.4; a dot at the end is dropped. */
static bool
domain(struct parser *p)
{
	buf_reset(&p->domain);
	skip_cfws(p);
	if (peek(p) == '[')
		return domain_literal(p);
	if (!atom(p, &p->domain, NULL))
		return false;
	for (;;) {
		skip_cfws(p);
		if (!skip(p, '.'))
			return true;
		skip_cfws(p);
		if (!is_atext(peek(p)))
			return true;
		buf_addc(&p->domain, '.');
		atom(p, &p->domain, NULL);
	}
}

/* obs-route: "@a,@b:"; what it says is of no use any more. */
static bool
skip_route(struct parser *p)
{
	skip_cfws(p);
	if (peek(p) != '@' && peek(p) != ',')
		return true;
	if (p->no_route)
		return false;
	for (;;) {
		skip_cfws(p);
		if (skip(p, ':'))
			return true;
		if (!skip(p, ',') && (!skip(p, '@') || !domain(p)))
			return false;
	}
}

/* What stands between "<" and ">". */
static bool
angle_addr(struct parser *p)
{
	size_t shown = p->display.len, words;
	bool local, ok;

	buf_reset(&p->local);
	ok = skip(p, '<') && skip_route(p) &&
	     word_sequence(p, &words, &local) && local && skip(p, '@') &&
	     domain(p);
	p->display.len = shown;
	if (!ok)
		return false;
	skip_cfws(p);
	return skip(p, '>');
}

static bool
finish(struct parser *p, struct address *out, bool named)
{
	struct str local = buf_str(&p->local), dom = buf_str(&p->domain);

	if (str_has_ctl(local) || !str_is_utf8(local) || !str_is_utf8(dom))
		return false;
	*out = (struct address){ .valid = true };
	out->localpart = str_dup(p->arena, local);
	out->domain = str_dup(p->arena, dom);
	if (named)
		out->display = str_dup(p->arena, buf_str(&p->display));
	out->text = str_join(p->arena,
	    (struct str[]){ address_quote_localpart(p->arena, out->localpart),
		S("@"), out->domain },
	    3);
	return true;
}

/* Read up to a separator, or to the octet that fits nothing. */
static enum entry
parse_entry(struct parser *p, struct address *out)
{
	size_t words;
	bool local, named;

	buf_reset(&p->display);
	buf_reset(&p->local);
	if (!word_sequence(p, &words, &local))
		return ENTRY_BAD;
	named = peek(p) == '<';
	if (words == 0 && !named) {
		char c = peek(p);

		return p->i == p->s.len || c == ',' || c == ';' ? ENTRY_EMPTY
		                                                : ENTRY_BAD;
	}
	if (words > 0 && skip(p, ':'))
		return ENTRY_GROUP;
	if (named ? !angle_addr(p) : !local || !skip(p, '@') || !domain(p))
		return ENTRY_BAD;
	skip_cfws(p);
	if (p->i < p->s.len && peek(p) != ',' && peek(p) != ';')
		return ENTRY_BAD;
	return finish(p, out, named) ? ENTRY_MAILBOX : ENTRY_BAD;
}

/* Go on to the next separator that is not inside a string or comment. */
static void
resync(struct parser *p)
{
	while (p->i < p->s.len) {
		size_t close, before = p->i;

		switch (p->s.p[p->i]) {
		case ',':
		case ';':
			return;
		case '(':
			skip_cfws(p);
			if (p->i > before)
				continue;
			break;
		case '\\':
			p->i++;
			break;
		case '"':
			close = p->unquoted ? p->s.len : find_close(p->s, p->i);
			p->unquoted = close == p->s.len;
			if (!p->unquoted)
				p->i = close;
			break;
		}
		p->i++;
	}
	p->i = p->s.len; /* a backslash may have been the last octet */
}

static void
add(struct arena *a, struct address_list *list, const struct address *addr)
{
	/* n is the capacity whenever it is a power of two. */
	if ((list->n & (list->n - 1)) == 0) {
		size_t want = list->n == 0 ? 1 : list->n * 2;

		list->v = arena_grow(a, list->v, list->n * sizeof(*list->v),
		    want * sizeof(*list->v));
	}
	list->v[list->n++] = *addr;
}

struct address_list
address_parse_list(struct arena *a, struct str value)
{
	struct address_list list = { 0 };
	struct parser p;
	size_t from = 0;

	start(&p, a, value);
	while (p.i < value.len) {
		struct address addr;
		enum entry entry = parse_entry(&p, &addr);

		if (entry == ENTRY_BAD) {
			resync(&p);
			addr = (struct address){
				.text = str_trim(str_sub(value, from, p.i)),
			};
		}
		if (entry == ENTRY_MAILBOX || entry == ENTRY_BAD) {
			list.truncated = list.n == ADDRESS_MAX;
			if (list.truncated)
				break;
			add(a, &list, &addr);
		}
		/* A group's colon was read; else this is "," or ";". */
		if (entry != ENTRY_GROUP)
			p.i++;
		from = p.i;
	}
	end(&p);
	return list;
}

bool
address_parse_one(struct arena *a, struct str text, struct address *out)
{
	struct parser p;
	bool ok;

	*out = (struct address){ .valid = false };
	start(&p, a, text);
	p.no_route = true;
	ok = parse_entry(&p, out) == ENTRY_MAILBOX && p.i == text.len;
	end(&p);
	return ok;
}
