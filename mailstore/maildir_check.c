/*
 * maildir_check: one look at each mailbox of an account: its parts, its
 * files, what was left in tmp/; in the end maildirsize. Knows what is right,
 * and the repair of each fault; prints nothing.
 */
#include "mailstore/maildir_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"
#include "mailstore/quota.h"

const char *const maildir_fault_names[FAULT_COUNT] = {
	[FAULT_PART] = "part",
	[FAULT_ODD] = "odd",
	[FAULT_MODE] = "mode",
	[FAULT_SIZE] = "size",
	[FAULT_TWICE] = "twice",
	[FAULT_TMP] = "tmp",
	[FAULT_QUOTA] = "quota",
};

enum { BLOCK = 65536, NAME_OCTETS = 255 };

struct check {
	const struct store_account *acct;
	const struct store_quota *quota;
	bool repair;
	void (*tell)(void *, const struct maildir_finding *);
	void *ctx;
	struct arena *arena; /* of the whole run */
	struct arena *box;   /* of one mailbox; wiped */
	int64_t now_s;
	/* where it stands */
	int root, boxfd, fd; /* fd: of cur, new or tmp */
	struct str dir;      /* mailbox below root, "" is INBOX */
	const char *sub;
	struct seen *seen; /* messages of this mailbox so far */
	size_t nseen;
	struct strlist names; /* of fd */
};

/* What makes two entries of a mailbox the same. */
struct seen {
	struct str unique; /* the name in front of ":2," */
	dev_t dev;
	ino_t ino;
	struct str path;
};

/* --- telling -------------------------------------------------------------- */

static struct str
path_of(const struct check *k, const char *name)
{
	return str_printf(k->box, "%.*s%s%s%s%s", STR_ARG(k->dir),
	    k->dir.len > 0 && k->sub[0] != '\0' ? "/" : "", k->sub,
	    name[0] != '\0' && (k->dir.len > 0 || k->sub[0] != '\0') ? "/" : "",
	    name);
}

/* A fault nobody can put right. */
static void
tell_only(struct check *k, enum maildir_fault fault, const char *name,
    const char *text)
{
	struct maildir_finding f = {
		.fault = fault, .path = path_of(k, name), .text = str_c(text)
	};

	k->tell(k->ctx, &f);
}

/* A fault and what came of its repair: ok, or errno says why not. */
static void
tell_fixed(struct check *k, struct maildir_finding *f, bool ok)
{
	int err = errno;

	f->fixed = k->repair && ok;
	if (k->repair && !ok)
		fail_errno(&f->why, err, "not put right");
	k->tell(k->ctx, f);
}

/* --- messages --------------------------------------------------------------
 */

/* The number behind ",S=" or ",W="; -1: there is none, -2: no number. */
static int64_t
number_in(struct str unique, struct str key)
{
	struct str one;
	uint64_t n;

	while (str_cut(&unique, ',', &one))
		if (str_starts(one, key))
			return str_to_u64(str_from_offset(one, key.len), &n) &&
			               n <= INT64_MAX
			           ? (int64_t)n
			           : -2;
	return -1;
}

/* Octets if each bare LF were CRLF; -1 with errno. */
static int64_t
count_wire(struct check *k, int fd)
{
	char *block = arena_alloc(k->box, BLOCK), last = '\0';
	int64_t total = 0;
	ssize_t n;

	while ((n = io_read(fd, block, BLOCK)) > 0) {
		total += n;
		for (ssize_t i = 0; i < n; last = block[i++])
			total += block[i] == '\n' && last != '\r';
	}
	return n < 0 ? -1 : total;
}

