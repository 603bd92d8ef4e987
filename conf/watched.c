/*
 * watched: has a file changed? Knows stat(2), not what files hold.
 */
#include "conf/watched.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"

/* A file that changed so shortly before it was read may change again without
 * looking changed; and once it was read it is not read again sooner. */
enum { SETTLED_US = 2000000, AGAIN_US = 50000 };

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
is_settled(const struct watched *w)
{
	int64_t changed = (int64_t)w->seen.st_ctim.tv_sec * 1000000 +
	                  w->seen.st_ctim.tv_nsec / 1000;
	int64_t since = clock_wall_us() - w->read_us;

	return changed + SETTLED_US <= w->read_us ||
	       (since >= 0 && since < AGAIN_US);
}

static bool
is_same(const struct watched *w, const struct stat *st)
{
	return w->any && w->seen.st_dev == st->st_dev &&
	       w->seen.st_ino == st->st_ino && w->seen.st_size == st->st_size &&
	       same_time(w->seen.st_mtim, st->st_mtim) &&
	       same_time(w->seen.st_ctim, st->st_ctim) && is_settled(w);
}

bool
watched_open(struct watched *w, const char *path, int *fd, struct fail *why)
{
	struct stat st;
	int err = 0;

	do
		*fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	while (*fd < 0 && errno == EINTR);
	if (*fd < 0 || fstat(*fd, &st) != 0) {
		err = errno;
		w->any = false;
	}
	if (err != 0 || is_same(w, &st))
		io_close(fd);
	return err == 0 || fail_errno(why, err, "%s", path);
}

bool
watched_read(struct watched *w, int *fd, size_t max, struct arena *a,
    struct str *text, struct fail *why)
{
	int err = 0;

	w->read_us = clock_wall_us();
	w->any = fs_read_fd(*fd, max, a, text, &w->seen);
	if (!w->any)
		err = errno;
	io_close(fd);
	return w->any || fail_errno(why, err, "list");
}
