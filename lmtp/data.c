/*
 * data: decides where a message ends and in which form it is stored: with
 * LF when all its line ends are CRLF and it holds no NUL, else as received.
 * Knows no replies.
 */
#include "lmtp/data.h"

#include "lib/arena.h"
#include "lib/log.h"
#include "lmtp/filter.h"

enum { BLOCK = 65536 }; /* octets to the spool at a time */

enum unclean {
	UNCLEAN_NUL = 1,
	UNCLEAN_CR = 2, /* without LF behind it */
	UNCLEAN_LF = 4, /* without CR before it */
};

enum state {
	LINE_START, /* after CRLF, and at the very start */
	DOT,        /* "." at a line start, held back */
	DOT_CR,     /* ".CR" at a line start, held back */
	IN_LINE,
	CR, /* held back */
};

struct data {
	struct txn *txn;
	uint64_t max_size;
	uint64_t octets; /* received, after unstuffing */
	enum state state;
	bool chunked; /* dots are octets like others */
	unsigned unclean;
	size_t trace_lines;
	struct filter filter;
	struct fail why;
	/* While data_push runs: what goes to the spool next. */
	char *block;
	size_t fill;
};

/* What is being pushed, and where its next LF is. */
struct input {
	const char *p;
	size_t n, at, lf;
};

static void
fail_message(struct data *d)
{
	spool_free(d->txn->spool);
	d->txn->spool = NULL;
	d->fill = 0;
}

static void
flush(struct data *d)
{
	size_t n = d->fill;

	d->fill = 0;
	if (d->txn->spool == NULL || n == 0)
		return;
	if (!spool_write(d->txn->spool, d->block, n, &d->why))
		fail_message(d);
}

static void
store(struct data *d, struct str s)
{
	while (s.len > 0 && d->txn->spool != NULL) {
		struct str part = str_sub(s, 0, BLOCK - d->fill);

		memcpy(d->block + d->fill, part.p, part.len);
		d->fill += part.len;
		s = str_from_offset(s, part.len);
		if (d->fill == BLOCK)
			flush(d);
	}
}

static void
count(struct data *d, size_t n)
{
	d->octets += n;
	if (d->max_size == 0 || d->octets <= d->max_size ||
	    d->txn->spool == NULL)
		return;
	fail_code(&d->why, 552, "5.3.4", "message is larger than %llu octets",
	    (unsigned long long)d->max_size);
	fail_message(d);
}

/* From here on the message must be kept as received, and also what is
 * already there. */
static void
taint(struct data *d, enum unclean kind)
{
	struct spool_facts *facts;
	bool known = d->unclean != 0;

	d->unclean |= kind;
	if (known)
		return;
	flush(d);
	if (d->txn->spool == NULL)
		return;
	facts = spool_facts(d->txn->spool);
	facts->crlf = true;
	facts->trace_len += d->trace_lines;
	if (!spool_to_crlf(d->txn->spool, 0, &d->why))
		fail_message(d);
}

static void
add_stored(struct data *d, struct str s, uint64_t wsize)
{
	store(d, s);
	if (d->txn->spool != NULL)
		spool_facts(d->txn->spool)->wsize += wsize;
}

/* Octets of a line: no LF, and CR only where it stands alone. */
static void
octets(struct data *d, struct str s)
{
	struct str held, rest;

	if (s.len > 0 && memchr(s.p, '\0', s.len) != NULL)
		taint(d, UNCLEAN_NUL);
	count(d, s.len);
	rest = filter_octets(&d->filter, s, &held);
	add_stored(d, held, held.len);
	add_stored(d, rest, rest.len);
}

static void
bare_cr(struct data *d)
{
	taint(d, UNCLEAN_CR);
	octets(d, S("\r"));
}

static void
line_end(struct data *d, bool crlf)
{
	struct str held;
	bool passes;

	count(d, crlf ? 2 : 1);
	passes = filter_line_end(&d->filter, &held);
	add_stored(d, held, held.len);
	if (!passes)
		return;
	/* A clean message is stored with LF; a bare LF is stored as it is. */
	add_stored(d, crlf && d->unclean != 0 ? S("\r\n") : S("\n"), 2);
}

static void
bare_lf(struct data *d)
{
	taint(d, UNCLEAN_LF);
	/* Who reads the header later takes it for a line end too. */
	line_end(d, false);
}

