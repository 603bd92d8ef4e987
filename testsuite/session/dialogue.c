/*
 * dialogue: knows the language of .lmtp files, not how they are run.
 */
#include "testsuite/session/dialogue.h"

#include <fcntl.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

struct reader {
	struct dialogue *d;
	const char *path;
	unsigned line;
};

static _Noreturn void
mistake(const struct reader *r, const char *what)
{
	printf("Bail out! %s:%u: %s\n", r->path, r->line, what);
	exit(99);
}

static int
hex(const struct reader *r, char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	if (c < 'a' || c > 'f')
		mistake(r, "bad hex digit");
	return c - 'a' + 10;
}

static struct str
unescape(const struct reader *r, struct str s)
{
	static const char names[] = "rnt0\\", octets[] = "\r\n\t\0\\";
	char *out = arena_alloc(r->d->arena, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *hit;

		if (s.p[i] != '\\') {
			out[n++] = s.p[i];
			continue;
		}
		if (++i == s.len)
			mistake(r, "\\ at end of line");
		hit = memchr(names, s.p[i], sizeof(names) - 1);
		if (hit != NULL) {
			out[n++] = octets[hit - names];
		} else if (s.p[i] == 'x' && s.len - i > 2) {
			out[n++] = (char)(hex(r, s.p[i + 1]) * 16 +
					  hex(r, s.p[i + 2]));
			i += 2;
		} else {
			mistake(r, "unknown escape");
		}
	}
	return str_from(out, n);
}

static struct step *
add_step(struct reader *r, enum step_kind kind)
{
	struct dialogue *d = r->d;
	size_t n = d->nsteps;

	d->step = arena_grow(d->arena, d->step, n * sizeof(*d->step),
	    (n + 1) * sizeof(*d->step));
	d->nsteps++;
	d->step[n] = (struct step){ .kind = kind, .line = r->line };
	return &d->step[n];
}

static struct str
word(struct str *rest)
{
	struct str w = S("");

	if (rest->len > 0)
		str_cut(rest, ' ', &w);
	return w;
}

static int64_t
number(const struct reader *r, struct str s)
{
	uint64_t n;

	if (!str_to_u64(s, &n) || n > INT32_MAX)
		mistake(r, "number expected");
	return (int64_t)n;
}

/* --- directives -------------------------------------------------------- */

static struct verdict *
add_verdict(struct reader *r, struct str addr)
{
	struct dialogue *d = r->d;
	size_t n = d->nverdicts;
	struct verdict *v =
	    (struct verdict *)(uintptr_t)dialogue_verdict(d, addr);

	if (v != NULL)
		return v;
	d->verdict = arena_grow(d->arena, d->verdict, n * sizeof(*d->verdict),
	    (n + 1) * sizeof(*d->verdict));
	d->nverdicts++;
	d->verdict[n] = (struct verdict){ .addr = addr, .where = S("INBOX") };
	return &d->verdict[n];
}

static void
read_fail(struct reader *r, struct str args, struct fail *why)
{
	int code = (int)number(r, word(&args));
	char *status = str_cstr(r->d->arena, word(&args));

	fail_code(
	    why, code, status, "%s", str_cstr(r->d->arena, unescape(r, args)));
}

static void
do_accept(struct reader *r, struct str args)
{
	while (args.len > 0)
		add_verdict(r, unescape(r, word(&args)));
}

static void
do_refuse(struct reader *r, struct str args)
{
	struct verdict *v = add_verdict(r, word(&args));

	v->refused = true;
	read_fail(r, args, &v->why);
}

static void
do_result(struct reader *r, struct str args)
{
	struct verdict *v = add_verdict(r, word(&args));
	struct str kind = word(&args);

	v->failed = str_eq(kind, S("fail"));
	if (v->failed) {
		read_fail(r, args, &v->why);
		v->where = S("");
	} else if (str_eq(kind, S("refuse"))) {
		v->failed = true;
		fail_code(&v->why, 550, "5.7.1", "refused");
		v->where = unescape(r, args);
	} else if (str_eq(kind, S("ok"))) {
		v->where = unescape(r, args);
	} else {
		mistake(r, "ok, fail or refuse expected");
	}
}

