/*
 * conn: one connection of the front: moves octets between its socket and
 * its session. Edge-triggered: the flags say what the socket may have.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/auth.h"
#include "lmtp/front.h"
#include "lmtp/tls.h"

enum {
	READ_SIZE = 128 * 1024,
	READS_A_ROUND = 16, /* then the others have a turn */
	SEND_SIZE = 4096,   /* that many octets of replies do not wait */
	DISCARD_SIZE = 16 * 1024,
	LINGER_MS = 2000,
	GENTLE_IDLE_MS = 1000,  /* busy is who said something since then */
	PROGRESS_OCTETS = 1024, /* fewer within lmtp_timeout are none */
};

/* Room to send is not watched until there is none: each octet that the peer
 * reads would wake us. */
static const uint32_t CONN_EVENTS = EPOLLIN | EPOLLRDHUP | EPOLLET;

static bool
take_slot(struct front *f, struct conn *c)
{
	for (uint32_t i = 0; i < f->nslots; i++) {
		if (f->slots[i] != NULL)
			continue;
		f->slots[i] = c;
		c->slot = i;
		return true;
	}
	return false;
}

/* What it may be asked for depends on what is known about it by now. */
static void
offer_auth(struct conn *c, struct str name)
{
	if (!c->front->auth || c->preauth)
		return;
	auth_free(c->auth);
	c->auth = auth_new(c->arena, c->front->conf, c->tls != NULL, name);
	session_set_auth(
	    c->session, c->auth != NULL ? &auth_functions : NULL, c->auth);
}

/* From here on. */
static void
encrypt(struct conn *c)
{
	c->tls_next = false;
	c->tls = tls_new(c->front->tls, c->fd);
	session_set_tls(c->session);
	if (c->tls == NULL)
		session_close(c->session, "4.7.0", "TLS not available");
	offer_auth(c, S(""));
}

struct conn *
conn_new(struct front *f, int fd, struct str peer, bool preauth, bool tls)
{
	struct arena *a = arena_new("connection", 0);
	struct conn *c = ARENA_NEW(a, struct conn);

	c->arena = a;
	c->front = f;
	c->watch.kind = WATCH_CONN;
	c->fd = fd;
	c->writable = true;
	c->born_ms = c->active_ms = clock_mono_ms();
	buf_init(&c->in, 2 * READ_SIZE);
	if (!take_slot(f, c) || !front_watch(f, fd, CONN_EVENTS, &c->watch)) {
		log_error("cannot watch a connection: %s", strerror(errno));
		if (f->slots[c->slot] == c)
			f->slots[c->slot] = NULL;
		close(fd);
		arena_free(a);
		return NULL;
	}
	c->session = session_new(&f->session, peer, preauth);
	c->preauth = preauth;
	if (tls)
		encrypt(c);
	else
		offer_auth(c, S(""));
	c->next = f->conns;
	f->conns = c;
	f->nconns++;
	conn_later(c);
	return c;
}

void
conn_free(struct front *f, struct conn *c)
{
	struct conn **at = &f->conns;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	f->slots[c->slot] = NULL;
	f->nconns--;
	auth_free(c->auth);
	tls_free(c->tls);
	io_close(&c->fd);
	session_free(c->session);
	buf_free(&c->in);
	arena_free(c->arena);
}

void
conn_die(struct conn *c)
{
	c->dead = true;
	c->front->untidy = true;
}

void
conn_later(struct conn *c)
{
	if (c->again)
		return;
	c->again = true;
	c->again_next = c->front->again;
	c->front->again = c;
}

void
conn_run_later(struct front *f)
{
	struct conn *c = f->again;

	f->again = NULL;
	while (c != NULL) {
		struct conn *next = c->again_next;

		c->again = false;
		if (!c->dead)
			conn_run(f, c);
		c = next;
	}
}

/* The socket is done for; what is being delivered goes on without it. */
static void
hang_up(struct conn *c)
{
	io_close(&c->fd);
	buf_reset(session_output(c->session));
	buf_reset(&c->in);
	if (c->run == RUN_NONE)
		conn_die(c);
}

/*
 * All is said. Who closes with octets unread sends a reset, and it may
 * overtake the last reply: so take them until the peer has closed too.
 */
