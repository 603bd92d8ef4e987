/*
 * shim: loaded before libc into lmtpd and all its roles, counts their system
 * calls in one shared cell and makes the one the test asked for fail, write
 * short, or be the last thing its process does. Knows nothing of mail.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum mode { OFF, COUNT, ERROR, KILL, SHORT };

/* Kinds of calls; the mask of the cell says which are counted. */
enum kind {
	ANY = 1,
	PARTIAL = 2,   /* may do less than it was asked to */
	FILE_SYNC = 4, /* of a message */
	DIR_SYNC = 8,
	SPACE = 16, /* may need blocks or inodes */
};

/* What the test and all processes share; fault.py knows this layout. */
struct cell {
	uint64_t count, at;
	uint32_t mode;
	int32_t err;
	uint32_t mask;
	uint32_t sticky; /* every call from the one at "at" on */
	int32_t supervisor;
	uint32_t hurry; /* the monotonic clock runs so much faster */
	uint32_t stopping;
	uint32_t no_tmpfile;
	uint32_t fired;
	uint32_t again; /* syncs of what failed to sync */
	uint64_t dev, ino;
	char call[24], role[24];
	char only[24]; /* role whose calls are counted; "": all */
};

enum { SUPERVISOR_HURRY = 500, EPOLL_MAX_MS = 25 };

