/*
 * client: the SMTP conversation of a hand-over. Knows the protocol from the
 * sending side; what is sent and why was decided elsewhere.
 */
#include "lmtp/client.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lmtp/dial.h"

enum {
	REPLY_LINE_MAX = 2048,
	REPLY_LINES_MAX = 200,
	BUFFER_MAX = 64 * 1024,
	IDLE_MS = 20 * 1000, /* a cached connection older than that is not
	                        tried: MTAs close idle ones */
};

struct reply {
	int code;
	char status[8]; /* RFC 2034, or "" */
	char text[200]; /* of the last line */
};

struct client {
	struct client_config config;
	int sock;
	int64_t deadline_ms;
	int64_t used_ms; /* when the connection was used last */
	bool size, eightbitmime;
	struct buf in, out;
};

struct client *
client_new(struct arena *a, const struct client_config *config)
{
	struct client *c = ARENA_NEW(a, struct client);

	c->config = *config;
	c->sock = -1;
	buf_init(&c->in, BUFFER_MAX);
	buf_init(&c->out, BUFFER_MAX);
	return c;
}

static void
hang_up(struct client *c)
{
	io_close(&c->sock);
	buf_reset(&c->in);
	buf_reset(&c->out);
}

void
client_close(struct client *c)
{
	/* Politeness only: whoever does not read it loses nothing. */
	if (c->sock >= 0 && write(c->sock, "QUIT\r\n", 6) < 0)
		errno = 0;
	hang_up(c);
	buf_free(&c->in);
	buf_free(&c->out);
}

static bool
lost(struct client *c, int err, struct fail *why)
{
	hang_up(c);
	if (err == ETIMEDOUT)
		return fail_temp(why, "4.4.2", "time-out talking to %.*s",
		    STR_ARG(c->config.host));
	return fail_temp(why, "4.4.2", "connection to %.*s lost: %s",
	    STR_ARG(c->config.host), err ? strerror(err) : "closed");
}

static bool
flush(struct client *c, struct fail *why)
{
	while (c->out.len > 0) {
		ssize_t n = io_write(c->sock, c->out.p, c->out.len);

		if (n > 0) {
			buf_consume(&c->out, (size_t)n);
			continue;
		}
		if (n < 0 && errno != EAGAIN)
			return lost(c, errno, why);
		if (!io_wait(c->sock, POLLOUT, c->deadline_ms))
			return lost(c, errno, why);
	}
	return true;
}

static bool
put(struct client *c, struct str s, struct fail *why)
{
	while (s.len > 0) {
		struct str part = str_sub(s, 0, BUFFER_MAX - c->out.len);

		buf_adds(&c->out, part);
		s = str_from_offset(s, part.len);
		if (c->out.len == BUFFER_MAX && !flush(c, why))
			return false;
	}
	return true;
}

static bool
read_more(struct client *c, struct fail *why)
{
	char chunk[4096];
	ssize_t n;

	for (;;) {
		n = io_read(c->sock, chunk, sizeof(chunk));
		if (n > 0)
			break;
		if (n == 0)
			return lost(c, 0, why);
		if (errno != EAGAIN)
			return lost(c, errno, why);
		if (!io_wait(c->sock, POLLIN, c->deadline_ms))
			return lost(c, errno, why);
	}
	if (!buf_add(&c->in, chunk, (size_t)n))
		return lost(c, EMSGSIZE, why);
	return true;
}

static bool
read_line(struct client *c, char *line, size_t size, struct fail *why)
{
	for (;;) {
		ssize_t at = str_chr(buf_str(&c->in), '\n');
		struct str s;

		if (at >= 0) {
			s = str_trim(str_sub(buf_str(&c->in), 0, (size_t)at));
			if (s.len > size - 1)
				s.len = size - 1;
			memcpy(line, s.p, s.len);
			line[s.len] = '\0';
			buf_consume(&c->in, (size_t)at + 1);
			return true;
		}
		if (c->in.len > REPLY_LINE_MAX)
			return lost(c, EMSGSIZE, why);
		if (!read_more(c, why))
			return false;
	}
}

