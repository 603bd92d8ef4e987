/*
 * subscription: the lists of subscribed mailboxes, as Dovecot and as Courier
 * keep them at the root of a Maildir. Knows their lines; a mailbox that is
 * gone may stay in a list, as IMAP wants it (RFC 3501 s. 6.3.6).
 */
#include "mailstore/subscription.h"

#include <errno.h>

#include "lib/arena.h"
#include "mailstore/control.h"
#include "mailstore/mailstore.h"

static const struct control_file dovecot_file = {
	.name = "subscriptions",
	.lock = "subscriptions.lock",
	.max = 4 << 20,
	.stale_s = 30,
};
static const struct control_file courier_file = {
	.name = "courierimapsubscribed",
	.lock = "courierimapsubscribed.lock",
	.max = 4 << 20,
	.stale_s = 30,
};

static struct str
with_separator(struct arena *a, struct str mutf7, char sep)
{
	char *p = arena_strndup(a, mutf7.p, mutf7.len);

	for (size_t i = 0; i < mutf7.len; i++)
		if (p[i] == '/')
			p[i] = sep;
	return str_from(p, mutf7.len);
}

static struct str
dovecot_line(struct arena *a, enum mailbox_layout layout, struct str was,
    struct str name)
{
	bool v1 = was.len > 0 && !str_starts(was, S("V\t"));
	char sep = !v1 ? '\t' : layout == LAYOUT_FS ? '/' : '.';

	return with_separator(a, name, sep);
}

/* Courier knows one layout; everything is below INBOX. */
static struct str
courier_line(struct arena *a, enum mailbox_layout layout, struct str was,
    struct str name)
{
	struct str part[] = { S("INBOX."), with_separator(a, name, '.') };

	(void)layout;
	(void)was;
	return str_eq(name, S("INBOX")) ? name : str_join(a, part, 2);
}

static const struct format {
	const struct control_file *file;
	struct str (*line)(struct arena *, enum mailbox_layout, struct str was,
	    struct str name);
	struct str begin; /* of a new file */
} formats[] = {
	/* version 2: TABs between levels */
	{ &dovecot_file, dovecot_line, STR("V\t2\n\n") },
	{ &courier_file, courier_line, STR("") },
};
enum { NFORMATS = sizeof(formats) / sizeof(formats[0]) };

struct wish {
	const struct format *format;
	enum mailbox_layout layout;
	struct str name; /* modified UTF-7, '/' between levels */
	bool on;
};

/* Every other line stays as it is; *had: this one was there. */
static void
copy_lines(struct buf *b, struct str was, struct str line, bool on, bool *had)
{
	struct str rest = was, next;

	*had = false;
	while (control_line(&rest, &next)) {
		bool same = str_eq(next, line);

		*had |= same;
		if (same && !on)
			continue;
		buf_adds(b, next);
		buf_addc(b, '\n');
	}
}

static bool
edit(void *ctx, struct arena *a, struct str was, struct str *now)
{
	const struct wish *w = ctx;
	struct str line = w->format->line(a, w->layout, was, w->name);
	struct buf b;
	bool had, ok;

	buf_init(&b, w->format->file->max);
	if (was.len == 0)
		buf_adds(&b, w->format->begin);
	copy_lines(&b, was, line, w->on, &had);
	if (!had && w->on) {
		buf_adds(&b, line);
		buf_addc(&b, '\n');
	}
	*now = str_dup(a, buf_str(&b));
	ok = had != w->on && !b.overflow;
	buf_free(&b);
	return ok;
}

bool
subscription_set(struct arena *a, const struct store_options *options,
    int rootfd, struct str mailbox, bool on, int64_t *budget_ms,
    struct fail *why)
{
	bool wanted[NFORMATS] = { options->subscribe_dovecot,
		options->subscribe_courier };
	struct wish w = { .layout = options->layout, .on = on };

	if (!mutf7_encode(a, mailbox, &w.name))
		return fail_errno(why, EINVAL, "subscribe");
	for (size_t i = 0; i < NFORMATS; i++) {
		w.format = &formats[i];
		if (wanted[i] && !control_edit(rootfd, w.format->file, a,
				     budget_ms, edit, &w))
			return fail_errno(
			    why, errno, "change %s", w.format->file->name);
	}
	return true;
}

/* --- reading ------------------------------------------------------------- */

/* A name as we write it; false: none of ours. */
static bool
read_name(struct arena *a, enum mailbox_layout layout, struct str line,
    struct str *out)
{
	struct fail ignored;
	char *p = arena_strndup(a, line.p, line.len);
	char sep = str_chr(line, '\t') >= 0 ? '\t'
	           : layout == LAYOUT_FS    ? '/'
	                                    : '.';

	for (size_t i = 0; i < line.len; i++)
		if (p[i] == sep)
			p[i] = '/';
	return mutf7_decode(a, str_from(p, line.len), out) &&
	       mailbox_name(a, layout, *out, '/', out, &ignored);
}

bool
subscription_list(struct arena *a, const struct store_options *options,
    int rootfd, struct strlist *out, struct fail *why)
{
	const struct control_file *file =
	    options->subscribe_dovecot || !options->subscribe_courier
		? &dovecot_file
		: &courier_file;
	struct str text, line, name;
	time_t mtime;

	*out = (struct strlist){ 0 };
	if (!control_read(rootfd, file, a, &text, &mtime))
		return fail_errno(why, errno, "read %s", file->name);
	if (str_starts(text, formats[0].begin))
		text = str_from_offset(text, formats[0].begin.len);
	while (control_line(&text, &line))
		if (line.len > 0 && read_name(a, options->layout, line, &name))
			strlist_add(a, out, name);
	return true;
}