static struct cell *
cell(void)
{
	static struct cell *c;
	const char *path = c == NULL ? getenv("TAMIS_FAULT_CELL") : NULL;
	long fd, at;

	if (path == NULL)
		return c;
	/* the wrappers below would come back here */
	fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
	at = syscall(SYS_mmap, NULL, sizeof(*c), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (fd < 0 || at == -1)
		abort();
	syscall(SYS_close, fd);
	c = (struct cell *)at;
	unsetenv("TAMIS_FAULT_CELL");
	c->supervisor = getpid();
	return c;
}

/* Before main, so before lmtpd gives up the right to open it. */
__attribute__((constructor)) static void
attach(void)
{
	cell();
}

static void
fire(struct cell *c, const char *call)
{
	char role[24] = "";

	prctl(PR_GET_NAME, role, 0, 0, 0);
	if (c->fired++ == 0) {
		strncpy(c->call, call, sizeof(c->call) - 1);
		memcpy(c->role, role, sizeof(c->role));
	}
	if (c->mode == KILL)
		kill(getpid(), SIGKILL);
	errno = c->err;
}

static bool
counts(const struct cell *c, unsigned kinds)
{
	char role[24] = "";

	if (c == NULL || c->mode == OFF || (kinds & c->mask) == 0 ||
	    getpid() == c->supervisor)
		return false;
	if (c->only[0] == '\0')
		return true;
	prctl(PR_GET_NAME, role, 0, 0, 0);
	return strncmp(role, c->only, sizeof(role)) == 0;
}

/* Is this call to go wrong? errno is set for those that fail. */
static bool
faulty(const char *call, unsigned kinds)
{
	struct cell *c = cell();
	uint64_t n;

	if (!counts(c, kinds))
		return false;
	n = __atomic_add_fetch(&c->count, 1, __ATOMIC_SEQ_CST);
	if (c->mode == COUNT || n < c->at || (n > c->at && !c->sticky))
		return false;
	fire(c, call);
	return true;
}

static bool
is_short(void)
{
	return cell()->mode == SHORT;
}

static size_t
less(size_t n)
{
	return n > 1 ? n / 2 : n;
}

#define REAL(type, name, params)                                               \
	static type(*real) params;                                             \
	if (real == NULL)                                                      \
	real = (type(*) params)dlsym(RTLD_NEXT, #name)

#define WRAP(type, name, kinds, params, args)                                  \
	type name params                                                       \
	{                                                                      \
		REAL(type, name, params);                                      \
		if (faulty(#name, kinds))                                      \
			return (type)-1;                                       \
		return real args;                                              \
	}

/* What moves n octets at p. */
#define WRAP_SOME(type, name, kinds, params, args)                             \
	type name params                                                       \
	{                                                                      \
		REAL(type, name, params);                                      \
		if (faulty(#name, kinds)) {                                    \
			if (!is_short())                                       \
				return -1;                                     \
			n = less(n);                                           \
		}                                                              \
		return real args;                                              \
	}

/* clang-format off */
WRAP_SOME(ssize_t, read, ANY | PARTIAL, (int fd, void *p, size_t n),
    (fd, p, n))
WRAP_SOME(ssize_t, write, ANY | PARTIAL | SPACE,
    (int fd, const void *p, size_t n), (fd, p, n))
WRAP_SOME(ssize_t, pread, ANY | PARTIAL,
    (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
WRAP_SOME(ssize_t, pwrite, ANY | PARTIAL | SPACE,
    (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WRAP_SOME(ssize_t, send, ANY | PARTIAL,
    (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
WRAP_SOME(ssize_t, recv, ANY | PARTIAL,
    (int fd, void *p, size_t n, int flags), (fd, p, n, flags))

WRAP(ssize_t, sendmsg, ANY, (int fd, const struct msghdr *m, int flags),
    (fd, m, flags))
WRAP(ssize_t, recvmsg, ANY, (int fd, struct msghdr *m, int flags),
    (fd, m, flags))
WRAP(int, accept4, ANY,
    (int fd, struct sockaddr *a, socklen_t *len, int flags),
    (fd, a, len, flags))
WRAP(int, socket, ANY, (int domain, int type, int protocol),
    (domain, type, protocol))
WRAP(int, connect, ANY, (int fd, const struct sockaddr *a, socklen_t len),
    (fd, a, len))
WRAP(int, getsockopt, ANY,
    (int fd, int level, int name, void *p, socklen_t *len),
    (fd, level, name, p, len))
WRAP(int, setsockopt, ANY,
    (int fd, int level, int name, const void *p, socklen_t len),
    (fd, level, name, p, len))
WRAP(int, epoll_ctl, ANY, (int fd, int op, int on, struct epoll_event *e),
    (fd, op, on, e))
WRAP(int, poll, ANY, (struct pollfd *p, nfds_t n, int ms), (p, n, ms))
WRAP(int, linkat, ANY | SPACE,
    (int from, const char *a, int to, const char *b, int flags),
    (from, a, to, b, flags))
WRAP(int, unlinkat, ANY, (int dir, const char *name, int flags),
    (dir, name, flags))
WRAP(int, renameat, ANY | SPACE,
    (int from, const char *a, int to, const char *b), (from, a, to, b))
WRAP(int, mkdir, ANY | SPACE, (const char *name, mode_t mode), (name, mode))
WRAP(int, mkdirat, ANY | SPACE, (int dir, const char *name, mode_t mode),
    (dir, name, mode))
WRAP(int, fstat, ANY, (int fd, struct stat *st), (fd, st))
WRAP(int, stat, ANY, (const char *name, struct stat *st), (name, st))
WRAP(int, lstat, ANY, (const char *name, struct stat *st), (name, st))
WRAP(int, fstatat, ANY,
    (int dir, const char *name, struct stat *st, int flags),
    (dir, name, st, flags))
WRAP(ssize_t, readlinkat, ANY, (int dir, const char *name, char *p, size_t n),
    (dir, name, p, n))
WRAP(int, fchmod, ANY, (int fd, mode_t mode), (fd, mode))
WRAP(int, fchown, ANY, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(int, ftruncate, ANY | SPACE, (int fd, off_t size), (fd, size))
WRAP(off_t, lseek, ANY, (int fd, off_t at, int whence), (fd, at, whence))
WRAP(int, futimens, ANY, (int fd, const struct timespec t[2]), (fd, t))
WRAP(int, memfd_create, ANY, (const char *name, unsigned flags),
    (name, flags))
WRAP(void *, mmap, ANY,
    (void *p, size_t n, int prot, int flags, int fd, off_t at),
    (p, n, prot, flags, fd, at))
WRAP(int, munmap, ANY, (void *p, size_t n), (p, n))
WRAP(int, sync_file_range, ANY | FILE_SYNC | SPACE,
    (int fd, off_t at, off_t n, unsigned flags), (fd, at, n, flags))
/* clang-format on */

/* --- what is not just that ----------------------------------------------- */

/* A failed close has closed. */
int
close(int fd)
{
	REAL(int, close, (int));
	bool bad = faulty("close", ANY);
	int err = errno;

	if (real(fd) != 0)
		return -1;
	if (bad)
		errno = err;
	return bad ? -1 : 0;
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	REAL(ssize_t, writev, (int, const struct iovec *, int));
	struct iovec first;

	if (!faulty("writev", ANY | PARTIAL | SPACE))
		return real(fd, v, n);
	if (!is_short())
		return -1;
	first = (struct iovec){ v->iov_base, less(v->iov_len) };
	return real(fd, &first, 1);
}

static int
sync_fault(struct cell *c, const char *call, int fd)
{
	struct stat st;
	uint32_t before;
	bool dir, bad;

	if (c == NULL || syscall(SYS_fstat, fd, &st) != 0)
		return 0;
	dir = S_ISDIR(st.st_mode);
	if (c->fired > 0 && c->dev == st.st_dev && c->ino == st.st_ino)
		c->again++;
	before = c->fired;
	bad = faulty(call, ANY | SPACE | (dir ? DIR_SYNC : FILE_SYNC));
	if (bad && before == 0) {
		c->dev = st.st_dev;
		c->ino = st.st_ino;
	}
	return bad ? -1 : 0;
}

int
fsync(int fd)
{
	REAL(int, fsync, (int));

	return sync_fault(cell(), "fsync", fd) != 0 ? -1 : real(fd);
}

int
fdatasync(int fd)
{
	REAL(int, fdatasync, (int));

	return sync_fault(cell(), "fdatasync", fd) != 0 ? -1 : real(fd);
}

static mode_t
creation_mode(int flags, va_list ap)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

static unsigned
open_kinds(int flags)
{
	return flags & (O_CREAT | __O_TMPFILE) ? ANY | SPACE : ANY;
}

int
open(const char *path, int flags, ...)
{
	REAL(int, open, (const char *, int, ...));
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = creation_mode(flags, ap);
	va_end(ap);
	return faulty("open", open_kinds(flags)) ? -1 : real(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	REAL(int, openat, (int, const char *, int, ...));
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = creation_mode(flags, ap);
	va_end(ap);
	if (faulty("openat", open_kinds(flags)))
		return -1;
	if (flags & __O_TMPFILE && cell() != NULL && cell()->no_tmpfile) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return real(dir, path, flags, mode);
}

int
fcntl(int fd, int cmd, ...)
{
	REAL(int, fcntl, (int, int, ...));
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return faulty("fcntl", ANY) ? -1 : real(fd, cmd, arg);
}

/* The engine calls it for openat2 only; O_CREAT is the lowest of its flags
 * that needs space. */
long
syscall(long number, ...)
{
	REAL(long, syscall, (long, ...));
	long a[6];
	va_list ap;
	bool space = false;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2) {
		space = (*(const uint64_t *)a[2] & O_CREAT) != 0;
		if (faulty("openat2", space ? ANY | SPACE : ANY))
			return -1;
	}
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* --- time ---------------------------------------------------------------- */

static unsigned
factor(const struct cell *c)
{
	if (c == NULL || c->hurry == 0)
		return 1;
	if (getpid() != c->supervisor)
		return c->hurry;
	return c->stopping ? 1 : c->hurry * SUPERVISOR_HURRY;
}

/* What waits seconds after a fault waits a fraction of that. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	REAL(int, clock_gettime, (clockid_t, struct timespec *));
	int rc = real(id, ts);

	if (rc == 0 && id == CLOCK_MONOTONIC) {
		uint64_t ms = (uint64_t)ts->tv_sec * 1000 +
		              (uint64_t)ts->tv_nsec / 1000000;

		ms *= factor(cell());
		ts->tv_sec = (time_t)(ms / 1000);
		ts->tv_nsec = (long)(ms % 1000) * 1000000;
	}
	return rc;
}

int
nanosleep(const struct timespec *want, struct timespec *left)
{
	REAL(int, nanosleep, (const struct timespec *, struct timespec *));
	unsigned by = factor(cell());
	struct timespec less_of_it = { want->tv_sec / by, want->tv_nsec / by };

	if (faulty("nanosleep", ANY)) {
		if (left != NULL)
			*left = *want;
		return -1;
	}
	return real(&less_of_it, left);
}

int
epoll_wait(int fd, struct epoll_event *e, int n, int ms)
{
	REAL(int, epoll_wait, (int, struct epoll_event *, int, int));

	if (faulty("epoll_wait", ANY))
		return -1;
	if (factor(cell()) > 1 && (ms < 0 || ms > EPOLL_MAX_MS))
		ms = EPOLL_MAX_MS;
	return real(fd, e, n, ms);
}
