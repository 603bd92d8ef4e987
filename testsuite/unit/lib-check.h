/*
 * lib-check: comparisons for table tests; a failure names the row.
 */
#ifndef TAMIS_TESTSUITE_LIB_CHECK_H
#define TAMIS_TESTSUITE_LIB_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/str.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static inline void
check_str(size_t row, const char *what, struct str got, struct str want)
{
	if (!str_eq(got, want))
		fail_msg("row %zu: %s is \"%.*s\" (%zu), not \"%.*s\" (%zu)",
		    row, what, (int)got.len, got.p != NULL ? got.p : "",
		    got.len, (int)want.len, want.p != NULL ? want.p : "",
		    want.len);
}

static inline void
check_num(size_t row, const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		fail_msg("row %zu: %s is %llu, not %llu", row, what,
		    (unsigned long long)got, (unsigned long long)want);
}

/* unit repeated until size octets are full */
static inline struct str
repeat(struct arena *a, struct str unit, size_t size)
{
	char *p = arena_alloc(a, size);

	for (size_t i = 0; i < size; i++)
		p[i] = unit.p[i % unit.len];
	return str_from(p, size);
}

/* A block of exactly its size, so that ASan sees one octet too many. */
static inline struct str
exact(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.len);

	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return str_from(p, s.len);
}

/* Generous: a quadratic algorithm takes minutes for the sizes used here. */
enum { SLOW_MS = 8000 };

#define CHECK_FAST(call)                                                       \
	do {                                                                   \
		int64_t begun_ = clock_mono_ms();                              \
		call;                                                          \
		if (clock_mono_ms() - begun_ > SLOW_MS)                        \
			fail_msg("%s took %lld ms", #call,                     \
			    (long long)(clock_mono_ms() - begun_));            \
	} while (0)

#endif
