/*
 * maildir_dir: mailbox directories: opened without following links, created
 * and completed, synced. Knows the layout of Maildir++ and permissions;
 * nothing of messages.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"

static const char *const sub_names[MAILDIR_NSUBS] = {
	[MAILDIR_NEW] = "new",
	[MAILDIR_CUR] = "cur",
};

/* A trailing '/' would make open(2) follow a link in spite of O_NOFOLLOW. */
static struct str
without_slashes(struct str root)
{
	while (root.len > 1 && root.p[root.len - 1] == '/')
		root.len--;
	return root;
}

struct maildir_box *
maildir_box(struct store_txn *txn, struct str root, struct str dir)
{
	struct maildir_box *box;

	root = without_slashes(root);
	for (box = txn->boxes; box != NULL; box = box->next)
		if (str_eq(box->root, root) && str_eq(box->dir, dir))
			return box;
	box = ARENA_NEW(txn->arena, struct maildir_box);
	*box = (struct maildir_box){
		.next = txn->boxes,
		.root = str_dup(txn->arena, root),
		.dir = str_dup(txn->arena, dir),
		.real = str_dup(txn->arena, dir),
		.fd = -1,
		.tmp_fd = -1,
		.sub[MAILDIR_NEW].fd = -1,
		.sub[MAILDIR_CUR].fd = -1,
	};
	txn->boxes = box;
	return box;
}

/* The root comes from configuration and account; only its last component
 * could have been planted by the user. */
static int
open_root(const char *root)
{
	int fd;

	do
		fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
				    O_CLOEXEC | O_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	return fd;
}

int
maildir_root(struct arena *a, struct str root)
{
	const char *path = str_cstr(a, without_slashes(root));

	if (path[0] == '/' && strlen(path) == without_slashes(root).len)
		return open_root(path);
	errno = EINVAL;
	return -1;
}

bool
maildir_remove(int dirfd, const char *name)
{
	int rc;

	do
		rc = unlinkat(dirfd, name, 0);
	while (rc != 0 && errno == EINTR);
	return rc == 0 || errno == ENOENT;
}

gid_t
maildir_gid(const struct stat *dir)
{
	unsigned group = dir->st_mode >> 3 & 7, world = dir->st_mode & 7;

	if (dir->st_mode & S_ISGID || group != world)
		return dir->st_gid;
	return MAILDIR_ANY_GID;
}

bool
maildir_set_perms(int fd, mode_t has, mode_t mode, gid_t gid)
{
	/* a group that cannot be given must not let another one read */
	if (gid != MAILDIR_ANY_GID && gid != getegid() &&
	    fchown(fd, (uid_t)-1, gid) != 0)
		mode &= ~(mode_t)(S_IRWXG | S_ISGID);
	return has == mode || fchmod(fd, mode) == 0;
}

/* A new directory like its parent. -1 with errno; an existing one is taken. */
static int
make_dir(int parent, const char *name, const struct stat *like)
{
	mode_t mode = (like->st_mode & (S_ISGID | 0777)) | 0700;
	bool made = mkdirat(parent, name, mode & 0700) == 0;
	int fd, saved;

	if (!made && errno != EEXIST)
		return -1;
	fd = fs_open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || !made)
		return fd;
	/* mkdir may have taken S_ISGID over: never equal, always set */
	if (maildir_set_perms(
		fd, mode & 077 ? 0 : mode, mode, maildir_gid(like)))
		return fd;
	saved = errno;
	io_close(&fd);
	errno = saved;
	return -1;
}

static bool
make_marker(int boxfd, const struct stat *like)
{
	mode_t mode = (like->st_mode & 0666) | 0600;
	int fd = fs_open_beneath(
	    boxfd, "maildirfolder", O_WRONLY | O_CREAT | O_EXCL, 0600);
	bool ok;

	if (fd < 0)
		return errno == EEXIST;
	ok = maildir_set_perms(fd, 0600, mode, maildir_gid(like));
	io_close(&fd);
	return ok;
}

/*
 * Make what is missing, and sync it into the box. What deliveries look for
 * comes last: after a crash in here the next one comes back and goes on.
 */
static bool
complete(struct maildir_box *box, enum mailbox_layout layout, struct fail *why)
{
	static const char *const names[] = { "tmp", "cur", "new" };
	struct stat st;

	if (fstat(box->fd, &st) != 0)
		return fail_errno(why, errno, "stat mailbox");
	if (box->dir.len > 0 && layout == LAYOUT_MAILDIRPP &&
	    !make_marker(box->fd, &st))
		return fail_errno(why, errno, "make maildirfolder");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = make_dir(box->fd, names[i], &st);

		if (fd < 0)
			return fail_errno(why, errno, "make %s", names[i]);
		io_close(&fd);
	}
	if (!fs_sync(box->fd))
		return fail_errno(why, errno, "sync mailbox");
	return true;
}

