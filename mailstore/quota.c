/*
 * quota: the file maildirsize: its format, when it is believed, how it is
 * changed without a lock. Knows nothing of folders and of messages.
 */
#include "mailstore/quota.h"

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

static const char file_name[] = "maildirsize";

enum {
	FILE_MAX = 5120,   /* octets; a longer one is to be made anew */
	TRUST_S = 15 * 60, /* so long it is believed that it is full */
	APPEND_TRIES = 3,  /* when it is replaced again and again */
	LINE_MAX_OCTETS = 64,
};

int
quota_open(struct arena *a, struct str root)
{
	return maildir_root(a, root);
}

/* --- reading ------------------------------------------------------------- */

/* "1000S,10C": any order, each at most once, at least one. */
static bool
parse_limits(struct str line, struct quota_usage *out)
{
	struct str one;
	unsigned seen = 0;

	*out = (struct quota_usage){ 0 };
	while (str_cut(&line, ',', &one)) {
		char kind = one.len > 0 ? one.p[one.len - 1] : '\0';
		unsigned bit = kind == 'S' ? 1 : kind == 'C' ? 2 : 0;
		uint64_t n;

		if (bit == 0 || seen & bit ||
		    !str_to_u64(str_sub(one, 0, one.len - 1), &n) ||
		    n > INT64_MAX)
			return false;
		seen |= bit;
		*(bit == 1 ? &out->octets : &out->messages) = (int64_t)n;
	}
	return seen != 0;
}

