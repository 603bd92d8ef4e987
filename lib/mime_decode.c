/*
 * mime_decode: knows the transfer encodings of bodies, and that mail readers
 * show what can be shown. Does not know where a part begins.
 *   RFC 2045 s. 6
 */
#include "lib/arena.h"
#include "lib/base64.h"
#include "lib/charset.h"
#include "lib/mime.h"

/* Octets of the blanks at i when only they stand before a line end or the
 * end of the body; else 0. *behind is then where they end. */
static bool
trailing_blanks(struct str s, size_t i, size_t *behind)
{
	while (i < s.len && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	*behind = i;
	return i == s.len || s.p[i] == '\n' ||
	       (s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n');
}

/* Where "=" stands at i: an octet, a soft line break, or itself. */
static size_t
decode_escape(struct str s, size_t i, char *out, size_t *len)
{
	size_t behind;

	if (s.len - i > 2 && ascii_hex_value(s.p[i + 1]) >= 0 &&
	    ascii_hex_value(s.p[i + 2]) >= 0) {
		out[(*len)++] = (char)(ascii_hex_value(s.p[i + 1]) << 4 |
				       ascii_hex_value(s.p[i + 2]));
		return i + 3;
	}
	if (!trailing_blanks(s, i + 1, &behind)) {
		out[(*len)++] = '=';
		return i + 1;
	}
	if (behind < s.len && s.p[behind] == '\r')
		behind++;
	return behind < s.len ? behind + 1 : behind;
}

/* RFC 2045 s. 6.7 rule 3: blanks at the end of a line are not content. */
static size_t
decode_qp(struct str s, char *out, size_t cap)
{
	size_t len = 0, behind;

	for (size_t i = 0; i < s.len && len < cap;) {
		char c = s.p[i];

		if (c == '=') {
			i = decode_escape(s, i, out, &len);
		} else if (c != ' ' && c != '\t') {
			out[len++] = c;
			i++;
		} else if (trailing_blanks(s, i, &behind)) {
			i = behind;
		} else {
			/* all of them now: none is looked at twice */
			for (; i < behind && len < cap; i++)
				out[len++] = s.p[i];
		}
	}
	return len;
}

struct str
mime_decode(
    struct arena *a, struct str raw, enum mime_encoding encoding, size_t max)
{
	size_t cap = raw.len < max ? raw.len : max;
	char *out;

	if (encoding == MIME_IDENTITY)
		return str_sub(raw, 0, max);
	out = arena_alloc(a, cap);
	return str_from(out, encoding == MIME_BASE64
				 ? base64_decode(raw, out, cap)
				 : decode_qp(raw, out, cap));
}

struct str
mime_text(struct arena *a, const struct mime_part *part, size_t max)
{
	bool text = str_eq(part->type, S("text"));
	/* UTF-32 has four octets where UTF-8 has one. */
	size_t want = text && max <= SIZE_MAX / 4 ? 4 * max : max;
	struct str octets = mime_decode(a, part->body, part->encoding, want);
	struct str charset = mime_param(&part->content_type, S("charset"));
	struct str utf8;

	if (!text)
		return octets;
	/* Unlabelled text is US-ASCII, and UTF-8 when it is not. */
	if (charset.len == 0)
		charset = S("utf-8");
	return charset_to_utf8(a, charset, octets, max, &utf8)
	           ? utf8
	           : str_sub(octets, 0, max);
}
