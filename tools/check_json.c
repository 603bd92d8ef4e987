/*
 * check_json: knows how text becomes a JSON string (RFC 8259 s. 7), and the
 * keys of an object; nothing of Sieve.
 */
#include "tools/check_json.h"

#include <unistd.h>

#include "lib/arena.h"
#include "tools/tamis.h"

/* Octets of the UTF-8 character at s[i]; 0: there is none. */
static size_t
character(struct str s, size_t i)
{
	for (size_t n = 1; n <= 4 && i + n <= s.len; n++)
		if (str_is_utf8(str_sub(s, i, i + n)))
			return n;
	return 0;
}

/* Those of C1, too: a terminal may be at the other end. */
static bool
is_control(struct str s, size_t i, unsigned *code)
{
	unsigned char c = (unsigned char)s.p[i];

	*code = c;
	if (c == 0xc2 && (unsigned char)s.p[i + 1] < 0xa0)
		*code = (unsigned char)s.p[i + 1];
	else if (c >= 0x20 && c != 0x7f)
		return false;
	return true;
}

static void
add_string(struct buf *out, struct str s)
{
	unsigned code;
	size_t n;

	buf_addc(out, '"');
	for (size_t i = 0; i < s.len; i += n) {
		n = character(s, i);
		if (n == 0) {
			buf_adds(out, S("\\ufffd"));
			n = 1;
		} else if (is_control(s, i, &code)) {
			buf_printf(out, "\\u%04x", code);
		} else {
			if (s.p[i] == '"' || s.p[i] == '\\')
				buf_addc(out, '\\');
			buf_adds(out, str_sub(s, i, i + n));
		}
	}
	buf_addc(out, '"');
}

static void
add_member(struct buf *out, const char *key, struct str value)
{
	buf_printf(out, ", \"%s\": ", key);
	add_string(out, value);
}

static void
add_object(struct check_json *j, const char *file, struct str source,
    const char *name, const struct sieve_error *e)
{
	struct buf *out = &j->out;

	buf_adds(out, j->any ? S(",\n{\"file\": ") : S("\n{\"file\": "));
	j->any = true;
	add_string(out, str_c(file));
	buf_printf(out, ", \"line\": %u, \"column\": %u", e->line, e->column);
	add_member(
	    out, "severity", e->warning != NULL ? S("warning") : S("error"));
	add_member(out, "name", str_c(name));
	add_member(out, "message", e->text);
	add_member(out, "hint", e->hint);
	add_member(out, "source", source);
	buf_addc(out, '}');
}

void
check_json_begin(struct check_json *j)
{
	buf_init(&j->out, SIZE_MAX);
	j->any = false;
	buf_addc(&j->out, '[');
}

void
check_json_add(struct check_json *j, const char *file, struct str text,
    const struct sieve_errors *errors)
{
	struct arena *scratch = arena_new("source lines", 0);

	for (size_t i = 0; i < errors->n; i++) {
		const struct sieve_error *e = &errors->v[i];
		const char *name = e->syntax ? "syntax" : "script";

		if (e->warning != NULL)
			name = e->warning;
		add_object(j, file, sieve_error_source(scratch, e, text).line,
		    name, e);
	}
	arena_free(scratch);
}

void
check_json_unreadable(struct check_json *j, const char *file, const char *why)
{
	const struct sieve_error e = { .text = str_c(why) };

	add_object(j, file, S(""), "unreadable", &e);
}

bool
check_json_end(struct check_json *j)
{
	bool ok;

	buf_adds(&j->out, j->any ? S("\n]\n") : S("]\n"));
	ok = tamis_write(STDOUT_FILENO, buf_str(&j->out));
	buf_free(&j->out);
	return ok;
}
