/*
 * generation: forks the roles of one configuration and keeps them running.
 * Knows neither signals nor who started us.
 */
#include "lmtp/generation.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/debug.h"
#include "lmtp/signals.h"

enum {
	DRAIN_MS = 30 * 1000,
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 500, /* all of a role may wait at once */
	SETTLED_MS = 5000,    /* a child that lived so long starts afresh */
	ASKERS_NETWORK = 4,
};

static int (*const role_main[ROLE_COUNT])(const struct conf *, int) = {
	[ROLE_ASK] = ask_main,
	[ROLE_WORKER] = worker_main,
	[ROLE_OUT] = out_main,
};

/* A look-up on a disk is soon done; one in a network may take its time. */
static unsigned
asker_count(const struct conf *conf)
{
	const struct strlist *ends = conf_list(conf, SETTING_account_backends);
	unsigned n = (unsigned)conf_int(conf, SETTING_lmtp_askers);

	if (n > 0)
		return n;
	return strlist_has(ends, S("nss")) || strlist_has(ends, S("dovecot"))
	           ? ASKERS_NETWORK
	           : 1;
}

unsigned
role_count(const struct conf *conf, unsigned role)
{
	unsigned workers = (unsigned)conf_int(conf, SETTING_lmtp_workers);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (workers == 0)
		workers = cores > 2 ? 4 * (unsigned)cores : 8;
	switch (role) {
	case ROLE_WORKER:
		return workers;
	case ROLE_ASK:
		return asker_count(conf);
	case ROLE_OUT:
		return (workers + 1) / 2;
	default:
		return 1;
	}
}

struct generation *
generation_new(struct household *h, struct arena *a, const struct conf *conf)
{
	struct generation *g = ARENA_NEW(a, struct generation);
	size_t n = 0;

	*g = (struct generation){ .arena = a, .conf = conf };
	g->control = (struct ipc){ .sock = -1, .in_fd = -1 };
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		n += role_count(conf, r);
	g->child = ARENA_ARRAY(a, n, struct child);
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		for (unsigned i = 0; i < role_count(conf, r); i++)
			g->child[g->nchildren++].role = (enum role)r;
	g->next = h->generations;
	h->generations = g;
	return g;
}

void
generation_free(struct household *h, struct generation *g)
{
	struct generation **at = &h->generations;

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	ipc_close(&g->control);
	arena_free(g->arena);
}

/* --- children ------------------------------------------------------------ */

static void
ignore_signals(void)
{
	static const int list[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1 };

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		signal(list[i], SIG_IGN);
}

/*
 * A child ends when the one it serves does, not when a terminal or a
 * service manager signals everybody: a transaction is never cut short. So
 * it must not hold what tells another's end, either.
 */
static void
become_child(struct household *h, const struct generation *g, enum role role)
{
	ignore_signals();
	signals_release();
	close(h->signals);
	parent_close(&h->parent);
	for (struct generation *i = h->generations; i != NULL; i = i->next)
		ipc_close(&i->control);
	log_set_role(role_names[role]);
	if (h->debug != NULL && (role == ROLE_FRONT || role == ROLE_WORKER))
		debug_run(g->conf, h->debug);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_NAME, role_names[role], 0, 0, 0);
}

static _Noreturn void
run_child(
    struct household *h, const struct generation *g, enum role role, int sock)
{
	become_child(h, g, role);
	if (role == ROLE_FRONT)
		exit(front_main(g->conf, sock, &h->listeners, &h->tenure));
	for (size_t i = 0; i < h->listeners.n; i++)
		close(h->listeners.v[i].fd);
	exit(role_main[role](g->conf, sock));
}

/* Fork one role; its end of the pair is the last thing it inherits. */
static bool
spawn(
    struct household *h, const struct generation *g, struct child *c, int *ours)
{
	int pair[2];

	c->started_ms = clock_mono_ms();
	if (!ipc_pair(pair)) {
		log_error("socketpair: %s", strerror(errno));
		return false;
	}
	c->pid = fork();
	if (c->pid == 0) {
		close(pair[0]);
		run_child(h, g, c->role, pair[1]);
	}
	close(pair[1]);
	if (c->pid < 0) {
		log_error("fork: %s", strerror(errno));
		c->pid = 0;
		close(pair[0]);
		return false;
	}
	*ours = pair[0];
	return true;
}