static void
linger(struct conn *c)
{
	char sink[DISCARD_SIZE];
	ssize_t n = -1;

	if (!c->lingering) {
		c->lingering = true;
		c->active_ms = clock_mono_ms();
		buf_reset(&c->in);
		if (c->tls != NULL)
			tls_end(c->tls);
		if (c->eof || shutdown(c->fd, SHUT_WR) != 0) {
			hang_up(c);
			return;
		}
	}
	for (int i = 0; i < READS_A_ROUND; i++) {
		n = recv(c->fd, sink, sizeof(sink), MSG_DONTWAIT);
		if (n <= 0)
			break;
	}
	if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		hang_up(c);
}

/* Commands that got replies, or a fair piece of a message: an octet now and
 * then does not keep a connection. */
static void
progress(struct conn *c)
{
	c->active_ms = clock_mono_ms();
	c->trickle = 0;
}

static ssize_t
send_some(struct conn *c, const struct buf *out)
{
	if (c->tls != NULL)
		return tls_write(c->tls, out->p, out->len);
	return send(c->fd, out->p, out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Nothing until the socket takes more. */
static void
wait_for_room(struct conn *c)
{
	c->writable = false;
	front_rewatch(c->front, c->fd, CONN_EVENTS | EPOLLOUT, &c->watch);
}

static bool
flush(struct conn *c)
{
	struct buf *out = session_output(c->session);

	while (out->len > 0 && c->writable && c->fd >= 0) {
		ssize_t n = send_some(c, out);

		if (n > 0) {
			buf_consume(out, (size_t)n);
			progress(c);
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			/* A handshake waits for the peer's word. */
			if (c->tls != NULL && !tls_wants_room(c->tls))
				break;
			wait_for_room(c);
		} else {
			hang_up(c);
			return false;
		}
	}
	return c->fd >= 0;
}

static bool
feed(struct conn *c)
{
	size_t used;

	if (c->in.len == 0)
		return false;
	used = session_push(c->session, c->in.p, c->in.len);
	buf_consume(&c->in, used);
	/* Idle connections hold no buffer. */
	if (c->in.len == 0)
		buf_free(&c->in);
	return used > 0;
}

/* From the buffer that all connections share; what the session does not want
 * yet is kept. */
static void
received(struct conn *c, const char *p, size_t n)
{
	size_t used = c->in.len > 0 ? 0 : session_push(c->session, p, n);

	buf_add(&c->in, p + used, n - used);
	c->trickle += n;
	if (c->trickle >= PROGRESS_OCTETS)
		progress(c);
}

/* The handshake is over: who is it? */
static void
tell_peer(struct conn *c)
{
	struct str name = tls_peer_name(c->tls, c->arena);

	c->tls_told = true;
	if (name.len == 0)
		return;
	log_info("client certificate peer=%.*s name=%.*s",
	    STR_ARG(session_peer(c->session)), STR_ARG(name));
	session_trust(c->session);
	offer_auth(c, name);
}

static ssize_t
receive(struct conn *c, char *to)
{
	ssize_t n;

	if (c->tls == NULL) {
		n = recv(c->fd, to, READ_SIZE, MSG_DONTWAIT);
		/* That was all, and more will be an event; but the end of
		 * input may have had its event already. */
		if (n > 0 && n < READ_SIZE && !c->hup)
			c->readable = false;
		return n;
	}
	n = tls_read(c->tls, to, READ_SIZE);
	if (n > 0 && !c->tls_told)
		tell_peer(c);
	if (n < 0 && errno == EAGAIN && tls_wants_room(c->tls)) {
		wait_for_room(c);
		errno = EAGAIN;
	}
	return n;
}

/* Read once; false when there is nothing to go on with. */
static bool
fill(struct conn *c)
{
	char *to = buf_reserve(&c->front->input, READ_SIZE);
	ssize_t n;

	if (!c->readable || c->eof || c->fd < 0 || to == NULL ||
	    c->in.len + READ_SIZE > c->in.max)
		return false;
	n = receive(c, to);
	if (n > 0) {
		received(c, to, (size_t)n);
		return true;
	}
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN) {
		c->readable = c->tls != NULL && tls_wants_room(c->tls);
		return false;
	}
	c->eof = true;
	if (n < 0)
		hang_up(c);
	return false;
}

static bool
drains(const struct front *f, int64_t now_ms)
{
	return f->drain_ms != 0 && now_ms >= f->gentle_ms;
}

static bool
is_too_old(const struct front *f, const struct conn *c, int64_t now_ms)
{
	int64_t age_ms = now_ms - c->born_ms;

	/* Within a transaction it has some more time to finish that. */
	return f->session_ms > 0 &&
	       age_ms >= f->session_ms +
	                     (session_idle(c->session) ? 0 : f->timeout_ms);
}

/* Between transactions, and it is to go. A busy client would find the moment
 * between two ticks each time, and be cut in the middle in the end. */
static bool
dismiss(struct front *f, struct conn *c)
{
	int64_t now = clock_mono_ms();

	if (!session_idle(c->session))
		return false;
	if (drains(f, now))
		session_close(c->session, "4.3.2", "shutting down");
	else if (is_too_old(f, c, now))
		session_close(c->session, "4.4.2", "session took too long");
	else
		return false;
	conn_later(c);
	return true;
}

/* Whoever put octets behind STARTTLS wants them taken for encrypted. */
static void
begin_tls(struct conn *c)
{
	char octet;
	bool clean = c->in.len == 0 &&
	             recv(c->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;

	session_starttls(c->session, clean);
	c->tls_next = clean;
}

/* What the session wants besides input; false: nothing more to do now. */
static bool
serve_want(struct front *f, struct conn *c)
{
	switch (session_want(c->session)) {
	case SESSION_INPUT:
		return !dismiss(f, c);
	case SESSION_ASK:
		if (c->ask_id == 0)
			pool_ask(f, c);
		return false;
	case SESSION_DELIVER:
		if (c->run == RUN_NONE)
			run_deliver(f, c);
		return false;
	case SESSION_TLS:
		begin_tls(c);
		return true;
	case SESSION_CLOSE:
		if (!flush(c))
			hang_up(c);
		else if (session_output(c->session)->len == 0)
			linger(c);
		return false;
	}
	return false;
}

/* The peer sent all it had, and has our replies: a half-closed connection
 * still reads. */
static bool
is_finished(struct conn *c)
{
	return c->fd >= 0 && c->eof && c->in.len == 0 &&
	       session_output(c->session)->len == 0;
}

/* One step; false when nothing more can be done now. */
static bool
step(struct front *f, struct conn *c)
{
	if (c->fd < 0)
		return false;
	if (session_output(c->session)->len >= SEND_SIZE && !flush(c))
		return false;
	if (!serve_want(f, c)) {
		/* An answer is near, and more to say comes with it: the peer
		 * waits for all of it anyway (RFC 2920 s. 3.2). */
		if (c->ask_id == 0)
			flush(c);
		return false;
	}
	if (feed(c))
		return true;
	if (!flush(c))
		return false;
	if (c->tls_next) {
		if (session_output(c->session)->len > 0)
			return false;
		encrypt(c);
	}
	if (fill(c))
		return true;
	if (is_finished(c))
		hang_up(c);
	return false;
}

void
conn_run(struct front *f, struct conn *c)
{
	for (int i = 0; i < READS_A_ROUND; i++)
		if (c->dead || !step(f, c))
			return;
	/* Still readable: come back by way of the loop. */
	conn_later(c);
}

void
conn_event(struct front *f, struct conn *c, uint32_t events)
{
	if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		c->readable = true;
	if ((events & ~(uint32_t)EPOLLIN & ~(uint32_t)EPOLLOUT) != 0)
		c->hup = true;
	if ((events & EPOLLOUT) != 0 && !c->writable && c->fd >= 0) {
		c->writable = true;
		front_rewatch(f, c->fd, CONN_EVENTS, &c->watch);
	}
	conn_run(f, c);
}

void
conn_close_session(
    struct front *f, struct conn *c, const char *status, const char *text)
{
	session_close(c->session, status, text);
	conn_run(f, c);
}

void
conn_tick(struct front *f, struct conn *c, int64_t now_ms)
{
	bool waits_for_peer = c->run == RUN_NONE && c->ask_id == 0;

	if (!waits_for_peer || c->fd < 0)
		return;
	if (c->lingering) {
		if (now_ms - c->active_ms >= LINGER_MS)
			hang_up(c);
		return;
	}
	if (f->drain_ms != 0 && session_idle(c->session) &&
	    (drains(f, now_ms) || now_ms - c->active_ms >= GENTLE_IDLE_MS))
		conn_close_session(f, c, "4.3.2", "shutting down");
	else if (is_too_old(f, c, now_ms) &&
		 session_want(c->session) != SESSION_CLOSE)
		conn_close_session(f, c, "4.4.2", "session took too long");
	else if (now_ms - c->active_ms < f->timeout_ms)
		return;
	else if (session_want(c->session) == SESSION_CLOSE)
		hang_up(c); /* it does not even read its 421 */
	else
		conn_close_session(f, c, "4.4.2", "too slow, closing");
	c->active_ms = now_ms;
}
