/*
 * maildir_sweep: files that deliveries left in tmp/ when their process died.
 * Decides what is old and how often is looked; nothing of mailboxes. Nobody
 * delivers for 36 hours, but a clock may jump that far.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/maildir.h"

enum {
	OLD_S = 36 * 3600,
	AGAIN_S = 24 * 3600,     /* a mailbox is swept once in that time */
	STEADY_MS = 3600 * 1000, /* longer than a delivery may take */
	SWEEP_MAX = 1000,        /* entries looked at */
	ONE_IN_MASK = 15,        /* of the last octet: one transaction in 20 */
};

bool
maildir_tmp_is_old(const struct stat *st, int64_t now_s)
{
	/* a file may have been made to look old; changed it was then */
	int64_t m = now_s - st->st_mtime, c = now_s - st->st_ctime;

	return !S_ISDIR(st->st_mode) && m > OLD_S && c > OLD_S;
}

struct sweep {
	int fd;
	int64_t now_s;
	unsigned seen, removed;
};

static bool
sweep_one(void *ctx, const char *name)
{
	struct sweep *s = ctx;
	struct stat st;

	if (fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    maildir_tmp_is_old(&st, s->now_s) && maildir_remove(s->fd, name))
		s->removed++;
	return ++s->seen < SWEEP_MAX;
}

unsigned
maildir_sweep(int tmp, int64_t now_s)
{
	/* first, so that nobody else begins as well */
	const struct timespec times[2] = { { .tv_sec = now_s },
		{ .tv_nsec = UTIME_OMIT } };
	struct sweep s = { .fd = tmp, .now_s = now_s };

	if (futimens(tmp, times) == 0)
		fs_each(tmp, sweep_one, &s);
	return s.removed;
}

/* The time of reading says when it was swept last: mail readers do so too,
 * and set it. */
static bool
is_due(const struct stat *tmp, int64_t now_s)
{
	return S_ISDIR(tmp->st_mode) && now_s - tmp->st_atime > AGAIN_S;
}

bool
maildir_sweep_turn(const struct store_txn *txn)
{
	struct str id = txn->message->id;

	return txn->options->clock != NULL &&
	       (id.p[id.len - 1] & ONE_IN_MASK) == 0;
}

/*
 * Called before box->fd is closed. A clock that jumped makes everything old: it
 * must have been steady for longer than anybody delivers.
 */
void
maildir_sweep_plan(struct store_txn *txn, struct maildir_box *box)
{
	int64_t now_s = clock_wall_us() / 1000000;
	struct fail ignored;
	struct stat st;

	if (!maildir_sweep_turn(txn) || box->tmp_fd >= 0 ||
	    !clock_watch_steady(txn->options->clock, STEADY_MS) ||
	    !maildir_box_open(txn, box, false, &ignored) ||
	    fstatat(box->fd, "tmp", &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !is_due(&st, now_s))
		return;
	box->tmp_fd =
	    fs_open_beneath(box->fd, "tmp", O_RDONLY | O_DIRECTORY, 0);
}

void
maildir_sweep_end(struct maildir_box *box)
{
	unsigned n;

	if (box->tmp_fd < 0)
		return;
	n = maildir_sweep(box->tmp_fd, clock_wall_us() / 1000000);
	io_close(&box->tmp_fd);
	if (n > 0)
		log_notice("%u old files removed from tmp of %.*s/%.*s", n,
		    STR_ARG(box->root), STR_ARG(box->dir));
}
