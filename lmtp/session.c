/*
 * session: cuts input into lines and messages, and keeps replies in the
 * order of the commands. Knows no verb but that pipelined RCPTs are looked
 * up together.
 */
#include "lmtp/session-impl.h"

#include <assert.h>

#include "lib/arena.h"
#include "lmtp/auth_line.h"
#include "lmtp/command.h"
#include "lmtp/reply.h"
#include "lmtp/trace.h"

/* Room for what may come while the output is just below the mark: replies
 * to a batch of RCPTs, or the results, and a few more. */
static size_t
output_max(uint32_t max_rcpt)
{
	return 3 * SESSION_OUTPUT_HIGH + (size_t)max_rcpt * 2 * REPLY_MAX;
}

static void
greet(struct session *s)
{
	struct str v[] = { s->conf.servername, S(" "), s->conf.product,
		s->conf.product.len > 0 ? S(" ") : S(""), S("LMTP ready") };

	reply(
	    &s->out, 220, NULL, str_join(s->arena, v, sizeof(v) / sizeof(*v)));
}

struct session *
session_new(const struct session_config *conf, struct str peer, bool preauth)
{
	struct arena *a = arena_new("session", 0);
	struct session *s = ARENA_NEW(a, struct session);

	s->arena = a;
	s->conf = *conf;
	s->peer = str_dup(a, peer);
	s->preauth = preauth;
	buf_init(&s->out, output_max(conf->max_rcpt));
	buf_init(&s->held, 2 * SESSION_OUTPUT_HIGH);
	greet(s);
	return s;
}

void
session_end_txn(struct session *s)
{
	s->data = NULL;
	s->chunked = false;
	s->npending = 0;
	txn_free(s->txn);
	s->txn = NULL;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	session_end_txn(s);
	buf_free(&s->out);
	buf_free(&s->held);
	arena_free(s->arena);
}

enum session_want
session_want(const struct session *s)
{
	return s->want;
}

void
session_set_tls(struct session *s)
{
	s->tls = true;
}

void
session_set_auth(struct session *s, const struct session_auth *auth, void *ctx)
{
	s->auth = auth;
	s->auth_ctx = ctx;
}

void
session_trust(struct session *s)
{
	s->preauth = true;
}

void
session_starttls(struct session *s, bool clean)
{
	if (s->want != SESSION_TLS)
		return;
	s->want = clean ? SESSION_INPUT : SESSION_CLOSE;
	if (!clean) {
		session_say(s, 501, "5.5.4", "octets behind STARTTLS");
		return;
	}
	session_say(s, 220, "2.0.0", "go ahead");
	session_end_txn(s);
	s->lhlo_len = 0;
	s->authed = false;
	s->tls = true;
}

struct buf *
session_output(struct session *s)
{
	return &s->out;
}

struct str
session_peer(const struct session *s)
{
	return s->peer;
}

struct txn *
session_txn(struct session *s)
{
	return s->txn;
}

bool
session_idle(const struct session *s)
{
	return s->txn == NULL;
}

enum phase
session_phase(const struct session *s)
{
	if (s->chunked)
		return PHASE_CHUNK;
	if (s->txn != NULL)
		return s->txn->naccepted > 0 ? PHASE_RCPT : PHASE_MAIL;
	return s->lhlo_len > 0 ? PHASE_READY : PHASE_START;
}

/* --- replies ----------------------------------------------------------- */

void
session_say(struct session *s, int code, const char *status, const char *text)
{
	bool wait = s->npending > 0 || s->want == SESSION_DELIVER;

	reply(wait ? &s->held : &s->out, code, status, str_c(text));
}

void
session_bye(struct session *s, int code, const char *status, const char *text)
{
	session_say(s, code, status, text);
	s->closing = true;
}

void
session_bad(struct session *s, int code, const char *status, const char *text)
{
	if (s->errors++ >= s->conf.max_errors)
		session_bye(s, 421, "4.7.0", "too many errors");
	else
		session_say(s, code, status, text);
}

/* Everything asked for has come: release what waited for it. */
static void
go_on(struct session *s)
{
	buf_adds(&s->out, buf_str(&s->held));
	buf_free(&s->held);
	s->want = SESSION_INPUT;
	if (!s->closing)
		return;
	session_end_txn(s);
	s->want = SESSION_CLOSE;
}