/* The name with these sizes in place of its own, flags as they are. */
static bool
right_name(struct check *k, struct str name, int64_t size, int64_t wsize,
    const char **out)
{
	ssize_t colon = str_chr(name, ':');
	struct str unique = colon < 0 ? name : str_sub(name, 0, (size_t)colon);
	struct str rest = unique, one, flags;
	struct buf b;

	flags = str_from_offset(name, unique.len);
	buf_init(&b, NAME_OCTETS);
	while (str_cut(&rest, ',', &one)) {
		if (str_starts(one, S("S=")) || str_starts(one, S("W=")))
			continue;
		if (b.len > 0)
			buf_addc(&b, ',');
		buf_adds(&b, one);
	}
	buf_printf(&b, ",S=%lld,W=%lld%.*s", (long long)size, (long long)wsize,
	    STR_ARG(flags));
	*out = str_cstr(k->box, buf_str(&b));
	colon = b.overflow ? 0 : 1;
	buf_free(&b);
	errno = ENAMETOOLONG;
	return colon == 1;
}

static bool
rename_right(struct check *k, const char *name, int64_t size)
{
	int fd = fs_open_beneath(k->fd, name, O_RDONLY, 0);
	int64_t wsize = fd < 0 ? -1 : count_wire(k, fd);
	const char *to;

	io_close(&fd);
	return wsize >= 0 && right_name(k, str_c(name), size, wsize, &to) &&
	       renameat2(k->fd, name, k->fd, to, RENAME_NOREPLACE) == 0 &&
	       fs_sync(k->fd);
}

/* W= costs reading the message: it is looked at when S= is wrong, or less
 * than S=, which it cannot be. */
static void
check_size(
    struct check *k, const char *name, struct str unique, const struct stat *st)
{
	int64_t size = number_in(unique, S("S="));
	int64_t wsize = number_in(unique, S("W="));
	struct maildir_finding f = { .fault = FAULT_SIZE };

	if ((size == -1 || size == st->st_size) &&
	    (wsize == -1 || wsize >= st->st_size))
		return;
	f.path = path_of(k, name);
	f.text = str_printf(
	    k->box, "the file has %lld octets", (long long)st->st_size);
	tell_fixed(k, &f, k->repair && rename_right(k, name, st->st_size));
}

/* By a descriptor of the file that was looked at, never by its name. */
static bool
set_mode(struct check *k, const char *name, const struct stat *was)
{
	int fd = fs_open_beneath(k->fd, name, O_PATH, 0);
	char self[40];
	struct stat st;
	bool ok;

	if (fd < 0)
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	errno = EAGAIN;
	ok = fstat(fd, &st) == 0 && st.st_ino == was->st_ino &&
	     chmod(self, (was->st_mode & 07777) | 0600) == 0;
	io_close(&fd);
	return ok;
}

static void
check_mode(struct check *k, const char *name, const struct stat *st)
{
	struct maildir_finding f = { .fault = FAULT_MODE };

	if ((st->st_mode & 0600) == 0600)
		return;
	f.path = path_of(k, name);
	f.text =
	    str_printf(k->box, "has mode %04o", (unsigned)st->st_mode & 07777);
	tell_fixed(k, &f, k->repair && set_mode(k, name, st));
}

static void
remember(struct check *k, const struct seen *s)
{
	size_t n = k->nseen;

	if ((n & (n - 1)) == 0)
		k->seen = arena_grow(k->box, k->seen, n * sizeof(*k->seen),
		    (n == 0 ? 1 : 2 * n) * sizeof(*k->seen));
	k->seen[k->nseen++] = *s;
}

