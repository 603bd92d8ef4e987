/*
 * compose: knows how a message is written so that every MTA takes it and
 * every reader reads it; not what is said in it.
 *   RFC 5322 s. 3.6, RFC 2045 s. 6.7, RFC 2046 s. 4.1
 */
#include "actions/compose.h"

#include "lib/address.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/header.h"

enum {
	LINE_LIMIT = 998,  /* octets of a line: RFC 5322 s. 2.1.1 */
	QP_LIMIT = 76,     /* of an encoded one: RFC 2045 s. 6.7 */
	SHORT_MAX = 256,   /* characters */
	VALUE_MAX = 10000, /* octets of a value; the rest is left out */
	REFERENCES_MAX = 2000,
};

void
compose_begin(struct compose *c, struct arena *arena)
{
	c->arena = arena;
	buf_init(&c->bytes, COMPOSE_MAX);
}

/* At most so many octets, and no part of a character. */
static struct str
cut(struct str s, size_t max)
{
	size_t n = s.len < max ? s.len : max;

	while (n > 0 && n < s.len && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

static struct str
one_line(struct arena *arena, struct str value)
{
	char *p;

	value = cut(value, VALUE_MAX);
	p = arena_strndup(arena, value.p, value.len);
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return str_trim(str_from(p, value.len));
}

void
compose_field(struct compose *c, struct str name, struct str value)
{
	value = one_line(c->arena, value);
	if (value.len > 0)
		buf_adds(
		    &c->bytes, header_format(c->arena, name, value, S("\n")));
}

static bool
is_atoms(struct str phrase)
{
	for (size_t i = 0; i < phrase.len; i++)
		if (!ascii_is_alnum(phrase.p[i]) && phrase.p[i] != ' ' &&
		    phrase.p[i] != '-' && phrase.p[i] != '_')
			return false;
	return true;
}

/* An address whose phrase can stand in a header as it is. */
static void
add_address(struct buf *out, const struct address *a)
{
	if (out->len > 0)
		buf_adds(out, S(", "));
	if (a->display.len == 0) {
		buf_adds(out, a->text);
		return;
	}
	if (is_atoms(a->display) || !str_is_ascii(a->display)) {
		buf_adds(out, a->display); /* else it is encoded as words */
	} else {
		buf_addc(out, '"');
		for (size_t i = 0; i < a->display.len; i++) {
			if (a->display.p[i] == '"' || a->display.p[i] == '\\')
				buf_addc(out, '\\');
			buf_addc(out, a->display.p[i]);
		}
		buf_addc(out, '"');
	}
	buf_adds(out, S(" <"));
	buf_adds(out, a->text);
	buf_addc(out, '>');
}

void
compose_addresses(struct compose *c, struct str name, struct str list)
{
	struct address_list parsed =
	    address_parse_list(c->arena, one_line(c->arena, list));
	struct buf out;

	buf_init(&out, VALUE_MAX);
	for (size_t i = 0; i < parsed.n; i++)
		if (parsed.v[i].valid)
			add_address(&out, &parsed.v[i]);
	compose_field(c, name, buf_str(&out));
	buf_free(&out);
}

void
compose_address(struct compose *c, struct str name, const struct address *a)
{
	struct buf out;

	buf_init(&out, VALUE_MAX);
	add_address(&out, a);
	compose_field(c, name, buf_str(&out));
	buf_free(&out);
}

struct str
compose_header_of(const struct delivery *dy, struct str name)
{
	uint32_t i = message_find(dy->msg, name);

	if (i == MESSAGE_NONE)
		return S("");
	return header_decode(dy->scratch, dy->msg, message_field(dy->msg, i));
}

/* "<...>" without blanks or control characters. */
static bool
is_msg_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if ((unsigned char)id.p[i] <= 0x20 ||
		    (unsigned char)id.p[i] >= 0x7f)
			return false;
	return id.len > 2 && id.len < LINE_LIMIT - 20 && id.p[0] == '<' &&
	       id.p[id.len - 1] == '>';
}

/* References of an answer are those of the message and its id; of very many
 * the last count. */
static void
add_thread(struct compose *c, const struct delivery *dy)
{
	struct str id = compose_header_of(dy, S("Message-ID"));
	struct str old = compose_header_of(dy, S("References"));
	ssize_t first;

	if (!is_msg_id(id))
		return;
	if (old.len == 0)
		old = compose_header_of(dy, S("In-Reply-To"));
	if (old.len > REFERENCES_MAX)
		old = str_from_offset(old, old.len - REFERENCES_MAX);
	first = str_chr(old, '<');
	old = first < 0 || !str_is_ascii(old)
	          ? S("")
	          : str_from_offset(old, (size_t)first);
	compose_field(c, S("In-Reply-To"), id);
	compose_field(c, S("References"),
	    str_printf(c->arena, "%.*s %.*s", STR_ARG(old), STR_ARG(id)));
}

void
compose_standard(struct compose *c, const struct delivery *dy,
    const struct effect *e, char what)
{
	char date[CLOCK_RFC5322_LEN];
	struct str host = dy->tools->options->hostname;

	clock_rfc5322(dy->txn->start_us, date);
	compose_field(c, S("Date"), str_c(date));
	compose_field(c, S("Message-ID"),
	    str_printf(c->arena, "<tamis-%c%.*s-%u-%u@%.*s>", what,
		STR_ARG(dy->txn->id), dy->to->index, e->seq, STR_ARG(host)));
	add_thread(c, dy);
}

/* --- bodies ------------------------------------------------------------- */

/* CRLF and lone CR are line ends like LF. */
void
compose_lines(struct compose *c, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char ch = text.p[i];

		if (ch == '\r' && i + 1 < text.len && text.p[i + 1] == '\n')
			continue;
		buf_addc(&c->bytes, ch == '\r' ? '\n' : ch);
	}
	if (text.len > 0 && text.p[text.len - 1] != '\n')
		buf_addc(&c->bytes, '\n');
}

