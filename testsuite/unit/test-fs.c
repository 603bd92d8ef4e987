/*
 * Files, and reading and writing (lib/fs, lib/io).
 */
#include "testsuite/unit/lib-check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/io.h"

struct dir {
	char path[64];
	int fd;
	struct arena *arena;
};

static int
setup(void **state)
{
	struct dir *d = calloc(1, sizeof(*d));

	snprintf(d->path, sizeof(d->path), "/tmp/tamis-fs-XXXXXX");
	if (mkdtemp(d->path) == NULL)
		return -1;
	d->fd = fs_open_dir(d->path);
	d->arena = arena_new("test", 0);
	*state = d;
	return d->fd < 0 ? -1 : 0;
}

static const char *const leftovers[] = { "f", "g", "link", "fifo", "sub/f",
	"sub", "up", "dangling", "m/n/o", "m/n", "m" };

static int
teardown(void **state)
{
	struct dir *d = *state;

	for (size_t i = 0; i < COUNT(leftovers); i++)
		if (unlinkat(d->fd, leftovers[i], 0) != 0)
			unlinkat(d->fd, leftovers[i], AT_REMOVEDIR);
	close(d->fd);
	/* Fails when a test left something behind that it should not. */
	if (rmdir(d->path) != 0)
		return -1;
	arena_free(d->arena);
	free(d);
	return 0;
}

static void
make(struct dir *d, const char *name, struct str bytes)
{
	struct fail why;

	if (!fs_replace(d->fd, name, bytes, 0600, &why))
		fail_msg("%s: %s", name, why.text);
}

static const struct {
	const char *path;
	int err;
} opens[] = {
	{ "f", 0 },
	{ "sub/f", 0 },
	{ "sub/../f", 0 },
	{ "./f", 0 },
	{ "none", ENOENT },
	{ "../x", EXDEV },
	{ "sub/../../x", EXDEV },
	{ "/etc/passwd", EXDEV },
	{ "link", ELOOP },
	{ "up/f", ELOOP },
	{ "f/x", ENOTDIR },
	{ "fifo", 0 },
	{ ".", 0 },
	{ "", ENOENT },
	{ "sub//f", 0 },
	{ "up", ELOOP },
	{ "none/x", ENOENT },
};

/* The same table for openat2 and for what stands in for it. */
static bool
opens_as_said(struct dir *d, bool openat2)
{
	for (size_t i = 0; i < COUNT(opens); i++) {
		bool dots = strcmp(opens[i].path, "sub/../f") == 0;
		int want = dots && !openat2 ? EXDEV : opens[i].err, fd, err;

		errno = 0;
		fd = fs_open_beneath(d->fd, opens[i].path, O_RDONLY, 0);
		err = fd < 0 ? errno : 0;
		if (err != want)
			print_error("%s: %s\n", opens[i].path, strerror(err));
		if (err != want ||
		    (fd >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC)))
			return false;
		io_close(&fd);
	}
	return true;
}