static void
do_config(struct reader *r, struct str args)
{
	struct session_config *c = &r->d->conf;
	struct str key = word(&args);

	if (str_eq(key, S("max_size")))
		c->max_size = (uint64_t)number(r, args);
	else if (str_eq(key, S("max_rcpt")))
		c->max_rcpt = (uint32_t)number(r, args);
	else if (str_eq(key, S("max_errors")))
		c->max_errors = (uint32_t)number(r, args);
	else if (str_eq(key, S("memory")))
		c->spool_memory = (size_t)number(r, args);
	else if (str_eq(key, S("product")))
		c->product = args;
	else if (str_eq(key, S("nospool")))
		c->spool_dir = -1;
	else if (str_eq(key, S("starttls")))
		c->starttls = true;
	else
		mistake(r, "unknown setting");
}

static void
do_stored(struct reader *r, struct str args)
{
	buf_adds(&r->d->stored, unescape(r, args));
}

static void
do_trace(struct reader *r, struct str args)
{
	buf_adds(&r->d->trace, unescape(r, args));
}

static void
do_octets(struct reader *r, struct str args)
{
	r->d->octets = number(r, args);
}

static void
do_wsize(struct reader *r, struct str args)
{
	r->d->wsize = number(r, args);
}

static void
do_messages(struct reader *r, struct str args)
{
	r->d->messages = number(r, args);
}

static void
do_asks(struct reader *r, struct str args)
{
	r->d->asks = number(r, args);
}

static void
do_close(struct reader *r, struct str args)
{
	struct step *s = add_step(r, STEP_CLOSE);

	s->status = str_dup(r->d->arena, word(&args));
	s->text = str_dup(r->d->arena, args);
}

static void
do_pause(struct reader *r, struct str args)
{
	(void)args;
	add_step(r, STEP_PAUSE);
}

static void
do_shut(struct reader *r, struct str args)
{
	r->d->shut = str_dup(r->d->arena, args);
}

static void
do_hello(struct reader *r, struct str args)
{
	(void)args;
	add_step(r, STEP_SERVER)->text = S("250-mx.example.org\r\n"
					   "250-8BITMIME\r\n"
					   "250-ENHANCEDSTATUSCODES\r\n"
					   "250-PIPELINING\r\n"
					   "250-SIZE 1000000\r\n"
					   "250-SMTPUTF8\r\n"
					   "250-CHUNKING\r\n"
					   "250-LIMITS RCPTMAX=1000\r\n"
					   "250 IGNOREQUOTA\r\n");
}

static void
do_flag(struct reader *r, struct str name)
{
	struct dialogue *d = r->d;

	d->closed |= str_eq(name, S("closed"));
	d->reverse |= str_eq(name, S("reverse"));
	d->full |= str_eq(name, S("full"));
	d->close_in_delivery |= str_eq(name, S("close-in-delivery"));
	d->all_splits |= str_eq(name, S("all-splits"));
	d->network |= str_eq(name, S("network"));
	d->auth |= str_eq(name, S("auth"));
}

static const struct directive {
	const char *name;
	void (*read)(struct reader *, struct str args); /* NULL: a flag */
} directives[] = {
	{ "accept", do_accept },     /* addr ... */
	{ "refuse", do_refuse },     /* addr code status text; at RCPT */
	{ "result", do_result },     /* addr ok where | fail code status text |
	                                refuse lines */
	{ "config", do_config },     /* setting value; before the first step */
	{ "stored", do_stored },     /* text: more of what must be stored */
	{ "trace", do_trace },       /* text: more of the trace lines */
	{ "octets", do_octets },     /* n, see spool.h */
	{ "wsize", do_wsize },       /* n */
	{ "messages", do_messages }, /* how many were to be delivered */
	{ "asks", do_asks },         /* look-up rounds when pushed whole */
	{ "close", do_close },       /* status text: session_close now */
	{ "pause", do_pause },       /* all before it is answered first */
	{ "shut", do_shut },         /* text: the service is, before MAIL */
	{ "hello", do_hello },       /* the usual answer to LHLO */
	{ "auth", NULL },            /* AUTH TEST is offered */
	{ "network", NULL },         /* the peer is not preauthorised */
	{ "closed", NULL },          /* the session must be over at the end */
	{ "reverse", NULL },         /* results come last recipient first */
	{ "full", NULL },            /* spool files cannot be written */
	{ "close-in-delivery", NULL }, /* session_close before the results */
	{ "all-splits", NULL },        /* try every one and every two cuts */
};

