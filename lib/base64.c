/*
 * base64: the alphabet, and what to do with octets that are not of it.
 */
#include "lib/base64.h"

int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t
base64_decode(struct str in, char *out, size_t cap)
{
	uint32_t bits = 0;
	unsigned have = 0; /* bits that are not written yet */
	size_t len = 0;

	for (size_t i = 0; i < in.len && len < cap; i++) {
		int v = base64_value(in.p[i]);

		if (in.p[i] == '=')
			have = 0;
		if (v < 0)
			continue;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[len++] = (char)(bits >> have & 0xff);
		}
	}
	return len;
}

size_t
base64_encode(struct str in, char *out)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; i < in.len; i += 3) {
		size_t left = in.len - i;
		uint32_t v = (uint32_t)(unsigned char)in.p[i] << 16;

		if (left > 1)
			v |= (uint32_t)(unsigned char)in.p[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)in.p[i + 2];
		out[n++] = letters[v >> 18];
		out[n++] = letters[v >> 12 & 63];
		out[n++] = left > 1 ? letters[v >> 6 & 63] : '=';
		out[n++] = left > 2 ? letters[v & 63] : '=';
	}
	return n;
}
