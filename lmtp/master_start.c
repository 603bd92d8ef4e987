/*
 * master_start: what must be over, or ready, before services begin: START,
 * and daemons with wait=yes. Nothing else is heard meanwhile but the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/master.h"
#include "lmtp/signals.h"

/* True when told to end; what else comes is for later. */
static bool
told_to_end(struct master *m)
{
	int number;

	while ((number = signals_next(m->signals)) != 0)
		if (number == SIGTERM || number == SIGINT || number == SIGQUIT)
			m->ending = true;
	return m->ending;
}

static void
report(const struct services_entry *e, int status)
{
	if (WIFSIGNALED(status))
		log_error("%.*s died of signal %d", STR_ARG(e->name),
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_error("%.*s exited with status %d", STR_ARG(e->name),
		    WEXITSTATUS(status));
}

/* To its end; a program that fails is said, and the start goes on. */
static void
run_one(struct master *m, const struct services_entry *e)
{
	struct spawn how = { .argv = e->argv, .status = -1, .socket = -1 };
	struct pollfd p = { .fd = m->signals, .events = POLLIN };
	pid_t pid = master_spawn(m, &how);
	int status;

	if (pid < 0)
		return;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(&p, 1, -1);
		if (told_to_end(m))
			kill(pid, SIGTERM);
	}
	report(e, status);
}

bool
start_run(struct master *m)
{
	const struct services *all = m->services;

	for (size_t i = 0; i < all->n[SERVICES_START] && !m->ending; i++)
		run_one(m, &all->v[SERVICES_START][i]);
	return !m->ending;
}

/* "ok" and a line end on the pipe; anything else, or nothing more, is not. */
static bool
says_ok(struct master *m, int fd)
{
	static const char ok[] = "ok\r\n";
	struct pollfd p[2] = { { .fd = m->signals, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	size_t n = 0;
	char c;

	while (n < sizeof(ok) - 1) {
		poll(p, 2, -1);
		if (told_to_end(m))
			return false;
		if (p[1].revents == 0)
			continue;
		if (io_read(fd, &c, 1) != 1 || c != ok[n])
			return false;
		n++;
	}
	return true;
}

static bool
start_daemon(struct master *m, struct service *s)
{
	int fd[2];
	bool ok;

	if (pipe2(fd, O_CLOEXEC) != 0) {
		log_error("pipe: %s", strerror(errno));
		return false;
	}
	ok = service_spawn(m, s, fd[1]) != NULL;
	io_close(&fd[1]);
	ok = ok && says_ok(m, fd[0]);
	io_close(&fd[0]);
	if (!ok && !m->ending)
		log_error("daemon %s did not say that it is ready", s->name);
	return ok;
}

bool
start_daemons(struct master *m)
{
	for (struct service *s = m->list; s != NULL; s = s->next)
		if (s->daemon && s->entry.wait && !start_daemon(m, s))
			return false;
	return true;
}
