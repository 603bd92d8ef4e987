/*
 * encoded-character: ${hex:..} and ${unicode:..} in strings. What does not
 * match the grammar stays as written. RFC 5228 s. 2.4.2.4
 */
#include "lib/arena.h"
#include "sieve/ext.h"

/* Reads hexadecimal numbers up to "}"; see read_sequence. */
struct kind {
	struct str prefix;
	size_t max_digits; /* of one number */
	/* false: the value is not allowed */
	bool (*put)(uint32_t value, char *out, size_t *n);
};

static bool
put_octet(uint32_t value, char *out, size_t *n)
{
	out[(*n)++] = (char)value;
	return true;
}

static bool
put_utf8(uint32_t c, char *out, size_t *n)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return false;
	if (c < 0x80) {
		out[(*n)++] = (char)c;
		return true;
	}
	if (c < 0x800) {
		out[(*n)++] = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			out[(*n)++] = (char)(0xe0 | c >> 12);
		} else {
			out[(*n)++] = (char)(0xf0 | c >> 18);
			out[(*n)++] = (char)(0x80 | (c >> 12 & 0x3f));
		}
		out[(*n)++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	out[(*n)++] = (char)(0x80 | (c & 0x3f));
	return true;
}

static const struct kind kinds[] = {
	{ STR("${hex:"), 2, put_octet },
	{ STR("${unicode:"), SIZE_MAX, put_utf8 },
};

static int
hex_value(char c)
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* blank = WSP / CRLF */
static size_t
skip_blank(struct str s, size_t i)
{
	for (; i < s.len; i++) {
		if (s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n')
			i++;
		else if (s.p[i] != ' ' && s.p[i] != '\t')
			break;
	}
	return i;
}

/* One number at *i; values above 2^28 stay there. false: no digit. */
static bool
read_number(struct str s, size_t *i, size_t max_digits, uint32_t *value)
{
	size_t start = *i;

	*value = 0;
	for (; *i < s.len && hex_value(s.p[*i]) >= 0; ++*i)
		if (*value < UINT32_C(1) << 28)
			*value = *value << 4 | (uint32_t)hex_value(s.p[*i]);
	return *i > start && *i - start <= max_digits;
}

enum outcome {
	NOT_ONE, /* not well-formed: stays as it is */
	DECODED,
	BAD_VALUE, /* well-formed, and an error */
};

/* *i: behind the prefix; on DECODED behind the "}". The result is never
 * longer than what it replaces. */
static enum outcome
read_sequence(
    const struct kind *kind, struct str s, size_t *i, char *out, size_t *n)
{
	size_t at = skip_blank(s, *i), len = *n;
	bool good = true;

	for (;;) {
		uint32_t value;
		size_t end;

		if (!read_number(s, &at, kind->max_digits, &value))
			return NOT_ONE;
		good = good && kind->put(value, out, &len);
		end = skip_blank(s, at);
		if (end < s.len && s.p[end] == '}') {
			*i = end + 1;
			*n = len;
			return good ? DECODED : BAD_VALUE;
		}
		if (end == at)
			return NOT_ONE;
		at = end;
	}
}

/* What starts at s.p[*i], which is a dollar sign. */
static enum outcome
decode_at(struct str s, size_t *i, char *out, size_t *n)
{
	struct str rest = str_from_offset(s, *i);

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t at = *i + kinds[k].prefix.len;
		enum outcome r;

		if (!str_casestarts(rest, kinds[k].prefix))
			continue;
		r = read_sequence(&kinds[k], s, &at, out, n);
		if (r == DECODED)
			*i = at;
		return r;
	}
	return NOT_ONE;
}

static bool
decode(struct arena *arena, struct str in, struct str *out, const char **error)
{
	char *p;
	size_t n = 0, i = 0;

	*out = in;
	if (str_find(in, S("${")) < 0)
		return true;
	p = arena_alloc(arena, in.len);
	while (i < in.len) {
		enum outcome r =
		    in.p[i] == '$' ? decode_at(in, &i, p, &n) : NOT_ONE;

		if (r == BAD_VALUE) {
			*error = "${unicode:...} holds a number that is no "
				 "character: 0 to D7FF and E000 to 10FFFF are";
			return false;
		}
		if (r == NOT_ONE)
			p[n++] = in.p[i++];
	}
	*out = str_from(p, n);
	return true;
}

const struct sieve_ext ext_encoded_character = {
	.name = "encoded-character",
	.rfc = "RFC 5228",
	.string = decode,
};
