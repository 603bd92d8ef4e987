/*
 * front: the event loop: accepts connections, passes events to conn.c and
 * pool.c, keeps time, and drains. Never blocks, opens no mailbox.
 */
#include "config.h"

#include "lmtp/front.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/auth.h"
#include "lmtp/listen.h"
#include "lmtp/network.h"
#include "lmtp/shutdown.h"
#include "lmtp/tls.h"

enum {
	EVENTS_A_ROUND = 64,
	ACCEPTS_A_ROUND = 64,
	TICK_MS = 500,
	DRAIN_MS = 25 * 1000,
	GENTLE_MS = 5 * 1000,
	SOON_SHARE = 10,   /* of -U is left when a successor is wanted */
	FDS_RESERVED = 48, /* listeners, log, descriptors passing through */
};

bool
front_watch(struct front *f, int fd, uint32_t events, struct watch *watch)
{
	struct epoll_event e = { .events = events, .data.ptr = watch };

	return epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

void
front_rewatch(struct front *f, int fd, uint32_t events, struct watch *watch)
{
	struct epoll_event e = { .events = events, .data.ptr = watch };

	if (epoll_ctl(f->epoll, EPOLL_CTL_MOD, fd, &e) != 0)
		log_error("epoll: %s", strerror(errno));
}

bool
session_config_init(struct session_config *out, const struct conf *conf)
{
	struct str where = conf_default_partition(conf);
	char path[4096];

	*out = (struct session_config){
		.servername = conf_servername(conf),
		.product = conf_enum(conf, SETTING_serverinfo) == 2
		               ? S("Tamis " PACKAGE_VERSION)
		               : S(""),
		.max_size = (uint64_t)conf_int(conf, SETTING_maxmessagesize),
		.max_rcpt =
		    (uint32_t)conf_int(conf, SETTING_lmtp_max_recipients),
		.max_errors = (uint32_t)conf_int(conf, SETTING_lmtp_max_errors),
		.spool_memory =
		    (size_t)conf_int(conf, SETTING_lmtp_spool_memory),
	};
	snprintf(path, sizeof(path), "%.*s", STR_ARG(where));
	out->spool_dir = fs_open_dir(path);
	if (out->spool_dir < 0)
		log_error("partition %s: %s", path, strerror(errno));
	return out->spool_dir >= 0;
}

void
front_refuse(int fd, const char *status, const char *text)
{
	char line[SHUTDOWN_TEXT_MAX + 16];
	int n = snprintf(line, sizeof(line), "421 %s %s\r\n", status, text);

	/* A fresh socket takes one line; who cannot read it is closed. */
	if (send(fd, line, (size_t)n, MSG_NOSIGNAL) < 0)
		log_debug("refused connection did not listen");
	close(fd);
}

static bool
is_shut(void *ctx, char *text, size_t size)
{
	const struct front *f = ctx;

	return shutdown_text(f->conf, text, size);
}

/* Stop accepting; sessions between transactions get their 421. */
static void
drain(struct front *f, bool gently)
{
	int64_t now = clock_mono_ms();

	if (f->drain_ms != 0)
		return;
	f->drain_ms = now + DRAIN_MS;
	f->gentle_ms = now + (gently ? GENTLE_MS : 0);
	for (size_t i = 0; i < f->listeners.n; i++) {
		epoll_ctl(f->epoll, EPOLL_CTL_DEL, f->listeners.v[i].fd, NULL);
		io_close(&f->listeners.v[i].fd);
	}
	arrival_end(f);
	for (struct conn *c = f->conns; c != NULL && !gently; c = c->next)
		if (session_idle(c->session))
			conn_close_session(f, c, "4.3.2", "shutting down");
}

/* Our time is over, not the supervisor's idea: it must know. */
static void
retire(struct front *f, const char *why)
{
	if (f->drain_ms != 0)
		return;
	log_info("%s after %u connections, ending", why, f->uses);
	drain(f, true);
	if (!ipc_put(&f->control, IPC_DRAIN, S(""), -1))
		log_debug("no supervisor to tell");
}

static void
count_connection(struct front *f)
{
	f->uses++;
	f->used_ms = clock_mono_ms();
	if (f->tenure.report &&
	    !ipc_put(&f->control, IPC_CONNECTION, S(""), -1))
		log_debug("no supervisor to tell");
	if (f->tenure.uses == 0)
		return;
	/* Another takes its time to start: it is to be there when we go. */
	if (f->uses == f->tenure.uses - f->tenure.uses / SOON_SHARE &&
	    !ipc_put(&f->control, IPC_SOON, S(""), -1))
		log_debug("no supervisor to tell");
	if (f->uses >= f->tenure.uses)
		retire(f, "-U");
}

static void
accept_failed(struct front *f, const struct listener *l)
{
	if (errno == EAGAIN)
		return;
	/* master(8) shuts the socket of a service that it drops. */
	if (errno == EINVAL) {
		retire(f, "socket was shut");
		return;
	}
	log_error("accept on %.*s: %s", STR_ARG(l->name), strerror(errno));
	f->accept_paused = true;
}

void
front_admit(struct front *f, int fd, struct str peer, bool preauth, bool tls)
{
	conn_new(f, fd, peer, preauth, tls);
	count_connection(f);
}

/* Accept one; false when there is none now. */
static bool
accept_one(struct front *f, const struct listener *l)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNIX };
	socklen_t len = sizeof(sa);
	char name[LISTEN_PEER_MAX], text[SHUTDOWN_TEXT_MAX];
	int on = 1;
	int fd = accept4(
	    l->fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
		return true;
	if (fd < 0) {
		accept_failed(f, l);
		return false;
	}
	if (f->nconns + f->narrivals >= f->max_conns) {
		front_refuse(
		    fd, "4.3.2", "too many connections, try again later");
		return true;
	}
	if (is_shut(f, text, sizeof(text))) {
		front_refuse(fd, "4.3.2", text);
		return true;
	}
	if (!l->local)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (l->proxied)
		arrival_new(f, fd, &sa, l);
	else
		front_admit(f, fd, listen_peer_name(&sa, name, sizeof(name)),
		    l->local || f->tenure.preauth, l->tls);
	return true;
}