static void
read_directive(struct reader *r, struct str args)
{
	struct str name = word(&args);

	for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++) {
		if (!str_eq(name, str_c(directives[i].name)))
			continue;
		if (directives[i].read != NULL)
			directives[i].read(r, args);
		else
			do_flag(r, name);
		return;
	}
	mistake(r, "unknown directive");
}

/* --- lines ------------------------------------------------------------- */

static void
read_text(struct reader *r, struct str line)
{
	enum step_kind kind = line.p[0] == 'C' ? STEP_CLIENT : STEP_SERVER;
	char how = line.p[1];
	struct str rest = str_from_offset(line, 2), count = S("1");
	struct str piece[2] = { S(""), S("\r\n") };
	int64_t n;

	if (how == '*')
		str_cut(&rest, ' ', &count);
	else if (rest.len > 0 && rest.p[0] == ' ')
		rest = str_from_offset(rest, 1);
	piece[0] = unescape(r, rest);
	if (how == '-' || (how == '*' && kind == STEP_CLIENT))
		piece[1] = S("");
	piece[0] = str_join(r->d->arena, piece, 2);
	n = number(r, count);
	add_step(r, kind)->text = piece[0];
	if (n != 1) {
		struct str *v = ARENA_ARRAY(r->d->arena, (size_t)n, struct str);

		for (int64_t i = 0; i < n; i++)
			v[i] = piece[0];
		r->d->step[r->d->nsteps - 1].text =
		    str_join(r->d->arena, v, (size_t)n);
	}
}

static void
read_line(struct reader *r, struct str line)
{
	if (line.len == 0 || str_starts(line, S("##")))
		return;
	if (str_starts(line, S("# ")))
		read_directive(r, str_from_offset(line, 2));
	else if (line.len >= 2 && (line.p[0] == 'C' || line.p[0] == 'S') &&
		 memchr(":-*", line.p[1], 3) != NULL)
		read_text(r, line);
	else
		mistake(r, "unknown kind of line");
}

struct dialogue *
dialogue_read(const char *path)
{
	struct arena *a = arena_new("dialogue", 0);
	struct dialogue *d = ARENA_NEW(a, struct dialogue);
	struct reader r = { .d = d, .path = path };
	struct str rest, line;
	int fd;

	*d = (struct dialogue){
		.arena = a,
		.conf = {
			.servername = S("mx.example.org"),
			.product = S("Tamis"),
			.max_size = 1000000,
			.max_rcpt = 1000,
			.max_errors = 20,
			.spool_memory = 65536,
			.spool_dir = AT_FDCWD,
		},
		.octets = -1,
		.wsize = -1,
		.messages = -1,
		.asks = -1,
	};
	buf_init(&d->stored, 1 << 24);
	buf_init(&d->trace, 1 << 16);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !fs_read_fd(fd, 1 << 20, a, &rest, NULL))
		mistake(&r, "cannot read");
	io_close(&fd);
	while (str_cut(&rest, '\n', &line)) {
		r.line++;
		read_line(&r, line);
	}
	return d;
}

void
dialogue_free(struct dialogue *d)
{
	buf_free(&d->stored);
	buf_free(&d->trace);
	arena_free(d->arena);
}

const struct verdict *
dialogue_verdict(const struct dialogue *d, struct str addr)
{
	for (size_t i = 0; i < d->nverdicts; i++)
		if (str_eq(d->verdict[i].addr, addr))
			return &d->verdict[i];
	return NULL;
}