/* The directory itself, and that it is in its parent on disk. */
static bool
create_last(struct maildir_box *box, enum mailbox_layout layout, int parent,
    const char *name, const struct stat *like, struct fail *why)
{
	box->fd = make_dir(parent, name, like);
	if (box->fd < 0)
		return fail_errno(why, errno, "make mailbox");
	if (!complete(box, layout, why))
		return false;
	if (!fs_sync(parent))
		return fail_errno(why, errno, "sync root");
	return true;
}

/* LAYOUT_FS: levels above the last become directories, but no mailboxes. */
static bool
create_box(struct maildir_box *box, struct store_txn *txn, int rootfd,
    struct fail *why)
{
	struct str rest = box->dir, level;
	int parent = rootfd, fd;
	struct stat st;
	bool ok = fstat(rootfd, &st) == 0;

	if (!ok)
		return fail_errno(why, errno, "stat root");
	while (ok && str_cut(&rest, '/', &level) && rest.len > 0) {
		fd = make_dir(parent, str_cstr(txn->arena, level), &st);
		ok = fd >= 0 && fs_sync(parent);
		if (!ok)
			fail_errno(why, errno, "make level");
		if (parent != rootfd)
			io_close(&parent);
		parent = fd;
	}
	ok = ok && create_last(box, txn->options->layout, parent,
		       str_cstr(txn->arena, level), &st, why);
	if (parent != rootfd)
		io_close(&parent);
	box->made = ok;
	return ok;
}

