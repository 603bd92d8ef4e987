/*
 * utf8: one character at a time. Knows no charset but this one.
 */
#include "lib/utf8.h"

static bool
is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

struct str
utf8_cut(struct str s, size_t max)
{
	size_t len = max;

	if (s.len <= max)
		return s;
	/* No character has more than three tail octets. */
	for (int i = 0; i < 3 && len > 0 && is_tail(s.p[len]); i++)
		len--;
	return str_sub(s, 0, len > 0 && is_tail(s.p[len]) ? max : len);
}

size_t
utf8_length(struct str s, size_t i)
{
	unsigned char lead = (unsigned char)s.p[i];
	size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	return n <= s.len - i && str_is_utf8(str_sub(s, i, i + n)) ? n : 0;
}

size_t
utf8_put(uint32_t c, char out[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n] | c);
	return n;
}