/* At once the first time, slower when it dies again and again. */
static void
plan_respawn(struct child *c)
{
	int64_t now = clock_mono_ms();

	c->pid = 0;
	c->respawn_ms = now;
	if (now - c->started_ms >= SETTLED_MS) {
		c->backoff_ms = 0;
		return;
	}
	c->respawn_ms = now + c->backoff_ms;
	c->backoff_ms = c->backoff_ms == 0 ? BACKOFF_MIN_MS : c->backoff_ms * 2;
	if (c->backoff_ms > BACKOFF_MAX_MS)
		c->backoff_ms = BACKOFF_MAX_MS;
}

static void
start_front(struct household *h, struct generation *g)
{
	int sock;

	ipc_close(&g->control);
	if (!spawn(h, g, &g->child[0], &sock)) {
		plan_respawn(&g->child[0]);
		return;
	}
	/* The front may be slow, the supervisor must not be. */
	if (!io_set_nonblocking(sock, true))
		log_error("socketpair: %s", strerror(errno));
	ipc_init(&g->control, sock);
}

static void
start_helper(struct household *h, struct generation *g, struct child *c)
{
	struct buf b;
	int sock;

	if (!spawn(h, g, c, &sock)) {
		plan_respawn(c);
		return;
	}
	buf_init(&b, 64);
	record_put_peer(&b, c->role, c->pid);
	/* Should the front be gone, the child sees its end closed and ends. */
	if (!ipc_put(&g->control, IPC_PEER, buf_str(&b), sock))
		log_warning(
		    "front does not take a new %s", role_names[c->role]);
	io_close(&sock);
	buf_free(&b);
}

void
generation_start_missing(struct household *h, struct generation *g)
{
	int64_t now = clock_mono_ms();

	if (g->draining)
		return;
	if (g->child[0].pid == 0 && now >= g->child[0].respawn_ms)
		start_front(h, g);
	if (g->child[0].pid == 0)
		return;
	for (size_t i = 1; i < g->nchildren; i++)
		if (g->child[i].pid == 0 && now >= g->child[i].respawn_ms)
			start_helper(h, g, &g->child[i]);
}

int64_t
generation_next_start(const struct generation *g, int64_t limit_ms)
{
	if (g->draining)
		return limit_ms;
	for (size_t i = 0; i < g->nchildren; i++)
		if (g->child[i].pid == 0 && g->child[i].respawn_ms < limit_ms)
			limit_ms = g->child[i].respawn_ms;
	return limit_ms;
}

/* --- their end ----------------------------------------------------------- */

/* The others served a front that is no more: they end by themselves, and
 * nobody waits for them unless all is to end. */
static void
front_died(struct generation *g)
{
	if (g->draining)
		return;
	for (size_t i = 1; i < g->nchildren; i++) {
		g->child[i].pid = 0;
		g->child[i].respawn_ms = 0;
	}
}

static void
report_end(const struct generation *g, const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		log_error("%s %d died of signal %d", role_names[c->role],
		    (int)c->pid, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_error("%s %d exited with status %d", role_names[c->role],
		    (int)c->pid, WEXITSTATUS(status));
	else if (!g->draining)
		log_debug("%s %d ended", role_names[c->role], (int)c->pid);
}

bool
generation_reap(struct generation *g, pid_t pid, int status, bool *front)
{
	for (size_t i = 0; i < g->nchildren; i++) {
		struct child *c = &g->child[i];

		if (c->pid != pid)
			continue;
		report_end(g, c, status);
		plan_respawn(c);
		*front = i == 0;
		if (*front)
			front_died(g);
		return true;
	}
	return false;
}

void
generation_drain(struct generation *g, bool gently)
{
	if (g->draining)
		return;
	g->draining = true;
	g->drain_limit_ms = clock_mono_ms() + DRAIN_MS;
	/* Should the front be gone, there is nothing to drain. */
	if (!ipc_put(&g->control, IPC_DRAIN, gently ? S("gently") : S(""), -1))
		log_debug("no front to drain");
}

bool
generation_running(const struct generation *g)
{
	for (size_t i = 0; i < g->nchildren; i++)
		if (g->child[i].pid > 0)
			return true;
	return false;
}

void
generation_kill(struct generation *g)
{
	log_error("children do not end, killing them");
	for (size_t i = 0; i < g->nchildren; i++)
		if (g->child[i].pid > 0)
			kill(g->child[i].pid, SIGKILL);
	/* One that hangs in the kernel is not waited for. */
	for (size_t i = 0; i < g->nchildren; i++)
		g->child[i].pid = 0;
}
