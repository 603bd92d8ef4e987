/*
 * header: knows what may stand in an unstructured field, and where lines may
 * be broken. Reads nothing.
 */
#include "lib/header.h"

#include "lib/arena.h"
#include "lib/base64.h"

enum {
	LINE = 78,       /* RFC 5322 s. 2.1.1: should not be longer, */
	LINE_MAX_ = 998, /* and must not */
	CHUNK = 45,      /* octets in one encoded-word of at most 75 */
};

struct out {
	char *p;
	size_t n;
	size_t column;
	struct str eol;
};

static void
put(struct out *o, struct str s)
{
	if (s.len > 0)
		memcpy(o->p + o->n, s.p, s.len);
	o->n += s.len;
	o->column += s.len;
}

static void
put_eol(struct out *o)
{
	put(o, o->eol);
	o->column = 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 5322 s. 3.2.5 and 4.1, without what could end a line */
static bool
is_text(char c)
{
	return is_blank(c) || ((unsigned char)c >= 0x20 && c != 0x7f &&
				  (unsigned char)c < 0x80);
}

/* Offset behind the blanks, or behind the word, at i. */
static size_t
span(struct str s, size_t i, bool blank)
{
	while (i < s.len && is_blank(s.p[i]) == blank)
		i++;
	return i;
}

/* Blanks and the word behind them, on a new line when it would be too long.
 * The blanks stay, so unfolding gives the same text. */
static void
put_word(struct out *o, struct str blanks, struct str word)
{
	if (blanks.len > 0 && o->column > 0 &&
	    o->column + blanks.len + word.len > LINE)
		put_eol(o);
	put(o, blanks);
	put(o, word);
}

/* At most CHUNK octets, cut at a character. */
static size_t
chunk(struct str s, size_t i)
{
	size_t end = s.len - i > CHUNK ? i + CHUNK : s.len;

	while (end < s.len && end > i + CHUNK - 4 &&
	       ((unsigned char)s.p[end] & 0xc0) == 0x80)
		end--;
	return end;
}

/* Blanks between encoded-words vanish: those inside are encoded, too. */
static void
put_encoded(struct out *o, struct str blanks, struct str text)
{
	struct str prefix =
	    str_is_utf8(text) ? S("=?utf-8?B?") : S("=?unknown-8bit?B?");
	char word[80 + CHUNK];

	for (size_t i = 0, end; i < text.len; i = end, blanks = S(" ")) {
		size_t n = prefix.len;

		end = chunk(text, i);
		memcpy(word, prefix.p, n);
		n += base64_encode(str_sub(text, i, end), word + n);
		memcpy(word + n, "?=", 2);
		put_word(o, blanks, str_from(word, n + 2));
	}
}

static bool
must_encode(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!is_text(word.p[i]))
			return true;
	return word.len > LINE_MAX_ - LINE;
}

/* Offset behind the last word from i on that must be encoded; i: none. */
static size_t
encoded_end(struct str s, size_t i)
{
	size_t end = i;

	while (i < s.len) {
		size_t start = span(s, i, true);

		i = span(s, start, false);
		if (must_encode(str_sub(s, start, i)))
			end = i;
	}
	return end;
}

/* One line of the value; what must be encoded, from the first such word to
 * the last, is one piece. */
static void
put_line(struct out *o, struct str s)
{
	size_t last = encoded_end(s, 0), i = 0;

	while (i < s.len) {
		size_t start = span(s, i, true), end = span(s, start, false);
		struct str blanks = str_sub(s, i, start);
		struct str word = str_sub(s, start, end);

		if (must_encode(word)) {
			end = last;
			put_encoded(o, blanks, str_sub(s, start, end));
		} else {
			put_word(o, blanks, word);
		}
		i = end;
	}
}

/* Up to the next CR or LF. */
static bool
next_line(struct str *rest, struct str *line)
{
	size_t i = 0;

	while (i < rest->len && rest->p[i] != '\r' && rest->p[i] != '\n')
		i++;
	*line = str_sub(*rest, 0, i);
	*rest = str_from_offset(*rest, i + 1);
	return line->len > 0 || rest->len > 0;
}

/* Octets that may be needed. A line of one octet may become an
 * encoded-word; what is longer grows less. */
static size_t
room(struct str name, struct str value)
{
	size_t lines = 1;

	for (size_t i = 0; i < value.len; i++)
		lines += value.p[i] == '\r' || value.p[i] == '\n';
	return name.len + 64 + 4 * value.len +
	       (value.len / (CHUNK - 4) + lines) * 32;
}

struct str
header_format(
    struct arena *a, struct str name, struct str value, struct str eol)
{
	struct out o = { .p = arena_alloc(a, room(name, value)), .eol = eol };
	bool first = true;
	struct str line;

	put(&o, name);
	put(&o, S(":"));
	value = str_trim(value);
	while (next_line(&value, &line)) {
		if (str_trim(line).len == 0)
			continue;
		if (!first)
			put_eol(&o);
		if (!is_blank(line.p[0]))
			put(&o, S(" "));
		put_line(&o, line);
		first = false;
	}
	if (first)
		put(&o, S(" "));
	put_eol(&o);
	return str_from(o.p, o.n);
}