static bool
parse_number(struct str s, int64_t *out)
{
	bool minus = s.len > 0 && s.p[0] == '-';
	uint64_t n;

	if (!str_to_u64(minus ? str_from_offset(s, 1) : s, &n) ||
	    n > INT64_MAX / 2)
		return false;
	*out = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

/* Some writers align the numbers with blanks. */
static bool
parse_sums(struct str line, struct quota_usage *sum)
{
	struct quota_usage n;
	ssize_t blank;

	line = str_trim(line);
	blank = str_chr(line, ' ');
	if (blank < 0 ||
	    !parse_number(str_sub(line, 0, (size_t)blank), &n.octets) ||
	    !parse_number(
		str_trim(str_from_offset(line, (size_t)blank)), &n.messages))
		return false;
	return !__builtin_add_overflow(sum->octets, n.octets, &sum->octets) &&
	       !__builtin_add_overflow(
		   sum->messages, n.messages, &sum->messages);
}

/* A last line without its LF is one that somebody could not finish. */
static bool
parse(struct str text, struct quota_file *out)
{
	struct str line;

	if (text.len == 0 || text.p[text.len - 1] != '\n' ||
	    str_chr(text, '\0') >= 0 || !str_cut(&text, '\n', &line) ||
	    !parse_limits(str_trim(line), &out->limits))
		return false;
	while (text.len > 0 && str_cut(&text, '\n', &line)) {
		if (!parse_sums(line, &out->used))
			return false;
		out->lines++;
	}
	return out->lines > 0 && out->used.octets >= 0 &&
	       out->used.messages >= 0;
}

/* One read: who appends does so with one write. */
static bool
read_open(int fd, struct quota_file *out)
{
	char text[FILE_MAX + 1];
	ssize_t n;

	if (fstat(fd, &out->st) != 0 || !S_ISREG(out->st.st_mode))
		return false;
	n = io_read(fd, text, sizeof(text));
	return n >= 0 && n <= FILE_MAX && parse(str_from(text, (size_t)n), out);
}

static void
read_and_close(int fd, struct quota_file *out)
{
	*out = (struct quota_file){ .there = fd >= 0 || errno != ENOENT };
	if (fd < 0)
		return;
	out->valid = read_open(fd, out);
	io_close(&fd);
}

void
quota_read(int root, struct quota_file *out)
{
	read_and_close(fs_open_beneath(root, file_name, O_RDONLY, 0), out);
}

void
quota_read_path(struct arena *a, struct str root, struct quota_file *out)
{
	struct str part[] = { root, S("/"), str_c(file_name) };
	const char *path = str_cstr(a, str_join(a, part, 3));
	int fd;

	do
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	read_and_close(fd, out);
}

/* --- what it means ------------------------------------------------------- */

static bool
exceeds(int64_t limit, int64_t used, int64_t extra)
{
	int64_t sum;

	return limit > 0 &&
	       (__builtin_add_overflow(used, extra, &sum) || sum > limit);
}

bool
quota_is_over(struct quota_usage limits, struct quota_usage used,
    struct quota_usage extra)
{
	return exceeds(limits.octets, used.octets, extra.octets) ||
	       exceeds(limits.messages, used.messages, extra.messages);
}

struct quota_usage
quota_limits(const struct quota_file *file, const struct store_quota *q)
{
	if (q->known)
		return (struct quota_usage){ (int64_t)q->octets,
			(int64_t)q->messages };
	return file->valid ? file->limits : (struct quota_usage){ 0 };
}

static bool
is_fresh(const struct quota_file *file)
{
	int64_t age = clock_wall_us() / 1000000 - file->st.st_mtime;

	return file->lines == 1 && age >= 0 && age < TRUST_S;
}

enum quota_answer
quota_ask(const struct quota_file *file, const struct store_quota *q,
    struct quota_usage extra)
{
	struct quota_usage limits = quota_limits(file, q);

	if (limits.octets == 0 && limits.messages == 0)
		return QUOTA_ROOM;
	if (!file->valid || file->limits.octets != limits.octets ||
	    file->limits.messages != limits.messages)
		return QUOTA_COUNT;
	if (!quota_is_over(limits, file->used, extra))
		return QUOTA_ROOM;
	return is_fresh(file) ? QUOTA_FULL : QUOTA_COUNT;
}

bool
quota_full(struct fail *why)
{
	return fail_temp(why, "4.2.2", "over quota");
}

/* EDQUOT of the file system has the same status: sys tells them apart. */
bool
quota_is_full(const struct fail *why)
{
	return why->sys == 0 && strcmp(why->status, "4.2.2") == 0;
}

bool
quota_has_room(struct arena *a, struct str root, const struct store_quota *q,
    uint64_t size, struct fail *why)
{
	struct quota_usage extra = { 0 };
	struct quota_file file;

	if (q->ignore)
		return true;
	quota_read_path(a, root, &file);
	if (q->strict && size <= INT64_MAX)
		extra = (struct quota_usage){ (int64_t)size, 1 };
	return quota_ask(&file, q, extra) != QUOTA_FULL || quota_full(why);
}

/* --- changing ------------------------------------------------------------ */

/*
 * Others find this file by its name, so it must be one of its own: a second
 * link may be the file of another account.
 *   returns  true when it is still the one after the line was written
 */
static bool
append(int fd, struct str line)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) {
		log_warning("maildirsize: not a file of its own");
		return true;
	}
	if (st.st_nlink == 0)
		return false;
	if (io_write(fd, line.p, line.len) != (ssize_t)line.len) {
		log_warning("maildirsize: %s", strerror(errno));
		return true;
	}
	return fstat(fd, &st) != 0 || st.st_nlink > 0;
}

/* The file that was just replaced got the line for nothing: once more. */
void
quota_add(int root, struct quota_usage change)
{
	char text[LINE_MAX_OCTETS];
	int n = snprintf(text, sizeof(text), "%lld %lld\n",
	    (long long)change.octets, (long long)change.messages);
	bool done = false;

	for (int i = 0; i < APPEND_TRIES && !done; i++) {
		int fd =
		    fs_open_beneath(root, file_name, O_WRONLY | O_APPEND, 0);

		if (fd < 0 && errno != ENOENT)
			log_warning("maildirsize: %s", strerror(errno));
		done = fd < 0 || append(fd, str_from(text, (size_t)n));
		io_close(&fd);
	}
}

