/*
 * script_store: writes what script.c reads. Knows both layouts: Cyrus's
 * (defaultbc names NAME.bc, the text is NAME.script) and Pigeonhole's (the
 * active script is a link to sieve/NAME.sieve). Must not know what a script
 * says.
 */
#include "actions/script_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

enum { NAME_OCTETS = 128, TARGET_OCTETS = 1024 };

bool
script_name_ok(struct str name)
{
	return name.len > 0 && name.len <= NAME_OCTETS && name.p[0] != '.' &&
	       account_name_ok(name);
}

static const char *
file_of(struct arena *a, const struct script_store *s, struct str name)
{
	struct str parts[2] = { name, s->where.ending };

	return str_cstr(a, str_join(a, parts, 2));
}

/* --- opening -----------------------------------------------------------------
 */

static bool
open_dir(struct arena *a, struct str path, bool make, int *fd, struct fail *why)
{
	const char *p = str_cstr(a, path);

	if (make && !fs_mkdir_p(p, 0700, why))
		return false;
	*fd = fs_open_dir(p);
	return *fd >= 0 || errno == ENOENT || fail_errno(why, errno, "%s", p);
}

/* What a link in dir to a script in scripts begins with. */
static struct str
prefix_between(struct arena *a, struct str dir, struct str scripts)
{
	struct str parts[2] = { scripts, S("/") };

	if (str_eq(dir, scripts))
		return S("");
	if (str_starts(scripts, dir) && scripts.len > dir.len + 1 &&
	    scripts.p[dir.len] == '/')
		parts[0] = str_from_offset(scripts, dir.len + 1);
	return str_join(a, parts, 2);
}

bool
script_store_open(struct arena *a, const struct account_script *where,
    bool make, struct script_store *out, struct fail *why)
{
	bool by_path = where->path.len > 0;
	ssize_t slash = str_rchr(where->path, '/');
	struct str dir =
	    by_path ? str_sub(where->path, 0, slash > 0 ? (size_t)slash : 1)
		    : where->dir;

	*out = (struct script_store){
		.where = *where,
		.scripts = -1,
		.active = -1,
		.link = where->link,
		.prefix = prefix_between(a, dir, where->scripts),
		.bc = by_path ? where->ending : S(".bc"),
	};
	if (by_path)
		out->link = str_from_offset(where->path, (size_t)slash + 1);
	if (where->scripts.len == 0)
		return fail_perm(
		    why, "5.2.1", "this account can have no script");
	if (open_dir(a, where->scripts, make, &out->scripts, why) &&
	    open_dir(a, dir, make, &out->active, why))
		return true;
	script_store_close(out);
	return false;
}

void
script_store_close(struct script_store *s)
{
	io_close(&s->scripts);
	io_close(&s->active);
}

/* --- looking ------------------------------------------------------------- */

static int
compare(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

bool
script_list(struct arena *a, const struct script_store *s, struct strlist *out,
    struct fail *why)
{
	int fd = s->scripts < 0 ? -1
	                        : openat(s->scripts, ".",
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *dir;

	*out = (struct strlist){ 0 };
	if (s->scripts < 0)
		return true;
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		fail_errno(why, errno, "scripts");
		io_close(&fd);
		return false;
	}
	while ((e = readdir(dir)) != NULL) {
		struct str name = str_c(e->d_name);

		if (!str_ends(name, s->where.ending))
			continue;
		name.len -= s->where.ending.len;
		if (script_name_ok(name))
			strlist_add(a, out, str_dup(a, name));
	}
	closedir(dir);
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(out->v[0]), compare);
	return true;
}

/* What the link names, without what is around the name of the script. */
static bool
script_of_target(
    const struct script_store *s, struct str target, struct str *name)
{
	ssize_t slash = str_rchr(target, '/');

	if (!str_ends(target, s->bc))
		return false;
	*name = str_from_offset(target, (size_t)(slash + 1));
	name->len -= s->bc.len;
	return script_name_ok(*name);
}

enum link_state {
	LINK_NONE,
	LINK_OURS,
	LINK_ELSEWHERE,
	LINK_FILE, /* it is none: neither we nor ManageSieve made it */
};