/* "4.2.1" at the start of a reply text; the class must fit the code. */
static struct str
take_status(const char *text, int code, char status[8])
{
	struct str s = str_c(text);
	size_t n = 0, dots = 0;

	status[0] = '\0';
	while (n < s.len && n < 7 && (ascii_is_digit(s.p[n]) || s.p[n] == '.'))
		dots += s.p[n++] == '.';
	if (dots != 2 || n < 5 || (n < s.len && s.p[n] != ' ') ||
	    s.p[0] != '0' + code / 100)
		return s;
	memcpy(status, s.p, n);
	status[n] = '\0';
	return str_trim(str_from_offset(s, n));
}

static void
note_keyword(struct client *c, const char *text)
{
	struct str s = str_c(text), word;

	str_cut(&s, ' ', &word);
	if (str_caseeq(word, S("SIZE")))
		c->size = true;
	else if (str_caseeq(word, S("8BITMIME")))
		c->eightbitmime = true;
}

static bool
read_reply(struct client *c, struct reply *r, bool keywords, struct fail *why)
{
	char line[REPLY_LINE_MAX] = "";
	struct str text;

	for (int i = 0; i < REPLY_LINES_MAX; i++) {
		uint64_t code = 0;

		if (!read_line(c, line, sizeof(line), why))
			return false;
		if (strlen(line) < 3 || !str_to_u64(str_from(line, 3), &code) ||
		    code < 200 || code > 599)
			break;
		r->code = (int)code;
		if (keywords && i > 0 && line[3] != '\0')
			note_keyword(c, line + 4);
		if (line[3] == '-')
			continue;
		text = take_status(line[3] ? line + 4 : "", r->code, r->status);
		snprintf(r->text, sizeof(r->text), "%.*s", STR_ARG(text));
		return true;
	}
	hang_up(c);
	return fail_temp(
	    why, "4.5.0", "%.*s sent no SMTP reply", STR_ARG(c->config.host));
}

/*
 * Turn a 4yz or 5yz reply into a failure, with its own status. A 421 is
 * about that connection; passed on it would close ours.
 */
static bool
refused(const struct client *c, const struct reply *r, const char *command,
    struct fail *why)
{
	const char *status = r->code < 500 ? "4.0.0" : "5.0.0";

	if (r->code < 400)
		return fail_temp(why, "4.5.0",
		    "%.*s: unexpected reply %d to %s", STR_ARG(c->config.host),
		    r->code, command);
	return fail_code(why, r->code == 421 ? 451 : r->code,
	    r->status[0] ? r->status : status, "%.*s refused %s: %s",
	    STR_ARG(c->config.host), command, r->text);
}

static bool
command(struct client *c, int want, const char *name, struct str line,
    struct fail *why)
{
	struct reply r = { 0 };

	if (!put(c, line, why) || !put(c, S("\r\n"), why) || !flush(c, why) ||
	    !read_reply(c, &r, false, why))
		return false;
	if (r.code / 100 == want)
		return true;
	if (r.code == 421)
		hang_up(c);
	return refused(c, &r, name, why);
}

static bool
greet(struct client *c, struct arena *a, struct fail *why)
{
	struct reply r = { 0 };

	if (!read_reply(c, &r, false, why))
		return false;
	if (r.code != 220)
		return refused(c, &r, "the connection", why);
	c->size = c->eightbitmime = false;
	if (!put(c, str_printf(a, "EHLO %.*s\r\n", STR_ARG(c->config.helo)),
		why) ||
	    !flush(c, why) || !read_reply(c, &r, true, why))
		return false;
	if (r.code / 100 == 2)
		return true;
	return command(c, 2, "HELO",
	    str_printf(a, "HELO %.*s", STR_ARG(c->config.helo)), why);
}

static bool
connect_anew(struct client *c, struct arena *a, struct fail *why)
{
	hang_up(c);
	c->sock = dial(c->config.host, c->deadline_ms, why);
	if (c->sock < 0)
		return false;
	if (greet(c, a, why))
		return true;
	hang_up(c);
	return false;
}

