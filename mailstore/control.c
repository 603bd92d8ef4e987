/*
 * control: files under dotlocks, as Dovecot takes them: a lock is a file that
 * was made with O_EXCL; who wants to replace a file writes the new one into
 * its lock. Knows nothing of what the files say.
 */
#include "mailstore/control.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/digest.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/maildir.h"

enum { LOCK_POLL_MS = 20 };

bool
control_read(int dirfd, const struct control_file *file, struct arena *a,
    struct str *out, time_t *mtime)
{
	struct stat st;

	*out = S("");
	*mtime = 0;
	if (fs_read_beneath(dirfd, file->name, file->max, a, out, &st)) {
		*mtime = st.st_mtime;
		return true;
	}
	return errno == ENOENT;
}

bool
control_line(struct str *rest, struct str *line)
{
	return rest->len > 0 && str_cut(rest, '\n', line);
}

/* --- locks --------------------------------------------------------------- */

/*
 * Remove a lock nobody holds any more. It is moved aside first: if another
 * process was faster and this is its new lock, it is put back.
 *   returns  true when it is worth trying again
 */
static bool
break_stale(const struct control_lock *l)
{
	struct stat old, moved;
	char aside[64], id[9];

	if (fstatat(l->dirfd, l->name, &old, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	if (!S_ISREG(old.st_mode) ||
	    clock_wall_us() / 1000000 - old.st_mtime <= l->stale_s)
		return false;
	digest_random_id(id, sizeof(id) - 1);
	snprintf(aside, sizeof(aside), "%s.%s", l->name, id);
	if (renameat(l->dirfd, l->name, l->dirfd, aside) != 0)
		return errno == ENOENT;
	if (fstatat(l->dirfd, aside, &moved, AT_SYMLINK_NOFOLLOW) == 0 &&
	    moved.st_ino != old.st_ino &&
	    linkat(l->dirfd, aside, l->dirfd, l->name, 0) != 0)
		log_warning("%s of another process was lost: %s", l->name,
		    strerror(errno));
	maildir_remove(l->dirfd, aside);
	return true;
}

/* Its descriptor, open for writing, or -1 with errno. */
static int
take(struct control_lock *l, int64_t *budget_ms)
{
	const struct timespec poll = { .tv_nsec = LOCK_POLL_MS * 1000000L };
	int fd;

	for (;;) {
		fd = fs_open_beneath(
		    l->dirfd, l->name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		l->since_ms = clock_mono_ms();
		if (fd >= 0 || errno != EEXIST)
			return fd;
		if (*budget_ms <= 0)
			break;
		*budget_ms -= LOCK_POLL_MS;
		if (!break_stale(l))
			nanosleep(&poll, NULL);
	}
	errno = ETIMEDOUT;
	return -1;
}

/* Stopped for so long? Then it may be somebody else's by now. */
static bool
is_still_ours(const struct control_lock *l)
{
	return clock_mono_ms() - l->since_ms < l->stale_s * 1000 / 2;
}

bool
control_lock(struct control_lock *l, int64_t *budget_ms)
{
	int fd = take(l, budget_ms);

	if (fd < 0)
		return false;
	io_close(&fd);
	return true;
}

void
control_unlock(const struct control_lock *l)
{
	int saved = errno;

	if (is_still_ours(l))
		maildir_remove(l->dirfd, l->name);
	errno = saved;
}

/* --- replacing ----------------------------------------------------------- */

static bool
set_later_mtime(int fd, time_t before)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = before + 1 } };

	if (before < clock_wall_us() / 1000000)
		return true;
	return futimens(fd, times) == 0;
}

static bool
fill(int dirfd, int fd, struct str bytes, time_t before)
{
	struct stat dir;
	mode_t mode;

	if (fstat(dirfd, &dir) != 0)
		return false;
	mode = (dir.st_mode & 0666) | 0600;
	return maildir_set_perms(fd, 0600, mode, maildir_gid(&dir)) &&
	       io_write_all(fd, bytes.p, bytes.len) &&
	       set_later_mtime(fd, before) && fs_sync(fd);
}

static bool
replace(const struct control_lock *l, const struct control_file *file, int fd,
    struct str bytes, time_t before)
{
	if (!fill(l->dirfd, fd, bytes, before))
		return false;
	if (!is_still_ours(l)) {
		errno = ETIMEDOUT;
		return false;
	}
	return renameat(l->dirfd, l->name, l->dirfd, file->name) == 0;
}

bool
control_edit(int dirfd, const struct control_file *file, struct arena *a,
    int64_t *budget_ms, control_edit_fn *edit, void *ctx)
{
	struct control_lock l = {
		.dirfd = dirfd,
		.name = file->lock,
		.stale_s = file->stale_s,
	};
	struct str was, now;
	bool ok, changed = false;
	time_t mtime;
	int fd = take(&l, budget_ms);

	if (fd < 0)
		return false;
	ok = control_read(dirfd, file, a, &was, &mtime);
	if (ok)
		changed = edit(ctx, a, was, &now);
	if (changed)
		ok = replace(&l, file, fd, now, mtime);
	if (!ok || !changed)
		control_unlock(&l);
	io_close(&fd);
	return ok && (!changed || fs_sync(dirfd));
}
