/*
 * services: reads cyrus.conf(5): its grammar, and which argument belongs to
 * which section. Starts nothing, and does not know what a socket is.
 */
#include "conf/services.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

enum key_type {
	KEY_STRING,
	KEY_INT,
	KEY_SWITCH,
	KEY_TIME, /* hhmm */
};

#define IN(section) (1U << SERVICES_##section)
#define EVERYWHERE  (IN(START) | IN(SERVICES) | IN(EVENTS) | IN(DAEMON))

static const char *const section_names[SERVICES_SECTION_COUNT] = {
	[SERVICES_START] = "START",
	[SERVICES_SERVICES] = "SERVICES",
	[SERVICES_EVENTS] = "EVENTS",
	[SERVICES_DAEMON] = "DAEMON",
};

struct key {
	const char *name;
	unsigned sections;
	enum key_type type;
	size_t offset;     /* in struct services_entry */
	int64_t min, max;  /* KEY_INT */
	const char *words; /* KEY_STRING: blank-separated; NULL: any text */
};

#define AT(field) offsetof(struct services_entry, field)
enum key_id {
	KEY_CMD,
	KEY_LISTEN,
	KEY_PROTO,
	KEY_PREFORK,
	KEY_MAXCHILD,
	KEY_MAXFDS,
	KEY_MAXFORKRATE,
	KEY_BABYSIT,
	KEY_PERIOD,
	KEY_AT,
	KEY_WAIT,
	KEY_COUNT
};
static const struct key keys[KEY_COUNT] = {
	[KEY_CMD] = { "cmd", EVERYWHERE, KEY_STRING, AT(cmd) },
	[KEY_LISTEN] = { "listen", IN(SERVICES), KEY_STRING, AT(listen) },
	[KEY_PROTO] = { "proto", IN(SERVICES), KEY_STRING, AT(proto), 0, 0,
	    "tcp tcp4 tcp6 udp udp4 udp6" },
	[KEY_PREFORK] = { "prefork", IN(SERVICES), KEY_INT, AT(prefork), 0,
	    10000 },
	[KEY_MAXCHILD] = { "maxchild", IN(SERVICES), KEY_INT, AT(maxchild), -1,
	    1000000 },
	[KEY_MAXFDS] = { "maxfds", IN(SERVICES) | IN(DAEMON), KEY_INT,
	    AT(maxfds), 16, 1 << 30 },
	[KEY_MAXFORKRATE] = { "maxforkrate", IN(SERVICES), KEY_INT,
	    AT(maxforkrate), 0, 1000000 },
	[KEY_BABYSIT] = { "babysit", IN(SERVICES), KEY_INT, AT(babysit), 0, 1 },
	[KEY_PERIOD] = { "period", IN(EVENTS), KEY_INT, AT(period), 0, 527040 },
	[KEY_AT] = { "at", IN(EVENTS), KEY_TIME, AT(at_minute) },
	[KEY_WAIT] = { "wait", IN(DAEMON), KEY_SWITCH, AT(wait) },
};

struct reader {
	struct arena *arena;
	struct conf_messages *messages;
	struct services *out;
	struct str file;
	struct str line;
	uint32_t number; /* of the line */
	size_t at;       /* in the line */
	int section;     /* -1: outside of them */
	struct conf_place opened;
};

static struct conf_place
place(const struct reader *r, size_t at)
{
	return (struct conf_place){
		.file = r->file,
		.line = r->number,
		.column = (uint32_t)at + 1,
	};
}

/* --- words ---------------------------------------------------------------- */

