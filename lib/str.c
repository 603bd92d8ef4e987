/*
 * str: slices and bounded buffers. Knows octets and ASCII, nothing of mail.
 */
#include "lib/str.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/arena.h"

struct str
str_from(const char *p, size_t len)
{
	return (struct str){ p, len };
}

struct str
str_c(const char *s)
{
	return (struct str){ s, s != NULL ? strlen(s) : 0 };
}

bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

char
ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

bool
ascii_is_alpha(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

int
ascii_hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
str_caseeq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       str_eq(str_from_offset(s, s.len - suffix.len), suffix);
}

bool
str_casestarts(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       str_caseeq(str_sub(s, 0, prefix.len), prefix);
}

ssize_t
str_chr(struct str s, char c)
{
	const char *hit = s.len > 0 ? memchr(s.p, c, s.len) : NULL;

	return hit != NULL ? hit - s.p : -1;
}

ssize_t
str_rchr(struct str s, char c)
{
	const char *hit = s.len > 0 ? memrchr(s.p, c, s.len) : NULL;

	return hit != NULL ? hit - s.p : -1;
}

ssize_t
str_find(struct str haystack, struct str needle)
{
	const char *hit;

	if (needle.len == 0)
		return 0;
	if (needle.len > haystack.len)
		return -1;
	/* glibc's memmem is two-way: linear whatever the needle. */
	hit = memmem(haystack.p, haystack.len, needle.p, needle.len);
	return hit != NULL ? hit - haystack.p : -1;
}

struct str
str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	if (s.p == NULL)
		return s;
	return (struct str){ s.p + from, to - from };
}

struct str
str_from_offset(struct str s, size_t from)
{
	return str_sub(s, from, s.len);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool
str_cut(struct str *rest, char sep, struct str *part)
{
	ssize_t at;

	if (rest->p == NULL)
		return false;
	at = str_chr(*rest, sep);
	if (at < 0) {
		*part = *rest;
		*rest = (struct str){ NULL, 0 };
		return true;
	}
	*part = str_sub(*rest, 0, (size_t)at);
	*rest = str_from_offset(*rest, (size_t)at + 1);
	return true;
}

struct str
str_dup(struct arena *a, struct str s)
{
	return (struct str){ arena_strndup(a, s.p, s.len), s.len };
}

char *
str_cstr(struct arena *a, struct str s)
{
	return arena_strndup(a, s.p, s.len);
}

struct str
str_lower(struct arena *a, struct str s)
{
	char *copy = arena_strndup(a, s.p, s.len);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = ascii_lower(copy[i]);
	return (struct str){ copy, s.len };
}

struct str
str_join(struct arena *a, const struct str *v, size_t n)
{
	size_t total = 0, at = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		total += v[i].len;
	p = arena_alloc(a, total + 1);
	for (size_t i = 0; i < n; i++) {
		if (v[i].len > 0)
			memcpy(p + at, v[i].p, v[i].len);
		at += v[i].len;
	}
	return (struct str){ p, total };
}

struct str
str_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}

bool
str_to_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.p[i]))
			return false;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

bool
str_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* Octets that follow a lead octet, and the range of the first of them. */
static int
utf8_tail(unsigned char lead, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (lead < 0x80)
		return 0;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef) {
		*lo = lead == 0xe0 ? 0xa0 : 0x80;
		*hi = lead == 0xed ? 0x9f : 0xbf;
		return 2;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*lo = lead == 0xf0 ? 0x90 : 0x80;
		*hi = lead == 0xf4 ? 0x8f : 0xbf;
		return 3;
	}
	return -1;
}

bool
str_is_utf8(struct str s)
{
	for (size_t i = 0; i < s.len;) {
		unsigned char lo, hi;
		int tail = utf8_tail((unsigned char)s.p[i++], &lo, &hi);

		if (tail < 0 || (size_t)tail > s.len - i)
			return false;
		for (; tail > 0; tail--, i++) {
			unsigned char c = (unsigned char)s.p[i];

			if (c < lo || c > hi)
				return false;
			lo = 0x80;
			hi = 0xbf;
		}
	}
	return true;
}

