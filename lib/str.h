/*
 * str: octets with a length. A struct str is a slice: it never owns memory,
 * may hold NUL, and need not be NUL-terminated. A struct buf grows up to the
 * maximum it was born with and then only remembers that it overflowed.
 */
#ifndef TAMIS_LIB_STR_H
#define TAMIS_LIB_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

struct arena;

struct str {
	const char *p; /* NULL only when len is 0 */
	size_t len;    /* octets */
};

struct strlist {
	struct str *v;
	size_t n;
};

/* A slice of a string literal; also usable in static initialisers. */
#define STR(literal)                                                           \
	{                                                                      \
		"" literal, sizeof(literal) - 1                                \
	}
#define S(literal) ((struct str)STR(literal))

/* For printf: "%.*s", STR_ARG(s). Use only for text that is known clean. */
#define STR_ARG(s) (int)((s).len > INT32_MAX ? INT32_MAX : (s).len), (s).p

struct str str_from(const char *p, size_t len);
struct str str_c(const char *nul_terminated); /* NULL gives the empty slice */

bool str_eq(struct str, struct str);
bool str_caseeq(struct str, struct str); /* ASCII letters only */
int str_cmp(struct str, struct str);     /* octet order, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_casestarts(struct str s, struct str prefix);

/* Offset of the first match, or -1. str_find is linear in both lengths. */
ssize_t str_chr(struct str, char c);
ssize_t str_rchr(struct str, char c);
ssize_t str_find(struct str haystack, struct str needle);

/* from..to octets; offsets beyond the end are cut to it. */
struct str str_sub(struct str, size_t from, size_t to);
struct str str_from_offset(struct str, size_t from);

/* Without blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str);

/*
 * Split off what stands before the first sep.
 * false when *rest was exhausted; sep itself is dropped.
 */
bool str_cut(struct str *rest, char sep, struct str *part);

/* Copies; the result is NUL-terminated as well. */
struct str str_dup(struct arena *, struct str);
char *str_cstr(struct arena *, struct str); /* stops at nothing: NUL kept */
struct str str_lower(struct arena *, struct str); /* ASCII letters only */
struct str str_join(struct arena *, const struct str *v, size_t n);
struct str str_printf(struct arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* All of s is digits and the value fits. */
bool str_to_u64(struct str s, uint64_t *out);
bool str_is_ascii(struct str);
bool str_is_utf8(struct str); /* RFC 3629: no surrogates, no overlong forms */
bool str_has_ctl(struct str); /* any octet below 0x20, or 0x7f */

char ascii_lower(char);
char ascii_upper(char);
bool ascii_is_alpha(char);
bool ascii_is_digit(char);
bool ascii_is_alnum(char);
int ascii_hex_value(char); /* 0..15, or -1 */

/* FNV-1a keyed by a per-process random value; fold makes ASCII case equal. */
uint64_t str_hash(struct str, bool fold);

/*
 * Levenshtein distance for "did you mean", cut off: any result above max is
 * returned as max + 1.
 */
unsigned str_distance(struct str, struct str, unsigned max);

/*
 * Append one entry to a list in an arena (doubles its array). Only for lists
 * that were made by this function: the capacity is derived from n.
 */
void strlist_add(struct arena *, struct strlist *, struct str);
bool strlist_has(const struct strlist *, struct str);
bool strlist_casehas(const struct strlist *, struct str);

/* --- a buffer with a ceiling ------------------------------------------- */

struct buf {
	char *p;    /* malloc'ed by lib; NULL when empty */
	size_t len; /* octets used */
	size_t cap;
	size_t max;    /* never holds more than this many octets */
	bool overflow; /* an append did not fit: nothing of it was added */
};

void buf_init(struct buf *, size_t max);
void buf_free(struct buf *);
void buf_reset(struct buf *); /* empty, overflow cleared, memory kept */

/* All return false, and set overflow, when max would be passed. */
bool buf_add(struct buf *, const void *p, size_t len);
bool buf_addc(struct buf *, char);
bool buf_adds(struct buf *, struct str);
bool buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool buf_vprintf(struct buf *, const char *fmt, va_list)
    __attribute__((format(printf, 2, 0)));

/* At least len writable octets at the end; NULL when max forbids it. */
char *buf_reserve(struct buf *, size_t len);
void buf_commit(struct buf *, size_t len);  /* after writing into it */
void buf_consume(struct buf *, size_t len); /* drop len octets in front */
struct str buf_str(const struct buf *);     /* valid until the next change */

#include "lib/banned.h"

#endif
