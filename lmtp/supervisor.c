/*
 * supervisor: forks the roles, replaces those that die, drains. Parses no
 * mail and speaks to no client; it only holds the listening sockets.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/ipc.h"
#include "lmtp/record.h"
#include "lmtp/roles.h"

enum {
	DRAIN_MS = 30 * 1000,
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 500, /* all of a role may wait at once */
	SETTLED_MS = 5000,    /* a child that lived so long starts afresh */
};

struct child {
	enum role role;
	pid_t pid; /* 0: not running */
	int64_t started_ms, respawn_ms, backoff_ms;
};

struct supervisor {
	const struct conf *conf;
	struct listeners listeners;
	struct child *child; /* [0] is the front */
	size_t nchildren;
	struct ipc control; /* to the front */
	int signals;
	sigset_t old_mask;
	bool ready_said, draining;
	int64_t drain_limit_ms;
	void (*ready)(const struct listeners *);
};

static int (*const role_main[ROLE_COUNT])(const struct conf *, int) = {
	[ROLE_ASK] = ask_main,
	[ROLE_WORKER] = worker_main,
	[ROLE_OUT] = out_main,
};

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
	case ROLE_OUT:
		return (workers + 1) / 2;
	default:
		return 1;
	}
}

static void
ignore_signals(void)
{
	static const int list[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1 };

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		signal(list[i], SIG_IGN);
}

/*
 * A child ends when the one it serves does, not when a terminal or a
 * service manager signals everybody: a transaction is never cut short.
 */
static void
become_child(struct supervisor *s, enum role role)
{
	ignore_signals();
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
	close(s->signals);
	log_set_role(role_names[role]);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_NAME, role_names[role], 0, 0, 0);
}

static _Noreturn void
run_child(struct supervisor *s, enum role role, int sock)
{
	int status;

	become_child(s, role);
	if (role == ROLE_FRONT) {
		status = front_main(s->conf, sock, &s->listeners);
	} else {
		ipc_close(&s->control);
		for (size_t i = 0; i < s->listeners.n; i++)
			close(s->listeners.v[i].fd);
		status = role_main[role](s->conf, sock);
	}
	exit(status);
}

/* Fork one role; its end of the pair is the last thing it inherits. */
static bool
spawn(struct supervisor *s, struct child *c, int *ours)
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
		run_child(s, c->role, pair[1]);
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
start_front(struct supervisor *s)
{
	int sock;

	ipc_close(&s->control);
	if (spawn(s, &s->child[0], &sock))
		ipc_init(&s->control, sock);
	else
		plan_respawn(&s->child[0]);
}

static void
start_helper(struct supervisor *s, struct child *c)
{
	struct buf b;
	int sock;

	if (!spawn(s, c, &sock)) {
		plan_respawn(c);
		return;
	}
	buf_init(&b, 64);
	record_put_peer(&b, c->role, c->pid);
	/* Should the front be gone, the child sees its end closed and ends. */
	if (!ipc_put(&s->control, IPC_PEER, buf_str(&b), sock))
		log_warning(
		    "front does not take a new %s", role_names[c->role]);
	io_close(&sock);
	buf_free(&b);
}

static void
start_missing(struct supervisor *s)
{
	int64_t now = clock_mono_ms();

	if (s->draining)
		return;
	if (s->child[0].pid == 0 && now >= s->child[0].respawn_ms)
		start_front(s);
	if (s->child[0].pid == 0)
		return;
	for (size_t i = 1; i < s->nchildren; i++)
		if (s->child[i].pid == 0 && now >= s->child[i].respawn_ms)
			start_helper(s, &s->child[i]);
}

/* The others served a front that is no more: they end by themselves. */
static void
front_died(struct supervisor *s)
{
	for (size_t i = 1; i < s->nchildren; i++) {
		s->child[i].pid = 0;
		s->child[i].respawn_ms = 0;
	}
}

