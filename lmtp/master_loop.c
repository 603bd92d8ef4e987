/*
 * master_loop: a master from the moment its services can be reached to its
 * end: signals, reloads, and the order in which all ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lmtp/load.h"
#include "lmtp/master.h"
#include "lmtp/signals.h"

enum {
	ROUND_MS = 60 * 1000,
	END_MS = 40 * 1000, /* a session may take 30 s of it */
};

/* --- reload --------------------------------------------------------------- */

bool
master_load(struct master *m, bool to_log)
{
	struct arena *a = arena_new("configuration", 0);
	struct conf_messages messages = { 0 };
	struct conf *conf = load_conf(a, m->options->config, to_log);
	struct services *services =
	    services_load(a, m->options->services, &messages);

	load_report(&messages, to_log);
	if (conf == NULL || services == NULL) {
		arena_free(a);
		return false;
	}
	m->arena = a;
	m->conf = conf;
	m->services = services;
	return true;
}

/* Who serves goes on until the client is done, and a new one takes over. */
static void
recycle(struct service *s)
{
	if (!s->retired)
		service_signal(s, SIGHUP);
	/* A daemon goes on unless it wants to end. */
	for (struct instance *i = s->instances; i != NULL && s->daemon;
	     i = i->next)
		i->leaving = s->retired;
}

static void
reload(struct master *m)
{
	struct arena *old = m->arena;

	parent_reloading(&m->parent);
	if (!master_load(m, true)) {
		log_error("configuration not reloaded, keeping the old one");
		parent_ready(&m->parent, "ready; the last reload failed");
		return;
	}
	load_apply(m->conf);
	if (!service_apply(m))
		log_error("some services cannot be reached");
	event_apply(m, false);
	for (struct service *s = m->list; s != NULL; s = s->next)
		recycle(s);
	arena_free(old);
	log_info("reloaded");
	parent_ready(&m->parent, "ready");
}

/* --- end ------------------------------------------------------------------ */

static bool
is_last_to_end(const struct service *s)
{
	return s->daemon && s->entry.wait;
}

static void
begin_end(struct master *m)
{
	if (m->ending)
		return;
	m->ending = true;
	m->end_limit_ms = clock_mono_ms() + END_MS;
	log_info("shutting down");
	parent_leaving(&m->parent);
	if (unlink(m->ready_file) != 0)
		log_debug("%s: %s", m->ready_file, strerror(errno));
	for (struct service *s = m->list; s != NULL; s = s->next) {
		if (is_last_to_end(s))
			continue;
		service_signal(s, SIGTERM);
		service_retire(s);
	}
	for (size_t i = 0; i < m->nevents; i++)
		if (m->events[i].pid > 0)
			kill(m->events[i].pid, SIGTERM);
}

/* When the others are gone: daemons that were waited for, the last first. */
static void
end_last(struct master *m)
{
	struct service *last = NULL;

	for (struct service *s = m->list; s != NULL; s = s->next) {
		if (!is_last_to_end(s))
			return;
		last = s;
	}
	if (last != NULL && !last->retired) {
		service_retire(last);
		service_signal(last, SIGTERM);
	}
}

static void
kill_all(struct master *m)
{
	for (struct service *s = m->list; s != NULL; s = s->next) {
		if (s->instances == NULL)
			continue;
		log_error("%s does not end, killing it", s->name);
		service_retire(s);
		service_signal(s, SIGKILL);
	}
	m->end_limit_ms = INT64_MAX;
}

/* --- signals -------------------------------------------------------------- */

static void
reap(struct master *m)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!service_reap(m, pid, status) &&
		    !event_reap(m, pid, status))
			log_debug("%d ended", (int)pid);
}

static void
read_signals(struct master *m)
{
	int number;

	while ((number = signals_next(m->signals)) != 0) {
		if (number == SIGCHLD)
			reap(m);
		else if (number == SIGUSR1)
			for (struct service *s = m->list; s != NULL;
			     s = s->next)
				service_dump(s);
		else if (number != SIGHUP)
			begin_end(m);
		else if (!m->ending)
			reload(m);
	}
}

/* --- the loop ------------------------------------------------------------- */

static size_t
count_services(const struct master *m)
{
	size_t n = 0;

	for (const struct service *s = m->list; s != NULL; s = s->next)
		n++;
	return n;
}

static int
poll_timeout(const struct master *m)
{
	int64_t now = clock_mono_ms(), at = event_next(m, now + ROUND_MS);

	for (const struct service *s = m->list; s != NULL; s = s->next)
		at = service_next(s, at);
	if (m->ending && m->end_limit_ms < at)
		at = m->end_limit_ms;
	return at > now ? (int)(at - now) : 0;
}

/* A socket is only looked at when a connection would make us fork. */
static void
wait_for_something(struct master *m, struct arena *a)
{
	size_t n = 1 + 2 * count_services(m);
	struct pollfd *p = ARENA_ARRAY(a, n, struct pollfd), *i = p + 1;

	p[0] = (struct pollfd){ .fd = m->signals, .events = POLLIN };
	for (struct service *s = m->list; s != NULL; s = s->next, i += 2) {
		i[0] = (struct pollfd){ .fd = s->status_in, .events = POLLIN };
		i[1] = (struct pollfd){
			.fd = service_listens(s) ? s->socket.fd : -1,
			.events = POLLIN,
		};
	}
	poll(p, n, poll_timeout(m));
	i = p + 1;
	for (struct service *s = m->list; s != NULL; s = s->next, i += 2) {
		if (i[0].fd >= 0 && i[0].revents != 0)
			service_read_status(s);
		s->poked = i[1].fd >= 0 && i[1].revents != 0;
	}
}

static void
tend(struct master *m)
{
	for (struct service *s = m->list; s != NULL; s = s->next)
		service_tend(m, s);
	event_tend(m);
}

void
master_loop(struct master *m)
{
	struct arena *round = arena_new("round", 0);

	for (;;) {
		read_signals(m);
		service_free_ended(m);
		if (!m->ending) {
			tend(m);
		} else {
			end_last(m);
			if (clock_mono_ms() >= m->end_limit_ms)
				kill_all(m);
			service_free_ended(m);
			if (m->list == NULL)
				break;
		}
		wait_for_something(m, round);
		arena_reset(round);
	}
	arena_free(round);
}