/* LAYOUT_FS: a directory may only hold others. */
static bool
is_mailbox(const struct store_txn *txn, int boxfd)
{
	struct stat st;

	return txn->options->layout != LAYOUT_FS ||
	       fstatat(boxfd, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* -1 with errno; ENOENT also when it is there but no mailbox. */
static int
open_box(struct store_txn *txn, struct maildir_box *box, int rootfd)
{
	int fd =
	    fs_open_beneath(rootfd, box->real.p, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 && errno != ENOENT)
		return fd;
	if (fd < 0 && maildir_find_dir(
			  txn->arena, txn->options->layout, rootfd, &box->real))
		fd = fs_open_beneath(
		    rootfd, box->real.p, O_RDONLY | O_DIRECTORY, 0);
	if (fd >= 0 && is_mailbox(txn, fd))
		return fd;
	io_close(&fd);
	errno = ENOENT;
	return -1;
}

/* Opened below root; on false the caller closes nothing. */
static bool
open_in_root(struct store_txn *txn, struct maildir_box *box, int *rootfd,
    bool create, struct fail *why)
{
	if (box->dir.len == 0) {
		box->fd = *rootfd;
		*rootfd = -1;
		return true;
	}
	box->fd = open_box(txn, box, *rootfd);
	if (box->fd >= 0)
		return true;
	if (errno != ENOENT)
		return fail_errno(why, errno, "open mailbox");
	if (!create)
		return fail_perm(why, "5.1.1", "no such mailbox");
	return create_box(box, txn, *rootfd, why);
}

static int
open_or_make_root(const char *root, bool create, struct fail *why)
{
	int fd = open_root(root);

	if (fd < 0 && errno == ENOENT && create) {
		if (!fs_mkdir_p(root, 0700, why))
			return -1;
		fd = open_root(root);
	}
	if (fd < 0)
		fail_errno(why, errno, "open %s", root);
	return fd;
}

bool
maildir_box_open(struct store_txn *txn, struct maildir_box *box, bool create,
    struct fail *why)
{
	const char *root = str_cstr(txn->arena, box->root);
	int rootfd;
	bool ok;

	if (box->fd >= 0)
		return true;
	if (root[0] != '/' || strlen(root) != box->root.len)
		return fail_errno(why, EINVAL, "mailbox root");
	rootfd = open_or_make_root(root, create, why);
	if (rootfd < 0)
		return false;
	ok = open_in_root(txn, box, &rootfd, create, why);
	if (!ok)
		io_close(&box->fd);
	io_close(&rootfd);
	return ok;
}

static bool
read_sub_stat(struct store_txn *txn, struct maildir_sub *sub, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	sub->disk = maildir_disk(txn, st.st_dev, fd);
	sub->mode = (st.st_mode & txn->options->file_mode & 0666) | 0600;
	sub->gid = maildir_gid(&st);
	sub->fd = fd;
	return true;
}

/*
 * Most paths hold no link at all: then it is one call. What it does not open
 * is looked at step by step, which knows what is a link that may be and what
 * is an error.
 */
static bool
open_at_once(
    struct store_txn *txn, struct maildir_box *box, enum maildir_which which)
{
	const char *path;
	int fd;

	if (box->root.len == 0 || box->root.p[0] != '/' || box->fd >= 0 ||
	    (txn->options->layout == LAYOUT_FS && box->dir.len > 0) ||
	    maildir_sweep_turn(txn))
		return false;
	path = str_printf(txn->arena, "%.*s/%.*s%s%s", STR_ARG(box->root),
	    STR_ARG(box->dir), box->dir.len > 0 ? "/" : "", sub_names[which])
	           .p;
	fd = fs_open_unlinked(path, O_RDONLY | O_DIRECTORY);
	if (fd >= 0 && read_sub_stat(txn, &box->sub[which], fd))
		return true;
	io_close(&fd);
	return false;
}

/*
 * Who made the mailbox did not come to its end, or is not there yet: its own
 * entry may not be on disk either.
 */
static bool
sync_parent(
    struct store_txn *txn, const struct maildir_box *box, struct fail *why)
{
	ssize_t slash = str_rchr(box->real, '/');
	struct str up = str_sub(box->real, 0, slash > 0 ? (size_t)slash : 0);
	int root, fd;
	bool ok;

	if (box->dir.len == 0)
		return true;
	root = maildir_root(txn->arena, box->root);
	fd = root < 0 ? -1
	              : fs_open_beneath(root,
			    up.len > 0 ? str_cstr(txn->arena, up) : ".",
			    O_RDONLY | O_DIRECTORY, 0);
	ok = fd >= 0 && fs_sync(fd);
	if (!ok)
		fail_errno(why, errno, "sync root");
	io_close(&fd);
	io_close(&root);
	return ok;
}

bool
maildir_sub_open(struct store_txn *txn, struct maildir_box *box,
    enum maildir_which which, bool create, struct fail *why)
{
	struct maildir_sub *sub = &box->sub[which];
	const char *name = sub_names[which];
	int fd;

	if (sub->fd >= 0 || open_at_once(txn, box, which))
		return true;
	if (!maildir_box_open(txn, box, create, why))
		return false;
	fd = fs_open_beneath(box->fd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 && errno == ENOENT) {
		if (!complete(box, txn->options->layout, why) ||
		    !sync_parent(txn, box, why))
			return false;
		fd = fs_open_beneath(box->fd, name, O_RDONLY | O_DIRECTORY, 0);
	}
	if (fd >= 0 && read_sub_stat(txn, sub, fd))
		return true;
	fail_errno(why, errno, "open %s", name);
	io_close(&fd);
	return false;
}

bool
maildir_sub_sync(struct maildir_sub *sub, struct fail *why)
{
	if (!sub->dirty && !sub->failed)
		return true;
	/* what one failed call lost, the next one would not report */
	if (!sub->failed && !fs_sync(sub->fd)) {
		sub->failed = true;
		fail_errno(&sub->why, errno, "sync mailbox directory");
	}
	sub->dirty = false;
	if (sub->failed)
		*why = sub->why;
	return !sub->failed;
}

/* 0: it is there; ENOENT: it is not; else why that could not be found out. */
static int
look_for(int rootfd, const char *dir, enum mailbox_layout layout)
{
	struct stat st;
	int fd, err = 0;

	if (layout == LAYOUT_MAILDIRPP) {
		if (fstatat(rootfd, dir, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return errno;
		return S_ISDIR(st.st_mode) ? 0 : ENOENT;
	}
	fd = fs_open_beneath(rootfd, dir, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? ENOENT : errno;
	if (fstatat(fd, "cur", &st, AT_SYMLINK_NOFOLLOW) != 0)
		err = errno;
	io_close(&fd);
	return err;
}

bool
maildir_exists(struct arena *a, const struct store_account *acct,
    struct str dir, bool *out, struct fail *why)
{
	enum mailbox_layout layout = acct->options->layout;
	int fd = maildir_root(a, acct->root), err = 0;

	*out = false;
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return fail_errno(why, errno, "look up mailbox");
	if (dir.len > 0)
		err = look_for(fd, str_cstr(a, dir), layout);
	*out = err == 0 ||
	       (err == ENOENT && maildir_find_dir(a, layout, fd, &dir));
	io_close(&fd);
	if (*out || err == ENOENT)
		return true;
	return fail_errno(why, err, "look up mailbox");
}
