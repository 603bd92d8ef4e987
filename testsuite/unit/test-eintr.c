/*
 * A signal may end any system call before it did anything. The calls are
 * replaced here by ones that say EINTR first: nobody may take that for a
 * failure, least of all of fsync.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fs.h"
#include "lib/io.h"

static int signals; /* that are still to come */

static bool
interrupted(void)
{
	if (signals == 0)
		return false;
	signals--;
	errno = EINTR;
	return true;
}

/* Under the names of the C library, which the headers may have redefined. */
int my_fsync(int) __asm__("fsync");
int my_linkat(int, const char *, int, const char *, int) __asm__("linkat");
int my_range(int, off_t, off_t, unsigned) __asm__("sync_file_range");
int my_openat(int, const char *, int, mode_t) __asm__("openat");
int my_open(const char *, int, mode_t) __asm__("open");
ssize_t my_writev(int, const struct iovec *, int) __asm__("writev");
ssize_t my_write(int, const void *, size_t) __asm__("write");
ssize_t my_read(int, void *, size_t) __asm__("read");
ssize_t my_pread(int, void *, size_t, off_t) __asm__("pread");
int my_poll(struct pollfd *, nfds_t, int) __asm__("poll");
ssize_t my_sendmsg(int, const struct msghdr *, int) __asm__("sendmsg");
ssize_t my_recvmsg(int, struct msghdr *, int) __asm__("recvmsg");

int
my_fsync(int fd)
{
	return interrupted() ? -1 : (int)syscall(SYS_fsync, fd);
}

int
my_linkat(int from, const char *old, int to, const char *new, int flags)
{
	return interrupted()
	           ? -1
	           : (int)syscall(SYS_linkat, from, old, to, new, flags);
}

int
my_range(int fd, off_t at, off_t n, unsigned flags)
{
	return interrupted()
	           ? -1
	           : (int)syscall(SYS_sync_file_range, fd, at, n, flags);
}

int
my_openat(int dir, const char *path, int flags, mode_t mode)
{
	return interrupted() ? -1
	                     : (int)syscall(SYS_openat, dir, path, flags, mode);
}

int
my_open(const char *path, int flags, mode_t mode)
{
	return my_openat(AT_FDCWD, path, flags, mode);
}

ssize_t
my_writev(int fd, const struct iovec *v, int n)
{
	return interrupted() ? -1 : syscall(SYS_writev, fd, v, n);
}

ssize_t
my_write(int fd, const void *p, size_t n)
{
	return interrupted() ? -1 : syscall(SYS_write, fd, p, n);
}

ssize_t
my_read(int fd, void *p, size_t n)
{
	return interrupted() ? -1 : syscall(SYS_read, fd, p, n);
}

ssize_t
my_pread(int fd, void *p, size_t n, off_t at)
{
	return interrupted() ? -1 : syscall(SYS_pread64, fd, p, n, at);
}

int
my_poll(struct pollfd *p, nfds_t n, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	return interrupted()
	           ? -1
	           : (int)syscall(SYS_ppoll, p, n, ms < 0 ? NULL : &t, NULL, 0);
}

ssize_t
my_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return interrupted() ? -1 : syscall(SYS_sendmsg, fd, m, flags);
}

ssize_t
my_recvmsg(int fd, struct msghdr *m, int flags)
{
	return interrupted() ? -1 : syscall(SYS_recvmsg, fd, m, flags);
}

/* --- what is called ------------------------------------------------------ */

/* fd: a file with "12345678"; dir: where it is; pair: two connected sockets,
 * with a record waiting in the second. */
struct bed {
	int fd, dir, pair[2];
	char buf[16];
};

static bool
call_sync(struct bed *b)
{
	return fs_sync(b->fd);
}

static bool
call_write_out(struct bed *b)
{
	return fs_write_out(b->fd);
}

static bool
call_link(struct bed *b)
{
	return fs_link_fd(b->fd, b->dir, "name") &&
	       unlinkat(b->dir, "name", 0) == 0;
}

static bool
call_tmpfile(struct bed *b)
{
	int fd = fs_tmpfile(b->dir, 0600);

	return fd >= 0 && close(fd) == 0;
}

static bool
call_open_dir(struct bed *b)
{
	int fd = fs_open_dir("/");

	(void)b;
	return fd >= 0 && close(fd) == 0;
}

static bool
call_write_all(struct bed *b)
{
	return io_write_all(b->fd, "x", 1);
}

static bool
call_write(struct bed *b)
{
	return io_write(b->fd, "x", 1) == 1;
}

static bool
call_read(struct bed *b)
{
	return lseek(b->fd, 0, SEEK_SET) == 0 && io_read(b->fd, b->buf, 8) == 8;
}

static bool
call_pread(struct bed *b)
{
	return io_pread_all(b->fd, b->buf, 8, 0);
}

static bool
call_wait(struct bed *b)
{
	return io_wait(b->pair[1], POLLIN, -1);
}

static bool
call_send(struct bed *b)
{
	struct iovec v = { b->buf, 1 };

	return io_send(b->pair[0], &v, 1, -1, 0) == 1;
}

static bool
call_recv(struct bed *b)
{
	int fd;

	return io_recv(b->pair[1], b->buf, 8, &fd, 0) == 1;
}

static const struct {
	const char *name;
	bool (*call)(struct bed *);
} rows[] = {
	{ "fs_sync", call_sync },
	{ "fs_write_out", call_write_out },
	{ "fs_link_fd", call_link },
	{ "fs_tmpfile", call_tmpfile },
	{ "fs_open_dir", call_open_dir },
	{ "io_write_all", call_write_all },
	{ "io_write", call_write },
	{ "io_read", call_read },
	{ "io_pread_all", call_pread },
	{ "io_wait", call_wait },
	{ "io_send", call_send },
	{ "io_recv", call_recv },
};

static void
test_rows(void **state)
{
	char path[] = "test-eintr.XXXXXX";
	struct bed b = { .buf = "x" };

	(void)state;
	assert_non_null(mkdtemp(path));
	b.dir = fs_open_dir(path);
	b.fd = fs_tmpfile(b.dir, 0600);
	if (b.fd < 0 && errno == EOPNOTSUPP)
		skip();
	assert_true(io_write_all(b.fd, "12345678", 8));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, b.pair), 0);
	assert_int_equal(write(b.pair[0], "y", 1), 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool ok;
		int left;

		signals = 3;
		ok = rows[i].call(&b);
		left = signals;
		signals = 0;
		if (!ok || left != 0)
			fail_msg("%s: %s, %d signals left", rows[i].name,
			    ok ? "went well" : "failed", left);
	}
	for (int i = 0; i < 2; i++)
		close(b.pair[i]);
	close(b.fd);
	close(b.dir);
	assert_int_equal(rmdir(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
