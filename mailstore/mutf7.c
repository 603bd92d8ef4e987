/*
 * mutf7: modified UTF-7, the form mailbox names have on disk. Knows the
 * encoding; what makes a good name is decided in name.c.
 *   RFC 3501 s. 5.1.3
 */
#include "lib/arena.h"
#include "mailstore/mailstore.h"

static const char alphabet[65] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Octets collected in base64 between '&' and '-'. */
struct shift {
	bool open;
	uint32_t bits;  /* the last ones are not written yet */
	unsigned nbits; /* how many: below 6 between calls */
};

static bool
is_direct(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* s is UTF-8 (str_is_utf8): no further check is needed. */
static uint32_t
next_char(struct str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[(*at)++];
	uint32_t out = c < 0x80   ? c
	               : c < 0xe0 ? c & 0x1fU
	               : c < 0xf0 ? c & 0x0fU
	                          : c & 0x07U;
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	for (; more > 0; more--)
		out = out << 6 | ((unsigned char)s.p[(*at)++] & 0x3fU);
	return out;
}

static char *
put_unit(char *p, struct shift *sh, uint32_t unit)
{
	if (!sh->open)
		*p++ = '&';
	sh->open = true;
	sh->bits = sh->bits << 16 | unit;
	sh->nbits += 16;
	while (sh->nbits >= 6) {
		sh->nbits -= 6;
		*p++ = alphabet[sh->bits >> sh->nbits & 63];
	}
	return p;
}

static char *
close_shift(char *p, struct shift *sh)
{
	if (!sh->open)
		return p;
	if (sh->nbits > 0)
		*p++ = alphabet[sh->bits << (6 - sh->nbits) & 63];
	*p++ = '-';
	*sh = (struct shift){ 0 };
	return p;
}

static char *
put_shifted(char *p, struct shift *sh, uint32_t c)
{
	if (c < 0x10000)
		return put_unit(p, sh, c);
	p = put_unit(p, sh, 0xd800 + ((c - 0x10000) >> 10));
	return put_unit(p, sh, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

bool
mutf7_encode(struct arena *a, struct str utf8, struct str *out)
{
	struct shift sh = { 0 };
	char *start, *p;

	if (!str_is_utf8(utf8))
		return false;
	/* worst: one octet alone in its shift, "&AAA-" */
	start = p = arena_alloc_n(a, utf8.len + 1, 5);
	for (size_t at = 0; at < utf8.len;) {
		uint32_t c = next_char(utf8, &at);

		if (!is_direct(c)) {
			p = put_shifted(p, &sh, c);
			continue;
		}
		p = close_shift(p, &sh);
		*p++ = (char)c;
		if (c == '&')
			*p++ = '-';
	}
	p = close_shift(p, &sh);
	*out = str_from(start, (size_t)(p - start));
	return true;
}

static char *
put_utf8(char *p, uint32_t c)
{
	if (c < 0x80) {
		*p++ = (char)c;
		return p;
	}
	if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*p++ = (char)(0xe0 | c >> 12);
		} else {
			*p++ = (char)(0xf0 | c >> 18);
			*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*p++ = (char)(0x80 | (c & 0x3f));
	return p;
}

/* One UTF-16 unit; *high is the first half of a pair that waits, or 0. */
static char *
put_utf16(char *p, uint32_t unit, uint32_t *high)
{
	bool low = unit >= 0xdc00 && unit <= 0xdfff;

	if (low != (*high != 0))
		return NULL;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return p;
	}
	if (low)
		unit = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
	*high = 0;
	return put_utf8(p, unit);
}

/* s is what stands between '&' and '-'; NULL when it is not well-formed. */
static char *
put_base64(char *p, struct str s)
{
	uint32_t bits = 0, high = 0;
	unsigned nbits = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *digit = memchr(alphabet, s.p[i], 64);

		if (digit == NULL)
			return NULL;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		nbits += 6;
		if (nbits < 16)
			continue;
		nbits -= 16;
		p = put_utf16(p, bits >> nbits & 0xffff, &high);
		if (p == NULL)
			return NULL;
	}
	return high == 0 ? p : NULL;
}

static char *
put_section(char *p, struct str s)
{
	if (s.len > 0)
		return put_base64(p, s);
	*p++ = '&';
	return p;
}

bool
mutf7_decode(struct arena *a, struct str mutf7, struct str *out)
{
	/* 8 octets of base64 give at most 3 UTF-16 units, 9 octets */
	char *start = arena_alloc_n(a, mutf7.len + 1, 2), *p = start;
	struct str again, result;

	for (size_t i = 0; i < mutf7.len; i++) {
		struct str rest = str_from_offset(mutf7, i + 1);
		ssize_t end;

		if (mutf7.p[i] != '&') {
			*p++ = mutf7.p[i];
			continue;
		}
		end = str_chr(rest, '-');
		if (end < 0)
			return false;
		p = put_section(p, str_sub(rest, 0, (size_t)end));
		if (p == NULL)
			return false;
		i += (size_t)end + 1;
	}
	result = str_from(start, (size_t)(p - start));
	/*
	 * A name has one form only: spare bits that are not zero, shifts
	 * that say nothing or hide ASCII, and octets above 127 all come out
	 * differently on the way back.
	 */
	if (!mutf7_encode(a, result, &again) || !str_eq(again, mutf7))
		return false;
	*out = result;
	return true;
}
