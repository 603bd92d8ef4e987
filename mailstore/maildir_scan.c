/*
 * maildir_scan: which mailboxes there are: directories by the rules of the
 * layout, and the names they stand for. Knows nothing of what is in them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"

enum { MAX_FOUND = 65536 }; /* more than that are not looked at */

/* One scan in work. */
struct scan {
	struct arena *arena;
	enum mailbox_layout layout;
	int rootfd;
	struct strlist
	    todo; /* LAYOUT_FS: directories, "A/B", not looked into */
	size_t done;
	struct maildir_found *v;
	size_t n;
	size_t seen; /* directories; an end to what a loop could make */
};

static bool
is_dir(int dirfd, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	return fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* "A/B" for ".A.B" or "A/B". false: no name that could be opened */
static bool
name_of(struct arena *a, enum mailbox_layout layout, struct str dir,
    struct str *out)
{
	bool fs = layout == LAYOUT_FS;
	struct str raw, first;
	struct fail ignored;

	if (!mutf7_decode(a, fs ? dir : str_from_offset(dir, 1), &raw))
		return false;
	first = raw;
	/* ".INBOX" and ".INBOX.A" are not where those mailboxes are */
	return str_cut(
		   &(struct str){ raw.p, raw.len }, fs ? '/' : '.', &first) &&
	       !str_caseeq(first, S("INBOX")) &&
	       mailbox_name(a, layout, raw, fs ? '/' : '.', out, &ignored);
}

static void
found(struct scan *s, struct str dir)
{
	struct str name;
	size_t n = s->n;

	if (n == MAX_FOUND || !name_of(s->arena, s->layout, dir, &name))
		return;
	if ((n & (n - 1)) == 0)
		s->v = arena_grow(s->arena, s->v, n * sizeof(*s->v),
		    (n == 0 ? 1 : 2 * n) * sizeof(*s->v));
	s->v[s->n++] = (struct maildir_found){ .name = name, .dir = dir };
}

static bool
has_cur(int dirfd)
{
	struct stat st;

	return fstatat(dirfd, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* LAYOUT_FS: below is the path of the directory that holds this one. */
static void
entry_fs(struct scan *s, struct str below, const char *name)
{
	struct str part[3] = { below, S("/"), str_c(name) };
	struct str ignored;

	if (name[0] == '.' || s->seen++ >= MAX_FOUND)
		return;
	if (below.len > 0)
		part[2] = str_join(s->arena, part, 3);
	else
		part[2] = str_dup(s->arena, part[2]);
	/* cur, new, tmp and the like end here, too */
	if (name_of(s->arena, LAYOUT_FS, part[2], &ignored))
		strlist_add(s->arena, &s->todo, part[2]);
}

static void
entry_maildirpp(struct scan *s, const char *name)
{
	if (name[0] == '.' && name[1] != '\0' && s->seen++ < MAX_FOUND)
		found(s, str_dup(s->arena, str_c(name)));
}

/* Takes fd. */
static bool
scan_dir(struct scan *s, int fd, struct str below)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		io_close(&fd);
		return false;
	}
	while (errno = 0, (e = readdir(d)) != NULL) {
		if (!is_dir(fd, e) || strcmp(e->d_name, "..") == 0)
			continue;
		if (s->layout == LAYOUT_FS)
			entry_fs(s, below, e->d_name);
		else
			entry_maildirpp(s, e->d_name);
	}
	fd = errno;
	closedir(d);
	errno = fd;
	return fd == 0;
}

static bool
scan_todo(struct scan *s)
{
	while (s->done < s->todo.n) {
		struct str dir = s->todo.v[s->done++];
		int fd = fs_open_beneath(s->rootfd, str_cstr(s->arena, dir),
		    O_RDONLY | O_DIRECTORY, 0);

		if (fd < 0 && (errno == ENOENT || errno == EACCES))
			continue;
		if (fd < 0)
			return false;
		if (has_cur(fd))
			found(s, dir);
		if (!scan_dir(s, fd, dir))
			return false;
	}
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const struct maildir_found *x = a, *y = b;
	int order = str_cmp(x->name, y->name);

	return order != 0 ? order : str_cmp(x->dir, y->dir);
}

bool
maildir_scan(struct arena *a, enum mailbox_layout layout, int rootfd,
    struct maildir_found **out, size_t *n)
{
	struct scan s = { .arena = a, .layout = layout, .rootfd = rootfd };
	int fd = fs_open_beneath(rootfd, ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 || !scan_dir(&s, fd, S("")) || !scan_todo(&s))
		return false;
	if (s.n > 1)
		qsort(s.v, s.n, sizeof(*s.v), by_name);
	*out = s.v;
	*n = s.n;
	return true;
}

bool
maildir_find_dir(
    struct arena *a, enum mailbox_layout layout, int rootfd, struct str *dir)
{
	struct maildir_found *v;
	struct str name;
	size_t n;

	/* Without '&' it is ASCII, which has one form only. */
	if (str_chr(*dir, '&') < 0 || !name_of(a, layout, *dir, &name) ||
	    !maildir_scan(a, layout, rootfd, &v, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].name, name)) {
			*dir = v[i].dir;
			return true;
		}
	return false;
}
