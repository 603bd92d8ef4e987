/*
 * supervisor: from the first generation of roles to the last: signals,
 * reloads, drain, and what the parent wants to know. Parses no mail and
 * speaks to no client; it only holds the listening sockets.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/generation.h"
#include "lmtp/listen.h"
#include "lmtp/load.h"
#include "lmtp/signals.h"

enum {
	CONTROLS_MAX = 8, /* generations that are heard at once */
	ROUND_MS = 60 * 1000,
	MASTER_ROUND_MS = 1000, /* how often to look for an upgrade */
	DRAIN_ROUND_MS = 100,
};

struct supervisor {
	struct household h;
	const char *config;
	void (*ready)(const struct listeners *);
	bool ready_said, draining;
	int64_t ping_ms; /* when the front is asked next whether it lives */
};

/* --- generations --------------------------------------------------------- */

static void
begin_drain(struct supervisor *s, bool gently)
{
	if (s->draining)
		return;
	s->draining = true;
	log_info("shutting down");
	parent_leaving(&s->h.parent);
	for (struct generation *g = s->h.generations; g != NULL; g = g->next)
		generation_drain(g, gently);
	/* Who comes now is to be refused at once, not to wait for nothing. */
	listen_unlink(&s->h.listeners);
	for (size_t i = 0; i < s->h.listeners.n; i++)
		io_close(&s->h.listeners.v[i].fd);
}

static void
say_ready(struct supervisor *s, struct generation *g)
{
	bool reloaded = s->ready_said;

	g->ready = true;
	s->ready_said = true;
	if (!reloaded)
		s->ready(&s->h.listeners);
	else if (g->next != NULL)
		log_info("reloaded");
	parent_ready(&s->h.parent, "ready");
	load_apply(g->conf);
	for (struct generation *old = g->next; old != NULL; old = old->next)
		generation_drain(old, true);
}

/* What was wrong with the new configuration shows only when it is used. */
static void
abandon(struct supervisor *s, struct generation *g)
{
	log_error("the new configuration does not work, keeping the old one");
	generation_drain(g, false);
	parent_ready(&s->h.parent, "ready; the last reload failed");
}

static bool
has_older(const struct generation *g)
{
	for (g = g->next; g != NULL; g = g->next)
		if (g->ready && !g->draining)
			return true;
	return false;
}

static void
reload(struct supervisor *s)
{
	struct arena *a;
	struct conf *conf;

	if (s->draining)
		return;
	parent_reloading(&s->h.parent);
	a = arena_new("generation", 0);
	conf = load_conf(a, s->config, true);
	if (conf == NULL) {
		log_error("configuration not reloaded, keeping the old one");
		parent_ready(&s->h.parent, "ready; the last reload failed");
		arena_free(a);
		return;
	}
	/* One that is not even ready is overtaken. */
	for (struct generation *g = s->h.generations; g != NULL; g = g->next)
		if (!g->ready && has_older(g))
			generation_drain(g, false);
	generation_new(&s->h, a, conf);
}

static void
start_missing(struct supervisor *s)
{
	for (struct generation *g = s->h.generations; g != NULL; g = g->next)
		generation_start_missing(&s->h, g);
}

/* Remove those that have ended; kill those that do not. */
static void
end_drained(struct supervisor *s)
{
	int64_t now = clock_mono_ms();

	for (struct generation *g = s->h.generations, *next; g != NULL;
	     g = next) {
		next = g->next;
		if (!g->draining)
			continue;
		if (generation_running(g) && now > g->drain_limit_ms)
			generation_kill(g);
		if (!generation_running(g))
			generation_free(&s->h, g);
	}
}

/* --- signals ------------------------------------------------------------- */

static void
reap(struct supervisor *s)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct generation *g = s->h.generations;
		bool front = false;

		while (g != NULL && !generation_reap(g, pid, status, &front))
			g = g->next;
		if (g != NULL && front && !g->ready && !g->draining &&
		    has_older(g))
			abandon(s, g);
	}
}

static void
tell_fronts(struct supervisor *s, enum ipc_type type)
{
	for (struct generation *g = s->h.generations; g != NULL; g = g->next)
		if (!ipc_put(&g->control, type, S(""), -1))
			log_debug("no front to tell");
}

/* The two meanings of SIGHUP: master(8) starts another, else we reload. */
static void
hang_up(struct supervisor *s)
{
	if (s->h.parent.master)
		begin_drain(s, false);
	else
		reload(s);
}