static void
accept_some(struct front *f, const struct watch *watch)
{
	const struct listener *l = &f->listeners.v[watch - f->listener_watch];

	for (int i = 0; i < ACCEPTS_A_ROUND; i++)
		if (f->accept_paused || f->drain_ms != 0 || !accept_one(f, l))
			return;
}

static void
set_accepting(struct front *f, bool on)
{
	for (size_t i = 0; i < f->listeners.n; i++) {
		struct epoll_event e = { .events = on ? EPOLLIN : 0,
			.data.ptr = &f->listener_watch[i] };

		epoll_ctl(f->epoll, EPOLL_CTL_MOD, f->listeners.v[i].fd, &e);
	}
	f->accept_paused = !on;
}

static void
new_peer(struct front *f, struct ipc_record *record)
{
	enum role role;
	pid_t pid;

	if (record->fd >= 0 && record_get_peer(record->payload, &role, &pid) &&
	    pool_add(f, record->fd, role, pid))
		record->fd = -1; /* it is the pool's now */
}

static void
control_record(struct front *f, struct ipc_record *record)
{
	switch (record->type) {
	case IPC_DRAIN:
		drain(f, record->payload.len > 0);
		break;
	case IPC_PEER:
		new_peer(f, record);
		break;
	case IPC_DUMP:
		state_dump(f);
		break;
	case IPC_PING:
		if (!ipc_put(&f->control, IPC_PING, S(""), -1))
			log_debug("no supervisor to tell");
		break;
	default:
		log_warning("supervisor says %d", (int)record->type);
	}
	io_close(&record->fd);
}

static void
control_event(struct front *f)
{
	struct ipc_record record;
	int got;

	if (!ipc_flush(&f->control))
		log_debug("no supervisor to tell");
	while ((got = ipc_get(&f->control, &record)) == 1)
		control_record(f, &record);
	/* The supervisor is gone: finish and go too. */
	if (got < 0) {
		ipc_close(&f->control);
		drain(f, false);
	}
	if (!f->said_ready && pool_complete(f)) {
		f->said_ready = true;
		ipc_put(&f->control, IPC_READY, S(""), -1);
	}
}

static void
dispatch(struct front *f, struct watch *watch, uint32_t events)
{
	switch (watch->kind) {
	case WATCH_LISTENER:
		accept_some(f, watch);
		break;
	case WATCH_CONTROL:
		control_event(f);
		break;
	case WATCH_PEER:
		pool_event(f, (struct peer *)watch, events);
		break;
	case WATCH_ARRIVAL:
		arrival_event(f, (struct arrival *)watch);
		break;
	case WATCH_CONN:
		if (!((struct conn *)watch)->dead)
			conn_event(f, (struct conn *)watch, events);
		break;
	}
}

