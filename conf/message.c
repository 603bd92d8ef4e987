/*
 * message: collects and prints errors and warnings. Knows their form, not
 * what they are about.
 */
#include "conf/message.h"

#include "lib/arena.h"

static void
add(struct arena *a, struct conf_messages *m, struct conf_message one)
{
	if (m->n >= CONF_MESSAGES_MAX) {
		/* The file must stay refused, whatever was dropped. */
		if (!one.warning)
			m->nerrors++;
		return;
	}
	if ((m->n & (m->n - 1)) == 0)
		m->v = arena_grow(a, m->v, m->n * sizeof(*m->v),
		    (m->n == 0 ? 1 : 2 * m->n) * sizeof(*m->v));
	m->v[m->n++] = one;
	if (!one.warning)
		m->nerrors++;
}

static struct str format(struct arena *, const char *fmt, va_list)
    __attribute__((format(printf, 2, 0)));

static struct str
format(struct arena *a, const char *fmt, va_list ap)
{
	struct buf b;
	struct str text;

	buf_init(&b, 4096);
	buf_vprintf(&b, fmt, ap);
	text = str_dup(a, b.overflow ? str_c(fmt) : buf_str(&b));
	buf_free(&b);
	return text;
}

void
conf_error(struct arena *a, struct conf_messages *m, struct conf_place at,
    const char *fmt, ...)
{
	struct conf_message one = {
		.file = at.file,
		.line = at.line,
		.column = at.column,
	};
	va_list ap;

	va_start(ap, fmt);
	one.text = format(a, fmt, ap);
	va_end(ap);
	add(a, m, one);
}

void
conf_warning(struct arena *a, struct conf_messages *m, struct conf_place at,
    const char *fmt, ...)
{
	struct conf_message one = {
		.file = at.file,
		.line = at.line,
		.column = at.column,
		.warning = true,
	};
	va_list ap;

	va_start(ap, fmt);
	one.text = format(a, fmt, ap);
	va_end(ap);
	add(a, m, one);
}

const char *
conf_quote(struct arena *a, struct str s)
{
	enum { SHOWN = 72 };
	size_t n = s.len < SHOWN ? s.len : SHOWN;
	char *out = arena_alloc(a, n + sizeof("\"...\""));
	char *p = out;

	*p++ = '"';
	for (size_t i = 0; i < n; i++) {
		bool plain = (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f;

		*p++ = plain ? s.p[i] : '?';
	}
	memcpy(p, n < s.len ? "...\"" : "\"", n < s.len ? 4 : 1);
	return out;
}

static void
print_one(const struct conf_message *one, struct buf *out)
{
	buf_adds(out, one->file);
	if (one->line != 0)
		buf_printf(out, ":%u", one->line);
	if (one->column != 0)
		buf_printf(out, ":%u", one->column);
	buf_printf(out, ": %s: ", one->warning ? "warning" : "error");
	buf_adds(out, one->text);
	buf_addc(out, '\n');
}

void
conf_messages_print(const struct conf_messages *m, struct buf *out)
{
	size_t errors = 0;

	for (size_t i = 0; i < m->n; i++) {
		print_one(&m->v[i], out);
		errors += !m->v[i].warning;
	}
	if (errors < m->nerrors)
		buf_printf(out, "(%zu more errors)\n", m->nerrors - errors);
}
