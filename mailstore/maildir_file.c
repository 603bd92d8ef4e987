/*
 * maildir_file: the inodes that hold the message of a transaction: which one
 * fits a directory, how it is written, and that it is synced once. Knows
 * nothing of mailbox names; gives no file a visible name.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/digest.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"

static struct maildir_file *
file_new(struct store_txn *txn, const struct maildir_sub *sub, int fd)
{
	struct maildir_file *file = ARENA_NEW(txn->arena, struct maildir_file);

	*file = (struct maildir_file){
		.fd = fd,
		.ours = true,
		.disk = sub->disk,
		.mode = sub->mode,
		.gid = sub->gid,
		.tmp_fd = -1,
	};
	return file;
}

/* Only listed files are closed by the end of the transaction. */
static void
file_list(struct store_txn *txn, struct maildir_file *file)
{
	file->next = txn->files;
	txn->files = file;
}

void
maildir_file_close(struct maildir_file *file)
{
	if (file->tmp_fd >= 0)
		maildir_remove(file->tmp_fd, file->tmp_name);
	io_close(&file->tmp_fd);
	if (file->ours)
		io_close(&file->fd);
	file->fd = -1;
}

bool
maildir_file_sync(struct maildir_file *file, struct fail *why)
{
	if (file->state == MAILDIR_WRITTEN) {
		file->state = MAILDIR_SYNCED;
		if (!fs_sync(file->fd)) {
			file->state = MAILDIR_FAILED;
			fail_errno(&file->why, errno, "sync message");
		}
	}
	if (file->state == MAILDIR_FAILED)
		*why = file->why;
	return file->state == MAILDIR_SYNCED;
}

/* What has to be true before any name may point here. */
static bool
secure(struct maildir_file *file, struct fail *why)
{
	if (file->disk->order == STORE_STRICT)
		return maildir_file_sync(file, why);
	if (fs_write_out(file->fd))
		return true;
	fail_errno(why, errno, "write message out");
	file->state = MAILDIR_FAILED;
	file->why = *why;
	return false;
}

/* --- the spool file ------------------------------------------------------ */

/*
 * The file the message was received into, if it can be the one. It has one
 * mode and one group: those of the first mailbox that takes it.
 */
static struct maildir_file *
take_spool(struct store_txn *txn, const struct maildir_sub *sub)
{
	int fd = txn->message->fd;
	struct maildir_file *file;
	struct stat st;

	if (fd < 0 || txn->spool != NULL || fstat(fd, &st) != 0 ||
	    st.st_dev != sub->disk->dev || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != txn->message->bytes.len)
		return NULL;
	if (!maildir_set_perms(fd, st.st_mode & 07777, sub->mode, sub->gid))
		return NULL;
	file = file_new(txn, sub, fd);
	file->ours = false;
	file->shared = true;
	txn->spool = file;
	file_list(txn, file);
	return file;
}

/* --- new files ----------------------------------------------------------- */

static bool
fill(struct store_txn *txn, struct maildir_file *file, struct fail *why)
{
	struct str head = txn->message->head, bytes = txn->message->bytes;

	if (!maildir_set_perms(file->fd, 0600, file->mode, file->gid))
		return fail_errno(why, errno, "set mode of message");
	if (!io_write_all(file->fd, head.p, head.len) ||
	    !io_write_all(file->fd, bytes.p, bytes.len))
		return fail_errno(why, errno, "write message");
	return secure(file, why);
}

static bool
fill_or_close(struct store_txn *txn, struct maildir_file *file,
    struct maildir_file **out, struct fail *why)
{
	if (!fill(txn, file, why)) {
		maildir_file_close(file);
		return false;
	}
	file_list(txn, file);
	*out = file;
	return true;
}

bool
maildir_file_named(struct store_txn *txn, struct maildir_box *box,
    const struct maildir_sub *sub, struct maildir_file **out, struct fail *why)
{
	struct maildir_file *file = file_new(txn, sub, -1);
	char id[17];

	digest_random_id(id, sizeof(id) - 1);
	file->tmp_name = arena_strndup(txn->arena, id, sizeof(id) - 1);
	if (!maildir_box_open(txn, box, false, why))
		return false;
	file->tmp_fd =
	    fs_open_beneath(box->fd, "tmp", O_RDONLY | O_DIRECTORY, 0);
	if (file->tmp_fd < 0)
		return fail_errno(why, errno, "open tmp");
	file->fd = fs_open_beneath(
	    file->tmp_fd, file->tmp_name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (file->fd < 0) {
		fail_errno(why, errno, "make message in tmp");
		io_close(&file->tmp_fd);
		return false;
	}
	return fill_or_close(txn, file, out, why);
}

static bool
file_unnamed(struct store_txn *txn, struct maildir_box *box,
    const struct maildir_sub *sub, struct maildir_file **out, struct fail *why)
{
	int fd = fs_tmpfile(sub->fd, 0600);

	if (fd >= 0)
		return fill_or_close(txn, file_new(txn, sub, fd), out, why);
	/* EISDIR: what a kernel or file system says that never heard of it */
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
		return maildir_file_named(txn, box, sub, out, why);
	return fail_errno(why, errno, "make message file");
}

/* --- which one ----------------------------------------------------------- */

static bool
fits(const struct maildir_file *file, const struct maildir_sub *sub)
{
	return file->shared && file->state != MAILDIR_FAILED &&
	       file->disk == sub->disk && file->mode == sub->mode &&
	       file->gid == sub->gid;
}

bool
maildir_file_get(struct store_txn *txn, struct maildir_box *box,
    const struct maildir_sub *sub, bool shared, struct maildir_file **out,
    struct fail *why)
{
	struct maildir_file *file;

	/* the bytes may be a mapping of it: a copy would be no better */
	if (txn->spool != NULL && txn->spool->state == MAILDIR_FAILED) {
		*why = txn->spool->why;
		return false;
	}
	for (file = txn->files; shared && file != NULL; file = file->next)
		if (fits(file, sub)) {
			*out = file;
			return true;
		}
	file = shared ? take_spool(txn, sub) : NULL;
	if (file != NULL) {
		*out = file;
		return secure(file, why);
	}
	if (!file_unnamed(txn, box, sub, out, why))
		return false;
	(*out)->shared = shared;
	return true;
}

/* --- files of an earlier run --------------------------------------------- */

bool
maildir_file_adopt(struct store_txn *txn, const struct maildir_sub *sub,
    const char *name, struct maildir_file **out, struct fail *why)
{
	int fd = fs_open_beneath(sub->fd, name, O_RDONLY, 0);
	struct stat st;

	if (fd < 0)
		return fail_errno(why, errno, "%s", name);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size !=
		txn->message->head.len + txn->message->bytes.len) {
		io_close(&fd);
		return fail_errno(
		    why, EEXIST, "%s: a different file has this name", name);
	}
	*out = file_new(txn, sub, fd);
	(*out)->adopted = true;
	file_list(txn, *out);
	return true;
}
