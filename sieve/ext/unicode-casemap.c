/*
 * unicode-casemap: the comparator that knows the case of all letters; built
 * with libunistring only, whose home is lib/unicode.c.
 * RFC 5051, whole.
 */
#include "config.h"

#include "lib/unicode.h"
#include "sieve/ext.h"

#ifdef HAVE_UNISTRING

/*
 * U+FDFA, 3 octets, becomes 18 characters of 33 octets: nothing grows more.
 */
enum { GROWTH = 11 };

static size_t
room(size_t len)
{
	return GROWTH * len;
}

/* One character of UTF-8 that is known to be valid, at s[*i]. */
static uint32_t
next_char(struct str s, size_t *i)
{
	unsigned char c = (unsigned char)s.p[(*i)++];
	uint32_t uc = c >= 0xf0 ? c & 0x07U : c >= 0xe0 ? c & 0x0fU : c & 0x1fU;

	if (c < 0x80)
		return c;
	while (*i < s.len && ((unsigned char)s.p[*i] & 0xc0) == 0x80)
		uc = uc << 6 | ((unsigned char)s.p[(*i)++] & 0x3fU);
	return uc;
}

static size_t
put_char(uint32_t c, char *out)
{
	size_t n = 0;

	if (c < 0x80) {
		out[n++] = (char)c;
		return n;
	}
	if (c < 0x800) {
		out[n++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	out[n++] = (char)(0x80 | (c & 0x3f));
	return n;
}

/* s. 2 step 2, for each character alone: marks are not put in order, and an
 * offset in the result has one origin. Returns octets written. */
static size_t
fold_char(uint32_t c, char *out)
{
	uint32_t v[UNICODE_DECOMPOSED];
	size_t count, n = 0;

	if (c < 0x80) {
		*out = ascii_upper((char)c);
		return 1;
	}
	count = unicode_title_nfkd(c, v);
	for (size_t i = 0; i < count; i++)
		n += put_char(v[i], out + n);
	return n;
}

/* s. 2 step 1 (b): what is no UTF-8 is compared as it is */
static struct str
fold(struct str in, char *out)
{
	size_t n = 0;

	if (!str_is_utf8(in))
		return in;
	for (size_t i = 0; i < in.len;)
		n += fold_char(next_char(in, &i), out + n);
	return str_from(out, n);
}

static size_t
origin(struct str in, size_t offset)
{
	char out[4 * UNICODE_DECOMPOSED];
	size_t n = 0, i = 0;

	if (!str_is_utf8(in))
		return offset;
	while (i < in.len) {
		size_t next = i;

		n += fold_char(next_char(in, &next), out);
		if (n > offset)
			break;
		i = next;
	}
	return i;
}

static const struct sieve_comparator unicode_casemap = {
	.name = "i;unicode-casemap",
	.substring = true,
	.fold = fold,
	.compare = str_cmp,
	.room = room,
	.origin = origin,
};

static const struct sieve_comparator *const comparators[] = {
	&unicode_casemap,
	NULL,
};

const struct sieve_ext ext_unicode_casemap = {
	.name = "comparator-i;unicode-casemap",
	.rfc = "RFC 5051",
	.comparators = comparators,
};

#else

const struct sieve_ext ext_unicode_casemap = {
	.rfc = "RFC 5051",
};

#endif
