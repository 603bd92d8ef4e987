/*
 * fs: the system calls that touch files, and their traps.
 */
#include "lib/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/digest.h"
#include "lib/io.h"

static int
open_component(int dirfd, const char *name, int flags, mode_t mode)
{
	struct stat st;
	int fd;

	do
		fd = openat(dirfd, name,
		    flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode);
	while (fd < 0 && errno == EINTR);
	/* what openat2 says of a link; openat does not with O_DIRECTORY */
	if (fd < 0 && errno == ENOTDIR &&
	    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return fd;
}

/* The next component; false with errno when it may not be one. */
static bool
next_component(const char **path, char *name, size_t size)
{
	size_t n = strcspn(*path, "/");

	if (n >= size) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(name, *path, n);
	name[n] = '\0';
	*path += n;
	*path += strspn(*path, "/");
	if (n == 0 || strcmp(name, "..") == 0) {
		errno = EXDEV;
		return false;
	}
	return true;
}

/* openat2 by hand, for kernels and sandboxes without it. */
static int
walk_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	char name[256];
	int at = dirfd, fd = -1, err;
	bool more = true;

	if (path[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	while (more && next_component(&path, name, sizeof(name))) {
		more = path[0] != '\0';
		fd = open_component(
		    at, name, more ? O_PATH | O_DIRECTORY : flags, mode);
		err = errno;
		if (at != dirfd)
			close(at);
		errno = err;
		at = fd;
		if (fd < 0)
			return -1;
	}
	if (!more)
		return fd;
	err = errno;
	if (at != dirfd)
		close(at);
	errno = err;
	return -1;
}

/* The same for an absolute path. */
static int
walk_from_root(const char *path, int flags)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd, err;

	if (root < 0)
		return -1;
	fd = walk_beneath(root, path + strspn(path, "/"), flags, 0);
	err = errno;
	close(root);
	errno = err;
	return fd;
}

static int
open_resolved(
    int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	/* of both at once openat2 says EINVAL */
	int more = flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NONBLOCK;
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | more),
		.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
		.resolve =
		    resolve | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	int tries = 100;

	/* EAGAIN: a rename raced with the walk; but also a lease somebody
	 * holds on the file, which may last, so this must end. */
	do
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries > 0)));
	/* EPERM: older sandboxes say so of calls they do not know */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return resolve & RESOLVE_BENEATH
		           ? walk_beneath(dirfd, path, flags, mode)
		           : walk_from_root(path, flags);
	return (int)fd;
}

int
fs_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	return open_resolved(dirfd, path, flags, mode, RESOLVE_BENEATH);
}

int
fs_open_unlinked(const char *path, int flags)
{
	return open_resolved(AT_FDCWD, path, flags, 0, 0);
}