/* name: of the script it names, when it is ours */
static bool
look_at_link(struct arena *a, const struct script_store *s,
    enum link_state *state, struct str *name, struct fail *why)
{
	char target[TARGET_OCTETS];
	ssize_t n = -1;

	*name = S("");
	*state = LINK_NONE;
	errno = ENOENT;
	if (s->active >= 0)
		n = readlinkat(
		    s->active, str_cstr(a, s->link), target, sizeof(target));
	if (n < 0 && errno == EINVAL)
		*state = LINK_FILE;
	else if (n < 0 && errno != ENOENT)
		return fail_errno(why, errno, "active script");
	if (n < 0)
		return true;
	*state = LINK_ELSEWHERE;
	if (script_of_target(s, str_from(target, (size_t)n), name)) {
		*name = str_dup(a, *name);
		*state = LINK_OURS;
	}
	return true;
}

bool
script_active(struct arena *a, const struct script_store *s, struct str *name,
    struct fail *why)
{
	enum link_state state;

	if (!look_at_link(a, s, &state, name, why))
		return false;
	if (state == LINK_FILE)
		return fail_perm(why, "5.5.0",
		    "%.*s is no link, but a script somebody put there",
		    STR_ARG(s->link));
	if (state == LINK_ELSEWHERE)
		return fail_perm(why, "5.5.0", "%.*s leads somewhere else",
		    STR_ARG(s->link));
	return true;
}

bool
script_get(struct arena *a, const struct script_store *s, struct str name,
    size_t max, struct str *text, struct fail *why)
{
	const char *file = file_of(a, s, name);

	if (s->scripts >= 0 &&
	    fs_read_beneath(s->scripts, file, max, a, text, NULL))
		return true;
	if (s->scripts < 0 || errno == ENOENT)
		return fail_perm(
		    why, "5.1.1", "there is no script %.*s", STR_ARG(name));
	return fail_errno(why, errno, "%s", file);
}

/* --- changing ------------------------------------------------------------ */

bool
script_put(struct arena *a, const struct script_store *s, struct str name,
    struct str text, struct fail *why)
{
	struct stat st;

	/* Who may read the directory may read the script: deliveries do. */
	if (fstat(s->scripts, &st) != 0)
		return fail_errno(why, errno, "scripts");
	return fs_replace(s->scripts, file_of(a, s, name), text,
	    (st.st_mode & 0666) | 0600, why);
}

static bool
unlink_synced(int dirfd, const char *name, struct fail *why)
{
	if (unlinkat(dirfd, name, 0) != 0 && errno != ENOENT)
		return fail_errno(why, errno, "remove %s", name);
	if (!fs_sync(dirfd))
		return fail_errno(why, errno, "sync directory of %s", name);
	return true;
}

bool
script_activate(struct arena *a, const struct script_store *s, struct str name,
    struct fail *why)
{
	struct str parts[3] = { s->prefix, name, s->bc };
	const char *link = str_cstr(a, s->link);
	enum link_state state;
	struct str old;

	if (!look_at_link(a, s, &state, &old, why))
		return false;
	if (state == LINK_FILE)
		return fail_perm(why, "5.5.0",
		    "%s is no link, but a script somebody put there", link);
	if (name.len > 0)
		return fs_replace_link(
		    s->active, link, str_cstr(a, str_join(a, parts, 3)), why);
	return s->active < 0 || unlink_synced(s->active, link, why);
}

bool
script_remove(struct arena *a, const struct script_store *s, struct str name,
    struct fail *why)
{
	const char *file = file_of(a, s, name);
	struct str active, saved[2] = { name, S(".bc") };
	enum link_state state;

	if (!look_at_link(a, s, &state, &active, why))
		return false;
	if (str_eq(active, name))
		return fail_perm(why, "5.5.0",
		    "%.*s is the active script; deactivate it first",
		    STR_ARG(name));
	if (s->scripts < 0 ||
	    faccessat(s->scripts, file, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_perm(
		    why, "5.1.1", "there is no script %.*s", STR_ARG(name));
	if (s->where.path.len == 0)
		unlinkat(s->scripts, str_cstr(a, str_join(a, saved, 2)), 0);
	return unlink_synced(s->scripts, file, why);
}
