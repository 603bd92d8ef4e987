/*
 * script: from an account to the program to run. Knows where script files
 * are and how they may be opened; nothing of messages. Never writes.
 */
#include "actions/script.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/io.h"

enum {
	NAME_OCTETS = 255,    /* octets of a name in a directory */
	LINK_TRIES = 10,      /* a switch of scripts may be going on */
	SETTLED_US = 2000000, /* a file changed later than that may change
	                         again without looking changed */
	SAVED_FACTOR = 16,    /* a saved form is at most that much larger */
};

/* Where a look-up stands. */
struct search {
	const struct account_script *where;
	const struct sieve_limits *limits;
	struct arena *arena;
	struct script *out;
	struct fail *why;
	int dirfd;          /* Cyrus layout, else -1 */
	int fd;             /* the text, open */
	struct str base;    /* NAME */
	struct digest path; /* what was opened */
	struct str text;    /* what it held */
};

/* What is not there is no script, what the user did is a broken script, and
 * the rest is not known: an error that passes. */
static const struct {
	int err;
	enum script_state state;
	const char *text;
} known_errors[] = {
	{ ENOENT, SCRIPT_NONE, "" },
	{ ENOTDIR, SCRIPT_NONE, "" },
	{ EACCES, SCRIPT_BROKEN, "may not be read" },
	{ EPERM, SCRIPT_BROKEN, "may not be read" },
	{ ELOOP, SCRIPT_BROKEN, "is a symbolic link, or too many of them" },
	{ EXDEV, SCRIPT_BROKEN, "leads out of its directory" },
	{ EISDIR, SCRIPT_BROKEN, "is a directory" },
	{ EINVAL, SCRIPT_BROKEN, "is not a regular file" },
	{ ENXIO, SCRIPT_BROKEN, "is not a regular file" },
	{ ENAMETOOLONG, SCRIPT_BROKEN, "has a name that is too long" },
	{ EFBIG, SCRIPT_BROKEN, "is larger than sieve_maxscriptsize" },
};

static bool
broken(struct search *s, const char *text)
{
	s->out->state = SCRIPT_BROKEN;
	s->out->text = str_c(text);
	return true;
}

/* Turn an errno into a state or a failure. */
static bool
judge(struct search *s, int err)
{
	for (size_t i = 0; i < sizeof(known_errors) / sizeof(*known_errors);
	     i++) {
		if (known_errors[i].err != err)
			continue;
		if (known_errors[i].state == SCRIPT_BROKEN)
			return broken(s, known_errors[i].text);
		s->out->state = SCRIPT_NONE;
		return true;
	}
	return fail_errno(s->why, err, "sieve script");
}

static struct digest
path_digest(struct str dir, struct str name)
{
	struct str v[] = { dir, S("\0"), name };

	return digest_of(v, 3);
}

/* The target of dir/link as it stands there; -1 with errno. */
static ssize_t
read_link(const struct search *s, char target[NAME_OCTETS + 2])
{
	const char *link = str_cstr(s->arena, s->where->link);

	return readlinkat(s->dirfd, link, target, NAME_OCTETS + 1);
}

/* One component that ends in ".bc", or nothing. */
static bool
base_of(struct str target, struct str *base)
{
	if (target.len > NAME_OCTETS || !str_ends(target, S(".bc")))
		return false;
	*base = str_sub(target, 0, target.len - 3);
	return base->len > 0 && str_chr(*base, '/') < 0;
}

/*
 * Open what the link names. The link may be switched, and the old script
 * removed, between the two looks at the directory: a script that is not
 * there counts as missing only when the link still names it.
 */