static void
report_end(const struct supervisor *s, const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		log_error("%s %d died of signal %d", role_names[c->role],
		    (int)c->pid, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_error("%s %d exited with status %d", role_names[c->role],
		    (int)c->pid, WEXITSTATUS(status));
	else if (!s->draining)
		log_debug("%s %d ended", role_names[c->role], (int)c->pid);
}

static void
reap(struct supervisor *s)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < s->nchildren; i++) {
			struct child *c = &s->child[i];

			if (c->pid != pid)
				continue;
			report_end(s, c, status);
			plan_respawn(c);
			if (i == 0)
				front_died(s);
			break;
		}
	}
}

static void
begin_drain(struct supervisor *s)
{
	if (s->draining)
		return;
	log_info("shutting down");
	s->draining = true;
	s->drain_limit_ms = clock_mono_ms() + DRAIN_MS;
	ipc_put(&s->control, IPC_DRAIN, S(""), -1);
}

static void
read_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (
	    io_read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else if (info.ssi_signo == SIGHUP)
			log_warning("SIGHUP: this version does not reload, "
				    "restart it");
		else if (info.ssi_signo != SIGUSR1)
			begin_drain(s);
	}
}

static void
read_control(struct supervisor *s)
{
	struct ipc_record record;

	if (ipc_get(&s->control, &record) != 1) {
		ipc_close(&s->control); /* SIGCHLD tells the rest */
		return;
	}
	io_close(&record.fd);
	if (record.type == IPC_READY && !s->ready_said) {
		s->ready_said = true;
		s->ready(&s->listeners);
	}
}

static int
poll_timeout(const struct supervisor *s)
{
	int64_t now = clock_mono_ms(), at = now + 60 * 1000;

	for (size_t i = 0; i < s->nchildren; i++)
		if (s->child[i].pid == 0 && s->child[i].respawn_ms < at)
			at = s->child[i].respawn_ms;
	if (s->draining)
		at = now + 100;
	return at > now ? (int)(at - now) : 10;
}

static bool
any_running(const struct supervisor *s)
{
	for (size_t i = 0; i < s->nchildren; i++)
		if (s->child[i].pid > 0)
			return true;
	return false;
}

static void
loop(struct supervisor *s)
{
	for (;;) {
		struct pollfd p[2] = { { .events = POLLIN },
			{ .events = POLLIN } };

		start_missing(s);
		p[0].fd = s->signals;
		p[1].fd = s->control.sock;
		poll(p, 2, poll_timeout(s));
		if (p[1].fd >= 0 && p[1].revents != 0)
			read_control(s);
		read_signals(s);
		if (s->draining && !any_running(s))
			return;
		if (s->draining && clock_mono_ms() > s->drain_limit_ms) {
			log_error("children do not end, killing them");
			for (size_t i = 0; i < s->nchildren; i++)
				if (s->child[i].pid > 0)
					kill(s->child[i].pid, SIGKILL);
			return;
		}
	}
}

static bool
catch_signals(struct supervisor *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &s->old_mask);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals >= 0;
}

static void
list_children(struct supervisor *s, struct arena *a)
{
	size_t n = 0;

	for (unsigned r = 0; r < ROLE_COUNT; r++)
		n += role_count(s->conf, r);
	s->child = ARENA_ARRAY(a, n, struct child);
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		for (unsigned i = 0; i < role_count(s->conf, r); i++)
			s->child[s->nchildren++].role = (enum role)r;
}

int
supervisor_main(const struct conf *conf, const struct listeners *listeners,
    void (*ready)(const struct listeners *))
{
	struct supervisor s = {
		.conf = conf,
		.listeners = *listeners,
		.control = { .sock = -1, .in_fd = -1 },
		.ready = ready,
	};
	struct arena *a = arena_new("supervisor", 0);

	list_children(&s, a);
	if (!catch_signals(&s)) {
		log_error("signalfd: %s", strerror(errno));
		return 71; /* EX_OSERR */
	}
	loop(&s);
	ipc_close(&s.control);
	arena_free(a);
	return 0;
}