void
session_close(struct session *s, const char *status, const char *text)
{
	if (s->want == SESSION_CLOSE || s->closing)
		return;
	if (s->want != SESSION_DELIVER) {
		/* Look-ups may never end: do not wait for them. */
		buf_reset(&s->held);
		session_end_txn(s);
	}
	session_bye(s, 421, status, text);
	if (s->want != SESSION_DELIVER)
		s->want = SESSION_CLOSE;
}

/* --- recipients -------------------------------------------------------- */

void
session_ask(struct session *s, uint32_t i)
{
	if (s->npending++ == 0)
		s->first_asked = i;
	buf_addc(&s->held, '\0');
}

static void
reply_rcpt(struct session *s, const struct txn_rcpt *r)
{
	if (r->accepted)
		reply(&s->out, 250, "2.1.5", S("Ok"));
	else
		reply_fail(&s->out, &r->why, s->txn->utf8);
}

/* All look-ups of the batch have come. */
static void
answered(struct session *s)
{
	struct str rest = buf_str(&s->held);
	const struct txn_rcpt *r = &s->txn->rcpt[s->first_asked];
	ssize_t nul;

	while ((nul = str_chr(rest, '\0')) >= 0) {
		buf_adds(&s->out, str_sub(rest, 0, (size_t)nul));
		reply_rcpt(s, r++);
		rest = str_from_offset(rest, (size_t)nul + 1);
	}
	buf_consume(&s->held, s->held.len - rest.len);
	go_on(s);
}

void
session_answer(struct session *s, uint32_t i, const struct recipient *rcpt,
    const struct fail *why)
{
	if (s->want != SESSION_ASK || i >= s->txn->nrcpt ||
	    !s->txn->rcpt[i].pending)
		return;
	if (why == NULL)
		txn_accept(s->txn, i, rcpt);
	else
		txn_refuse(s->txn, i, why);
	if (--s->npending == 0)
		answered(s);
}

/* --- results ----------------------------------------------------------- */

static void
reply_result(struct session *s, const struct txn_rcpt *r)
{
	if (r->why.class == FAIL_NONE)
		reply_delivered(
		    &s->out, r->addr.text, s->txn->id, r->where, s->txn->utf8);
	else
		reply_refused(&s->out, &r->why, r->where, s->txn->utf8);
}

/* Put out what can be put out in RCPT order. */
static void
put_results(struct session *s)
{
	struct txn *t = s->txn;

	for (; s->next_result < t->nrcpt; s->next_result++) {
		const struct txn_rcpt *r = &t->rcpt[s->next_result];

		if (r->accepted && !r->done)
			return;
		if (r->accepted)
			reply_result(s, r);
	}
	session_end_txn(s);
	s->errors = 0;
	go_on(s);
}

void
session_result(
    struct session *s, uint32_t i, const struct fail *why, struct str where)
{
	struct txn_rcpt *r;

	if (s->want != SESSION_DELIVER || i >= s->txn->nrcpt)
		return;
	r = &s->txn->rcpt[i];
	if (!r->accepted || r->done)
		return;
	r->done = true;
	if (why != NULL) {
		r->why = *why;
		/* A failure that says it is none must not become 250. */
		if (why->class == FAIL_NONE)
			r->why.class = FAIL_TEMP;
	}
	r->where = str_dup(s->txn->arena, where);
	put_results(s);
}

/* --- input ------------------------------------------------------------- */

void
session_begin_data(struct session *s)
{
	struct trace trace = {
		.lhlo = str_from(s->lhlo, s->lhlo_len),
		.peer = s->peer,
		.servername = s->conf.servername,
		.product = s->conf.product,
		.tls = s->tls,
		.auth = s->authed,
	};

	s->txn->spool = spool_new(s->conf.spool_dir, s->conf.spool_memory);
	spool_charge(s->txn->spool, s->conf.budget);
	s->data =
	    data_new(s->txn, trace_lines(s->txn, &trace), s->conf.max_size);
}

/* The message cannot be delivered: RFC 2033 s. 4.2 wants a reply for each
 * accepted recipient all the same. */
static void
refuse_message(struct session *s)
{
	for (uint32_t i = 0; i < s->txn->naccepted; i++)
		reply_fail(&s->out, data_failed(s->data), s->txn->utf8);
	session_end_txn(s);
}

static void
end_message(struct session *s)
{
	s->chunked = false;
	if (data_failed(s->data) != NULL) {
		refuse_message(s);
		return;
	}
	s->data = NULL;
	s->next_result = 0;
	s->want = SESSION_DELIVER;
}

