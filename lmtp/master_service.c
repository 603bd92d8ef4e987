/*
 * master_service: the processes of each service: what they say by the status
 * pipe, how many are wanted, how their ends are counted. Knows no signals
 * but those it sends.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/master.h"

enum {
	FAILURES_MAX = 5,
	FAILURES_GAP_MS = 10 * 1000, /* longer ones begin to count anew */
	BABYSIT_MS = 10 * 1000,      /* for that long one is given up */
	BABYSIT_RATE = 10,
	AT_ONCE_MS = 1000, /* who ends sooner and never spoke has failed */
	SECOND_MS = 1000,
	READS_MAX = 128, /* of 64 messages: a full pipe */
};

/* What a service says, as two integers of this machine. */
enum status_word {
	STATUS_AVAILABLE = 1,
	STATUS_UNAVAILABLE = 2,
	STATUS_CONNECTION = 3,
	STATUS_CONNECTION_MULTI = 4,
};
struct status_message {
	int word;
	pid_t pid;
};
_Static_assert(
    sizeof(struct status_message) == sizeof(((struct service *)0)->part),
    "a message of the status pipe");

/* --- one service ---------------------------------------------------------- */

static const char *
kind(const struct service *s)
{
	return s->daemon ? "daemon" : "service";
}

static bool
make_pipe(struct service *s)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0) {
		log_error("pipe: %s", strerror(errno));
		return false;
	}
	s->status_in = fd[0];
	s->status_out = fd[1];
	return io_set_nonblocking(fd[0], true);
}

static void
take_entry(struct service *s, const struct services_entry *e)
{
	if (s->name == NULL || !str_eq(str_c(s->name), e->name))
		s->name = str_cstr(s->arena, e->name);
	s->entry = *e;
	s->kept = true;
	s->failures = 0;
	s->disabled_until_ms = 0;
}

static struct service *
service_new(struct master *m, const struct services_entry *e, bool daemon,
    struct master_socket socket, unsigned id)
{
	struct arena *a = arena_new("service", 0);
	struct service *s = ARENA_NEW(a, struct service);
	struct service **at = &m->list;

	*s = (struct service){
		.arena = a,
		.listen = str_dup(a, e->listen),
		.proto = str_dup(a, e->proto),
		.cmd = str_dup(a, e->cmd),
		.id = id,
		.daemon = daemon,
		.socket = socket,
		.status_in = -1,
		.status_out = -1,
	};
	take_entry(s, e);
	while (*at != NULL)
		at = &(*at)->next;
	*at = s;
	if (!daemon && !make_pipe(s))
		s->disabled_until_ms = INT64_MAX;
	return s;
}

void
service_retire(struct service *s)
{
	s->retired = true;
	master_shut(&s->socket);
}

void
service_free_ended(struct master *m)
{
	for (struct service **at = &m->list; *at != NULL;) {
		struct service *s = *at;

		if (!s->retired || s->instances != NULL) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		io_close(&s->status_in);
		io_close(&s->status_out);
		arena_free(s->arena);
	}
}

/* --- from entries to services --------------------------------------------- */

static bool
is_that(const struct service *s, const struct services_entry *e, bool daemon)
{
	if (s->daemon != daemon || s->retired)
		return false;
	return daemon
	           ? str_eq(str_c(s->name), e->name) && str_eq(s->cmd, e->cmd)
	           : str_eq(s->listen, e->listen) && str_eq(s->proto, e->proto);
}

/* Those that are there already; false: none is. */
static bool
keep(struct master *m, const struct services_entry *e, bool daemon)
{
	bool found = false;

	for (struct service *s = m->list; s != NULL; s = s->next) {
		if (!is_that(s, e, daemon) || s->kept)
			continue;
		take_entry(s, e);
		found = true;
	}
	return found;
}

static void
keep_all(struct master *m)
{
	const struct services *all = m->services;

	for (struct service *s = m->list; s != NULL; s = s->next)
		s->kept = false;
	for (size_t i = 0; i < all->n[SERVICES_SERVICES]; i++)
		keep(m, &all->v[SERVICES_SERVICES][i], false);
	for (size_t i = 0; i < all->n[SERVICES_DAEMON]; i++)
		keep(m, &all->v[SERVICES_DAEMON][i], true);
}

static bool
is_there(const struct master *m, const struct services_entry *e, bool daemon)
{
	for (const struct service *s = m->list; s != NULL; s = s->next)
		if (is_that(s, e, daemon) && str_eq(str_c(s->name), e->name))
			return true;
	return false;
}