static void
check_message(struct check *k, const char *name)
{
	struct str s = str_c(name);
	ssize_t colon = str_chr(s, ':');
	struct seen seen = { .unique = s };
	struct stat st;

	if (name[0] == '.')
		return;
	/* gone meanwhile: a reader moved it, and that is right */
	if (fstatat(k->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (!S_ISREG(st.st_mode)) {
		tell_only(k, FAULT_ODD, name, "is no file");
		return;
	}
	if (colon >= 0)
		seen.unique = str_sub(s, 0, (size_t)colon);
	seen.dev = st.st_dev;
	seen.ino = st.st_ino;
	seen.path = path_of(k, name);
	remember(k, &seen);
	check_mode(k, name, &st);
	check_size(k, name, seen.unique, &st);
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(
	    ((const struct seen *)a)->unique, ((const struct seen *)b)->unique);
}

static int
by_inode(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* Readers sort it out: Dovecot renames one of two with the same name, and
 * removes one of two names of the same file. */
static void
check_twice(
    struct check *k, int (*order)(const void *, const void *), const char *text)
{
	struct maildir_finding f = { .fault = FAULT_TWICE };

	if (k->nseen == 0)
		return;
	qsort(k->seen, k->nseen, sizeof(*k->seen), order);
	for (size_t i = 1; i < k->nseen; i++) {
		if (order(&k->seen[i - 1], &k->seen[i]) != 0)
			continue;
		f.path = k->seen[i].path;
		f.text = str_printf(
		    k->box, "%s %.*s", text, STR_ARG(k->seen[i - 1].path));
		k->tell(k->ctx, &f);
	}
}

/* --- tmp -------------------------------------------------------------------
 */

static void
check_left(struct check *k, const char *name)
{
	struct maildir_finding f = { .fault = FAULT_TMP };
	struct stat st;

	if (fstatat(k->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !maildir_tmp_is_old(&st, k->now_s))
		return;
	f.path = path_of(k, name);
	f.text = str_printf(k->box, "left %lld hours ago",
	    (long long)(k->now_s - st.st_mtime) / 3600);
	tell_fixed(k, &f, k->repair && maildir_remove(k->fd, name));
}

/* --- mailboxes ---------------------------------------------------------------
 */

static bool
list_name(void *ctx, const char *name)
{
	struct check *k = ctx;

	strlist_add(k->box, &k->names, str_dup(k->box, str_c(name)));
	return true;
}

/* false: it is not there. */
static bool
open_sub(struct check *k, const char *sub)
{
	k->sub = sub;
	k->fd = fs_open_beneath(k->boxfd, sub, O_RDONLY | O_DIRECTORY, 0);
	return k->fd >= 0;
}

static bool
make_sub(struct check *k, const char *sub)
{
	struct stat st;
	int fd;
	bool ok;

	if (fstat(k->boxfd, &st) != 0 ||
	    (mkdirat(k->boxfd, sub, 0700) != 0 && errno != EEXIST))
		return false;
	fd = fs_open_beneath(k->boxfd, sub, O_RDONLY | O_DIRECTORY, 0);
	ok = fd >= 0 &&
	     maildir_set_perms(fd, 0, (st.st_mode & (S_ISGID | 0777)) | 0700,
		 maildir_gid(&st)) &&
	     fs_sync(k->boxfd);
	io_close(&fd);
	return ok;
}

static void
tell_no_sub(struct check *k, const char *sub)
{
	struct maildir_finding f = { .fault = FAULT_PART };
	int err = errno;

	f.path = path_of(k, "");
	f.text = str_c(strerror(err));
	tell_fixed(k, &f, err == ENOENT && k->repair && make_sub(k, sub));
}

/* Names first: repairs change what is being listed. */
static bool
check_sub(struct check *k, const char *sub,
    void (*one)(struct check *, const char *), struct fail *why)
{
	bool ok;

	if (!open_sub(k, sub)) {
		tell_no_sub(k, sub);
		return true;
	}
	k->names = (struct strlist){ 0 };
	ok = fs_each(k->fd, list_name, k);
	if (!ok)
		fail_errno(why, errno, "list %.*s", STR_ARG(path_of(k, "")));
	for (size_t i = 0; ok && i < k->names.n; i++)
		one(k, k->names.v[i].p);
	io_close(&k->fd);
	return ok;
}

static void
check_marker(struct check *k)
{
	struct maildir_finding f = { .fault = FAULT_PART };
	struct stat st;
	int fd = -1;

	k->sub = "";
	if (k->dir.len == 0 || k->acct->options->layout == LAYOUT_FS ||
	    fstatat(k->boxfd, "maildirfolder", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return;
	f.path = path_of(k, "maildirfolder");
	f.text = str_c(strerror(errno));
	if (k->repair)
		fd = fs_open_beneath(k->boxfd, "maildirfolder",
		    O_WRONLY | O_CREAT | O_EXCL, 0600);
	tell_fixed(k, &f, fd >= 0);
	io_close(&fd);
}

static bool
check_parts(struct check *k, struct fail *why)
{
	k->seen = NULL;
	k->nseen = 0;
	check_marker(k);
	if (!check_sub(k, "new", check_message, why) ||
	    !check_sub(k, "cur", check_message, why) ||
	    !check_sub(k, "tmp", check_left, why))
		return false;
	check_twice(k, by_name, "has the name of");
	check_twice(k, by_inode, "is the file of");
	return true;
}

static bool
check_box(struct check *k, struct str dir, struct fail *why)
{
	const char *path = dir.len > 0 ? str_cstr(k->arena, dir) : ".";
	bool ok;

	k->dir = dir;
	k->sub = "";
	k->boxfd = fs_open_beneath(k->root, path, O_RDONLY | O_DIRECTORY, 0);
	if (k->boxfd < 0)
		return fail_errno(why, errno, "%s", path);
	ok = check_parts(k, why);
	io_close(&k->boxfd);
	arena_reset(k->box);
	return ok;
}

/* --- quota -------------------------------------------------------------------
 */

static bool
check_quota(struct check *k, struct fail *why)
{
	struct maildir_finding f = { .fault = FAULT_QUOTA,
		.path = S("maildirsize") };
	struct quota_counted counted;
	struct quota_usage limits, used;
	struct quota_file file;
	bool ok;

	quota_read(k->root, &file);
	limits = quota_limits(&file, k->quota);
	if (!file.there)
		return true;
	if (!quota_count(k->root, k->acct->options->layout,
		k->quota->skip_trash, &counted, why))
		return false;
	used = counted.used;
	if (file.valid && file.used.octets == used.octets &&
	    file.used.messages == used.messages)
		return true;
	f.text = str_printf(k->box,
	    "says %lld octets in %lld messages, there "
	    "are %lld in %lld",
	    (long long)file.used.octets, (long long)file.used.messages,
	    (long long)used.octets, (long long)used.messages);
	ok = k->repair && counted.steady &&
	     quota_write(k->root, &file, limits, &counted);
	if (!counted.steady)
		errno = EAGAIN;
	tell_fixed(k, &f, ok);
	return true;
}

static bool
check_all(struct check *k, struct fail *why)
{
	struct maildir_found *found;
	size_t n;

	if (!maildir_scan(
		k->arena, k->acct->options->layout, k->root, &found, &n))
		return fail_errno(why, errno, "list mailboxes");
	if (!check_box(k, S(""), why))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!check_box(k, found[i].dir, why))
			return false;
	return check_quota(k, why);
}

bool
maildir_check(const struct store_account *acct, const struct store_quota *quota,
    bool repair, void (*tell)(void *, const struct maildir_finding *),
    void *ctx, struct fail *why)
{
	struct check k = {
		.acct = acct,
		.quota = quota,
		.repair = repair,
		.tell = tell,
		.ctx = ctx,
		.arena = arena_new("check", 0),
		.box = arena_new("mailbox", 0),
		.now_s = clock_wall_us() / 1000000,
		.sub = "",
	};
	bool ok;

	k.root = maildir_root(k.arena, acct->root);
	ok = k.root >= 0 ? check_all(&k, why)
	                 : fail_errno(why, errno, "open Maildir");
	io_close(&k.root);
	arena_free(k.box);
	arena_free(k.arena);
	return ok;
}
