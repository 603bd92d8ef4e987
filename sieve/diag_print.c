/*
 * diag_print: how errors and warnings look to somebody at a terminal. What
 * the script holds is shown without what a terminal would obey.
 */
#include "lib/arena.h"
#include "sieve/program.h"

enum {
	WINDOW = 72, /* octets of a line that are shown */
	BEFORE = 48, /* of them in front of the place */
};

static struct str
line_at(struct str text, uint32_t number)
{
	struct str line = STR("");

	while (number-- > 0)
		if (!str_cut(&text, '\n', &line))
			return S("");
	if (str_ends(line, S("\r")))
		line.len--;
	return line;
}

static bool
is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The next place at or behind i where a character begins. */
static size_t
boundary(struct str s, size_t i)
{
	while (i < s.len && is_inside(s.p[i]))
		i++;
	return i < s.len ? i : s.len;
}

/* U+0080 to U+009F are control characters, too. */
static bool
is_c1(struct str s, size_t i)
{
	return (unsigned char)s.p[i] == 0xc2 && i + 1 < s.len &&
	       (unsigned char)s.p[i + 1] < 0xa0;
}

static struct str
clean(struct arena *arena, struct str s)
{
	bool utf8 = str_is_utf8(s);
	char *p = str_cstr(arena, s);

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f ||
		    (c >= 0x80 && !utf8))
			p[i] = '?';
		else if (utf8 && is_c1(s, i))
			p[i] = p[i + 1] = '?';
	}
	return str_from(p, s.len);
}

struct sieve_source
sieve_error_source(
    struct arena *arena, const struct sieve_error *e, struct str text)
{
	struct str line = line_at(text, e->line);
	size_t at = e->column > 0 ? e->column - 1 : 0, from = 0, to;

	if (at > line.len)
		at = line.len;
	if (line.len > WINDOW && at > BEFORE)
		from = boundary(line, at - BEFORE);
	to = boundary(line, from + WINDOW);
	return (struct sieve_source){
		.line = clean(arena, str_sub(line, from, to)),
		.caret = at - from,
		.cut_l = from > 0,
		.cut_r = to < line.len,
	};
}

/* Blanks as wide as what stands above them. */
static void
add_indent(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_inside(s.p[i]))
			buf_addc(out, s.p[i] == '\t' ? '\t' : ' ');
}

static void
print_source(const struct sieve_error *e, struct str text, struct buf *out)
{
	struct arena *scratch = arena_new("source line", 0);
	struct sieve_source s = sieve_error_source(scratch, e, text);
	const char *left = s.cut_l ? "..." : "";

	buf_printf(out, "    %s", left);
	buf_adds(out, s.line);
	buf_printf(
	    out, "%s\n    %s", s.cut_r ? "..." : "", s.cut_l ? "   " : "");
	add_indent(out, str_sub(s.line, 0, s.caret));
	buf_adds(out, S("^\n"));
	arena_free(scratch);
}

static void
print_one(const struct sieve_error *e, struct str name, struct buf *out)
{
	buf_adds(out, name);
	buf_printf(out, ":%u:%u: %s: ", e->line, e->column,
	    e->warning != NULL ? "warning" : "error");
	buf_adds(out, e->text);
	if (e->hint.len > 0) {
		buf_adds(out, S(" ("));
		buf_adds(out, e->hint);
		buf_addc(out, ')');
	}
	if (e->warning != NULL)
		buf_printf(out, " [%s]", e->warning);
	buf_addc(out, '\n');
}

void
sieve_errors_print(const struct sieve_errors *errors, struct str name,
    struct str text, struct buf *out)
{
	for (size_t i = 0; i < errors->n; i++) {
		print_one(&errors->v[i], name, out);
		if (text.len > 0)
			print_source(&errors->v[i], text, out);
	}
	if (errors->more) {
		buf_adds(out, name);
		buf_adds(out, S(": error: too many errors, stopped here\n"));
	}
}
