/*
 * pipe: the one-process mode: one connection on two descriptors, the roles
 * as function calls. For inetd, for pipes, and for tests.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actions/deliver.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/client.h"
#include "lmtp/haproxy.h"
#include "lmtp/listen.h"
#include "lmtp/network.h"
#include "lmtp/roles.h"
#include "lmtp/shutdown.h"

enum { READ_SIZE = 64 * 1024, HEADER_MS = 10 * 1000 };

struct pipe_mode {
	const struct conf *conf;
	struct accounts *accounts;
	struct session *session;
	struct deliver *deliver;
	struct client *client;
	int in, out;
	int64_t timeout_ms;
	int64_t end_ms; /* when it has lasted long enough */
	struct buf buf; /* octets the session did not take yet */
};

static bool
hand_over(void *ctx, const struct out_message *m, struct fail *why)
{
	struct pipe_mode *p = ctx;

	return client_send(p->client, m, why);
}

static bool
flush(struct pipe_mode *p)
{
	struct buf *out = session_output(p->session);
	bool ok = io_write_all(p->out, out->p, out->len);

	buf_reset(out);
	return ok;
}

static void
ask(struct pipe_mode *p)
{
	struct txn *t = session_txn(p->session);
	struct arena *a = arena_new("ask", 0);
	uint32_t n = t->nrcpt;

	for (uint32_t i = 0; i < n; i++) {
		struct recipient_query query = {
			.addr = &t->rcpt[i].addr,
			.size = t->size,
			.quota =
			    t->rcpt[i].ignore_quota ? NULL : recipient_has_room,
		};
		struct recipient rcpt;
		struct fail why;
		bool found;

		if (!t->rcpt[i].pending)
			continue;
		found = recipient_find(p->accounts, a, &query, &rcpt, &why);
		session_answer(p->session, i, &rcpt, found ? NULL : &why);
	}
	arena_free(a);
}

static void
report(void *ctx, uint32_t index, const struct deliver_result *r)
{
	struct pipe_mode *p = ctx;

	session_result(p->session, index, r->ok ? NULL : &r->why, r->where);
}

static bool
fill_txn(struct pipe_mode *p, struct txn *t, struct arena *a,
    struct deliver_txn *d, struct fail *why)
{
	struct spool_facts *facts = spool_facts(t->spool);
	struct deliver_rcpt *rcpt =
	    ARENA_ARRAY(a, t->nrcpt, struct deliver_rcpt);

	*d = (struct deliver_txn){
		.id = str_dup(a, str_c(t->id)),
		.start_us = t->start_us,
		.sender = t->sender,
		.auth = t->auth,
		.ret = t->ret,
		.envid = t->envid,
		.utf8 = t->utf8,
		.peer = t->peer,
		.fd = spool_fd(t->spool),
		.octets = facts->octets,
		.wsize = facts->wsize,
		.rcpt = rcpt,
		.deadline_ms =
		    clock_mono_ms() +
		    1000 * conf_int(p->conf, SETTING_lmtp_delivery_timeout),
	};
	for (uint32_t i = 0; i < t->nrcpt; i++)
		if (t->rcpt[i].accepted)
			rcpt[d->nrcpt++] =
			    (struct deliver_rcpt){ .rcpt = t->rcpt[i].rcpt,
				    .index = i,
				    .ignore_quota = t->rcpt[i].ignore_quota,
				    .notify = t->rcpt[i].notify,
				    .orcpt = t->rcpt[i].orcpt };
	return spool_bytes(t->spool, &d->bytes, why);
}

/*
 * The results are kept until all are there: with the last one the session
 * drops the transaction, and with it the bytes that are being delivered.
 */
struct held {
	struct arena *arena;
	struct deliver_result *result;
};

static void
hold(void *ctx, uint32_t index, const struct deliver_result *r)
{
	struct held *h = ctx;

	h->result[index] = *r;
	h->result[index].where = str_dup(h->arena, r->where);
}

static void
deliver(struct pipe_mode *p)
{
	struct txn *t = session_txn(p->session);
	struct arena *a = arena_new("deliver", 0);
	struct held h = { a, ARENA_ARRAY(a, t->nrcpt, struct deliver_result) };
	struct deliver_txn d;
	struct fail why;
	bool ok = fill_txn(p, t, a, &d, &why);

	if (ok)
		deliver_transaction(p->deliver, &d, hold, &h);
	for (size_t i = 0; i < d.nrcpt; i++) {
		uint32_t index = d.rcpt[i].index;

		if (!ok)
			h.result[index] = (struct deliver_result){ .why = why,
				.where = S("") };
		report(p, index, &h.result[index]);
	}
	arena_free(a);
}

/* false: no more is wanted, and that was said. */
static bool
wait_for_input(struct pipe_mode *p)
{
	int64_t now = clock_mono_ms(), until = now + p->timeout_ms;
	bool last = session_idle(p->session) && p->end_ms < until;

	if (last)
		until = p->end_ms;
	if (now < until && io_wait(p->in, POLLIN, until))
		return true;
	session_close(p->session, "4.4.2",
	    last ? "session took too long" : "too slow, closing");
	return false;
}

