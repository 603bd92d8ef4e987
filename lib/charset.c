/*
 * charset: knows how octets of a charset become UTF-8; home of iconv. Which
 * names are let in stands in charset_names.c; encoded-words in
 * charset_words.c.
 */
#include "lib/charset.h"

#include <errno.h>
#include <iconv.h>

#include "lib/arena.h"
#include "lib/charset_private.h"
#include "lib/utf8.h"

/* Windows-1252, 0x80 to 0x9f; 0: not assigned. */
static const uint16_t windows_1252[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, /* 80 */
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,      /* 88 */
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, /* 90 */
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178, /* 98 */
};

/* Append text unless it does not fit; then nothing is appended any more. */
static bool
put(struct buf *out, struct str text)
{
	return !out->overflow && buf_adds(out, text);
}

/* The character of one octet of a single-octet charset; 0: none. */
static uint32_t
map_octet(enum charset_kind kind, unsigned char c)
{
	if (c < 0x80)
		return c;
	if (kind == CHARSET_ASCII)
		return 0;
	if (kind == CHARSET_WINDOWS_1252 && c < 0xa0)
		return windows_1252[c - 0x80];
	return c;
}

static void
from_octets(enum charset_kind kind, struct str in, struct buf *out)
{
	for (size_t i = 0; i < in.len && !out->overflow; i++) {
		unsigned char c = (unsigned char)in.p[i];
		uint32_t u = map_octet(kind, c);
		char utf8[4];

		if (u == 0 && c != 0)
			put(out, UTF8_REPLACEMENT);
		else
			put(out, str_from(utf8, utf8_put(u, utf8)));
	}
}

static void
from_utf8(struct str in, struct buf *out)
{
	for (size_t i = 0; i < in.len && !out->overflow;) {
		size_t n = utf8_length(in, i);

		put(out, n > 0 ? str_sub(in, i, i + n) : UTF8_REPLACEMENT);
		i += n > 0 ? n : 1;
	}
}

/* Room for the next converted octets: what a chunk and the ceiling allow. */
static size_t
room(const struct buf *out, size_t chunk)
{
	size_t left = out->max - out->len;

	return left < chunk ? left : chunk;
}

/*
 * Convert all of in. One call of iconv stops for one of four reasons: done,
 * chunk full, wrong octets, or octets missing at the end; every turn of the
 * loop consumes input, fills a chunk or ends it.
 */
static void
run_iconv(iconv_t cd, size_t unit, struct str in, struct buf *out)
{
	char chunk[4096];
	char *from = (char *)(uintptr_t)in.p;
	size_t left = in.len;

	while (left > 0 && !out->overflow) {
		char *to = chunk;
		size_t size = room(out, sizeof(chunk)), space = size, n;
		size_t rc = iconv(cd, &from, &left, &to, &space);
		int err = rc == (size_t)-1 ? errno : 0;

		put(out, str_from(chunk, size - space));
		if (err == E2BIG && (size < sizeof(chunk) || space == size))
			break;
		if (err == 0 || err == E2BIG)
			continue;
		put(out, UTF8_REPLACEMENT);
		n = err == EINVAL || unit > left ? left : unit;
		from += n;
		left -= n;
	}
}

/* What the converter still held back. */
static void
flush_iconv(iconv_t cd, struct buf *out)
{
	char chunk[64];
	char *to = chunk;
	size_t size = room(out, sizeof(chunk)), space = size;

	if (iconv(cd, NULL, NULL, &to, &space) != (size_t)-1)
		put(out, str_from(chunk, size - space));
}

/* RFC 2781 s. 4.3: without a byte order mark it is big endian. */
static const char *
byte_order(const struct charset *cs, struct str in)
{
	bool marked = str_starts(in, S("\xfe\xff")) ||
	              str_starts(in, S("\xff\xfe")) ||
	              str_starts(in, S("\0\0\xfe\xff"));

	if (cs->kind == CHARSET_UTF16 && !marked)
		return "UTF-16BE";
	if (cs->kind == CHARSET_UTF32 && !marked)
		return "UTF-32BE";
	return cs->iconv_name;
}

static bool
from_iconv(const struct charset *cs, struct str in, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", byte_order(cs, in));

	if (cd == (iconv_t)-1)
		return false;
	run_iconv(cd, cs->unit, in, out);
	if (!out->overflow)
		flush_iconv(cd, out);
	iconv_close(cd);
	return true;
}

/*
 * HZ is GB 2312 with the high bits off between "~{" and "~}": put them on,
 * and it is EUC-CN. RFC 1843
 */
static struct str
hz_to_euc(struct arena *a, struct str in)
{
	char *out = arena_alloc(a, in.len + 1);
	size_t len = 0;
	bool gb = false;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.p[i], next = i + 1 < in.len ? in.p[i + 1] : '\0';

		if (c == '\n')
			gb = false;
		if (c == '~' && (next == (gb ? '}' : '{') || next == '\n')) {
			gb = next == '{';
			i++;
		} else if (c == '~' && next == '~' && !gb) {
			out[len++] = in.p[i++];
		} else {
			out[len++] = (char)(gb ? c | 0x80 : c);
		}
	}
	return str_from(out, len);
}

static bool
convert(
    struct arena *a, const struct charset *cs, struct str in, struct buf *out)
{
	switch (cs->kind) {
	case CHARSET_UTF8:
		from_utf8(in, out);
		return true;
	case CHARSET_ASCII:
	case CHARSET_ISO_8859_1:
	case CHARSET_WINDOWS_1252:
		from_octets(cs->kind, in, out);
		return true;
	case CHARSET_HZ:
		return from_iconv(cs, hz_to_euc(a, in), out);
	default:
		return from_iconv(cs, in, out);
	}
}

void
charset_preload(struct arena *process)
{
	const struct charset *cs;
	size_t n = 0;
	iconv_t *open;

	while (charset_row(n) != NULL)
		n++;
	/* Never closed: glibc unloads what nobody holds. */
	open = ARENA_ARRAY(process, n, iconv_t);
	for (size_t i = 0; (cs = charset_row(i)) != NULL; i++)
		if (cs->iconv_name != NULL)
			open[i] = iconv_open("UTF-8", cs->iconv_name);
}

bool
charset_known(struct str name)
{
	return charset_find(name) != NULL;
}

bool
charset_to_utf8(struct arena *a, struct str charset, struct str in, size_t max,
    struct str *out)
{
	const struct charset *cs = charset_find(charset);
	struct buf b;
	bool ok;

	if (cs == NULL)
		return false;
	if ((cs->kind == CHARSET_UTF8 || cs->kind == CHARSET_ASCII) &&
	    (cs->kind == CHARSET_UTF8 ? str_is_utf8(in) : str_is_ascii(in))) {
		*out = utf8_cut(in, max);
		return true;
	}
	buf_init(&b, max);
	ok = convert(a, cs, in, &b);
	if (ok)
		*out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return ok;
}
