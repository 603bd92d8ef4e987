/*
 * maildir_disk: what one sync brings to disk. Knows the file systems whose
 * journal commits changes in the order they were made, so that the commit
 * that holds the last name holds all before it; nothing of mailboxes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"

enum {
	KNOWN_MAX = 16,
	KNOWN_MS = 10 * 1000, /* then another may be mounted there */
	EXT4_OPTIONS_MAX = 4096,
};

struct store_disks {
	struct known {
		dev_t dev;
		bool keeps_order;
		int64_t until_ms;
	} known[KNOWN_MAX];
	unsigned next; /* to be forgotten */
};

struct store_disks *
store_disks_new(struct arena *a)
{
	return ARENA_NEW(a, struct store_disks);
}

/* --- which file systems -------------------------------------------------- */

/* "sda1" for a device number, as /proc has it. */
static bool
device_name(dev_t dev, char *out, size_t size)
{
	char link[64], target[512], *slash;
	ssize_t n;

	snprintf(
	    link, sizeof(link), "/sys/dev/block/%u:%u", major(dev), minor(dev));
	n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return snprintf(out, size, "%s", slash != NULL ? slash + 1 : target) <
	       (int)size;
}

static bool
has_option(const char *path, struct str line)
{
	struct arena *a = arena_new("ext4 options", 0);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct str text;
	bool found;

	found = fd >= 0 && fs_read_fd(fd, EXT4_OPTIONS_MAX, a, &text, NULL) &&
	        str_find(text, line) >= 0;
	io_close(&fd);
	arena_free(a);
	return found;
}

/*
 * Without a journal it has the same type number, with one on another device
 * or another data mode nobody has cut its power. The journal is inode 8.
 */
static bool
ext4_keeps_order(dev_t dev)
{
	char name[256], path[320];

	if (!device_name(dev, name, sizeof(name)))
		return false;
	snprintf(path, sizeof(path), "/proc/fs/jbd2/%s-8", name);
	if (access(path, F_OK) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/fs/ext4/%s/options", name);
	return has_option(path, S("\ndata=ordered\n"));
}

static bool
keeps_order(dev_t dev, int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st) != 0)
		return false;
	if (st.f_type == XFS_SUPER_MAGIC)
		return true;
	return st.f_type == EXT4_SUPER_MAGIC && ext4_keeps_order(dev);
}

static bool
is_known_to_keep_order(struct store_disks *d, dev_t dev, int fd)
{
	int64_t now = clock_mono_ms();
	struct known *k = NULL;

	for (size_t i = 0; i < KNOWN_MAX && k == NULL; i++)
		if (d->known[i].dev == dev && d->known[i].until_ms > 0)
			k = &d->known[i];
	if (k != NULL && now < k->until_ms)
		return k->keeps_order;
	if (k == NULL)
		k = &d->known[d->next++ % KNOWN_MAX];
	*k = (struct known){ dev, keeps_order(dev, fd), now + KNOWN_MS };
	return k->keeps_order;
}

static enum store_order
order_for(const struct store_options *options, dev_t dev, int fd)
{
	bool keeps;

	if (options->order != STORE_AUTO)
		return options->order;
	keeps = options->disks != NULL
	            ? is_known_to_keep_order(options->disks, dev, fd)
	            : keeps_order(dev, fd);
	return keeps ? STORE_ONE_COMMIT : STORE_STRICT;
}

bool
store_maildir_commits_together(enum store_order order, int fd)
{
	const struct store_options options = { .order = order };
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       order_for(&options, st.st_dev, fd) == STORE_ONE_COMMIT;
}

/* --- one transaction, or several together -------------------------------- */

struct maildir_disk *
maildir_disk(struct store_txn *txn, dev_t dev, int fd)
{
	struct store_txn *lead = txn;
	struct maildir_disk *d;

	while (lead->with != NULL)
		lead = lead->with;
	d = lead->disks;
	while (d != NULL && d->dev != dev)
		d = d->next;
	if (d != NULL)
		return d;
	d = ARENA_NEW(lead->arena, struct maildir_disk);
	*d = (struct maildir_disk){
		.next = lead->disks,
		.dev = dev,
		.order = order_for(txn->options, dev, fd),
		.fd = -1,
	};
	lead->disks = d;
	return d;
}

void
maildir_disk_named(struct maildir_disk *d, int fd)
{
	d->fd = fd;
}

bool
maildir_disk_sync(struct maildir_disk *d, struct fail *why)
{
	if (!d->failed && d->fd >= 0 && !fs_sync(d->fd)) {
		d->failed = true;
		fail_errno(&d->why, errno, "sync messages");
	}
	d->fd = -1;
	if (d->failed)
		*why = d->why;
	return !d->failed;
}