static bool
is_plain(struct str text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char ch = (unsigned char)text.p[i];

		line = ch == '\n' ? 0 : line + 1;
		if (ch >= 0x7f || line > LINE_LIMIT ||
		    (ch < 0x20 && ch != '\t' && ch != '\n' && ch != '\r'))
			return false;
	}
	return true;
}

/* How many octets the next character takes, as quoted-printable. */
static size_t
qp_width(struct str text, size_t i)
{
	unsigned char ch = (unsigned char)text.p[i];
	bool ends =
	    i + 1 == text.len || text.p[i + 1] == '\n' || text.p[i + 1] == '\r';

	if (ch == ' ' || ch == '\t')
		return ends ? 3 : 1;
	return ch > 0x20 && ch < 0x7f && ch != '=' ? 1 : 3;
}

static void
add_quoted_printable(struct buf *out, struct str text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char ch = (unsigned char)text.p[i];
		size_t width;

		if (ch == '\r' && i + 1 < text.len && text.p[i + 1] == '\n')
			continue;
		if (ch == '\n' || ch == '\r') {
			buf_addc(out, '\n');
			line = 0;
			continue;
		}
		width = qp_width(text, i);
		if (line + width > QP_LIMIT - 1) {
			buf_adds(out, S("=\n"));
			line = 0;
		}
		if (width == 1)
			buf_addc(out, (char)ch);
		else
			buf_printf(out, "=%02X", ch);
		line += width;
	}
	if (line > 0)
		buf_addc(out, '\n');
}

void
compose_text(struct compose *c, struct str text)
{
	compose_field(c, S("MIME-Version"), S("1.0"));
	compose_part(c, text);
}

void
compose_part(struct compose *c, struct str text)
{
	bool plain = is_plain(text);

	compose_field(c, S("Content-Type"), S("text/plain; charset=utf-8"));
	compose_field(c, S("Content-Transfer-Encoding"),
	    plain ? S("7bit") : S("quoted-printable"));
	buf_addc(&c->bytes, '\n');
	if (plain)
		compose_lines(c, text);
	else
		add_quoted_printable(&c->bytes, text);
}

void
compose_entity(struct compose *c, struct str entity)
{
	compose_field(c, S("MIME-Version"), S("1.0"));
	compose_lines(c, entity);
}

struct str
compose_end(struct compose *c)
{
	struct str bytes = str_dup(c->arena, buf_str(&c->bytes));

	buf_free(&c->bytes);
	return bytes;
}

struct str
compose_short(struct arena *arena, struct str text)
{
	size_t n = 0, last = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (((unsigned char)text.p[i] & 0xc0) == 0x80)
			continue;
		if (++n == SHORT_MAX)
			last = i;
		else if (n > SHORT_MAX)
			return str_printf(arena, "%.*s\xe2\x80\xa6",
			    STR_ARG(str_sub(text, 0, last)));
	}
	return text;
}

/* --- who ---------------------------------------------------------------- */

struct str
compose_owner(struct delivery *dy, bool detail)
{
	struct str text = dy->to->rcpt.address, local = text;
	struct str domain = dy->tools->default_domain;
	ssize_t at = str_rchr(text, '@'), plus;

	if (at >= 0) {
		local = str_sub(text, 0, (size_t)at);
		domain = str_from_offset(text, (size_t)at + 1);
	} else if (str_eq(domain, S("internal"))) {
		domain = dy->tools->options->hostname;
	}
	plus = str_chr(local, '+');
	if (!detail && plus > 0 && dy->to->rcpt.detail.len > 0)
		local = str_sub(local, 0, (size_t)plus);
	return str_printf(
	    dy->arena, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
}
