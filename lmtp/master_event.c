/*
 * master_event: EVENTS of cyrus.conf(5): programs that run by the clock on
 * the wall, one of each at a time.
 */
#include <signal.h>
#include <sys/wait.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lmtp/master.h"

enum { MINUTE_S = 60, DAY_S = 24 * 60 * 60 };

static int64_t
wall_s(void)
{
	return clock_wall_us() / 1000000;
}

/* The next time the local clock says that minute of the day. */
static int64_t
next_minute_of_day(int64_t minute, int64_t now)
{
	time_t t = (time_t)now;
	struct tm day;

	localtime_r(&t, &day);
	day.tm_hour = (int)(minute / 60);
	day.tm_min = (int)(minute % 60);
	day.tm_sec = 0;
	day.tm_isdst = -1;
	t = mktime(&day);
	if (t <= (time_t)now) {
		day.tm_mday++;
		day.tm_isdst = -1;
		t = mktime(&day);
	}
	return (int64_t)t;
}

static int64_t
next_time(const struct services_entry *e, int64_t now)
{
	if (e->at_minute >= 0)
		return next_minute_of_day(e->at_minute, now);
	return e->period > 0 ? now + e->period * MINUTE_S : INT64_MAX;
}

/* What has no time of the day runs at the start, as in the original. */
void
event_apply(struct master *m, bool first)
{
	const struct services *all = m->services;
	int64_t now = wall_s();

	m->nevents = all->n[SERVICES_EVENTS];
	m->events = ARENA_ARRAY(m->arena, m->nevents, struct event);
	for (size_t i = 0; i < m->nevents; i++) {
		const struct services_entry *e = &all->v[SERVICES_EVENTS][i];

		m->events[i].entry = e;
		m->events[i].next_s =
		    first && e->at_minute < 0 ? now : next_time(e, now);
	}
}

static void
run(struct master *m, struct event *e)
{
	struct spawn how = {
		.argv = e->entry->argv, .status = -1, .socket = -1
	};
	pid_t pid;

	if (e->pid > 0) {
		log_warning("event %.*s: the last run, %d, is not over",
		    STR_ARG(e->entry->name), (int)e->pid);
		return;
	}
	pid = master_spawn(m, &how);
	e->pid = pid > 0 ? pid : 0;
}

void
event_tend(struct master *m)
{
	int64_t now = wall_s();

	for (size_t i = 0; i < m->nevents && !m->ending; i++) {
		struct event *e = &m->events[i];
		int64_t next = next_time(e->entry, now);

		/* A clock that was set back must not mean years. */
		if (e->next_s != INT64_MAX && e->next_s > next)
			e->next_s = next;
		if (now < e->next_s)
			continue;
		run(m, e);
		e->next_s = next;
	}
}

int64_t
event_next(const struct master *m, int64_t limit_ms)
{
	int64_t now_s = wall_s(), now_ms = clock_mono_ms();

	for (size_t i = 0; i < m->nevents && !m->ending; i++) {
		int64_t left = m->events[i].next_s - now_s;

		if (left < DAY_S && now_ms + left * 1000 < limit_ms)
			limit_ms = now_ms + left * 1000;
	}
	return limit_ms;
}

bool
event_reap(struct master *m, pid_t pid, int status)
{
	for (size_t i = 0; i < m->nevents; i++) {
		struct event *e = &m->events[i];

		if (e->pid != pid)
			continue;
		e->pid = 0;
		if (status != 0 && !m->ending)
			log_error("event %.*s: %d %s %d",
			    STR_ARG(e->entry->name), (int)pid,
			    WIFSIGNALED(status) ? "died of signal"
						: "exited with status",
			    WIFSIGNALED(status) ? WTERMSIG(status)
						: WEXITSTATUS(status));
		return true;
	}
	return false;
}