static void
find_lf(struct input *in)
{
	const char *lf = memchr(in->p + in->at, '\n', in->n - in->at);

	in->lf = lf != NULL ? (size_t)(lf - in->p) : in->n;
}

/* Up to and with the next CR or LF. The LF is looked for once, not once for
 * each CR: a message of CRs must not cost n * n. */
static void
in_line(struct data *d, struct input *in)
{
	const char *p = in->p + in->at, *cr;
	size_t n;

	if (in->lf < in->at)
		find_lf(in);
	n = in->lf - in->at;
	cr = n > 0 ? memchr(p, '\r', n) : NULL;
	if (cr != NULL) {
		octets(d, str_from(p, (size_t)(cr - p)));
		d->state = CR;
		in->at += (size_t)(cr - p) + 1;
		return;
	}
	octets(d, str_from(p, n));
	in->at = in->lf;
	if (in->at < in->n) {
		bare_lf(d);
		in->at++;
	}
}

/*
 * One step of the machine that finds the end. A dot at a line start is
 * dropped with the octet that shows it was not the end.
 */
static bool
step(struct data *d, struct input *in)
{
	char c = in->p[in->at];

	switch (d->state) {
	case LINE_START:
		d->state = c == '.' && !d->chunked ? DOT : IN_LINE;
		in->at += d->state == DOT;
		break;
	case DOT:
		d->state = c == '\r' ? DOT_CR : IN_LINE;
		in->at += c == '\r';
		break;
	case DOT_CR:
		if (c == '\n') {
			in->at++;
			return true;
		}
		bare_cr(d);
		d->state = IN_LINE;
		break;
	case IN_LINE:
		in_line(d, in);
		break;
	case CR:
		if (c == '\n')
			line_end(d, true);
		else
			bare_cr(d);
		d->state = c == '\n' ? LINE_START : IN_LINE;
		in->at += c == '\n';
		break;
	}
	return false;
}

static void
complete(struct data *d)
{
	if (d->txn->spool == NULL)
		return;
	spool_facts(d->txn->spool)->octets = d->octets;
	if (d->unclean != 0)
		log_warning("message kept as received id=%s has=%s%s%s",
		    d->txn->id, d->unclean & UNCLEAN_NUL ? "[NUL]" : "",
		    d->unclean & UNCLEAN_CR ? "[bare CR]" : "",
		    d->unclean & UNCLEAN_LF ? "[bare LF]" : "");
}

static bool
run(struct data *d, struct input *in)
{
	char block[BLOCK];
	bool end = false;

	if (in->n > 0)
		find_lf(in);
	d->block = block;
	while (!end && in->at < in->n)
		end = step(d, in);
	flush(d);
	d->block = NULL;
	return end;
}

bool
data_push(struct data *d, const char *p, size_t n, size_t *used)
{
	struct input in = { .p = p, .n = n };
	bool end = run(d, &in);

	if (end)
		complete(d);
	*used = in.at;
	return end;
}

void
data_chunk(struct data *d, const char *p, size_t n)
{
	struct input in = { .p = p, .n = n };

	d->chunked = true;
	run(d, &in);
}

/* What was held back because it could have become something else. */
static void
let_go(struct data *d)
{
	struct str held;

	if (d->state == CR)
		bare_cr(d);
	if (d->state != LINE_START && filter_line_end(&d->filter, &held))
		add_stored(d, held, held.len);
}

void
data_end(struct data *d)
{
	char block[BLOCK];

	d->block = block;
	let_go(d);
	flush(d);
	d->block = NULL;
	complete(d);
}

struct data *
data_new(struct txn *txn, struct str trace, uint64_t max_size)
{
	struct data *d = ARENA_NEW(txn->arena, struct data);
	struct spool_facts *facts = spool_facts(txn->spool);

	d->txn = txn;
	d->max_size = max_size;
	for (size_t i = 0; i < trace.len; i++)
		d->trace_lines += trace.p[i] == '\n';
	facts->trace_len = trace.len;
	facts->wsize = trace.len + d->trace_lines;
	if (!spool_write(txn->spool, trace.p, trace.len, &d->why))
		fail_message(d);
	return d;
}

const struct fail *
data_failed(const struct data *d)
{
	return d->txn->spool == NULL ? &d->why : NULL;
}
