/*
 * diag: the list of errors of one compilation. Knows nothing of Sieve.
 */
#include "sieve/diag.h"

#include <stdio.h>

#include "lib/arena.h"

void
diag_init(struct diag *d, struct arena *arena, struct sieve_errors *errors,
    uint32_t max)
{
	*errors = (struct sieve_errors){ 0 };
	*d = (struct diag){ .arena = arena, .errors = errors, .max = max };
}

static bool
before(struct place at, const struct sieve_error *e)
{
	return at.line < e->line ||
	       (at.line == e->line && at.column < e->column);
}

/* Index where an error at this place belongs; *taken: one is there. */
static size_t
position(const struct sieve_errors *errors, struct place at, bool *taken)
{
	size_t i = errors->n;

	while (i > 0 && before(at, &errors->v[i - 1]))
		i--;
	*taken = i > 0 && errors->v[i - 1].line == at.line &&
	         errors->v[i - 1].column == at.column;
	return i;
}

static void
make_room(struct diag *d)
{
	size_t cap = d->cap == 0 ? 8 : 2 * d->cap;

	if (d->errors->n < d->cap)
		return;
	d->errors->v = arena_grow(d->arena, d->errors->v,
	    d->cap * sizeof(struct sieve_error),
	    cap * sizeof(struct sieve_error));
	d->cap = cap;
}

void
diag_vadd(struct diag *d, struct place at, struct str hint, const char *fmt,
    va_list ap)
{
	struct sieve_errors *e = d->errors;
	bool taken;
	size_t i = position(e, at, &taken);
	char text[512];

	if (taken && d->warning == NULL)
		return;
	/* one error is always kept: a list that is empty means success */
	if (e->n > 0 && e->n >= d->max) {
		e->more = true;
		return;
	}
	vsnprintf(text, sizeof(text), fmt, ap);
	make_room(d);
	memmove(&e->v[i + 1], &e->v[i], (e->n - i) * sizeof(*e->v));
	e->v[i] = (struct sieve_error){ .line = at.line,
		.column = at.column,
		.text = str_dup(d->arena, str_c(text)),
		.hint = hint,
		.syntax = d->syntax,
		.warning = d->warning };
	e->n++;
}

void
diag_add(struct diag *d, struct place at, struct str hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(d, at, hint, fmt, ap);
	va_end(ap);
}

/* Octets of s that fit, ending at a character. */
static size_t
cut(struct str s)
{
	size_t n = 57;

	if (s.len <= 60)
		return s.len;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

const char *
diag_quote(struct diag *d, struct str s)
{
	size_t n = cut(s);
	bool utf8 = str_is_utf8(s);
	char *p = arena_alloc(d->arena, n + 4);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		p[i] = s.p[i];
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
			p[i] = '?';
	}
	if (n < s.len)
		memcpy(p + n, "...", 3);
	return p;
}