static bool
add(struct master *m, const struct services_entry *e)
{
	struct master_socket sockets[MASTER_SOCKETS_MAX];
	struct fail why;
	size_t n;

	if (is_there(m, e, false))
		return true;
	if (!master_listen(e, (int)m->options->backlog, sockets, &n, &why)) {
		log_error("service %.*s: %s", STR_ARG(e->name), why.text);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		service_new(m, e, false, sockets[i], (unsigned)i);
	return true;
}

/* The old addresses are given up before new ones are bound: they may be the
 * same by another name. */
bool
service_apply(struct master *m)
{
	static const struct master_socket none = { .fd = -1 };
	const struct services *all = m->services;
	bool ok = true;

	keep_all(m);
	for (struct service *s = m->list; s != NULL; s = s->next) {
		if (s->kept || s->retired)
			continue;
		log_info("%s %s removed", kind(s), s->name);
		service_retire(s);
		service_signal(s, s->daemon ? SIGTERM : SIGHUP);
	}
	for (size_t i = 0; i < all->n[SERVICES_DAEMON]; i++)
		if (!is_there(m, &all->v[SERVICES_DAEMON][i], true))
			service_new(
			    m, &all->v[SERVICES_DAEMON][i], true, none, 0);
	for (size_t i = 0; i < all->n[SERVICES_SERVICES]; i++)
		ok = add(m, &all->v[SERVICES_SERVICES][i]) && ok;
	return ok;
}

/* --- what is said by the status pipe ----------------------------------------
 */

static struct instance *
find_instance(struct service *s, pid_t pid)
{
	struct instance *i = s->instances;

	while (i != NULL && i->pid != pid)
		i = i->next;
	return i;
}

/*
 * READY -unavailable-> busy -connection-> busy -available-> ready; one that
 * serves many at once stays ready and only counts. What does not fit is
 * tolerated, as in the original.
 */
static void
take_message(struct service *s, const struct status_message *said)
{
	struct instance *i = find_instance(s, said->pid);

	if (i == NULL) {
		/* It ended, and was reaped before its last word was read. */
		log_debug("%s: %d says %d and is none of ours", s->name,
		    (int)said->pid, said->word);
		return;
	}
	i->spoken = true;
	switch (said->word) {
	case STATUS_AVAILABLE:
		i->busy = false;
		break;
	case STATUS_UNAVAILABLE:
		i->busy = true;
		break;
	case STATUS_CONNECTION:
		i->busy = true;
		s->connections++;
		break;
	case STATUS_CONNECTION_MULTI:
		s->connections++;
		break;
	default:
		log_warning("%s: %d says %d, which means nothing", s->name,
		    (int)said->pid, said->word);
	}
}

/* Some at a time; false when there is no more. */
static bool
read_some(struct service *s)
{
	struct status_message said[64];
	char *p = (char *)said;
	ssize_t got;
	size_t n;

	memcpy(p, s->part, s->part_len);
	got =
	    io_read(s->status_in, p + s->part_len, sizeof(said) - s->part_len);
	if (got <= 0)
		return false;
	n = (size_t)got + s->part_len;
	s->part_len = n % sizeof(*said);
	memcpy(s->part, p + n - s->part_len, s->part_len);
	for (size_t i = 0; i < n / sizeof(*said); i++)
		take_message(s, &said[i]);
	return n > sizeof(said) - sizeof(*said);
}

/* All that the pipe holds, but not for ever. */
void
service_read_status(struct service *s)
{
	for (int i = 0; i < READS_MAX && read_some(s); i++)
		continue;
}

/* --- how many ------------------------------------------------------------- */

/* Those that go do not count: they take no connection any more. */
static int64_t
count(const struct service *s, bool ready_only)
{
	int64_t n = 0;

	for (const struct instance *i = s->instances; i != NULL; i = i->next)
		n += !i->leaving && !(ready_only && i->busy);
	return n;
}

static int64_t
wanted(const struct service *s)
{
	int64_t n = s->entry.prefork;

	if (s->daemon || (s->entry.babysit != 0 && n == 0))
		return 1;
	return s->socket.datagram && n > 1 ? 1 : n;
}

static int64_t
most(const struct service *s)
{
	if (s->daemon || s->socket.datagram)
		return 1;
	return s->entry.maxchild < 0 ? INT64_MAX : s->entry.maxchild;
}

static int64_t
rate(const struct service *s)
{
	if (s->entry.maxforkrate == 0 && (s->entry.babysit != 0 || s->daemon))
		return BABYSIT_RATE;
	return s->entry.maxforkrate;
}

/* So many were forked in this second that the next must wait. */
static bool
is_fast(const struct service *s, int64_t now)
{
	return rate(s) > 0 && now - s->second_ms < SECOND_MS &&
	       s->second_forks >= rate(s);
}

static bool
may_fork(const struct service *s, int64_t now)
{
	return !s->retired && now >= s->disabled_until_ms &&
	       count(s, false) < most(s) && !is_fast(s, now);
}

bool
service_listens(const struct service *s)
{
	return s->socket.fd >= 0 && count(s, true) == 0 &&
	       may_fork(s, clock_mono_ms());
}

int64_t
service_next(const struct service *s, int64_t limit_ms)
{
	int64_t now = clock_mono_ms(), at = s->disabled_until_ms;

	if (s->retired || count(s, false) >= most(s))
		return limit_ms;
	if (is_fast(s, now) && at < s->second_ms + SECOND_MS)
		at = s->second_ms + SECOND_MS;
	/* What is over asks for nothing: it has been tended since. */
	return at > now && at < limit_ms ? at : limit_ms;
}

static struct instance *
new_instance(struct service *s, pid_t pid)
{
	struct instance *i = s->spare;

	if (i != NULL)
		s->spare = i->next;
	else
		i = ARENA_NEW(s->arena, struct instance);
	*i = (struct instance){
		.pid = pid, .started_ms = clock_mono_ms(), .next = s->instances
	};
	s->instances = i;
	return i;
}

static void
count_fork(struct service *s)
{
	int64_t now = clock_mono_ms();

	s->forks++;
	if (now - s->second_ms >= SECOND_MS) {
		s->second_ms = now;
		s->second_forks = 0;
	}
	s->second_forks++;
}

struct instance *
service_spawn(struct master *m, struct service *s, int status)
{
	struct spawn how = {
		.argv = s->entry.argv,
		.service = s->name,
		.id = s->id,
		.daemon = s->daemon,
		.status = status,
		.socket = s->socket.fd,
		.maxfds = s->entry.maxfds,
	};
	pid_t pid;

	count_fork(s);
	pid = master_spawn(m, &how);
	if (pid < 0) {
		/* No process to be had: that passes, so do not hurry. */
		s->disabled_until_ms = clock_mono_ms() + SECOND_MS;
		return NULL;
	}
	log_debug("%s %s: forked %d", kind(s), s->name, (int)pid);
	return new_instance(s, pid);
}

void
service_tend(struct master *m, struct service *s)
{
	bool poked = s->poked;

	s->poked = false;
	while ((count(s, true) < wanted(s) || (poked && count(s, true) == 0)) &&
	       may_fork(s, clock_mono_ms()))
		if (service_spawn(m, s, s->status_out) == NULL)
			return;
}

void
service_signal(struct service *s, int number)
{
	for (struct instance *i = s->instances; i != NULL; i = i->next) {
		i->leaving = true;
		kill(i->pid, number);
	}
}

/* --- their end ------------------------------------------------------------ */

static void
count_failure(struct service *s)
{
	int64_t now = clock_mono_ms();

	if (now - s->failed_ms > FAILURES_GAP_MS)
		s->failures = 0;
	s->failed_ms = now;
	if (++s->failures < FAILURES_MAX)
		return;
	s->failures = 0;
	if (s->entry.babysit != 0 || s->daemon) {
		s->disabled_until_ms = now + BABYSIT_MS;
		log_error("%s %s failed %d times in a row, disabled for %d s",
		    kind(s), s->name, FAILURES_MAX, BABYSIT_MS / 1000);
	} else {
		s->disabled_until_ms = INT64_MAX;
		log_error("%s %s failed %d times in a row, disabled until "
			  "SIGHUP",
		    kind(s), s->name, FAILURES_MAX);
	}
}

/* Ready ones have no reason to end but ours. */
static bool
has_failed(const struct service *s, const struct instance *i, int status)
{
	if (i->leaving)
		return false;
	if (status != 0)
		return !i->busy;
	return s->daemon ||
	       (!i->spoken && clock_mono_ms() - i->started_ms < AT_ONCE_MS);
}

static void
report_end(const struct service *s, const struct instance *i, int status)
{
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	/* A reload tells daemons, and some know no better. */
	bool ours = (i->leaving && number == SIGTERM) ||
	            ((i->leaving || s->daemon) && number == SIGHUP);

	if (number != 0 && !ours)
		log_error("%s %s: %d died of signal %d", kind(s), s->name,
		    (int)i->pid, number);
	else if (number == 0 && WEXITSTATUS(status) != 0)
		log_msg(i->leaving ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
		    "%s %s: %d exited with status %d", kind(s), s->name,
		    (int)i->pid, WEXITSTATUS(status));
	else if (s->daemon && !i->leaving)
		log_warning("daemon %s: %d ended", s->name, (int)i->pid);
	else
		log_debug("%s %s: %d ended", kind(s), s->name, (int)i->pid);
}

static void
ended(struct service *s, struct instance **at, int status)
{
	struct instance *i = *at;

	report_end(s, i, status);
	if (has_failed(s, i, status))
		count_failure(s);
	*at = i->next;
	i->next = s->spare;
	s->spare = i;
}

bool
service_reap(struct master *m, pid_t pid, int status)
{
	for (struct service *s = m->list; s != NULL; s = s->next) {
		struct instance **at = &s->instances;

		while (*at != NULL && (*at)->pid != pid)
			at = &(*at)->next;
		if (*at == NULL)
			continue;
		/* Its last words come first: they say whether it was busy. */
		if (s->status_in >= 0)
			service_read_status(s);
		ended(s, at, status);
		return true;
	}
	return false;
}

void
service_dump(const struct service *s)
{
	log_notice("state %s %s id=%u ready=%lld processes=%lld forks=%llu "
		   "connections=%llu failures=%u%s%s",
	    kind(s), s->name, s->id, (long long)count(s, true),
	    (long long)count(s, false), (unsigned long long)s->forks,
	    (unsigned long long)s->connections, s->failures,
	    s->retired ? " retired" : "",
	    clock_mono_ms() < s->disabled_until_ms ? " disabled" : "");
}
