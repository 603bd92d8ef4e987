/*
 * run-dialogue: runs .lmtp files in process and prints one TAP line for
 * each. A dialogue is run step by step, whole, octet by octet, and cut at
 * random places; all must give the same. Without arguments: all files of
 * the source tree.
 */
#include <glob.h>
#include <signal.h>
#include <sys/resource.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "testsuite/session/dialogue.h"

enum { RANDOM_RUNS = 24 };

enum mode { STEPWISE, WHOLE, OCTETS, RANDOM, CUTS };
static const char *const mode_names[] = {
	[STEPWISE] = "step by step",
	[WHOLE] = "whole",
	[OCTETS] = "octet by octet",
	[RANDOM] = "cut at random",
	[CUTS] = "cut twice",
};

struct run {
	struct dialogue *d;
	struct session *s;
	enum mode mode;
	uint32_t random;
	size_t cut[2], at; /* CUTS: offsets in the input */
	struct buf got, want, stored;
	int64_t asks, messages;
	char why[512]; /* "" while all is well */
};

static void
differ(struct run *r, const char *what, struct str want, struct str got)
{
	size_t i = 0;

	if (r->why[0] != '\0' || str_eq(want, got))
		return;
	while (i < want.len && i < got.len && want.p[i] == got.p[i])
		i++;
	i = i > 30 ? i - 30 : 0;
	snprintf(r->why, sizeof(r->why),
	    "%s: from offset %zu: expected \"%.*s\", got \"%.*s\"", what, i,
	    (int)(want.len - i < 100 ? want.len - i : 100), want.p + i,
	    (int)(got.len - i < 100 ? got.len - i : 100), got.p + i);
}

static void
must(struct run *r, bool ok, const char *what)
{
	if (!ok && r->why[0] == '\0')
		snprintf(r->why, sizeof(r->why), "%s", what);
}

static void
differ_number(struct run *r, const char *what, int64_t want, int64_t got)
{
	if (want != got && r->why[0] == '\0')
		snprintf(r->why, sizeof(r->why), "%s: expected %lld, got %lld",
		    what, (long long)want, (long long)got);
}

/* Append s, with from read as to. */
static void
add_replaced(struct buf *out, struct str s, struct str from, struct str to)
{
	ssize_t at;

	while (from.len > 0 && (at = str_find(s, from)) >= 0) {
		buf_adds(out, str_sub(s, 0, (size_t)at));
		buf_adds(out, to);
		s = str_from_offset(s, (size_t)at + from.len);
	}
	buf_adds(out, s);
}

static void
drain(struct run *r, struct str id)
{
	struct buf *out = session_output(r->s);

	must(r, !out->overflow, "output overflowed");
	add_replaced(&r->got, buf_str(out), id, S("ID"));
	buf_consume(out, out->len);
}

static void
answer(struct run *r, uint32_t i)
{
	struct txn *t = session_txn(r->s);
	struct str addr = t->rcpt[i].addr.text;
	const struct verdict *v = dialogue_verdict(r->d, addr);
	struct recipient rcpt = { .address = addr };
	struct fail why;

	if (!t->rcpt[i].pending)
		return;
	fail_perm(&why, "5.1.1", "User unknown");
	if (v != NULL && !v->refused)
		session_answer(r->s, i, &rcpt, NULL);
	else
		session_answer(r->s, i, NULL, v != NULL ? &v->why : &why);
}

static void
answer_all(struct run *r)
{
	uint32_t n = session_txn(r->s)->nrcpt;

	r->asks++;
	for (uint32_t i = 0; i < n; i++)
		if (session_want(r->s) == SESSION_ASK)
			answer(r, r->d->reverse ? n - 1 - i : i);
}

