/*
 * parent: environment variables, descriptors and messages of master(8) and
 * systemd, sd_listen_fds(3) and sd_notify(3). Knows nothing of roles.
 */
#include "lmtp/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/listen.h"

enum {
	MASTER_STATUS_FD = 3,
	MASTER_LISTEN_FD = 4,
	SYSTEMD_FIRST_FD = 3,
	SYSTEMD_FDS_MAX = 64,
};

/* What master(8) reads from its pipe. */
enum master_word {
	MASTER_UNAVAILABLE = 2,
	MASTER_CONNECTION_MULTI = 4,
};
struct master_message {
	int word;
	pid_t pid;
};

/* --- the environment ----------------------------------------------------- */

static uint64_t
env_number(const char *name)
{
	const char *text = getenv(name);
	uint64_t n;

	return text != NULL && str_to_u64(str_c(text), &n) ? n : 0;
}

/* Meant for another process when there is a number and it is not ours. */
static bool
for_us(const char *name, bool unset)
{
	return getenv(name) == NULL ? unset
	                            : env_number(name) == (uint64_t)getpid();
}

static int
open_notify(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = path != NULL ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(sa.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return -1;
	memcpy(sa.sun_path, path, len);
	if (path[0] == '@')
		sa.sun_path[0] = '\0'; /* an abstract one */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				      len)) != 0) {
		log_warning("NOTIFY_SOCKET %s: %s", path, strerror(errno));
		io_close(&fd);
	}
	return fd;
}

static void
open_master(struct parent *p, struct arena *a)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	p->master = p->restarts = true;
	p->status = MASTER_STATUS_FD;
	/* Blocking on its pipe is worse than a count that is not exact. */
	if (!io_set_nonblocking(p->status, true) || !io_set_cloexec(p->status))
		log_warning("descriptor %d: %s", p->status, strerror(errno));
	if (n > 0 && stat("/proc/self/exe", &p->executable) == 0)
		p->program = str_cstr(a, str_from(path, (size_t)n));
}

void
parent_open(struct parent *p, struct arena *a)
{
	*p = (struct parent){ .status = -1, .notify = -1 };
	p->service = getenv("CYRUS_SERVICE");
	p->stderr_log = getenv("TAMIS_LOG_STDERR") != NULL;
	p->notify = open_notify(getenv("NOTIFY_SOCKET"));
	if (for_us("LISTEN_PID", false))
		p->passed = (unsigned)env_number("LISTEN_FDS");
	if (for_us("WATCHDOG_PID", true))
		p->watchdog_ms = (int64_t)(env_number("WATCHDOG_USEC") / 1000);
	if (p->passed == 0 && p->service != NULL &&
	    listen_is_listening(MASTER_LISTEN_FD))
		open_master(p, a);
	/* LISTEN_FDNAMES is read later; none of them is for our children. */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
parent_close(struct parent *p)
{
	io_close(&p->status);
	io_close(&p->notify);
}

/* --- sockets ------------------------------------------------------------- */

/* The next of the colon-separated names; "unknown" and "connection" are
 * what systemd says when the unit does not. */
static struct str
next_name(struct str *names)
{
	struct str name = *names;
	ssize_t colon = str_chr(*names, ':');

	if (colon >= 0)
		name = str_sub(*names, 0, (size_t)colon);
	*names = str_from_offset(*names, name.len + (colon >= 0));
	return str_eq(name, S("unknown")) ? S("") : name;
}

static bool
systemd_listeners(struct parent *p, struct arena *a, struct listeners *l,
    int *connection, struct fail *why)
{
	const char *all = getenv("LISTEN_FDNAMES");
	struct str names = str_dup(a, str_c(all != NULL ? all : ""));

	unsetenv("LISTEN_FDNAMES");
	if (p->passed > SYSTEMD_FDS_MAX)
		return fail_temp(why, "4.3.5", "LISTEN_FDS=%u", p->passed);
	/* Accept=yes: one socket, and it is a connection. */
	if (p->passed == 1 && !listen_is_listening(SYSTEMD_FIRST_FD)) {
		*connection = SYSTEMD_FIRST_FD;
		return true;
	}
	for (unsigned i = 0; i < p->passed; i++)
		if (!listen_adopt(a, SYSTEMD_FIRST_FD + (int)i,
			next_name(&names), l, why))
			return false;
	return true;
}

/*
 * inetd's wait: the listening socket is descriptor 0, 1 and usually 2, and
 * ours until we end. Nothing may be printed to it.
 */
static bool
inetd_listener(
    struct parent *p, struct arena *a, struct listeners *l, struct fail *why)
{
	bool log_too = parent_log_is_peer();
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = fd >= 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	          dup2(null, STDOUT_FILENO) >= 0 &&
	          (!log_too || dup2(null, STDERR_FILENO) >= 0);

	p->restarts = true;
	io_close(&null);
	return ok ? listen_adopt(a, fd, S(""), l, why)
	          : fail_errno(why, errno, "descriptor 0");
}

bool
parent_log_is_peer(void)
{
	struct stat in, err;

	return fstat(STDIN_FILENO, &in) == 0 && S_ISSOCK(in.st_mode) &&
	       fstat(STDERR_FILENO, &err) == 0 && in.st_dev == err.st_dev &&
	       in.st_ino == err.st_ino;
}

bool
parent_listeners(struct parent *p, struct arena *a, struct listeners *l,
    int *connection, struct fail *why)
{
	*connection = -1;
	if (p->passed > 0)
		return systemd_listeners(p, a, l, connection, why);
	if (!p->master && listen_is_listening(STDIN_FILENO))
		return inetd_listener(p, a, l, why);
	return !p->master ||
	       listen_adopt(a, MASTER_LISTEN_FD, str_c(p->service), l, why);
}

/* --- messages ------------------------------------------------------------ */

static bool
tell_master(struct parent *p, enum master_word word)
{
	struct master_message m = { .word = (int)word, .pid = getpid() };

	return p->status < 0 ||
	       io_write(p->status, &m, sizeof(m)) == (ssize_t)sizeof(m) ||
	       errno != EAGAIN;
}

static void
notify(struct parent *p, const char *text)
{
	if (p->notify >= 0 && send(p->notify, text, strlen(text),
				  MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("notify: %s", strerror(errno));
}

void
parent_ready(struct parent *p, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", what);
	notify(p, text);
}

void
parent_reloading(struct parent *p)
{
	char text[128];
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf(text, sizeof(text),
	    "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading",
	    (long long)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	notify(p, text);
}

void
parent_alive(struct parent *p)
{
	notify(p, "WATCHDOG=1");
}

/* Behind UNAVAILABLE it would make us one that is ready again. */
void
parent_connection(struct parent *p)
{
	if (!p->leaving && !tell_master(p, MASTER_CONNECTION_MULTI))
		log_debug("master's pipe is full");
}

void
parent_retry(struct parent *p)
{
	if (p->leaving && !p->leaving_said)
		p->leaving_said = tell_master(p, MASTER_UNAVAILABLE);
}

void
parent_leaving_soon(struct parent *p)
{
	p->leaving = true;
	parent_retry(p);
}

void
parent_leaving(struct parent *p)
{
	parent_leaving_soon(p);
	notify(p, "STOPPING=1\nSTATUS=draining");
}

bool
parent_upgraded(const struct parent *p)
{
	const struct stat *was = &p->executable;
	struct stat now;

	if (p->program == NULL)
		return false;
	return stat(p->program, &now) != 0 || now.st_ino != was->st_ino ||
	       now.st_dev != was->st_dev || now.st_size != was->st_size ||
	       now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}