bool
str_has_ctl(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static uint64_t
hash_seed(void)
{
	/* Chosen once a process; a sender cannot prepare colliding names. A
	 * host of the library may have threads: who comes first chooses. */
	static _Atomic uint64_t seed;
	uint64_t have = atomic_load_explicit(&seed, memory_order_relaxed);
	uint64_t made = 0;

	if (have != 0)
		return have;
	if (getrandom(&made, sizeof(made), 0) != sizeof(made))
		made = (uint64_t)(uintptr_t)&seed;
	made |= 1;
	return atomic_compare_exchange_strong(&seed, &have, made) ? made : have;
}

uint64_t
str_hash(struct str s, bool fold)
{
	uint64_t h = 0xcbf29ce484222325ULL ^ hash_seed();

	for (size_t i = 0; i < s.len; i++) {
		char c = fold ? ascii_lower(s.p[i]) : s.p[i];

		h = (h ^ (unsigned char)c) * 0x100000001b3ULL;
	}
	h ^= h >> 32;
	h *= hash_seed();
	return h ^ (h >> 29);
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned
str_distance(struct str a, struct str b, unsigned max)
{
	unsigned row[65];

	if (a.len > 64 || b.len > 64)
		return max + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned above = row[j];
			unsigned differs =
			    ascii_lower(a.p[i - 1]) != ascii_lower(b.p[j - 1]);

			row[j] =
			    min3(above + 1, row[j - 1] + 1, diagonal + differs);
			diagonal = above;
		}
	}
	return row[b.len] > max ? max + 1 : row[b.len];
}

void
strlist_add(struct arena *a, struct strlist *list, struct str s)
{
	/* n is the capacity whenever it is a power of two. */
	if ((list->n & (list->n - 1)) == 0) {
		size_t want = list->n == 0 ? 1 : list->n * 2;

		list->v = arena_grow(a, list->v, list->n * sizeof(*list->v),
		    want * sizeof(*list->v));
	}
	list->v[list->n++] = s;
}

bool
strlist_has(const struct strlist *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], s))
			return true;
	return false;
}

bool
strlist_casehas(const struct strlist *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_caseeq(list->v[i], s))
			return true;
	return false;
}

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
}

char *
buf_reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap;
	char *p;

	if (len > b->max || b->len > b->max - len) {
		b->overflow = true;
		return NULL;
	}
	if (b->p != NULL && cap - b->len >= len)
		return b->p + b->len;
	if (cap == 0)
		cap = b->max < 256 ? b->max : 256;
	while (cap - b->len < len)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	/* One more than cap: room for the NUL of buf_vprintf. */
	p = cap < SIZE_MAX ? realloc(b->p, cap + 1) : NULL;
	if (p == NULL) {
		fprintf(stderr, "tamis: no memory for %zu octets\n", cap);
		abort();
	}
	b->p = p;
	b->cap = cap;
	return b->p + b->len;
}

void
buf_commit(struct buf *b, size_t len)
{
	assert(len <= b->cap - b->len);
	b->len += len;
}

void
buf_consume(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len -= len;
	if (b->len > 0 && len > 0)
		memmove(b->p, b->p + len, b->len);
}

bool
buf_add(struct buf *b, const void *p, size_t len)
{
	char *to = buf_reserve(b, len);

	if (to == NULL)
		return false;
	if (len > 0)
		memcpy(to, p, len);
	b->len += len;
	return true;
}

bool
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool
buf_adds(struct buf *b, struct str s)
{
	return buf_add(b, s.p, s.len);
}

bool
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	assert(n >= 0);
	to = buf_reserve(b, (size_t)n);
	if (to != NULL) {
		vsnprintf(to, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	return to != NULL;
}

bool
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = buf_vprintf(b, fmt, ap);
	va_end(ap);
	return ok;
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->len };
}
