/*
 * signals: those that supervisors obey, as something to read.
 */
#include "lmtp/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "lib/io.h"
#include "lib/log.h"

static void
signals_of_interest(sigset_t *set)
{
	static const int list[] = { SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP,
		SIGUSR1 };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		sigaddset(set, list[i]);
}

void
signals_hold(void)
{
	sigset_t set;

	signals_of_interest(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void
signals_release(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

int
signals_open(void)
{
	sigset_t set;
	int fd;

	signals_of_interest(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		log_error("signalfd: %s", strerror(errno));
	return fd;
}

int
signals_next(int fd)
{
	struct signalfd_siginfo info;

	if (io_read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}
