/*
 * account_file: the lines of tamis-mailboxes, read and changed. Knows their
 * form, not what they mean for a mailbox, nor whether there is one.
 */
#include "mailstore/account_file.h"

#include <errno.h>

#include "lib/arena.h"
#include "mailstore/control.h"

static const struct control_file file = {
	.name = "tamis-mailboxes",
	.lock = "tamis-mailboxes.lock",
	.max = 4 << 20,
	.stale_s = 30,
};
static const struct str first_line = STR("tamis-mailboxes 1");

static const struct kind {
	struct str word;
	unsigned nfields;  /* the last is the value, the others are the key */
	unsigned caseless; /* bit for each field whose case does not count */
} kinds[ACCOUNT_NKINDS] = {
	[ACCOUNT_USE] = { STR("special-use"), 2, 1 << 0 },
	[ACCOUNT_ID] = { STR("id"), 2, 0 },
	[ACCOUNT_METADATA] = { STR("metadata"), 3, 1 << 1 },
};

/* --- fields -------------------------------------------------------------- */

static bool
is_special(char c)
{
	return c == '%' || (unsigned char)c < ' ' || c == 0x7f;
}

static void
put_field(struct buf *b, struct str field)
{
	for (size_t i = 0; i < field.len; i++)
		if (is_special(field.p[i]))
			buf_printf(b, "%%%02X", (unsigned char)field.p[i]);
		else
			buf_addc(b, field.p[i]);
}

/* false: it is not well-formed */
static bool
get_field(struct arena *a, struct str text, struct str *out)
{
	char *p = arena_alloc(a, text.len + 1), *start = p;

	for (size_t i = 0; i < text.len; i++) {
		int high, low;

		if (text.p[i] != '%') {
			*p++ = text.p[i];
			continue;
		}
		if (text.len - i < 3)
			return false;
		high = ascii_hex_value(text.p[i + 1]);
		low = ascii_hex_value(text.p[i + 2]);
		if (high < 0 || low < 0)
			return false;
		*p++ = (char)(high << 4 | low);
		i += 2;
	}
	*out = str_from(start, (size_t)(p - start));
	return true;
}

static bool
get_kind(struct str word, enum account_kind *out)
{
	for (unsigned i = 0; i < ACCOUNT_NKINDS; i++)
		if (str_eq(word, kinds[i].word)) {
			*out = (enum account_kind)i;
			return true;
		}
	return false;
}

/* false: none of ours */
static bool
get_line(struct arena *a, struct str text, struct account_line *out)
{
	struct str part;
	unsigned n = 0;

	*out = (struct account_line){ 0 };
	if (!str_cut(&text, '\t', &part) || !get_kind(part, &out->kind))
		return false;
	while (str_cut(&text, '\t', &part)) {
		if (n == kinds[out->kind].nfields ||
		    !get_field(a, part, &out->field[n]))
			return false;
		n++;
	}
	return n == kinds[out->kind].nfields;
}

static bool
same_key(const struct account_line *x, const struct account_line *y)
{
	const struct kind *kind = &kinds[x->kind];

	if (x->kind != y->kind)
		return false;
	for (unsigned i = 0; i + 1 < kind->nfields; i++)
		if (kind->caseless >> i & 1
			? !str_caseeq(x->field[i], y->field[i])
			: !str_eq(x->field[i], y->field[i]))
			return false;
	return true;
}

/* --- reading ------------------------------------------------------------- */

static void
add_line(struct arena *a, struct account_lines *lines, struct account_line line)
{
	size_t n = lines->n;

	if ((n & (n - 1)) == 0)
		lines->v = arena_grow(a, lines->v, n * sizeof(line),
		    (n == 0 ? 1 : 2 * n) * sizeof(line));
	lines->v[lines->n++] = line;
}

bool
account_file_read(
    struct arena *a, int rootfd, struct account_lines *out, struct fail *why)
{
	struct str rest, text;
	struct account_line line;
	time_t mtime;

	*out = (struct account_lines){ 0 };
	if (!control_read(rootfd, &file, a, &rest, &mtime))
		return fail_errno(why, errno, "read %s", file.name);
	while (control_line(&rest, &text))
		if (get_line(a, text, &line))
			add_line(a, out, line);
	return true;
}

const struct account_line *
account_find_line(const struct account_lines *lines, enum account_kind kind,
    struct str key0, struct str key1)
{
	const struct account_line wanted = { kind, { key0, key1 } };
	const struct account_line *found = NULL;

	for (size_t i = 0; i < lines->n; i++)
		if (same_key(&lines->v[i], &wanted))
			found = &lines->v[i];
	return found;
}

/* --- changing ------------------------------------------------------------ */

struct change {
	const struct account_line *line;
	enum account_change how;
	bool too_long;
};

static void
put_line(struct buf *b, const struct account_line *line)
{
	buf_adds(b, kinds[line->kind].word);
	for (unsigned i = 0; i < kinds[line->kind].nfields; i++) {
		buf_addc(b, '\t');
		put_field(b, line->field[i]);
	}
	buf_addc(b, '\n');
}

static bool
change(void *ctx, struct arena *a, struct str was, struct str *now)
{
	struct change *c = ctx;
	struct account_line line;
	struct str rest = was, text;
	struct buf b;
	bool ok, had = false;

	buf_init(&b, file.max);
	if (was.len == 0) {
		buf_adds(&b, first_line);
		buf_addc(&b, '\n');
	}
	while (control_line(&rest, &text)) {
		if (get_line(a, text, &line) && same_key(&line, c->line)) {
			had = true;
			if (c->how != ACCOUNT_ADD)
				continue;
		}
		buf_adds(&b, text);
		buf_addc(&b, '\n');
	}
	if (c->how == ACCOUNT_SET || (c->how == ACCOUNT_ADD && !had))
		put_line(&b, c->line);
	*now = str_dup(a, buf_str(&b));
	c->too_long = b.overflow;
	ok = !b.overflow && !str_eq(*now, was);
	buf_free(&b);
	return ok;
}

bool
account_file_set(struct arena *a, int rootfd, const struct account_line *line,
    enum account_change how, int64_t *budget_ms, struct fail *why)
{
	struct change c = { line, how, false };
	bool ok = control_edit(rootfd, &file, a, budget_ms, change, &c);

	if (ok && !c.too_long)
		return true;
	return fail_errno(why, ok ? EFBIG : errno, "change %s", file.name);
}
