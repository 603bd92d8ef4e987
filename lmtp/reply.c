/*
 * reply: knows the form of a reply, not what is said when.
 */
#include "lmtp/reply.h"

enum {
	TEXT_MAX = 400,
	ADDR_MAX = 256,
	WHERE_MAX = 192,
	REFUSED_LINES = 32,
	REFUSED_OCTETS = 4000,
};

/* RFC 5321 s. 4.2: textstring is HT and printable ASCII. */
static void
add_clean(struct buf *out, struct str text, bool utf8)
{
	utf8 = utf8 && str_is_utf8(text);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool bad = c < 0x20 || c == 0x7f || (c > 0x7f && !utf8);

		buf_addc(out, bad ? '?' : (char)c);
	}
}

/* At most max octets, not cut within a character of UTF-8. */
static struct str
at_most(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_sub(s, 0, max);
}

static void
add_head(struct buf *out, int code, char sep, const char *status)
{
	buf_printf(out, "%d%c", code, sep);
	if (status != NULL)
		buf_printf(out, "%s ", status);
}

static void
add_line(struct buf *out, int code, char sep, const char *status, struct str s,
    bool utf8)
{
	add_head(out, code, sep, status);
	add_clean(out, s, utf8);
	buf_adds(out, S("\r\n"));
}

/* How much of text fits on a line: up to a blank when there is one. */
static size_t
line_part(struct str text)
{
	ssize_t blank;

	if (text.len <= TEXT_MAX)
		return text.len;
	blank = str_rchr(str_sub(text, 0, TEXT_MAX), ' ');
	return blank > 0 ? (size_t)blank : at_most(text, TEXT_MAX).len;
}

static void
add_reply(
    struct buf *out, int code, const char *status, struct str text, bool utf8)
{
	size_t part = line_part(text);

	/* RFC 2034 s. 4: each line of a reply carries the status. */
	while (part < text.len) {
		add_line(out, code, '-', status, str_sub(text, 0, part), utf8);
		text = str_from_offset(text, part + (text.p[part] == ' '));
		part = line_part(text);
	}
	add_line(out, code, ' ', status, text, utf8);
}

void
reply(struct buf *out, int code, const char *status, struct str text)
{
	add_reply(out, code, status, text, false);
}

void
reply_list(struct buf *out, int code, const struct str *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_line(out, code, i + 1 < n ? '-' : ' ', NULL,
		    str_sub(text[i], 0, TEXT_MAX), false);
}

static bool
is_sane(const struct fail *why)
{
	int class = why->code / 100;

	return (class == 4 || class == 5) && why->status[0] == '0' + class &&
	       memchr(why->status, '\0', sizeof(why->status)) != NULL;
}

void
reply_fail(struct buf *out, const struct fail *why, bool utf8)
{
	struct str text =
	    str_from(why->text, strnlen(why->text, sizeof(why->text)));

	if (is_sane(why))
		add_reply(out, why->code, why->status, text, utf8);
	else
		add_reply(out, 451, "4.3.0", text, utf8);
}

/* One line of several: like reply(), and more follows. */
static void
part_of_reply(
    struct buf *out, const struct fail *why, struct str text, bool utf8)
{
	size_t part;

	do {
		part = line_part(text);
		add_line(out, why->code, '-', why->status,
		    str_sub(text, 0, part), utf8);
		text = str_from_offset(
		    text, part + (part < text.len && text.p[part] == ' '));
	} while (text.len > 0);
}

void
reply_refused(
    struct buf *out, const struct fail *why, struct str text, bool utf8)
{
	struct str rest = str_trim(at_most(text, REFUSED_OCTETS)), line;
	unsigned n = 0;

	if (rest.len == 0 || !is_sane(why)) {
		reply_fail(out, why, utf8);
		return;
	}
	while (
	    str_cut(&rest, '\n', &line) && ++n < REFUSED_LINES && rest.len > 0)
		part_of_reply(out, why, str_trim(line), utf8);
	add_reply(out, why->code, why->status, str_trim(line), utf8);
}

void
reply_delivered(struct buf *out, struct str addr, const char *id,
    struct str where, bool utf8)
{
	add_head(out, 250, ' ', "2.1.5");
	buf_addc(out, '<');
	add_clean(out, at_most(addr, ADDR_MAX), utf8);
	buf_addc(out, '>');
	buf_printf(out, " %s", id);
	if (where.len > 0)
		buf_addc(out, ' ');
	add_clean(out, at_most(where, WHERE_MAX), utf8);
	buf_adds(out, S("\r\n"));
}