/* More octets; false at the end of the connection. */
static bool
fill(struct pipe_mode *p)
{
	char *to;
	ssize_t n;

	if (!wait_for_input(p))
		return true;
	to = buf_reserve(&p->buf, READ_SIZE);
	n = to != NULL ? io_read(p->in, to, READ_SIZE) : 0;
	if (n <= 0)
		return false;
	buf_commit(&p->buf, (size_t)n);
	return true;
}

/* One step; false when the conversation is over. */
static bool
step(struct pipe_mode *p)
{
	switch (session_want(p->session)) {
	case SESSION_ASK:
		ask(p);
		return true;
	case SESSION_DELIVER:
		deliver(p);
		return true;
	case SESSION_TLS: /* is not offered here */
	case SESSION_CLOSE:
		flush(p);
		return false;
	case SESSION_INPUT:
		break;
	}
	if (p->buf.len > 0) {
		size_t used = session_push(p->session, p->buf.p, p->buf.len);

		buf_consume(&p->buf, used);
		if (used > 0)
			return true;
	}
	return flush(p) && fill(p);
}

/* Who connected: false on a pipe. */
static bool
connected_by(int fd, struct sockaddr_storage *sa)
{
	socklen_t len = sizeof(*sa);

	*sa = (struct sockaddr_storage){ .ss_family = AF_UNIX };
	return getpeername(fd, (struct sockaddr *)sa, &len) == 0 &&
	       sa->ss_family != AF_UNIX;
}

/* An octet at a time: what is behind the header is for the session. */
static enum haproxy_state
read_header(int fd, struct haproxy *h)
{
	int64_t limit_ms = clock_mono_ms() + HEADER_MS;
	enum haproxy_state state = HAPROXY_MORE;
	size_t used;
	char c;

	while (state == HAPROXY_MORE) {
		if (!io_wait(fd, POLLIN, limit_ms) || io_read(fd, &c, 1) != 1)
			return HAPROXY_BAD;
		state = haproxy_push(h, &c, 1, &used);
	}
	return state;
}

/* Who is there, and is that a peer of this host? false: nobody to serve. */
static bool
find_peer(
    struct pipe_mode *p, bool proxied, struct sockaddr_storage *sa, bool *local)
{
	struct haproxy h = { .n = 0 };

	*local = !connected_by(p->in, sa);
	if (!proxied)
		return true;
	if ((!*local &&
		!network_has(
		    conf_list(p->conf, SETTING_lmtp_proxy_networks), sa)) ||
	    read_header(p->in, &h) != HAPROXY_DONE)
		return false;
	if (h.named) {
		*sa = h.source;
		*local = false;
	}
	return true;
}

static bool
is_shut(void *ctx, char *text, size_t size)
{
	return shutdown_text(ctx, text, size);
}

/* Closed for now: one line, and that was it. */
static bool
refused(const struct conf *conf, int out)
{
	char text[SHUTDOWN_TEXT_MAX], line[SHUTDOWN_TEXT_MAX + 16];
	int n;

	if (!shutdown_text(conf, text, sizeof(text)))
		return false;
	n = snprintf(line, sizeof(line), "421 4.3.2 %s\r\n", text);
	if (!io_write_all(out, line, (size_t)n))
		log_debug("refused connection did not listen");
	return true;
}

static int64_t
session_end(const struct conf *conf)
{
	int64_t limit_ms = conf_int(conf, SETTING_lmtp_session_timeout) * 1000;

	return limit_ms > 0 ? clock_mono_ms() + limit_ms : INT64_MAX;
}

int
pipe_main(const struct conf *conf, int in, int out, const struct pipe_peer *how)
{
	struct arena *process;
	struct session_config config;
	struct sockaddr_storage sa;
	char name[LISTEN_PEER_MAX];
	bool local;
	struct pipe_mode p = {
		.conf = conf,
		.in = in,
		.out = out,
		.timeout_ms = conf_int(conf, SETTING_lmtp_timeout) * 1000,
	};

	p.end_ms = session_end(conf);
	if (refused(conf, out))
		return 0;
	if (!find_peer(&p, how->proxied, &sa, &local)) {
		log_warning("no PROXY header by one who may send it");
		return 0;
	}
	if (!session_config_init(&config, conf))
		return 75; /* EX_TEMPFAIL */
	process = arena_new("pipe", 0);
	p.accounts = accounts_open(process, conf);
	p.client = client_from_conf(process, conf);
	p.deliver = deliver_new(process, conf, hand_over, &p);
	config.shut = is_shut;
	config.shut_ctx = (void *)(uintptr_t)conf;
	p.session = session_new(&config,
	    local ? S("local pipe") : listen_peer_name(&sa, name, sizeof(name)),
	    local || how->preauth);
	buf_init(&p.buf, 4 * READ_SIZE);
	while (step(&p))
		continue;
	deliver_free(p.deliver);
	client_close(p.client);
	accounts_close(p.accounts);
	session_free(p.session);
	buf_free(&p.buf);
	arena_free(process);
	return 0;
}