static void
check_trace(struct run *r, struct str trace)
{
	char date[CLOCK_RFC5322_LEN];
	struct txn *t = session_txn(r->s);
	struct buf id, all;

	if (r->d->trace.len == 0)
		return;
	clock_rfc5322(t->start_us, date);
	buf_init(&id, 1 << 16);
	buf_init(&all, 1 << 16);
	add_replaced(&id, trace, str_c(t->id), S("ID"));
	add_replaced(&all, buf_str(&id), str_c(date), S("DATE"));
	differ(r, "trace", buf_str(&r->d->trace), buf_str(&all));
	buf_free(&id);
	buf_free(&all);
}

/* What spool.h promises, whatever the message. */
static void
check_facts(struct run *r, const struct spool_facts *f, struct str bytes)
{
	uint64_t wsize = bytes.len;

	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.p[i] == '\n' && (i == 0 || bytes.p[i - 1] != '\r'))
			wsize++;
		must(r, f->crlf || (bytes.p[i] != '\r' && bytes.p[i] != '\0'),
		    "CR or NUL in a message stored with LF");
	}
	differ_number(
	    r, "W of what is stored", (int64_t)wsize, (int64_t)f->wsize);
	if (r->d->octets >= 0)
		differ_number(r, "octets", r->d->octets, (int64_t)f->octets);
	if (r->d->wsize >= 0)
		differ_number(r, "wsize", r->d->wsize, (int64_t)f->wsize);
}

static void
check_message(struct run *r)
{
	struct spool *spool = session_txn(r->s)->spool;
	const struct spool_facts *f = spool_facts(spool);
	struct str bytes;
	struct fail why;

	r->messages++;
	if (!spool_bytes(spool, &bytes, &why)) {
		must(r, false, why.text);
		return;
	}
	must(r, bytes.len == spool_size(spool), "spool_size is wrong");
	must(r, f->trace_len <= bytes.len, "trace_len is wrong");
	check_trace(r, str_sub(bytes, 0, f->trace_len));
	check_facts(r, f, bytes);
	buf_adds(&r->stored, str_from_offset(bytes, f->trace_len));
}

static void
result(struct run *r, uint32_t i)
{
	struct txn *t = session_txn(r->s);
	const struct verdict *v = dialogue_verdict(r->d, t->rcpt[i].addr.text);

	if (!t->rcpt[i].accepted)
		return;
	must(r, v != NULL && !v->refused, "accepted a wrong recipient");
	if (v != NULL)
		session_result(r->s, i, v->failed ? &v->why : NULL, v->where);
}

static void
deliver(struct run *r)
{
	struct txn *t = session_txn(r->s);
	char id[TXN_ID_LEN + 1];
	uint32_t n = t->nrcpt;

	memcpy(id, t->id, sizeof(id));
	check_message(r);
	if (r->d->close_in_delivery)
		session_close(r->s, "4.3.2", "shutting down");
	for (uint32_t i = 0; i < n; i++)
		if (session_want(r->s) == SESSION_DELIVER)
			result(r, r->d->reverse ? n - 1 - i : i);
	must(r, session_want(r->s) != SESSION_DELIVER, "delivery never ends");
	must(r, session_idle(r->s), "transaction open after delivery");
	drain(r, str_c(id));
}

static void
serve(struct run *r)
{
	drain(r, S(""));
	if (session_want(r->s) == SESSION_ASK)
		answer_all(r);
	if (session_want(r->s) == SESSION_DELIVER)
		deliver(r);
	drain(r, S(""));
}

/* As conn.c does it: more input behind STARTTLS is refused. */
static void
begin_tls(struct run *r, bool more)
{
	if (session_want(r->s) == SESSION_TLS)
		session_starttls(r->s, !more);
}

static size_t
piece(struct run *r, size_t n)
{
	size_t len = n;

	if (r->mode == OCTETS)
		return 1;
	if (r->mode == RANDOM) {
		r->random = r->random * 1103515245 + 12345;
		len = 1 + (r->random >> 16) % ((r->random >> 8) % 8 ? 12 : 90);
	}
	for (size_t i = 0; r->mode == CUTS && i < 2; i++)
		if (r->cut[i] > r->at && r->cut[i] - r->at < len)
			len = r->cut[i] - r->at;
	return len < n ? len : n;
}

