/*
 * trace: knows how Received is written, and that a peer may say anything.
 */
#include "lmtp/trace.h"

#include "lib/arena.h"
#include "lib/clock.h"

/* Letters, digits, hyphens and underscores in parts joined by dots. */
static bool
is_domain(struct str s)
{
	char last = '.';

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '.' ? last == '.'
			     : !ascii_is_alnum(c) && c != '-' && c != '_')
			return false;
		last = c;
	}
	return s.len > 0 && last != '.';
}

static bool
is_literal(struct str s)
{
	if (s.len < 3 || s.p[0] != '[' || s.p[s.len - 1] != ']')
		return false;
	for (size_t i = 1; i + 1 < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != ':' &&
		    s.p[i] != '-')
			return false;
	return true;
}

/* RFC 5322 s. 3.2.2: ccontent, whatever s holds. */
static void
add_comment_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '(' || c == ')' || c == '\\')
			buf_addc(out, '\\');
		buf_addc(out, c < 0x20 || c >= 0x7f ? '?' : (char)c);
	}
}

static void
add_from(struct buf *out, const struct trace *t)
{
	bool known = is_domain(t->lhlo) || is_literal(t->lhlo);

	buf_adds(out, S("Received: from "));
	buf_adds(out, known ? t->lhlo : S("unknown"));
	buf_adds(out, S(" ("));
	add_comment_text(out, t->peer);
	if (!known) {
		buf_adds(out, S(", LHLO "));
		add_comment_text(out, t->lhlo);
	}
	buf_adds(out, S(")\n"));
}

static void
add_by(struct buf *out, const struct trace *t)
{
	buf_adds(out, S("\tby "));
	buf_adds(out, t->servername);
	if (t->product.len > 0) {
		buf_adds(out, S(" ("));
		add_comment_text(out, t->product);
		buf_addc(out, ')');
	}
}

struct str
trace_lines(const struct txn *txn, const struct trace *t)
{
	char date[CLOCK_RFC5322_LEN];
	struct buf out;
	struct str lines;

	clock_rfc5322(txn->start_us, date);
	buf_init(&out, SIZE_MAX / 2);
	buf_adds(&out, S("Return-Path: <"));
	buf_adds(&out, txn->sender);
	buf_adds(&out, S(">\n"));
	add_from(&out, t);
	add_by(&out, t);
	/* RFC 3848, RFC 6531 s. 4.3 */
	buf_printf(&out, " with %sLMTP%s%s id %s;\n\t%s\n",
	    txn->utf8 ? "UTF8" : "", t->tls ? "S" : "", t->auth ? "A" : "",
	    txn->id, date);
	lines = str_dup(txn->arena, buf_str(&out));
	buf_free(&out);
	return lines;
}