/* A cached connection proves with RSET that somebody is still there. */
static bool
ready(struct client *c, struct arena *a, struct fail *why)
{
	if (c->sock >= 0 && clock_mono_ms() - c->used_ms < IDLE_MS &&
	    command(c, 2, "RSET", S("RSET"), why))
		return true;
	return connect_anew(c, a, why);
}

static bool
envelope(struct client *c, struct arena *a, const struct out_message *m,
    struct fail *why)
{
	struct str mail =
	    str_printf(a, "MAIL FROM:<%.*s>%s", STR_ARG(m->sender),
		m->eightbit && c->eightbitmime ? " BODY=8BITMIME" : "");

	if (!command(c, 2, "MAIL", mail, why))
		return false;
	for (size_t i = 0; i < m->rcpts.n; i++) {
		struct str rcpt =
		    str_printf(a, "RCPT TO:<%.*s>", STR_ARG(m->rcpts.v[i]));

		if (!command(c, 2, "RCPT", rcpt, why))
			return false;
	}
	return true;
}

/* One line, without its line end: dot-stuffed, CRLF added. */
static bool
put_line(struct client *c, struct str line, struct fail *why)
{
	if (line.len > 0 && line.p[0] == '.' && !put(c, S("."), why))
		return false;
	return put(c, line, why) && put(c, S("\r\n"), why);
}

static bool
put_text(struct client *c, struct str text, struct fail *why)
{
	while (text.len > 0) {
		ssize_t at = str_chr(text, '\n');
		size_t len = at < 0 ? text.len : (size_t)at;
		struct str line = str_sub(text, 0, len);

		text = str_from_offset(text, at < 0 ? len : len + 1);
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		if (!put_line(c, line, why))
			return false;
	}
	return true;
}

/*
 * A CR that is no part of CRLF could be taken for a line end by the next
 * hop: the message would say more there than it said here (SMTP smuggling).
 */
static bool
has_bare_cr(struct str text)
{
	ssize_t at;

	while ((at = str_chr(text, '\r')) >= 0) {
		text = str_from_offset(text, (size_t)at + 1);
		if (text.len == 0 || text.p[0] != '\n')
			return true;
	}
	return false;
}

static bool
transaction(struct client *c, struct arena *a, const struct out_message *m,
    struct fail *why)
{
	struct reply r = { 0 };

	if (!envelope(c, a, m, why) || !command(c, 3, "DATA", S("DATA"), why) ||
	    !put_text(c, m->head, why) || !put_text(c, m->bytes, why) ||
	    !put(c, S(".\r\n"), why) || !flush(c, why) ||
	    !read_reply(c, &r, false, why))
		return false;
	if (r.code / 100 == 2)
		return true;
	return refused(c, &r, "the message", why);
}

/* An address that holds a line end or an angle bracket is no address. */
static bool
path_ok(struct str s)
{
	return !str_has_ctl(s) && str_chr(s, '<') < 0 && str_chr(s, '>') < 0;
}

bool
client_send(struct client *c, const struct out_message *m, struct fail *why)
{
	struct arena *a;
	bool ok = path_ok(m->sender);

	for (size_t i = 0; i < m->rcpts.n; i++)
		ok = ok && m->rcpts.v[i].len > 0 && path_ok(m->rcpts.v[i]);
	if (!ok)
		return fail_perm(why, "5.1.3", "not an address to send to");
	if (has_bare_cr(m->head) || has_bare_cr(m->bytes))
		return fail_perm(why, "5.6.0",
		    "message holds a bare CR and cannot be sent on");
	a = arena_new("hand-over", 0);
	c->deadline_ms = clock_mono_ms() + c->config.timeout_ms;
	ok = ready(c, a, why) && transaction(c, a, m, why);
	c->used_ms = clock_mono_ms();
	/* After a refusal in mid-transaction a fresh start is the safe one. */
	if (!ok)
		hang_up(c);
	arena_free(a);
	return ok;
}