static void
feed(struct run *r, struct str s)
{
	while (s.len > 0 && r->why[0] == '\0') {
		size_t n = piece(r, s.len), used;
		enum session_want before;

		used = session_push(r->s, s.p, n);
		before = session_want(r->s);
		must(r, used == n || before != SESSION_INPUT,
		    "input was not used");
		begin_tls(r, used < s.len);
		serve(r);
		s = str_from_offset(s, used);
		r->at += used;
	}
}

static void
feed_all(struct run *r)
{
	struct buf input;

	buf_init(&input, 1 << 24);
	for (size_t i = 0; i < r->d->nsteps; i++) {
		const struct step *step = &r->d->step[i];

		if (step->kind == STEP_CLIENT)
			buf_adds(&input, step->text);
		if (step->kind != STEP_CLOSE && step->kind != STEP_PAUSE &&
		    i + 1 < r->d->nsteps)
			continue;
		feed(r, buf_str(&input));
		buf_reset(&input);
		if (step->kind == STEP_CLOSE)
			session_close(r->s, step->status.p, step->text.p);
		serve(r);
	}
	buf_free(&input);
}

static void
feed_steps(struct run *r)
{
	char what[32];

	for (size_t i = 0; i < r->d->nsteps; i++) {
		const struct step *step = &r->d->step[i];

		if (step->kind == STEP_CLIENT)
			feed(r, step->text);
		else if (step->kind == STEP_CLOSE)
			session_close(r->s, step->status.p, step->text.p);
		else if (step->kind == STEP_SERVER)
			buf_adds(&r->want, step->text);
		serve(r);
		if (step->kind == STEP_SERVER &&
		    (i + 1 == r->d->nsteps || step[1].kind != STEP_SERVER)) {
			snprintf(what, sizeof(what), "line %u", step->line);
			differ(r, what, buf_str(&r->want), buf_str(&r->got));
		}
	}
	buf_reset(&r->want);
}

static void
check_end(struct run *r)
{
	const struct dialogue *d = r->d;

	for (size_t i = 0; i < d->nsteps; i++)
		if (d->step[i].kind == STEP_SERVER)
			buf_adds(&r->want, d->step[i].text);
	differ(r, "replies", buf_str(&r->want), buf_str(&r->got));
	differ(r, "stored", buf_str(&d->stored), buf_str(&r->stored));
	if (d->messages >= 0)
		differ_number(r, "messages", d->messages, r->messages);
	if (d->asks >= 0 && r->mode == WHOLE)
		differ_number(r, "look-up rounds", d->asks, r->asks);
	must(r, d->closed == (session_want(r->s) == SESSION_CLOSE),
	    d->closed ? "not closed" : "closed");
}

static void
limit_files(bool on)
{
	struct rlimit lim;

	getrlimit(RLIMIT_FSIZE, &lim);
	lim.rlim_cur = on ? 0 : lim.rlim_max;
	setrlimit(RLIMIT_FSIZE, &lim);
}

static bool
is_shut(void *ctx, char *text, size_t size)
{
	const struct dialogue *d = ctx;

	snprintf(text, size, "%.*s", STR_ARG(d->shut));
	return true;
}

/* The mechanism TEST asks "who?", and knows bob. */
static struct str
auth_mechanisms(void *ctx)
{
	(void)ctx;
	return S("TEST");
}

static enum auth_step
auth_next(
    void *ctx, struct str response, struct str *challenge, struct fail *why)
{
	(void)ctx;
	(void)challenge;
	if (str_eq(response, S("bob")))
		return AUTH_DONE;
	if (str_eq(response, S("down")))
		fail_code(why, 454, "4.7.0", "nobody there to ask");
	else
		fail_code(why, 535, "5.7.8", "authentication failed");
	return AUTH_FAILED;
}