static size_t
push_data(struct session *s, const char *p, size_t n)
{
	size_t used;

	if (!data_push(s->data, p, n, &used))
		return used;
	end_message(s);
	return used;
}

/* RFC 2033 s. 4.3: the last chunk gets a reply for each accepted recipient,
 * none when there is none; the others get one. */
static void
end_chunk(struct session *s)
{
	if (s->stray_chunk) {
		s->stray_chunk = false;
		return;
	}
	assert(s->txn != NULL && s->data != NULL);
	if (s->last_chunk) {
		data_end(s->data);
		end_message(s);
	} else if (data_failed(s->data) != NULL) {
		reply_fail(&s->out, data_failed(s->data),
		    s->txn != NULL && s->txn->utf8);
	} else {
		session_say(s, 250, "2.0.0", "chunk received");
	}
}

void
session_begin_chunk(struct session *s, uint64_t octets, bool last)
{
	bool begins = session_phase(s) == PHASE_RCPT;

	s->stray_chunk = !begins && !s->chunked;
	s->last_chunk = last;
	s->chunk_left = octets;
	if (begins)
		session_begin_data(s);
	s->chunked = !s->stray_chunk;
	if (octets == 0)
		end_chunk(s);
}

static size_t
push_chunk(struct session *s, const char *p, size_t n)
{
	size_t used = n < s->chunk_left ? n : (size_t)s->chunk_left;

	if (!s->stray_chunk)
		data_chunk(s->data, p, used);
	s->chunk_left -= used;
	if (s->chunk_left == 0)
		end_chunk(s);
	return used;
}

/* A line with its LF. */
static void
run_line(struct session *s, struct str line)
{
	struct str text = str_sub(line, 0, line.len - 1);

	if (text.len == 0 || text.p[text.len - 1] != '\r') {
		session_bad(s, 500, "5.5.2", "line must end with CRLF");
		return;
	}
	text.len--;
	if (str_chr(text, '\r') >= 0 || str_chr(text, '\0') >= 0)
		session_bad(s, 500, "5.5.2", "CR or NUL in command");
	else if (s->authenticating)
		auth_line(s, text);
	else
		command_run(s, text);
}

static void
end_line(struct session *s, struct str line)
{
	if (s->too_long) {
		session_bad(s, 500, s->authenticating ? "5.5.6" : "5.5.2",
		    "line too long");
		s->authenticating = false;
	} else {
		run_line(s, line);
	}
	s->too_long = false;
	s->line_len = 0;
}

/* Is a pipelined RCPT, complete, the next in the input? */
static bool
rcpt_follows(const struct session *s, struct str input)
{
	ssize_t lf = str_chr(str_sub(input, 0, LINE_MAX_OCTETS), '\n');

	return lf >= 0 && s->held.len <= SESSION_OUTPUT_HIGH &&
	       str_casestarts(input, S("RCPT "));
}

/* After a command: what has to happen before the next one? */
static void
settle(struct session *s, struct str input)
{
	if (s->npending == 0 && s->closing)
		go_on(s);
	else if (s->npending > 0 && (s->closing || !rcpt_follows(s, input)))
		s->want = SESSION_ASK;
}

static size_t
push_line(struct session *s, const char *p, size_t n)
{
	const char *lf = memchr(p, '\n', n);
	size_t len = lf != NULL ? (size_t)(lf - p) + 1 : n;
	struct str line = str_from(p, len);

	if (len > LINE_MAX_OCTETS - s->line_len)
		s->too_long = true;
	if (!s->too_long && (s->line_len > 0 || lf == NULL)) {
		memcpy(s->line + s->line_len, p, len);
		s->line_len += len;
		line = str_from(s->line, s->line_len);
	}
	if (lf != NULL) {
		end_line(s, line);
		settle(s, str_from(p + len, n - len));
	}
	return len;
}

size_t
session_push(struct session *s, const char *p, size_t n)
{
	size_t used = 0;

	while (used < n && s->want == SESSION_INPUT &&
	       s->out.len <= SESSION_OUTPUT_HIGH) {
		if (s->chunk_left > 0)
			used += push_chunk(s, p + used, n - used);
		else if (s->data != NULL && !s->chunked)
			used += push_data(s, p + used, n - used);
		else
			used += push_line(s, p + used, n - used);
	}
	return s->want == SESSION_CLOSE ? n : used;
}