static char
peek(const struct reader *r)
{
	return r->at < r->line.len ? r->line.p[r->at] : '\0';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_word_char(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-';
}

/* True when there is something before the comment or the end. */
static bool
skip_blanks(struct reader *r)
{
	while (is_blank(peek(r)))
		r->at++;
	return r->at < r->line.len && peek(r) != '#';
}

static struct str
word(struct reader *r)
{
	size_t start = r->at;

	while (is_word_char(peek(r)))
		r->at++;
	return str_sub(r->line, start, r->at);
}

/* What stands here, for a message. */
static const char *
here(struct reader *r)
{
	size_t end = r->at;

	while (end < r->line.len && !is_blank(r->line.p[end]))
		end++;
	return conf_quote(r->arena, str_sub(r->line, r->at, end));
}

/* "..." or up to the next blank; false with a message. */
static bool
value(struct reader *r, struct str *out)
{
	size_t start = r->at;
	ssize_t end;

	if (peek(r) != '"') {
		while (r->at < r->line.len && !is_blank(peek(r)))
			r->at++;
		*out = str_sub(r->line, start, r->at);
		return true;
	}
	end = str_chr(str_from_offset(r->line, start + 1), '"');
	if (end < 0) {
		conf_error(r->arena, r->messages, place(r, start),
		    "the quotes are not closed");
		return false;
	}
	r->at = start + (size_t)end + 2;
	*out = str_sub(r->line, start + 1, r->at - 1);
	return true;
}

/* --- arguments ------------------------------------------------------------ */

static bool
in_words(const char *words, struct str text)
{
	struct str rest = str_c(words), one;

	while (str_cut(&rest, ' ', &one))
		if (str_eq(one, text))
			return true;
	return false;
}

static const char *
set_string(struct reader *r, const struct key *k, struct str text, void *field)
{
	if (k->words != NULL && !in_words(k->words, text))
		return str_printf(r->arena, "one of %s is wanted", k->words).p;
	*(struct str *)field = str_dup(r->arena, text);
	return NULL;
}

static const char *
set_int(struct reader *r, const struct key *k, struct str text, void *field)
{
	bool negative = str_starts(text, S("-"));
	uint64_t n;
	int64_t signed_n;

	if (!str_to_u64(str_from_offset(text, negative), &n) || n > INT32_MAX)
		return "a number is wanted";
	signed_n = negative ? -(int64_t)n : (int64_t)n;
	if (signed_n < k->min || signed_n > k->max)
		return str_printf(r->arena, "%lld to %lld is wanted",
		    (long long)k->min, (long long)k->max)
		    .p;
	*(int64_t *)field = signed_n;
	return NULL;
}

static const char *
set_switch(struct reader *r, const struct key *k, struct str text, void *field)
{
	(void)r;
	(void)k;
	if (in_words("1 y yes t true on", text))
		*(bool *)field = true;
	else if (in_words("0 n no f false off", text))
		*(bool *)field = false;
	else
		return "yes or no is wanted";
	return NULL;
}

static const char *
set_time(struct reader *r, const struct key *k, struct str text, void *field)
{
	uint64_t n;

	(void)r;
	(void)k;
	if (text.len != 4 || !str_to_u64(text, &n) || n / 100 > 23 ||
	    n % 100 > 59)
		return "a time of the day is wanted, 0000 to 2359";
	*(int64_t *)field = (int64_t)(n / 100 * 60 + n % 100);
	return NULL;
}

/* What is wrong with the text, or NULL. */
static const char *(*const set[])(
    struct reader *, const struct key *, struct str, void *) = {
	[KEY_STRING] = set_string,
	[KEY_INT] = set_int,
	[KEY_SWITCH] = set_switch,
	[KEY_TIME] = set_time,
};

static void
unknown_key(struct reader *r, struct str name, size_t at)
{
	const char *near = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		unsigned d = str_distance(name, str_c(keys[i].name), best);

		if ((keys[i].sections & 1U << r->section) != 0 && d < best) {
			best = d;
			near = keys[i].name;
		}
	}
	conf_warning(r->arena, r->messages, place(r, at),
	    "%s has no argument %s%s%s%s; it is ignored",
	    section_names[r->section], conf_quote(r->arena, name),
	    near != NULL ? " (did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
}

static void
apply(struct reader *r, struct services_entry *e, struct str name, size_t at,
    struct str text, size_t text_at, unsigned *seen)
{
	const char *wrong = NULL;
	size_t i = 0;

	while (i < KEY_COUNT && (!str_eq(name, str_c(keys[i].name)) ||
				    (keys[i].sections & 1U << r->section) == 0))
		i++;
	if (i == KEY_COUNT) {
		unknown_key(r, name, at);
		return;
	}
	if ((*seen & 1U << i) != 0)
		wrong = "is there a second time";
	else if (text.len == 0)
		wrong = "has no value";
	if (wrong != NULL) {
		conf_error(r->arena, r->messages, place(r, at), "%s %s",
		    keys[i].name, wrong);
		return;
	}
	*seen |= 1U << i;
	wrong =
	    set[keys[i].type](r, &keys[i], text, (char *)e + keys[i].offset);
	if (wrong != NULL)
		conf_error(r->arena, r->messages, place(r, text_at),
		    "%s=%s: %s", keys[i].name, conf_quote(r->arena, text),
		    wrong);
}

/* One key=value; false: the rest of the line makes no sense. */
static bool
argument(struct reader *r, struct services_entry *e, unsigned *seen)
{
	size_t at = r->at, text_at;
	struct str name = word(r), text;

	if (name.len == 0 || peek(r) != '=') {
		r->at = at;
		conf_error(r->arena, r->messages, place(r, at),
		    "%s is not of the form name=value", here(r));
		return false;
	}
	text_at = ++r->at;
	if (!value(r, &text))
		return false;
	apply(r, e, name, at, text, text_at, seen);
	return true;
}

/* --- entries -------------------------------------------------------------- */

static char **
split_command(struct arena *a, struct str cmd)
{
	char **argv = ARENA_ARRAY(a, cmd.len / 2 + 2, char *);
	size_t n = 0;

	for (size_t i = 0, start; i < cmd.len;) {
		while (i < cmd.len && is_blank(cmd.p[i]))
			i++;
		start = i;
		while (i < cmd.len && !is_blank(cmd.p[i]))
			i++;
		if (i > start)
			argv[n++] = str_cstr(a, str_sub(cmd, start, i));
	}
	return argv;
}

static bool
name_is_taken(const struct reader *r, struct str name)
{
	if (r->section != SERVICES_SERVICES)
		return false;
	for (size_t i = 0; i < r->out->n[r->section]; i++)
		if (str_eq(r->out->v[r->section][i].name, name))
			return true;
	return false;
}

static void
check_entry(struct reader *r, struct services_entry *e, unsigned seen)
{
	/* A value that was wrong has been complained of. */
	if ((seen & 1U << KEY_CMD) == 0 ||
	    (e->cmd.len > 0 && e->argv[0] == NULL))
		conf_error(r->arena, r->messages, e->at, "%s has no cmd",
		    conf_quote(r->arena, e->name));
	if (r->section == SERVICES_SERVICES && (seen & 1U << KEY_LISTEN) == 0)
		conf_error(r->arena, r->messages, e->at, "%s has no listen",
		    conf_quote(r->arena, e->name));
	if (r->section == SERVICES_EVENTS && e->period == 0 && e->at_minute < 0)
		conf_warning(r->arena, r->messages, e->at,
		    "%s has neither period nor at, it runs once",
		    conf_quote(r->arena, e->name));
	if (name_is_taken(r, e->name))
		conf_error(r->arena, r->messages, e->at,
		    "%s is there a second time", conf_quote(r->arena, e->name));
}

static void
keep_entry(struct reader *r, const struct services_entry *e)
{
	size_t n = r->out->n[r->section];
	struct services_entry **v = &r->out->v[r->section];

	if ((n & (n - 1)) == 0)
		*v = arena_grow(r->arena, *v, n * sizeof(**v),
		    (n == 0 ? 1 : 2 * n) * sizeof(**v));
	(*v)[n] = *e;
	r->out->n[r->section]++;
}

static void
entry(struct reader *r)
{
	struct services_entry e = {
		.at = place(r, r->at),
		.name = word(r),
		.proto = S("tcp"),
		.maxchild = -1,
		.at_minute = -1,
	};
	unsigned seen = 0;

	e.name = str_dup(r->arena, e.name);
	if (e.name.len == 0 || (skip_blanks(r) && peek(r) == '{')) {
		conf_error(r->arena, r->messages, e.at,
		    e.name.len == 0 ? "a name or } is wanted, not %s"
				    : "%s: a section stands in another; "
				      "is a } missing?",
		    e.name.len == 0 ? here(r) : conf_quote(r->arena, e.name));
		return;
	}
	if (r->out->n[r->section] == SERVICES_ENTRIES_MAX) {
		conf_error(r->arena, r->messages, e.at, "more than %d entries",
		    SERVICES_ENTRIES_MAX);
		return;
	}
	while (skip_blanks(r))
		if (!argument(r, &e, &seen))
			return;
	e.argv = split_command(r->arena, e.cmd);
	check_entry(r, &e, seen);
	keep_entry(r, &e);
}

/* --- sections ------------------------------------------------------------- */

static void
end_of_line(struct reader *r)
{
	if (skip_blanks(r))
		conf_error(r->arena, r->messages, place(r, r->at),
		    "%s is too much here", here(r));
}

static int
section_of(struct str name)
{
	for (int i = 0; i < SERVICES_SECTION_COUNT; i++)
		if (str_eq(name, str_c(section_names[i])))
			return i;
	return -1;
}

static void
open_section(struct reader *r)
{
	size_t at = r->at;
	struct str name = word(r);

	if (!skip_blanks(r) || peek(r) != '{' || section_of(name) < 0) {
		r->at = at;
		conf_error(r->arena, r->messages, place(r, at),
		    "START {, SERVICES {, EVENTS { or DAEMON { is wanted, "
		    "not %s",
		    here(r));
		return;
	}
	r->section = section_of(name);
	r->opened = place(r, at);
	r->at++;
	if (skip_blanks(r) && peek(r) == '}') {
		r->at++;
		r->section = -1;
	}
	end_of_line(r);
}

static void
one_line(struct reader *r)
{
	r->at = 0;
	if (memchr(r->line.p, '\0', r->line.len) != NULL) {
		conf_error(r->arena, r->messages, place(r, 0), "NUL octet");
		return;
	}
	if (!skip_blanks(r))
		return;
	if (r->section < 0) {
		open_section(r);
	} else if (peek(r) == '}') {
		r->at++;
		r->section = -1;
		end_of_line(r);
	} else {
		entry(r);
	}
}

static bool
read_text(struct arena *a, const char *path, struct str *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int saved;
	bool ok;

	if (fd < 0)
		return false;
	ok = fs_read_fd(fd, SERVICES_FILE_SIZE_MAX, a, text, NULL);
	saved = errno;
	io_close(&fd);
	errno = saved;
	return ok;
}

struct services *
services_load(struct arena *a, const char *path, struct conf_messages *messages)
{
	struct reader r = {
		.arena = a,
		.messages = messages,
		.out = ARENA_NEW(a, struct services),
		.file = str_dup(a, str_c(path)),
		.section = -1,
	};
	struct str text;

	if (!read_text(a, path, &text)) {
		conf_error(a, messages, (struct conf_place){ .file = r.file },
		    "%s", strerror(errno));
		return NULL;
	}
	while (str_cut(&text, '\n', &r.line)) {
		r.number++;
		one_line(&r);
	}
	if (r.section >= 0)
		conf_error(a, messages, r.opened, "%s is not closed by a }",
		    section_names[r.section]);
	return messages->nerrors == 0 ? r.out : NULL;
}