static bool
open_linked(struct search *s, bool *opened)
{
	char target[NAME_OCTETS + 2];

	for (int i = 0; i < LINK_TRIES; i++) {
		ssize_t n = read_link(s, target);
		struct str now = str_from(target, n > 0 ? (size_t)n : 0);
		struct str base;

		if (n < 0 && errno == EINVAL)
			return broken(s, "defaultbc is not a symbolic link");
		if (n < 0)
			return judge(s, errno);
		if (!base_of(now, &base))
			return broken(s, "defaultbc does not name a .bc file");
		if (i > 0 && str_eq(base, s->base))
			break;
		s->base = str_dup(s->arena, base);
		s->out->name = str_printf(s->arena, "%s.script", s->base.p);
		s->path = path_digest(s->where->dir, s->out->name);
		s->fd = fs_open_beneath(s->dirfd, s->out->name.p, O_RDONLY, 0);
		*opened = s->fd >= 0;
		if (s->fd >= 0)
			return true;
		if (errno != ENOENT)
			return judge(s, errno);
	}
	return judge(s, ENOENT);
}

static bool
open_cyrus(struct search *s, bool *opened)
{
	s->dirfd = fs_open_dir(str_cstr(s->arena, s->where->dir));
	if (s->dirfd < 0)
		return judge(s, errno);
	return open_linked(s, opened);
}

/* A path the administrator chose: links in it are wanted. */
static bool
open_path(struct search *s, bool *opened)
{
	const char *path = str_cstr(s->arena, s->where->path);

	s->out->name = str_dup(s->arena, s->where->path);
	s->path = path_digest(S(""), s->where->path);
	do
		s->fd =
		    open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	while (s->fd < 0 && errno == EINTR);
	*opened = s->fd >= 0;
	return s->fd >= 0 ? true : judge(s, errno);
}

/*
 * A saved form next to the text. It comes from a place its user can write,
 * and nothing proves that it does what the text says: it is shared with
 * nobody, see saved_key.
 */
static const struct sieve_program *
load_saved(struct search *s, struct arena *arena, const struct digest *source)
{
	struct str name = str_printf(s->arena, "%s.bc", s->base.p);
	size_t max = s->limits->script_bytes;
	struct fail ignored;
	struct str bytes;

	max = max > SIZE_MAX / SAVED_FACTOR ? SIZE_MAX / 2 : max * SAVED_FACTOR;
	if (!fs_read_beneath(s->dirfd, name.p, max, s->arena, &bytes, NULL) ||
	    !sieve_is_saved(bytes))
		return NULL;
	return sieve_load(arena, bytes, source, &ignored);
}

/* Fill an entry with what the compiler says about the text. */
static void
compile(struct search *s, struct script_entry *e, struct str text)
{
	struct sieve_errors errors = { 0 };

	e->program = sieve_compile(e->arena, text, s->limits, &errors);
	if (e->program != NULL)
		return;
	e->text = S("does not compile");
	if (errors.n == 0)
		return;
	e->line = errors.v[0].line;
	e->column = errors.v[0].column;
	e->text = str_dup(e->arena, errors.v[0].text);
}

/* Compiled by us: the same for everybody. Loaded: for this directory only,
 * or one user could choose what another user's equal text does. */
static struct digest
saved_key(const struct search *s, const struct digest *source)
{
	struct str v[] = { str_from((const char *)source->octet, DIGEST_LEN),
		s->where->dir };

	return digest_of(v, 2);
}

/* When the cache has no room the delivery keeps it, compiled once more: an
 * entry's own arena would have nobody to free it. */
static const struct script_entry *
keep_entry(struct script_cache *c, struct search *s, const struct digest *key,
    struct script_entry *e)
{
	const struct script_entry *kept = script_cache_add(c, key, e);
	struct script_entry *own;

	if (kept != NULL)
		return kept;
	arena_free(e->arena);
	own = ARENA_NEW(s->arena, struct script_entry);
	own->arena = s->arena;
	compile(s, own, s->text);
	return own;
}

static const struct script_entry *
make_entry(struct script_cache *c, struct search *s, struct str text,
    const struct digest *source, const struct digest *saved)
{
	struct script_entry e = { .arena = arena_new("script", 0) };

	if (s->dirfd >= 0)
		e.program = load_saved(s, e.arena, source);
	if (e.program != NULL)
		return keep_entry(c, s, saved, &e);
	arena_reset(e.arena);
	compile(s, &e, text);
	return keep_entry(c, s, source, &e);
}

