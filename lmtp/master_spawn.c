/*
 * master_spawn: fork and exec: what a program of cyrus.conf(5) finds when it
 * begins: descriptors, environment, user, limits. Knows no services.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/log.h"
#include "lmtp/master.h"
#include "lmtp/privilege.h"
#include "lmtp/signals.h"

enum {
	STATUS_FD = 3,
	LISTEN_FD = 4,
	ABOVE = 10,        /* where nothing is in the way of the two */
	MAXFDS_SOFT = 256, /* when maxfds is not set */
	PATH_SIZE = 4096,
};

/* Where programs are looked for whose name has no slash in front. */
static const char *const directories[] = { PKGLIBEXECDIR, SBINDIR };

static const char *
find_program(const char *name, char path[PATH_SIZE])
{
	if (name[0] == '/')
		return name;
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories);
	     i++) {
		snprintf(path, PATH_SIZE, "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return path;
}

/* A copy that stays open in the new program. */
static bool
place_fd(int from, int to)
{
	return from < 0 || dup2(from, to) == to;
}

/* First out of the way of each other. */
static bool
place_fds(const struct spawn *s)
{
	int status = s->status, listener = s->socket;

	if (status >= 0)
		status = fcntl(status, F_DUPFD_CLOEXEC, ABOVE);
	if (listener >= 0)
		listener = fcntl(listener, F_DUPFD_CLOEXEC, ABOVE);
	return (s->status < 0 || status >= 0) &&
	       (s->socket < 0 || listener >= 0) &&
	       place_fd(status, STATUS_FD) && place_fd(listener, LISTEN_FD);
}

/*
 * A number that was asked for is a limit. The default only is what one
 * starts with: who needs more, as a front does, may take it.
 */
static bool
limit_fds(int64_t maxfds)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	limit.rlim_cur = MAXFDS_SOFT;
	if (maxfds > 0)
		limit.rlim_cur = (rlim_t)maxfds;
	if (limit.rlim_cur > limit.rlim_max && geteuid() != 0)
		limit.rlim_cur = limit.rlim_max;
	if (maxfds > 0 || limit.rlim_cur > limit.rlim_max)
		limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool
set_environment(const struct master *m, const struct spawn *s)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", s->id);
	return (s->service == NULL ||
		   (setenv("CYRUS_SERVICE", s->service, 1) == 0 &&
		       setenv("CYRUS_ID", id, 1) == 0)) &&
	       (!s->daemon || setenv("CYRUS_ISDAEMON", "1", 1) == 0) &&
	       (!m->logs_here || setenv("TAMIS_LOG_STDERR", "1", 1) == 0);
}

static void
default_signals(void)
{
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* Now: what is exec'ed inherits the mask. */
	signals_release();
}

static _Noreturn void
become(const struct master *m, const struct spawn *s)
{
	char found[PATH_SIZE];
	const char *path = find_program(s->argv[0], found);

	if (!limit_fds(s->service != NULL || s->daemon ? s->maxfds : 0))
		log_error("%s: limit of open files: %s", path, strerror(errno));
	if (!privilege_drop(m->conf, -1))
		_exit(EX_CONFIG);
	if (!place_fds(s) || !set_environment(m, s)) {
		log_error("%s: %s", path, strerror(errno));
		_exit(EX_OSERR);
	}
	default_signals();
	execv(path, s->argv);
	log_error("%s: %s", path, strerror(errno));
	_exit(EX_UNAVAILABLE);
}

pid_t
master_spawn(const struct master *m, const struct spawn *s)
{
	pid_t pid = fork();

	if (pid == 0)
		become(m, s);
	if (pid < 0)
		log_error("fork for %s: %s", s->argv[0], strerror(errno));
	return pid;
}