static void
free_dead(struct front *f)
{
	f->untidy = false;
	for (struct conn *c = f->conns, *next; c != NULL; c = next) {
		next = c->next;
		if (c->dead && c->again)
			f->untidy = true; /* first it leaves that list */
		else if (c->dead)
			conn_free(f, c);
	}
}

/* Between rounds: who had more to do goes on, who is dead is freed. True
 * when somebody still has more to do. */
static bool
tidy(struct front *f)
{
	pool_free_dead(f);
	arrival_free_departed(f);
	conn_run_later(f);
	if (f->untidy)
		free_dead(f);
	return f->again != NULL;
}

static void
tick(struct front *f, int64_t now)
{
	if (f->accept_paused && f->drain_ms == 0)
		set_accepting(f, true);
	for (struct conn *c = f->conns; c != NULL; c = c->next) {
		if (c->dead)
			continue;
		pool_tick(f, c, now);
		run_tick(f, c, now);
		conn_tick(f, c, now);
	}
	arrival_tick(f, now);
	if (f->nconns > 0)
		f->used_ms = now;
	else if (f->tenure.unused_ms > 0 && f->uses > 0 &&
		 now - f->used_ms >= f->tenure.unused_ms)
		retire(f, "-T");
}

static bool
finished(struct front *f, int64_t now)
{
	if (f->drain_ms == 0)
		return false;
	if (f->nconns == 0)
		return true;
	if (now < f->drain_ms)
		return false;
	log_warning("%u connections did not end in time", f->nconns);
	for (struct conn *c = f->conns; c != NULL; c = c->next)
		if (!c->dead)
			conn_close_session(f, c, "4.3.2", "shutting down");
	return true;
}

static void
loop(struct front *f)
{
	struct epoll_event events[EVENTS_A_ROUND];
	int64_t next_tick = 0;
	bool again = false;

	for (;;) {
		int64_t now;
		int n = epoll_wait(
		    f->epoll, events, EVENTS_A_ROUND, again ? 0 : TICK_MS);

		for (int i = 0; i < n; i++)
			dispatch(f, events[i].data.ptr, events[i].events);
		if (f->accept_paused)
			set_accepting(f, false);
		now = clock_mono_ms();
		if (now >= next_tick) {
			tick(f, now);
			next_tick = now + TICK_MS;
		}
		again = tidy(f);
		if (finished(f, now))
			return;
	}
}

static bool
watch_all(struct front *f)
{
	bool ok = f->epoll >= 0 && io_set_nonblocking(f->control.sock, true) &&
	          front_watch(f, f->control.sock, EPOLLIN | EPOLLOUT | EPOLLET,
		      &f->control_watch);

	for (size_t i = 0; ok && i < f->listeners.n; i++) {
		f->listener_watch[i].kind = WATCH_LISTENER;
		ok = io_set_nonblocking(f->listeners.v[i].fd, true) &&
		     front_watch(f, f->listeners.v[i].fd, EPOLLIN,
			 &f->listener_watch[i]);
	}
	if (!ok)
		log_error("cannot watch listeners: %s", strerror(errno));
	return ok;
}

/*
 * As many connections as are configured and as there are descriptors for: a
 * socket and a spool file each. A 421 is an answer; a connection that nobody
 * can accept is none.
 */
static uint32_t
connections_max(const struct conf *conf)
{
	uint32_t wanted =
	    (uint32_t)conf_int(conf, SETTING_lmtp_max_connections);
	rlim_t taken = FDS_RESERVED;
	struct rlimit limit;
	uint32_t room;

	for (unsigned r = 0; r < ROLE_COUNT; r++)
		taken += role_count(conf, r);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return wanted;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur >= taken + 2 * (rlim_t)wanted)
		return wanted;
	room =
	    limit.rlim_cur > taken ? (uint32_t)(limit.rlim_cur - taken) / 2 : 1;
	log_warning("lmtp_max_connections %u is more than the limit of open "
		    "files allows, %u are served",
	    wanted, room);
	return room > 0 ? room : 1;
}

/* Half of the workers, unless the configuration says a number. */
static uint32_t
user_limit(const struct conf *conf)
{
	uint32_t limit =
	    (uint32_t)conf_int(conf, SETTING_lmtp_user_concurrency_limit);
	uint32_t half = role_count(conf, ROLE_WORKER) / 2;

	if (limit > 0)
		return limit;
	return half > 0 ? half : 1;
}