static const struct script_entry *
entry_for(struct script_cache *c, struct search *s, struct str text)
{
	struct digest source = digest_of(&text, 1);
	struct digest saved = saved_key(s, &source);
	const struct script_entry *e = script_cache_key(c, &source);

	if (e == NULL)
		e = script_cache_key(c, &saved);
	if (e == NULL)
		e = make_entry(c, s, text, &source, &saved);
	return e;
}

static bool
settled(const struct stat *st, int64_t now_us)
{
	int64_t changed =
	    (int64_t)st->st_ctim.tv_sec * 1000000 + st->st_ctim.tv_nsec / 1000;

	return changed + SETTLED_US <= now_us;
}

/* Read the open text, unless the file is known and did not change. */
static const struct script_entry *
read_entry(struct script_cache *c, struct search *s)
{
	int64_t now = clock_wall_us(); /* before the read: errs to "recent" */
	const struct script_entry *e;
	struct script_ident id;
	struct stat st;
	struct str text;

	if (fstat(s->fd, &st) != 0)
		return NULL;
	id = script_ident_of(&s->path, &st);
	e = script_cache_ident(c, &id);
	if (e != NULL)
		return e;
	if (!fs_read_fd(s->fd, s->limits->script_bytes, s->arena, &text, &st))
		return NULL;
	s->text = text;
	e = entry_for(c, s, text);
	id = script_ident_of(&s->path, &st);
	if (settled(&st, now) && e->arena != s->arena)
		script_cache_bind(c, &id, e);
	return e;
}

static bool
use_entry(struct search *s, const struct script_entry *e)
{
	if (e == NULL)
		return judge(s, errno);
	s->out->program = e->program;
	if (e->program != NULL) {
		s->out->state = SCRIPT_OK;
		return true;
	}
	s->out->state = SCRIPT_BROKEN;
	s->out->line = e->line;
	s->out->column = e->column;
	s->out->text = str_dup(s->arena, e->text);
	return true;
}

bool
script_find(struct script_cache *cache, const struct account_script *where,
    const struct sieve_limits *limits, struct arena *arena, struct script *out,
    struct fail *why)
{
	struct search s = { .where = where,
		.limits = limits,
		.arena = arena,
		.out = out,
		.why = why,
		.dirfd = -1,
		.fd = -1 };
	bool opened = false, ok;

	*out = (struct script){ .state = SCRIPT_NONE };
	if (where->path.len > 0)
		ok = open_path(&s, &opened);
	else if (where->dir.len > 0)
		ok = open_cyrus(&s, &opened);
	else
		ok = true;
	if (opened)
		ok = use_entry(&s, read_entry(cache, &s));
	io_close(&s.fd);
	io_close(&s.dirfd);
	if (out->state == SCRIPT_NONE)
		out->name = S("");
	return ok;
}

bool
script_include(struct script_cache *cache, struct str dir, struct str file,
    const struct sieve_limits *limits, struct arena *arena, struct script *out,
    struct fail *why)
{
	struct account_script where = { .dir = dir };
	struct search s = { .where = &where,
		.limits = limits,
		.arena = arena,
		.out = out,
		.why = why,
		.fd = -1 };
	const char *name = str_cstr(arena, file);
	ssize_t dot = str_rchr(file, '.');
	bool ok;

	*out = (struct script){ .state = SCRIPT_NONE };
	s.dirfd = fs_open_dir(str_cstr(arena, dir));
	if (s.dirfd < 0)
		return judge(&s, errno);
	s.base =
	    str_dup(arena, str_sub(file, 0, dot > 0 ? (size_t)dot : file.len));
	s.path = path_digest(dir, file);
	s.fd = fs_open_beneath(s.dirfd, name, O_RDONLY, 0);
	ok = s.fd < 0 ? judge(&s, errno) : use_entry(&s, read_entry(cache, &s));
	out->name = str_dup(arena, file);
	io_close(&s.fd);
	io_close(&s.dirfd);
	return ok;
}
