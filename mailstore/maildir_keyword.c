/*
 * maildir_keyword: letters for keywords, as Dovecot keeps them per mailbox in
 * dovecot-keywords: lines "<index> <name>", index 0 is letter 'a'. Known ones
 * are only read; new ones are added under Dovecot's locks. Knows nothing of
 * messages, and never makes one fail.
 */
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

static const char table_file[] = "dovecot-keywords";
static const char table_lock[] = "dovecot-keywords.lock";
static const char uidlist_lock[] = "dovecot-uidlist.lock";

enum {
	NAME_MAX_OCTETS = 50,        /* Dovecot's limit */
	TABLE_MAX_OCTETS = 64 << 10, /* far more than 26 lines */
	LOCK_STALE_S = 120,          /* a holder touches it every 10 s */
	LOCK_POLL_MS = 20,
};

struct table {
	struct str names[MAILDIR_NKEYWORDS]; /* "": free */
	struct str raw;
	time_t mtime; /* 0: no file yet */
};

/* An atom of RFC 3501 s. 9: nothing a line of the table could break at. */
static bool
name_ok(struct str name)
{
	if (name.len == 0 || name.len > NAME_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' ||
		    memchr("(){%*\"\\]", name.p[i], 8) != NULL)
			return false;
	return true;
}

static int
find(const struct table *t, struct str name)
{
	for (int i = 0; i < MAILDIR_NKEYWORDS; i++)
		if (t->names[i].len > 0 && str_caseeq(t->names[i], name))
			return i;
	return -1;
}

static int
find_free(const struct table *t)
{
	for (int i = 0; i < MAILDIR_NKEYWORDS; i++)
		if (t->names[i].len == 0)
			return i;
	return -1;
}

/* Lines that say nothing to us stay in raw, and so in the file. */
static void
parse(struct table *t)
{
	struct str rest = t->raw, line, index;
	uint64_t i;

	while (str_cut(&rest, '\n', &line))
		if (str_cut(&line, ' ', &index) && str_to_u64(index, &i) &&
		    i < MAILDIR_NKEYWORDS && t->names[i].len == 0)
			t->names[i] = str_trim(line);
}

static bool
load(struct arena *a, int dirfd, struct table *t)
{
	struct stat st;

	*t = (struct table){ 0 };
	if (fs_read_beneath(
		dirfd, table_file, TABLE_MAX_OCTETS, a, &t->raw, &st))
		t->mtime = st.st_mtime;
	else if (errno != ENOENT)
		return false;
	parse(t);
	return true;
}

/* --- locks --------------------------------------------------------------- */

/*
 * Remove a lock nobody holds any more. It is moved aside first: if another
 * process was faster and this is its new lock, it is put back.
 *   returns  true when it is worth trying again
 */
