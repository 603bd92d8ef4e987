/*
 * rfc5322: knows where a header field begins and ends and what a comment is.
 * Knows nothing of any particular field, and never looks behind the header.
 *   RFC 5322 s. 2.2, 3.2.2 and 4.5
 */
#include "lib/rfc5322.h"

enum { COMMENT_DEPTH = 1000 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Offset behind the line end, or the end of the octets. */
static size_t
line_end(struct str s, size_t at)
{
	const char *lf = at < s.len ? memchr(s.p + at, '\n', s.len - at) : NULL;

	return lf != NULL ? (size_t)(lf - s.p) + 1 : s.len;
}

static struct str
without_line_end(struct str s)
{
	if (s.len == 0 || s.p[s.len - 1] != '\n')
		return s;
	s.len--;
	if (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	return s;
}

/* The name in front of the colon; false: the line is no field. */
static bool
split_name(struct str line, struct str *name, size_t *value_at)
{
	ssize_t colon = str_chr(line, ':');
	size_t len;

	if (colon < 0)
		return false;
	/* RFC 5322 s. 4.5: obsolete syntax has blanks before the colon */
	for (len = (size_t)colon; len > 0 && is_blank(line.p[len - 1]);)
		len--;
	*name = str_sub(line, 0, len);
	*value_at = (size_t)colon + 1;
	return rfc5322_is_field_name(*name);
}

enum rfc5322_item
rfc5322_next(struct str bytes, size_t *at, struct str *name, struct str *value)
{
	size_t start = *at, line, end, value_at;

	if (start >= bytes.len)
		return RFC5322_END;
	line = end = line_end(bytes, start);
	if (bytes.p[start] == '\n' ||
	    (bytes.p[start] == '\r' && line - start == 2)) {
		*at = line;
		return RFC5322_BODY;
	}
	while (end < bytes.len && is_blank(bytes.p[end]))
		end = line_end(bytes, end);
	*at = end;
	if (split_name(str_sub(bytes, start, line), name, &value_at)) {
		*value =
		    without_line_end(str_sub(bytes, start + value_at, end));
		return RFC5322_FIELD;
	}
	*name = (struct str){ NULL, 0 };
	*value = without_line_end(str_sub(bytes, start, end));
	return RFC5322_JUNK;
}

size_t
rfc5322_skip_comment(struct str s, size_t i)
{
	unsigned depth = 0;

	for (; i < s.len; i++) {
		if (s.p[i] == '\\') {
			/* a backslash may be the very last octet */
			if (++i >= s.len)
				break;
		} else if (s.p[i] == '(') {
			if (++depth > COMMENT_DEPTH)
				return 0;
		} else if (s.p[i] == ')' && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

size_t
rfc5322_skip_cfws(struct str s, size_t i)
{
	while (i < s.len) {
		if (is_blank(s.p[i]) || s.p[i] == '\r' || s.p[i] == '\n') {
			i++;
		} else if (s.p[i] == '(') {
			i = rfc5322_skip_comment(s, i);
			if (i == 0)
				break;
		} else {
			return i;
		}
	}
	return s.len;
}

bool
rfc5322_is_atext(char c)
{
	return ascii_is_alnum(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

bool
rfc5322_is_field_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == ':')
			return false;
	return s.len > 0;
}
