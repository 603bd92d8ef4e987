/*
 * quota_count: walks all mailboxes of an account and adds up what their
 * names say. Knows the layouts; nothing of limits and of maildirsize.
 */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/quota.h"

enum {
	TIME_MAX_MS = 60000,
	PATH_OCTETS = 1024, /* of a mailbox, in LAYOUT_FS */
	TRIES = 3,
	TICK_MS = 20, /* times of files are no finer than that */
};

/* One look at the whole store. */
struct walk {
	struct arena *arena;
	int root;
	enum mailbox_layout layout;
	bool skip_trash;
	bool count; /* false: only see whether anything changed */
	int64_t deadline_ms;
	uint64_t stamp;      /* differs when a directory changed */
	int64_t newest_us;   /* last change of any of them */
	struct strlist todo; /* mailboxes, "" is INBOX */
	struct quota_usage sum;
	/* where it stands */
	struct str box;
	int fd; /* of new/ or cur/ */
	bool cur;
};

static void
add_stamp(struct walk *w, const struct stat *st)
{
	uint64_t v[] = { st->st_ino, (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec };
	int64_t us =
	    (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
	uint64_t h = 14695981039346656037ULL; /* FNV-1a, by words */

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		h = (h ^ v[i]) * 1099511628211ULL;
	w->stamp += h; /* the order of mailboxes does not matter */
	if (us > w->newest_us)
		w->newest_us = us;
}

/* --- messages ------------------------------------------------------------ */

/* ",S=123" in front of the flags. */
static bool
size_in_name(struct str name, int64_t *out)
{
	struct str rest, one;
	uint64_t n;
	ssize_t colon = str_chr(name, ':');

	rest = colon < 0 ? name : str_sub(name, 0, (size_t)colon);
	while (str_cut(&rest, ',', &one))
		if (str_starts(one, S("S=")) &&
		    str_to_u64(str_from_offset(one, 2), &n) &&
		    n <= INT64_MAX / 2) {
			*out = (int64_t)n;
			return true;
		}
	return false;
}

/* ":2,ST" */
static bool
is_trashed(struct str name)
{
	ssize_t colon = str_rchr(name, ':');

	return colon >= 0 &&
	       str_chr(str_from_offset(name, (size_t)colon), 'T') >= 0;
}

static bool
add_message(void *ctx, const char *name)
{
	struct walk *w = ctx;
	struct str s = str_c(name);
	struct stat st;
	int64_t size;

	if (name[0] == '.' || (w->skip_trash && w->cur && is_trashed(s)))
		return true;
	if (!size_in_name(s, &size)) {
		if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			return true;
		size = st.st_size;
	}
	w->sum.messages++;
	if (__builtin_add_overflow(w->sum.octets, size, &w->sum.octets))
		w->sum.octets = INT64_MAX;
	return (w->sum.messages & 1023) != 0 ||
	       clock_mono_ms() < w->deadline_ms;
}

/* --- mailboxes ----------------------------------------------------------- */

static bool
is_sub(struct str name)
{
	return str_eq(name, S("cur")) || str_eq(name, S("new")) ||
	       str_eq(name, S("tmp"));
}

static bool
in_trash(const struct walk *w, struct str box)
{
	char sep = w->layout == LAYOUT_FS ? '/' : '.';

	if (w->layout != LAYOUT_FS && box.len > 0)
		box = str_from_offset(box, 1);
	return str_starts(box, S("Trash")) && (box.len == 5 || box.p[5] == sep);
}

static bool
add_box(void *ctx, const char *name)
{
	struct walk *w = ctx;
	struct str s = str_c(name), part[] = { w->box, S("/"), s };
	bool dot = name[0] == '.';

	if (w->layout == LAYOUT_FS ? dot || is_sub(s) : !dot)
		return true;
	if (w->box.len == 0)
		s = str_dup(w->arena, s);
	else if (w->box.len + 1 + s.len > PATH_OCTETS)
		return true;
	else
		s = str_join(w->arena, part, 3);
	strlist_add(w->arena, &w->todo, s);
	return true;
}

/* Not there, no directory, a link: nothing to count. */
static bool
is_nothing(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP || err == EXDEV;
}

static bool
walk_sub(struct walk *w, int box, const char *sub, struct fail *why)
{
	struct stat st;
	bool ok;

	w->cur = sub[0] == 'c';
	w->fd = fs_open_beneath(box, sub, O_RDONLY | O_DIRECTORY, 0);
	if (w->fd < 0 && is_nothing(errno))
		return true;
	ok = w->fd >= 0 && fstat(w->fd, &st) == 0;
	if (ok)
		add_stamp(w, &st);
	ok = ok && (!w->count || fs_each(w->fd, add_message, w));
	if (!ok)
		fail_errno(why, errno, "count %.*s/%s", STR_ARG(w->box), sub);
	io_close(&w->fd);
	return ok;
}

static bool
walk_box(struct walk *w, struct fail *why)
{
	const char *path = w->box.len > 0 ? str_cstr(w->arena, w->box) : ".";
	int fd = fs_open_beneath(w->root, path, O_RDONLY | O_DIRECTORY, 0);
	bool ok;

	if (fd < 0)
		return is_nothing(errno) ||
		       fail_errno(why, errno, "count %s", path);
	ok = walk_sub(w, fd, "new", why) && walk_sub(w, fd, "cur", why);
	if (ok && (w->box.len == 0 || w->layout == LAYOUT_FS) &&
	    !fs_each(fd, add_box, w))
		ok = fail_errno(why, errno, "list %s", path);
	io_close(&fd);
	if (ok && clock_mono_ms() >= w->deadline_ms)
		return fail_temp(why, "4.3.0", "counting takes too long");
	return ok;
}

static bool
walk(struct walk *w, bool count, struct fail *why)
{
	bool ok = true;

	w->count = count;
	w->stamp = 0;
	w->newest_us = 0;
	w->sum = (struct quota_usage){ 0 };
	w->todo = (struct strlist){ 0 };
	strlist_add(w->arena, &w->todo, S(""));
	for (size_t i = 0; ok && i < w->todo.n; i++) {
		w->box = w->todo.v[i];
		if (!w->skip_trash || !in_trash(w, w->box))
			ok = walk_box(w, why);
	}
	return ok;
}

/*
 * The same twice, the second time only for the times of the directories. One
 * that changed a moment before may have changed once more without a later
 * time.
 */
static bool
walk_twice(struct walk *w, struct quota_counted *out, struct fail *why)
{
	int64_t began_us = clock_wall_us();

	if (!walk(w, true, why))
		return false;
	out->used = w->sum;
	out->stamp = w->stamp;
	if (!walk(w, false, why))
		return false;
	out->steady = out->stamp == w->stamp &&
	              (w->newest_us < began_us - TICK_MS * 1000 ||
			  w->newest_us > clock_wall_us() + TICK_MS * 1000);
	return true;
}

static struct walk
begin(int root, const struct quota_counted *what)
{
	return (struct walk){
		.arena = arena_new("quota", 0),
		.root = root,
		.layout = what->layout,
		.skip_trash = what->skip_trash,
		.deadline_ms = clock_mono_ms() + TIME_MAX_MS,
	};
}

bool
quota_count(int root, enum mailbox_layout layout, bool skip_trash,
    struct quota_counted *out, struct fail *why)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	struct walk w;
	bool ok = true;

	*out = (struct quota_counted){ .layout = layout,
		.skip_trash = skip_trash };
	w = begin(root, out);
	for (int i = 0; ok && i < TRIES && !out->steady; i++) {
		if (i > 0)
			nanosleep(&tick, NULL);
		ok = walk_twice(&w, out, why);
	}
	arena_free(w.arena);
	return ok;
}

bool
quota_is_same(int root, const struct quota_counted *counted)
{
	struct walk w = begin(root, counted);
	struct fail ignored;
	bool same = walk(&w, false, &ignored) && w.stamp == counted->stamp;

	arena_free(w.arena);
	return same;
}
