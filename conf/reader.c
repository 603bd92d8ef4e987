/*
 * reader: from files to names and values. Knows lines and includes, not
 * which names there are.
 */
#include "conf/reader.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

struct file_id {
	dev_t dev;
	ino_t ino;
};

struct reader {
	struct arena *arena;
	struct conf_messages *messages;
	reader_line_fn *emit;
	void *ctx;
	size_t noptions;
	size_t nfiles;
	struct file_id files[READER_FILES_MAX];
};

/* One file while it is read. */
struct input {
	struct str name;
	struct str rest;
	uint32_t line;  /* of what was read last */
	unsigned depth; /* 0: the first file */
	struct buf joined;
};

static bool read_file(
    struct reader *, struct str path, struct conf_place from, unsigned depth);

/*
 * The next line with its continuation lines; *first is its number.
 * A backslash on the last line of a file has nothing to go on with, and is
 * dropped like any other.
 */
static bool
next_line(struct input *in, struct str *line, uint32_t *first)
{
	struct str part;
	bool more = true;

	if (in->rest.len == 0)
		return false;
	buf_reset(&in->joined);
	*first = in->line + 1;
	while (more && in->rest.len > 0) {
		bool ended = str_chr(in->rest, '\n') >= 0;

		str_cut(&in->rest, '\n', &part);
		in->line++;
		if (ended && str_ends(part, S("\r")))
			part.len--;
		more = ended && str_ends(part, S("\\"));
		if (more)
			part.len--;
		buf_adds(&in->joined, part);
	}
	*line = buf_str(&in->joined);
	return true;
}

static bool
is_name_char(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-';
}

/* "name: value"; false: it is not of that form. value may be empty. */
static bool
split(struct arena *a, struct str line, struct conf_line *out)
{
	size_t n = line.len > 0 && line.p[0] == '@' ? 1 : 0;
	size_t start = n;

	while (n < line.len && is_name_char(line.p[n]))
		n++;
	if (n == start || n == line.len || line.p[n] != ':')
		return false;
	out->name = str_lower(a, str_sub(line, 0, n));
	out->value = str_dup(a, str_trim(str_from_offset(line, n + 1)));
	return true;
}

/* Relative paths start where the file that names them is: unlike the
 * current directory, this does not depend on who starts the program. */
static struct str
resolve(struct arena *a, struct str from, struct str path)
{
	ssize_t slash = str_rchr(from, '/');
	struct str parts[2] = { str_sub(from, 0, (size_t)(slash + 1)), path };

	if (str_starts(path, S("/")) || slash < 0)
		return path;
	return str_join(a, parts, 2);
}

static void
directive(struct reader *r, const struct conf_line *line, unsigned depth)
{
	if (!str_eq(line->name, S("@include"))) {
		conf_error(r->arena, r->messages, line->at,
		    "unknown directive %s; there is only @include",
		    conf_quote(r->arena, line->name));
		return;
	}
	if (depth + 1 >= READER_DEPTH_MAX) {
		conf_error(r->arena, r->messages, line->at,
		    "files are included more than %d deep", READER_DEPTH_MAX);
		return;
	}
	read_file(r, resolve(r->arena, line->at.file, line->value), line->at,
	    depth + 1);
}

static void
option(
    struct reader *r, struct str text, struct conf_line *line, unsigned depth)
{
	if (memchr(text.p, '\0', text.len) != NULL)
		conf_error(r->arena, r->messages, line->at, "NUL octet");
	else if (!split(r->arena, text, line))
		conf_error(r->arena, r->messages, line->at,
		    "%s is not of the form \"name: value\"",
		    conf_quote(r->arena, text));
	else if (line->value.len == 0)
		conf_error(r->arena, r->messages, line->at, "%s has no value",
		    conf_quote(r->arena, line->name));
	else if (line->name.p[0] == '@')
		directive(r, line, depth);
	else
		r->emit(r->ctx, line);
}

static void
read_lines(struct reader *r, struct input *in)
{
	struct conf_line line = { .at.file = in->name };
	struct str text;

	while (next_line(in, &text, &line.at.line)) {
		text = str_trim(text);
		if (text.len == 0)
			continue;
		if (text.p[0] == '#') {
			if (line.at.line != in->line)
				conf_warning(r->arena, r->messages, line.at,
				    "the backslash makes the next line "
				    "part of this comment");
			continue;
		}
		if (r->noptions++ >= READER_OPTIONS_MAX) {
			conf_error(r->arena, r->messages, line.at,
			    "more than %d options; the rest is not read",
			    READER_OPTIONS_MAX);
			return;
		}
		option(r, text, &line, in->depth);
	}
}

/* false: it has been read before, or there are too many */
static bool
remember(struct reader *r, const struct stat *st)
{
	for (size_t i = 0; i < r->nfiles; i++)
		if (r->files[i].dev == st->st_dev &&
		    r->files[i].ino == st->st_ino)
			return false;
	if (r->nfiles == READER_FILES_MAX)
		return false;
	r->files[r->nfiles++] =
	    (struct file_id){ .dev = st->st_dev, .ino = st->st_ino };
	return true;
}

/* Links are followed: where the configuration is, is the administrator's
 * choice. Nonblocking, so that a FIFO is refused and not waited for. */
static bool
load(struct reader *r, struct str path, struct str *text, struct stat *st)
{
	int fd, saved;
	bool ok;

	do
		fd = open(str_cstr(r->arena, path),
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return false;
	ok = fs_read_fd(fd, READER_FILE_SIZE_MAX, r->arena, text, st);
	saved = errno;
	io_close(&fd);
	errno = saved;
	return ok;
}

static bool
read_file(
    struct reader *r, struct str path, struct conf_place from, unsigned depth)
{
	struct input in = { .name = path, .depth = depth };
	struct stat st;

	if (!load(r, path, &in.rest, &st)) {
		conf_error(r->arena, r->messages, from, "cannot read %s: %s",
		    conf_quote(r->arena, path), strerror(errno));
		return false;
	}
	if (!remember(r, &st)) {
		conf_error(r->arena, r->messages, from,
		    r->nfiles == READER_FILES_MAX
			? "%s is one file too many"
			: "%s is included a second time",
		    conf_quote(r->arena, path));
		return false;
	}
	buf_init(&in.joined, READER_FILE_SIZE_MAX);
	read_lines(r, &in);
	buf_free(&in.joined);
	return true;
}

bool
reader_run(struct arena *a, struct str path, struct conf_messages *messages,
    reader_line_fn *emit, void *ctx)
{
	struct reader r = {
		.arena = a,
		.messages = messages,
		.emit = emit,
		.ctx = ctx,
	};

	return read_file(&r, path, (struct conf_place){ .file = path }, 0);
}