static void
read_signals(struct supervisor *s)
{
	int number;

	while ((number = signals_next(s->h.signals)) != 0) {
		if (number == SIGCHLD)
			reap(s);
		else if (number == SIGHUP)
			hang_up(s);
		else if (number == SIGUSR1)
			tell_fronts(s, IPC_DUMP);
		else
			begin_drain(s, false);
	}
}

/* --- fronts -------------------------------------------------------------- */

static void
take_record(
    struct supervisor *s, struct generation *g, struct ipc_record *record)
{
	io_close(&record->fd);
	switch (record->type) {
	case IPC_READY:
		if (!g->ready && !g->draining)
			say_ready(s, g);
		break;
	case IPC_CONNECTION:
		parent_connection(&s->h.parent);
		break;
	case IPC_SOON:
		parent_leaving_soon(&s->h.parent);
		break;
	case IPC_PING:
		parent_alive(&s->h.parent);
		break;
	case IPC_DRAIN: /* it has served its time: -U, -T */
		if (!g->draining)
			begin_drain(s, true);
		break;
	default:
		log_warning("front says %d", (int)record->type);
	}
}

static void
read_control(struct supervisor *s, struct generation *g)
{
	struct ipc_record record;
	int got;

	if (!ipc_flush(&g->control))
		log_debug("front does not listen");
	while ((got = ipc_get(&g->control, &record)) == 1)
		take_record(s, g, &record);
	if (got < 0)
		ipc_close(&g->control); /* SIGCHLD tells the rest */
}

/* The watchdog's sign is given for a front that answers. */
static void
ping(struct supervisor *s)
{
	int64_t now = clock_mono_ms();

	if (s->h.parent.watchdog_ms <= 0 || now < s->ping_ms)
		return;
	s->ping_ms = now + s->h.parent.watchdog_ms / 3;
	tell_fronts(s, IPC_PING);
}

static int
poll_timeout(const struct supervisor *s)
{
	int64_t now = clock_mono_ms();
	int64_t at = now + (s->h.parent.master ? MASTER_ROUND_MS : ROUND_MS);

	for (struct generation *g = s->h.generations; g != NULL; g = g->next) {
		at = generation_next_start(g, at);
		if (g->draining && at > now + DRAIN_ROUND_MS)
			at = now + DRAIN_ROUND_MS;
	}
	if (s->h.parent.watchdog_ms > 0 && s->ping_ms < at)
		at = s->ping_ms;
	return at > now ? (int)(at - now) : 10;
}

/* Its successor wants our address, and nobody else would end us. */
static void
parent_died(struct supervisor *s)
{
	log_warning("master is gone");
	parent_close(&s->h.parent);
	begin_drain(s, false);
}

static void
wait_and_listen(struct supervisor *s)
{
	struct pollfd p[2 + CONTROLS_MAX] = { { .fd = s->h.signals,
	    .events = POLLIN } };
	struct generation *of[CONTROLS_MAX];
	nfds_t n = 0;

	for (struct generation *g = s->h.generations;
	     g != NULL && n < CONTROLS_MAX; g = g->next) {
		short out = ipc_pending(&g->control) ? POLLOUT : 0;

		of[n++] = g;
		p[n] = (struct pollfd){ .fd = g->control.sock,
			.events = (short)(POLLIN | out) };
	}
	/* Nobody reads what we say: no events, only an error is heard. */
	p[n + 1] = (struct pollfd){ .fd = s->h.parent.status };
	poll(p, n + 2, poll_timeout(s));
	if (p[n + 1].fd >= 0 && (p[n + 1].revents & POLLERR) != 0)
		parent_died(s);
	for (nfds_t i = 0; i < n; i++)
		if (p[i + 1].fd >= 0 && p[i + 1].revents != 0)
			read_control(s, of[i]);
}

static void
loop(struct supervisor *s)
{
	while (s->h.generations != NULL) {
		start_missing(s);
		wait_and_listen(s);
		read_signals(s);
		end_drained(s);
		ping(s);
		parent_retry(&s->h.parent);
		if (!s->draining && parent_upgraded(&s->h.parent)) {
			log_info("the executable was replaced");
			begin_drain(s, true);
		}
	}
}

int
supervisor_main(const struct conf *conf, const struct supervision *what)
{
	struct supervisor s = {
		.h = {
			.listeners = what->listeners,
			.tenure = what->tenure,
			.debug = what->debug,
			.parent = *what->parent,
		},
		.config = what->config,
		.ready = what->ready,
	};

	s.h.signals = signals_open();
	if (s.h.signals < 0)
		return 71; /* EX_OSERR */
	generation_new(&s.h, arena_new("generation", 0), conf);
	loop(&s);
	return 0;
}