int
fs_open_dir(const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static bool
read_up_to(int fd, size_t max, size_t guess, struct arena *a, struct str *out)
{
	size_t cap, len = 0;
	char *p;

	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4;
	cap = guess < max ? guess + 1 : max + 1;
	p = arena_alloc(a, cap + 1);

	for (;;) {
		ssize_t n;

		if (len == cap) {
			if (cap > max) {
				errno = EFBIG;
				return false;
			}
			p = arena_grow(a, p, len, cap * 2 + 1);
			cap = cap * 2 > max ? max + 1 : cap * 2;
		}
		n = io_read(fd, p + len, cap - len);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (len > max) {
		errno = EFBIG;
		return false;
	}
	*out = str_from(p, len);
	return true;
}

bool
fs_read_fd(
    int fd, size_t max, struct arena *a, struct str *out, struct stat *st)
{
	struct stat own;

	if (st == NULL)
		st = &own;
	if (fstat(fd, st) != 0)
		return false;
	if (!S_ISREG(st->st_mode)) {
		errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
		return false;
	}
	if (st->st_size > 0 && (uint64_t)st->st_size > max) {
		errno = EFBIG;
		return false;
	}
	return read_up_to(fd, max, (size_t)st->st_size, a, out);
}

bool
fs_read_beneath(int dirfd, const char *path, size_t max, struct arena *a,
    struct str *out, struct stat *st)
{
	int fd = fs_open_beneath(dirfd, path, O_RDONLY, 0);
	int saved;
	bool ok;

	if (fd < 0)
		return false;
	ok = fs_read_fd(fd, max, a, out, st);
	saved = errno;
	io_close(&fd);
	errno = saved;
	return ok;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool
fs_each(int dirfd, bool (*visit)(void *ctx, const char *name), void *ctx)
{
	int fd = fs_open_beneath(dirfd, ".", O_RDONLY | O_DIRECTORY, 0), err;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (dir == NULL) {
		err = errno;
		io_close(&fd);
		errno = err;
		return false;
	}
	do {
		errno = 0; /* readdir says NULL at the end, too */
		e = readdir(dir);
	} while (e != NULL && (is_dots(e->d_name) || visit(ctx, e->d_name)));
	err = e == NULL ? errno : 0;
	closedir(dir);
	errno = err;
	return err == 0;
}

int
fs_tmpfile(int dirfd, mode_t mode)
{
	int fd;

	do
		fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

bool
fs_link_fd(int fd, int dirfd, const char *name)
{
	char self[40];
	int rc;

	/* AT_EMPTY_PATH would need a capability on older kernels. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	do
		rc = linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

bool
fs_write_out(int fd)
{
	int rc;

	do
		rc = sync_file_range(fd, 0, 0,
		    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
			SYNC_FILE_RANGE_WAIT_AFTER);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

bool
fs_sync(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

static bool
write_new(int dirfd, const char *name, struct str bytes, mode_t mode)
{
	int fd =
	    fs_open_beneath(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, mode);
	bool ok;
	int saved;

	if (fd < 0)
		return false;
	ok = io_write_all(fd, bytes.p, bytes.len) && fs_sync(fd);
	saved = errno;
	if (close(fd) != 0 && ok) {
		saved = errno;
		ok = false;
	}
	if (!ok)
		unlinkat(dirfd, name, 0);
	errno = saved;
	return ok;
}

enum { TEMP_NAME = 256 };

static bool
temp_name(const char *name, char temp[TEMP_NAME], struct fail *why)
{
	char id[9];

	digest_random_id(id, sizeof(id) - 1);
	if (snprintf(temp, TEMP_NAME, "%s.new.%s", name, id) >= TEMP_NAME)
		return fail_errno(why, ENAMETOOLONG, "%s", name);
	return true;
}

static bool
rename_synced(int dirfd, const char *temp, const char *name, struct fail *why)
{
	int err;

	if (renameat(dirfd, temp, dirfd, name) != 0) {
		err = errno;
		unlinkat(dirfd, temp, 0);
		return fail_errno(why, err, "rename to %s", name);
	}
	if (!fs_sync(dirfd))
		return fail_errno(why, errno, "sync directory of %s", name);
	return true;
}

bool
fs_replace(int dirfd, const char *name, struct str bytes, mode_t mode,
    struct fail *why)
{
	char temp[TEMP_NAME];

	if (!temp_name(name, temp, why))
		return false;
	if (!write_new(dirfd, temp, bytes, mode))
		return fail_errno(why, errno, "write %s", name);
	return rename_synced(dirfd, temp, name, why);
}

bool
fs_replace_link(
    int dirfd, const char *name, const char *target, struct fail *why)
{
	char temp[TEMP_NAME];

	if (!temp_name(name, temp, why))
		return false;
	if (symlinkat(target, dirfd, temp) != 0)
		return fail_errno(why, errno, "link %s", name);
	return rename_synced(dirfd, temp, name, why);
}

static bool
mkdir_synced(
    const char *parent, const char *path, mode_t mode, struct fail *why)
{
	int fd;
	bool ok;

	if (mkdir(path, mode) != 0) {
		struct stat st;

		if (errno != EEXIST)
			return fail_errno(why, errno, "mkdir %s", path);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return true;
		return fail_errno(why, ENOTDIR, "mkdir %s", path);
	}
	fd = fs_open_dir(parent);
	ok = fd >= 0 && fs_sync(fd);
	if (!ok)
		fail_errno(why, errno, "sync %s", parent);
	io_close(&fd);
	return ok;
}

bool
fs_mkdir_p(const char *path, mode_t mode, struct fail *why)
{
	char part[4096], parent[4096] = "/";
	size_t len = strlen(path);

	if (path[0] != '/' || len >= sizeof(part))
		return fail_errno(why, EINVAL, "mkdir %s", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (!mkdir_synced(parent, part, mode, why))
			return false;
		memcpy(parent, part, i + 1);
	}
	return true;
}