/* From now on this process has an older kernel. */
static bool
without_openat2(uint32_t error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
open_in_old_kernel(struct dir *d, uint32_t error)
{
	int fd;

	if (!without_openat2(error))
		return 77;
	if (syscall(SYS_openat2, d->fd, "f", NULL, 0) != -1 ||
	    (uint32_t)errno != error || !opens_as_said(d, false))
		return 1;
	/* nothing is made through a link, and what is there is not taken */
	fd = fs_open_beneath(d->fd, "up/g", O_WRONLY | O_CREAT, 0600);
	if (fd >= 0 || errno != ELOOP)
		return 2;
	fd = fs_open_beneath(d->fd, "dangling", O_WRONLY | O_CREAT, 0600);
	if (fd >= 0 || errno != ELOOP)
		return 3;
	fd = fs_open_beneath(d->fd, "f", O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd >= 0 || errno != EEXIST)
		return 4;
	fd = fs_open_beneath(d->fd, "g", O_WRONLY | O_CREAT | O_EXCL, 0640);
	return fd >= 0 ? 0 : 5;
}

static void
in_old_kernel(struct dir *d, uint32_t error)
{
	pid_t pid = fork();
	int status, before = fcntl(d->fd, F_DUPFD, 0);

	close(before);
	if (pid == 0) {
		int rc = open_in_old_kernel(d, error);
		int after = fcntl(d->fd, F_DUPFD, 0);

		/* the file made last is open still, nothing else is */
		_exit(rc != 0 || after == before + 1 ? rc : 6);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		print_message("no seccomp here\n");
	else if (WEXITSTATUS(status) != 0)
		fail_msg("step %d", WEXITSTATUS(status));
}

static void
test_open(void **state)
{
	struct dir *d = *state;

	make(d, "f", S("x"));
	assert_int_equal(mkdirat(d->fd, "sub", 0700), 0);
	make(d, "sub/f", S("y"));
	assert_int_equal(symlinkat("f", d->fd, "link"), 0);
	assert_int_equal(symlinkat("sub", d->fd, "up"), 0);
	assert_int_equal(mkfifoat(d->fd, "fifo", 0600), 0);
	assert_int_equal(symlinkat("none", d->fd, "dangling"), 0);
	assert_true(opens_as_said(d, true));
	in_old_kernel(d, ENOSYS);
	unlinkat(d->fd, "g", 0);
	in_old_kernel(d, EPERM);
	assert_int_equal(fs_open_dir("/none/such"), -1);
}

/* A link anywhere in the path, not only at its end. */
static void
test_open_unlinked(void **state)
{
	struct dir *d = *state;
	static const struct {
		const char *path;
		int err;
	} paths[] = { { "sub/f", 0 }, { "up/f", ELOOP }, { "link", ELOOP },
		{ "none", ENOENT } };

	assert_int_equal(mkdirat(d->fd, "sub", 0700), 0);
	make(d, "sub/f", S("y"));
	assert_int_equal(symlinkat("sub", d->fd, "up"), 0);
	assert_int_equal(symlinkat("sub/f", d->fd, "link"), 0);
	for (size_t i = 0; i < COUNT(paths); i++) {
		const char *path =
		    str_printf(d->arena, "%s/%s", d->path, paths[i].path).p;
		int fd = fs_open_unlinked(path, O_RDONLY);

		check_num(i, "opened", fd >= 0, paths[i].err == 0);
		if (fd < 0)
			check_num(i, "errno", (uint64_t)errno,
			    (uint64_t)paths[i].err);
		else
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		io_close(&fd);
	}
}

static void
test_read(void **state)
{
	struct dir *d = *state;
	struct str out, bytes = repeat(d->arena, S("abc"), 70000);
	struct stat st;
	int fd;

	make(d, "f", bytes);
	assert_true(fs_read_beneath(d->fd, "f", 70000, d->arena, &out, &st));
	check_str(0, "bytes", out, bytes);
	assert_int_equal(out.p[out.len], 0);
	assert_int_equal(st.st_size, 70000);
	assert_true(
	    fs_read_beneath(d->fd, "f", SIZE_MAX, d->arena, &out, NULL));
	assert_false(fs_read_beneath(d->fd, "f", 69999, d->arena, &out, NULL));
	assert_int_equal(errno, EFBIG);
	assert_false(fs_read_beneath(d->fd, ".", 9, d->arena, &out, NULL));
	assert_int_equal(errno, EISDIR);
	assert_int_equal(mkfifoat(d->fd, "fifo", 0600), 0);
	assert_false(fs_read_beneath(d->fd, "fifo", 9, d->arena, &out, NULL));
	assert_int_equal(errno, EINVAL);
	make(d, "g", S(""));
	assert_true(fs_read_beneath(d->fd, "g", 0, d->arena, &out, NULL));
	assert_int_equal(out.len, 0);
	/* a file that says it is empty and is not */
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	assert_true(fs_read_fd(fd, 1 << 20, d->arena, &out, NULL));
	assert_true(out.len > 100);
	io_close(&fd);
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	assert_false(fs_read_fd(fd, 100, d->arena, &out, NULL));
	assert_int_equal(errno, EFBIG);
	io_close(&fd);
}

static void
test_write(void **state)
{
	struct dir *d = *state;
	struct stat st;
	struct fail why;
	struct str out;
	int fd = fs_tmpfile(d->fd, 0640);

	assert_true(fd >= 0);
	assert_true(io_write_all(fd, "hello", 5));
	assert_true(fs_write_out(fd) && fs_sync(fd));
	assert_true(fs_link_fd(fd, d->fd, "f"));
	assert_false(fs_link_fd(fd, d->fd, "f"));
	assert_int_equal(errno, EEXIST);
	io_close(&fd);
	make(d, "f", S("new"));
	assert_true(fs_read_beneath(d->fd, "f", 9, d->arena, &out, &st));
	check_str(0, "bytes", out, S("new"));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(fs_replace(d->fd, "sub/none", S("x"), 0600, &why));
	assert_int_equal(why.sys, ENOENT);
	/* the target cannot be replaced: nothing is left behind */
	assert_int_equal(mkdirat(d->fd, "sub", 0700), 0);
	assert_false(fs_replace(d->fd, "sub", S("x"), 0600, &why));
	assert_int_equal(why.sys, EISDIR);
	assert_false(fs_sync(-1));
	assert_false(fs_write_out(-1));
}

/* A write that fails half-way leaves nothing behind; see teardown. */
static void
test_write_fails(void **state)
{
	struct dir *d = *state;
	struct rlimit old, low = { .rlim_cur = 10 };
	struct str out;
	struct fail why;

	make(d, "f", S("old"));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	assert_false(
	    fs_replace(d->fd, "f", S("more than ten octets"), 0600, &why));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(why.sys, EFBIG);
	assert_string_equal(why.status, "4.3.1");
	assert_true(fs_read_beneath(d->fd, "f", 99, d->arena, &out, NULL));
	check_str(0, "bytes", out, S("old"));
}

static void
test_mkdir(void **state)
{
	struct dir *d = *state;
	struct fail why;
	char path[200];

	snprintf(path, sizeof(path), "%s/m//n/o/", d->path);
	assert_true(fs_mkdir_p(path, 0700, &why));
	assert_true(fs_mkdir_p(path, 0700, &why));
	assert_int_equal(faccessat(d->fd, "m/n/o", X_OK, 0), 0);
	make(d, "f", S(""));
	snprintf(path, sizeof(path), "%s/f", d->path);
	assert_false(fs_mkdir_p(path, 0700, &why));
	assert_int_equal(why.sys, ENOTDIR);
	snprintf(path, sizeof(path), "%s/f/x", d->path);
	assert_false(fs_mkdir_p(path, 0700, &why));
	assert_false(fs_mkdir_p("relative", 0700, &why));
	assert_int_equal(why.sys, EINVAL);
}

/* More pieces than one writev takes, through a pipe that holds them. */
static void
test_writev(void **state)
{
	struct dir *d = *state;
	struct iovec iov[3000];
	char out[3000], x[] = "x";
	int fd = fs_tmpfile(d->fd, 0600);

	for (size_t i = 0; i < COUNT(iov); i++)
		iov[i] = (struct iovec){ .iov_base = x, .iov_len = i % 3 != 0 };
	assert_true(io_writev_all(fd, iov, COUNT(iov)));
	assert_true(io_pread_all(fd, out, 2000, 0));
	assert_false(io_pread_all(fd, out, 1, 2000));
	assert_int_equal(errno, EIO);
	io_close(&fd);
	assert_int_equal(fd, -1);
	io_close(&fd);
	assert_false(io_write_all(-1, "x", 1));
	assert_true(io_write_all(-1, "", 0));
}

static void
test_wait(void **state)
{
	int p[2];
	char c;

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_false(io_wait(p[0], POLLIN, clock_mono_ms() + 20));
	assert_int_equal(errno, ETIMEDOUT);
	assert_false(io_wait(p[0], POLLIN, 0));
	assert_int_equal(io_write(p[1], "x", 1), 1);
	assert_true(io_wait(p[0], POLLIN, -1));
	assert_int_equal(io_read(p[0], &c, 1), 1);
	assert_true(io_set_nonblocking(p[0], true));
	assert_int_equal(io_read(p[0], &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(io_set_nonblocking(p[0], false));
	assert_false(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	assert_true(io_set_cloexec(p[0]));
	assert_false(io_set_nonblocking(-1, true));
	io_close(&p[0]);
	io_close(&p[1]);
}

static int
open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* What a peer does that sends two descriptors with len octets. */
static void
send_two(int sock, const char *p, size_t len, int fd)
{
	int fds[2] = { fd, fd };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(fds))];
	} control = { .space = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(sock, &msg, 0), len);
}

static void
test_records(void **state)
{
	struct iovec iov[2] = { { .iov_base = (char[]){ "ab" }, .iov_len = 2 },
		{ .iov_base = (char[]){ "cd" }, .iov_len = 2 } };
	int s[2], fd, before;
	char out[8];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	assert_int_equal(io_send(s[0], iov, 2, -1, 0), 4);
	assert_int_equal(io_recv(s[1], out, sizeof(out), &fd, 0), 4);
	assert_int_equal(fd, -1);
	assert_memory_equal(out, "abcd", 4);
	assert_int_equal(io_send(s[0], iov, 1, s[0], 0), 2);
	assert_int_equal(io_recv(s[1], out, sizeof(out), &fd, 0), 2);
	assert_true(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
	io_close(&fd);
	before = open_fds();
	/* too long, with a descriptor: not leaked */
	assert_int_equal(io_send(s[0], iov, 2, s[0], 0), 4);
	assert_int_equal(io_recv(s[1], out, 3, &fd, 0), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(fd, -1);
	/* two, or one with an empty record: not leaked either */
	send_two(s[0], "x", 1, s[0]);
	assert_int_equal(io_recv(s[1], out, sizeof(out), &fd, 0), 1);
	assert_true(fd >= 0);
	io_close(&fd);
	send_two(s[0], "", 0, s[0]);
	assert_int_equal(io_recv(s[1], out, sizeof(out), &fd, 0), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(open_fds(), before);
	io_close(&s[0]);
	assert_int_equal(io_recv(s[1], out, sizeof(out), &fd, 0), 0);
	assert_int_equal(io_send(s[1], iov, 1, -1, 0), -1);
	assert_int_equal(errno, EPIPE);
	io_close(&s[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_open_unlinked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_write_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mkdir, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writev, setup, teardown),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