static bool
break_stale(int dirfd, const char *name)
{
	struct stat old, moved;
	char aside[64], id[9];

	if (fstatat(dirfd, name, &old, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	if (!S_ISREG(old.st_mode) ||
	    clock_wall_us() / 1000000 - old.st_mtime <= LOCK_STALE_S)
		return false;
	digest_random_id(id, sizeof(id) - 1);
	snprintf(aside, sizeof(aside), "%s.%s", name, id);
	if (renameat(dirfd, name, dirfd, aside) != 0)
		return errno == ENOENT;
	if (fstatat(dirfd, aside, &moved, AT_SYMLINK_NOFOLLOW) == 0 &&
	    moved.st_ino != old.st_ino &&
	    linkat(dirfd, aside, dirfd, name, 0) != 0)
		log_warning("%s of another process was lost: %s", name,
		    strerror(errno));
	maildir_remove(dirfd, aside);
	return true;
}

/* O_EXCL dotlock: its descriptor, or -1 with errno. */
static int
lock(struct store_txn *txn, int dirfd, const char *name)
{
	const struct timespec poll = { .tv_nsec = LOCK_POLL_MS * 1000000L };
	int fd;

	for (;;) {
		fd = fs_open_beneath(
		    dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
		if (txn->lock_budget_ms <= 0)
			break;
		txn->lock_budget_ms -= LOCK_POLL_MS;
		if (!break_stale(dirfd, name))
			nanosleep(&poll, NULL);
	}
	errno = ETIMEDOUT;
	return -1;
}

/* --- writing ------------------------------------------------------------- */

/* Readers notice a change by mtime in whole seconds. */
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
fill(int dirfd, int fd, const struct table *t)
{
	struct stat dir;
	mode_t mode;

	if (fstat(dirfd, &dir) != 0)
		return false;
	mode = (dir.st_mode & 0666) | 0600;
	return maildir_set_perms(fd, 0600, mode, maildir_gid(&dir)) &&
	       io_write_all(fd, t->raw.p, t->raw.len) &&
	       set_later_mtime(fd, t->mtime) && fs_sync(fd);
}

/* The uidlist lock is held. */
static bool
save(struct store_txn *txn, int dirfd, const struct table *t)
{
	int fd = lock(txn, dirfd, table_lock), saved;
	bool ok;

	if (fd < 0)
		return false;
	ok = fill(dirfd, fd, t) &&
	     renameat(dirfd, table_lock, dirfd, table_file) == 0;
	saved = errno;
	if (!ok)
		maildir_remove(dirfd, table_lock);
	io_close(&fd);
	errno = saved;
	/* a letter on disk without its name would be "unknown-n" */
	return ok && fs_sync(dirfd);
}

static bool
add(struct arena *a, struct table *t, const struct strlist *names)
{
	bool changed = false;

	for (size_t i = 0; i < names->n; i++) {
		struct str line[3] = { t->raw };
		int free = find_free(t);

		if (!name_ok(names->v[i]) || find(t, names->v[i]) >= 0 ||
		    free < 0)
			continue;
		t->names[free] = names->v[i];
		if (t->raw.len > 0 && t->raw.p[t->raw.len - 1] != '\n')
			line[1] = S("\n");
		line[2] =
		    str_printf(a, "%d %.*s\n", free, STR_ARG(names->v[i]));
		t->raw = str_join(a, line, 3);
		changed = true;
	}
	return changed;
}

/* Read again and add. false with errno: t is as it was. */
static bool
add_locked(struct store_txn *txn, int dirfd, struct table *t,
    const struct strlist *names)
{
	struct table next;

	if (!load(txn->arena, dirfd, &next))
		return false;
	if (add(txn->arena, &next, names) && !save(txn, dirfd, &next))
		return false;
	*t = next;
	return true;
}

/*
 * Dovecot keeps the lock until the message has its name. Here many mailboxes
 * would have to stay locked for the whole transaction, and a mapping that no
 * message uses yet is not taken away.
 */
static bool
allocate(struct store_txn *txn, int dirfd, struct table *t,
    const struct strlist *names)
{
	int fd = lock(txn, dirfd, uidlist_lock), saved;
	int64_t since = clock_mono_ms();
	bool ok;

	if (fd < 0)
		return false;
	io_close(&fd);
	ok = add_locked(txn, dirfd, t, names);
	saved = errno;
	/* stopped for so long? then it may be somebody else's by now */
	if (clock_mono_ms() - since < LOCK_STALE_S * 1000 / 2)
		maildir_remove(dirfd, uidlist_lock);
	errno = saved;
	return ok;
}

static bool
needs_more(const struct table *t, const struct strlist *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (name_ok(names->v[i]) && find(t, names->v[i]) < 0)
			return find_free(t) >= 0;
	return false;
}

static void
warn(const struct maildir_box *box, struct str name, const char *reason)
{
	log_warning("keyword left out: %s mailbox=%.*s/%.*s keyword=%.*s",
	    reason, STR_ARG(box->root), STR_ARG(box->dir), STR_ARG(name));
}

uint32_t
maildir_keywords(
    struct store_txn *txn, struct maildir_box *box, const struct strlist *names)
{
	const char *reason = "all letters are taken";
	struct table t;
	uint32_t bits = 0;

	if (!load(txn->arena, box->fd, &t) ||
	    (needs_more(&t, names) && !allocate(txn, box->fd, &t, names)))
		reason = errno == ETIMEDOUT ? "locked" : strerror(errno);
	for (size_t i = 0; i < names->n; i++) {
		int index = find(&t, names->v[i]);

		if (index >= 0)
			bits |= 1U << index;
		else if (!name_ok(names->v[i]))
			warn(box, names->v[i], "no keyword");
		else
			warn(box, names->v[i], reason);
	}
	return bits;
}