static void
set_up(struct front *f, const struct conf *conf, int control,
    const struct listeners *listeners, const struct tenure *tenure)
{
	struct arena *a = arena_new("front", 0);
	struct str where[2] = { S(""), S("/") };

	*f = (struct front){ .conf = conf, .arena = a, .tenure = *tenure };
	ipc_init(&f->control, control);
	f->control_watch.kind = WATCH_CONTROL;
	f->listeners = *listeners;
	f->listener_watch = ARENA_ARRAY(a, listeners->n, struct watch);
	where[0] = conf_default_partition(conf);
	f->partition = str_join(a, where, 2);
	f->max_conns = connections_max(conf);
	f->nslots = f->max_conns;
	f->slots = ARENA_ARRAY(a, f->nslots, struct conn *);
	f->queue_tail = &f->queue;
	f->timeout_ms = conf_int(conf, SETTING_lmtp_timeout) * 1000;
	f->session_ms = conf_int(conf, SETTING_lmtp_session_timeout) * 1000;
	f->delivery_ms = conf_int(conf, SETTING_lmtp_delivery_timeout) * 1000;
	f->fair.limit = user_limit(conf);
	f->budget.max = (uint64_t)conf_int(conf, SETTING_lmtp_spool_budget);
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	buf_init(&f->scratch, 256 * 1024 * 1024);
	buf_init(&f->input, 1024 * 1024);
}

/* Else the process does not start, and a reload is not taken. */
static bool
networks_ok(const struct conf *conf)
{
	const struct strlist *list =
	    conf_list(conf, SETTING_lmtp_proxy_networks);

	for (size_t i = 0; i < list->n; i++) {
		if (network_ok(list->v[i]))
			continue;
		log_error("lmtp_proxy_networks: %.*s is no network",
		    STR_ARG(list->v[i]));
		return false;
	}
	return true;
}

static bool
tls_ok(struct front *f)
{
	struct fail why;
	bool wanted = conf_bool(f->conf, SETTING_allowstarttls), must = false;

	for (size_t i = 0; i < f->listeners.n; i++)
		must = must || f->listeners.v[i].tls;
	if (!wanted && !must)
		return true;
	if (!tls_context_new(f->conf, &f->tls, &why)) {
		log_error("%s", why.text);
		return false;
	}
	f->session.starttls = wanted && f->tls != NULL;
	if (must && f->tls == NULL)
		log_error("a listener wants TLS, and tls_server_cert or "
			  "tls_server_key is not set");
	return f->tls != NULL || !must;
}

/* Nobody but network peers that are not trusted is asked. */
static bool
needs_auth(const struct front *f)
{
	for (size_t i = 0; i < f->listeners.n && !f->tenure.preauth; i++)
		if (!f->listeners.v[i].local || f->listeners.v[i].proxied)
			return true;
	return false;
}

/* That nothing is offered must not be a secret. */
static void
check_mechanisms(struct front *f)
{
	struct auth *a = auth_new(f->arena, f->conf, true, S(""));

	if (a == NULL || auth_functions.mechanisms(a).len == 0)
		log_warning("AUTH: no mechanism is there (sasl_mech_list, "
			    "modules of Cyrus SASL)");
	auth_free(a);
}

static void
start_auth(struct front *f)
{
	struct fail why;

	if (!needs_auth(f))
		return;
	f->auth = auth_start(f->arena, f->conf, &why);
	if (f->auth)
		check_mechanisms(f);
	else
		log_warning("no AUTH: %s", why.text);
}

int
front_main(const struct conf *conf, int control,
    const struct listeners *listeners, const struct tenure *tenure)
{
	struct front f;
	bool ok;

	set_up(&f, conf, control, listeners, tenure);
	ok = session_config_init(&f.session, conf) && networks_ok(conf) &&
	     tls_ok(&f) && watch_all(&f);
	f.session.budget = &f.budget;
	f.session.ids = &f.ids;
	f.together = deliver_together_max(conf, f.session.spool_dir);
	f.session.shut = is_shut;
	f.session.shut_ctx = &f;
	if (ok) {
		start_auth(&f);
		loop(&f);
	}
	while (f.conns != NULL)
		conn_free(&f, f.conns);
	arrival_end(&f);
	arrival_free_departed(&f);
	for (struct peer *p = f.peers; p != NULL; p = p->next)
		p->dead = true;
	pool_free_dead(&f);
	ipc_close(&f.control);
	tls_context_free(f.tls);
	if (f.auth)
		auth_stop();
	buf_free(&f.scratch);
	buf_free(&f.input);
	arena_free(f.arena);
	return ok ? 0 : 71; /* EX_OSERR */
}