static enum auth_step
auth_begin(void *ctx, struct str mechanism, const struct str *initial,
    struct str *challenge, struct fail *why)
{
	*challenge = S("who?");
	if (!str_caseeq(mechanism, S("TEST"))) {
		fail_code(why, 504, "5.5.4", "mechanism not offered");
		return AUTH_FAILED;
	}
	if (initial == NULL)
		return AUTH_CHALLENGE;
	return auth_next(ctx, *initial, challenge, why);
}

static struct str
auth_user(void *ctx)
{
	(void)ctx;
	return S("bob");
}

static const struct session_auth auth_test = {
	.mechanisms = auth_mechanisms,
	.begin = auth_begin,
	.next = auth_next,
	.user = auth_user,
};

/* true: as expected; else r->why says what was not. */
static bool
run(struct run *r)
{
	buf_init(&r->got, 1 << 24);
	buf_init(&r->want, 1 << 24);
	buf_init(&r->stored, 1 << 24);
	limit_files(r->d->full);
	if (r->d->shut.len > 0) {
		r->d->conf.shut = is_shut;
		r->d->conf.shut_ctx = r->d;
	}
	r->s = session_new(&r->d->conf, S("[192.0.2.1]"), !r->d->network);
	if (r->d->auth)
		session_set_auth(r->s, &auth_test, NULL);
	serve(r);
	if (r->mode == STEPWISE)
		feed_steps(r);
	else
		feed_all(r);
	check_end(r);
	session_free(r->s);
	limit_files(false);
	buf_free(&r->got);
	buf_free(&r->want);
	buf_free(&r->stored);
	return r->why[0] == '\0';
}

static size_t
input_len(const struct dialogue *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nsteps; i++)
		if (d->step[i].kind == STEP_CLIENT)
			n += d->step[i].text.len;
	return n;
}

static bool
run_cuts(struct run *r)
{
	struct run base = { .d = r->d, .mode = CUTS };
	size_t n = input_len(r->d);

	for (size_t i = 1; i <= n; i++)
		for (size_t j = i; j <= n; j++) {
			*r = base;
			r->cut[0] = i;
			r->cut[1] = j;
			if (!run(r))
				return false;
		}
	return true;
}

static bool
run_modes(struct run *r)
{
	struct dialogue *d = r->d;

	for (enum mode m = STEPWISE; m <= OCTETS; m++) {
		*r = (struct run){ .d = d, .mode = m };
		if (!run(r))
			return false;
	}
	for (uint32_t i = 0; i < RANDOM_RUNS; i++) {
		*r = (struct run){ .d = d, .mode = RANDOM, .random = i };
		if (!run(r))
			return false;
	}
	return !d->all_splits || run_cuts(r);
}

static void
print_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x20 && *text != 0x7f)
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
	putchar('\n');
}

static bool
run_file(const char *path, size_t number)
{
	struct run r = { .d = dialogue_read(path) };
	bool ok = run_modes(&r);
	ssize_t slash = str_rchr(str_c(path), '/');

	printf("%s %zu - %s\n", ok ? "ok" : "not ok", number, path + slash + 1);
	if (!ok) {
		printf("# %s (cuts %zu %zu): ", mode_names[r.mode], r.cut[0],
		    r.cut[1]);
		print_clean(r.why);
	}
	dialogue_free(r.d);
	return ok;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	char pattern[4096];
	glob_t files = { .gl_pathc = (size_t)argc - 1, .gl_pathv = argv + 1 };
	bool ok = true;

	log_set_level(LOG_LEVEL_ERROR);
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		snprintf(pattern, sizeof(pattern),
		    "%s/testsuite/session/*.lmtp", top != NULL ? top : ".");
		glob(pattern, 0, NULL, &files);
	}
	printf("1..%zu\n", files.gl_pathc);
	for (size_t i = 0; i < files.gl_pathc; i++)
		ok &= run_file(files.gl_pathv[i], i + 1);
	if (argc < 2)
		globfree(&files);
	return ok && (argc > 1 || files.gl_pathc > 0) ? 0 : 1;
}