static int
format(
    char *text, size_t size, struct quota_usage limits, struct quota_usage used)
{
	char octets[LINE_MAX_OCTETS] = "", messages[LINE_MAX_OCTETS] = "";

	if (limits.octets > 0 || limits.messages == 0)
		snprintf(
		    octets, sizeof(octets), "%lldS", (long long)limits.octets);
	if (limits.messages > 0)
		snprintf(messages, sizeof(messages), "%s%lldC",
		    octets[0] != '\0' ? "," : "", (long long)limits.messages);
	return snprintf(text, size, "%s%s\n%lld %lld\n", octets, messages,
	    (long long)used.octets, (long long)used.messages);
}

static bool
fill(int root, int fd, struct quota_usage limits, struct quota_usage used)
{
	char text[4 * LINE_MAX_OCTETS];
	int n = format(text, sizeof(text), limits, used);
	struct stat dir;

	return fstat(root, &dir) == 0 &&
	       maildir_set_perms(
		   fd, 0600, (dir.st_mode & 0666) | 0600, maildir_gid(&dir)) &&
	       io_write_all(fd, text, (size_t)n);
}

/* Did nobody write to it, or replace it, since then? */
static bool
is_still(int root, const struct quota_file *was)
{
	struct stat st;

	return fstatat(root, file_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == was->st.st_ino && st.st_size == was->st.st_size;
}

/* Lines that were appended after it was read, and after the last look. */
static void
carry_over(int old, off_t from, int to)
{
	char text[FILE_MAX];
	ssize_t n;

	n = pread(old, text, sizeof(text), from);
	if (n > 0 && !io_write_all(to, text, (size_t)n))
		log_warning("maildirsize: %s", strerror(errno));
}

/* Who appends where no file is leaves no trace but in the directories. */
static bool
make_first(
    int root, int tmp, const char *name, const struct quota_counted *counted)
{
	bool ok = renameat2(tmp, name, root, file_name, RENAME_NOREPLACE) == 0;

	if (!ok && errno == EINVAL) /* NFS */
		ok = renameat(tmp, name, root, file_name) == 0;
	if (!ok) {
		errno = errno == EEXIST ? 0 : errno;
		return false;
	}
	if (quota_is_same(root, counted))
		return true;
	maildir_remove(root, file_name);
	errno = 0;
	return false;
}

static bool
replace(
    int root, int tmp, const char *name, int fd, const struct quota_file *was)
{
	int old = fs_open_beneath(root, file_name, O_RDONLY, 0);
	bool known = was->st.st_ino != 0, ok;

	if (known && !is_still(root, was)) {
		io_close(&old);
		errno = 0;
		return false;
	}
	ok = renameat(tmp, name, root, file_name) == 0;
	if (ok && known && old >= 0 && S_ISREG(was->st.st_mode))
		carry_over(old, was->st.st_size, fd);
	io_close(&old);
	return ok;
}

/*
 * Not synced: after a power cut it may be empty, and is made anew. A counted
 * message must not be lost, a sum may.
 */
bool
quota_write(int root, const struct quota_file *was, struct quota_usage limits,
    const struct quota_counted *counted)
{
	char name[40] = "maildirsize.";
	int tmp = fs_open_beneath(root, "tmp", O_RDONLY | O_DIRECTORY, 0);
	int fd = -1, err;
	bool ok = false;

	digest_random_id(name + strlen(name), 16);
	if (tmp >= 0)
		fd = fs_open_beneath(
		    tmp, name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		ok = fill(root, fd, limits, counted->used) &&
		     (was->there ? replace(root, tmp, name, fd, was)
				 : make_first(root, tmp, name, counted));
	err = errno;
	if (fd >= 0 && !ok)
		maildir_remove(tmp, name);
	io_close(&fd);
	io_close(&tmp);
	errno = err;
	return ok;
}
