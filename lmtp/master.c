/*
 * master: runs the services of cyrus.conf(5), as master(8) does: from its
 * command line to the moment they can be reached. Parses no mail and speaks
 * no protocol.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/load.h"
#include "lmtp/master.h"
#include "lmtp/pidfile.h"
#include "lmtp/privilege.h"
#include "lmtp/signals.h"

/* --- files ---------------------------------------------------------------- */

/* The configuration is read again, and what it said may be gone. */
static const char *
choose(struct master *m, const char *option, enum setting setting)
{
	return option != NULL
	           ? option
	           : str_cstr(m->process, conf_str(m->conf, setting));
}

static bool
write_ready_file(const struct master *m)
{
	int fd = open(m->ready_file,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool ok = fd >= 0 && pidfile_write(fd);

	if (!ok)
		log_error("%s: %s", m->ready_file, strerror(errno));
	io_close(&fd);
	return ok;
}

/* What is printed goes to the log file or, unless -D, nowhere. */
static bool
redirect_output(const struct master_options *o)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log = null;
	bool ok = null >= 0;

	if (o->log_file != NULL)
		log = open(o->log_file,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	ok = ok && log >= 0 && (o->keep_output || dup2(null, 0) == 0);
	if (ok && (o->log_file != NULL || !o->keep_output))
		ok = dup2(log, 1) == 1 && dup2(log, 2) == 2;
	if (!ok)
		log_error("%s: %s",
		    o->log_file != NULL ? o->log_file : "/dev/null",
		    strerror(errno));
	if (log != null)
		io_close(&log);
	io_close(&null);
	return ok;
}

static void
open_log(struct master *m)
{
	const char *prefix = conf_cstr(m->conf, SETTING_syslog_prefix);
	const char *ident = "master";

	if (prefix != NULL && *prefix != '\0')
		ident = str_cstr(
		    m->process, str_printf(m->arena, "%s/master", prefix));
	m->logs_here = m->options->keep_output || m->options->log_file != NULL;
	log_open(
	    ident, !m->logs_here, conf_cstr(m->conf, SETTING_syslog_facility));
	load_apply(m->conf);
}

/* --- the start ------------------------------------------------------------ */

static bool
bind_all(struct master *m)
{
	if (service_apply(m))
		return true;
	return !conf_bool(m->conf, SETTING_master_bind_errors_fatal);
}

static void
become_ready(struct master *m, int ready_pipe)
{
	write_ready_file(m);
	if (ready_pipe >= 0 && io_write(ready_pipe, "", 1) != 1)
		log_debug("nobody waited for us");
	log_info("ready");
	if (m->options->keep_output) {
		printf("ready\n");
		fflush(stdout);
	}
	parent_ready(&m->parent, "ready");
}

static void
give_up_sockets(struct master *m)
{
	for (struct service *s = m->list; s != NULL; s = s->next)
		service_retire(s);
	service_free_ended(m);
}

/* START may make what services need, so it comes first; a start as root
 * binds, and is root no longer. */
static int
serve(struct master *m, int pid_fd, int ready_pipe)
{
	int status = 0;

	unlink(m->ready_file);
	m->signals = signals_open();
	if (m->signals < 0)
		return EX_OSERR;
	if (!start_run(m))
		return 0;
	if (!bind_all(m) || !privilege_drop(m->conf, pid_fd)) {
		give_up_sockets(m);
		return EX_CONFIG;
	}
	event_apply(m, true);
	if (start_daemons(m)) {
		become_ready(m, ready_pipe);
	} else {
		/* The loop knows how to end what runs by now. */
		status = m->ending ? 0 : EX_UNAVAILABLE;
		m->ending = false;
		raise(SIGTERM);
	}
	master_loop(m);
	return status;
}

static int
run(struct master *m, int ready_pipe)
{
	int pid_fd, status;

	if (!redirect_output(m->options))
		return EX_CANTCREAT;
	open_log(m);
	m->ready_file =
	    choose(m, m->options->ready_file, SETTING_master_ready_file);
	pid_fd = pidfile_take(
	    choose(m, m->options->pid_file, SETTING_master_pid_file));
	if (pid_fd < 0)
		return EX_TEMPFAIL;
	if (!pidfile_write(pid_fd)) {
		log_error("write pid file: %s", strerror(errno));
		return EX_OSERR;
	}
	status = serve(m, pid_fd, ready_pipe);
	io_close(&pid_fd);
	return status;
}

/* The one who started us waits until all is ready, and tells how it went. */
static int
run_in_background(struct master *m)
{
	int fd[2], status;
	char byte;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		log_error("fork: %s", strerror(errno));
		return EX_OSERR;
	}
	if (pid == 0) {
		io_close(&fd[0]);
		setsid();
		return run(m, fd[1]);
	}
	io_close(&fd[1]);
	if (io_read(fd[0], &byte, 1) == 1)
		return 0;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EX_SOFTWARE;
	return WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	struct master_options o;
	struct master m = { .options = &o, .signals = -1 };
	int status;

	signals_hold();
	signal(SIGPIPE, SIG_IGN);
	log_open("master", false, NULL);
	if (!master_options_parse(argc, argv, &o))
		return EX_USAGE;
	if (!master_load(&m, false))
		return EX_CONFIG;
	if (o.check_only) {
		arena_free(m.arena);
		return 0;
	}
	/* Descriptors of who started us are not for the programs we start. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	unsetenv("CYRUS_SERVICE");
	m.process = arena_new("process", 0);
	parent_open(&m.parent, m.process);
	status = o.background ? run_in_background(&m) : run(&m, -1);
	arena_free(m.arena);
	arena_free(m.process);
	return status;
}
