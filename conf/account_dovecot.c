/*
 * account_dovecot: accounts are what Dovecot's auth process says. Knows its
 * protocol for look-ups on the auth-userdb socket, version 1: lines of
 * fields separated by tabs; we say
 *   VERSION 1 0
 *   USER id name service=lmtp
 * and get VERSION and SPID once, and for each look-up one of
 *   USER id name field=value ...
 *   NOTFOUND id
 *   FAIL id ...
 * One look-up at a time. What takes longer than account_timeout is given up,
 * and then for that long nobody waits again: one session with many
 * recipients must not hold up all others.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/back_end.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"

enum {
	LINE_OCTETS = 64 << 10,
	BUSY_MS = 20, /* until a full backlog is tried again */
};

struct dovecot {
	const char *path;
	int64_t limit_ms;
	int64_t down_until_ms; /* nobody is asked before; 0: it answers */
	int sock;              /* -1: not connected */
	uint32_t serial;
	struct buf in;
};

static void
hang_up(struct dovecot *d)
{
	io_close(&d->sock);
	buf_reset(&d->in);
}

static void *
open_dovecot(struct arena *a, const struct conf *conf)
{
	struct dovecot *d = ARENA_NEW(a, struct dovecot);

	*d = (struct dovecot){
		.path = conf_cstr(conf, SETTING_account_dovecot_socket),
		.limit_ms = conf_int(conf, SETTING_account_timeout) * 1000,
		.sock = -1,
	};
	buf_init(&d->in, LINE_OCTETS);
	return d;
}

static void
close_dovecot(void *state)
{
	struct dovecot *d = state;

	io_close(&d->sock);
	buf_free(&d->in);
}

/* --- the connection ---------------------------------------------------------
 */

/* A full backlog is EAGAIN for unix sockets: nothing tells when to go on. */
static bool
connect_until(int sock, const struct sockaddr_un *sa, int64_t deadline_ms)
{
	while (connect(sock, (const struct sockaddr *)sa, sizeof(*sa)) != 0) {
		if (errno != EAGAIN && errno != EINTR)
			return false;
		if (clock_mono_ms() >= deadline_ms) {
			errno = ETIMEDOUT;
			return false;
		}
		poll(NULL, 0, BUSY_MS);
	}
	return true;
}

/* A few octets; who does not take them does not listen. No signal either. */
static bool
say(struct dovecot *d, struct str text)
{
	struct iovec iov = { (void *)(uintptr_t)text.p, text.len };
	ssize_t n = io_send(d->sock, &iov, 1, -1, MSG_NOSIGNAL);

	if (n >= 0 && (size_t)n < text.len)
		errno = EAGAIN;
	return n == (ssize_t)text.len;
}

static bool
dial(struct dovecot *d, int64_t deadline_ms)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	if (d->sock >= 0)
		return true;
	if (strlen(d->path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(sa.sun_path, d->path, strlen(d->path));
	d->sock =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return d->sock >= 0 && connect_until(d->sock, &sa, deadline_ms) &&
	       say(d, S("VERSION\t1\t0\n"));
}

/* One more read. */
static bool
fill(struct dovecot *d, int64_t deadline_ms)
{
	char *to = buf_reserve(&d->in, LINE_OCTETS / 16);
	ssize_t n;

	if (to == NULL) {
		errno = EMSGSIZE;
		return false;
	}
	if (!io_wait(d->sock, POLLIN, deadline_ms))
		return false;
	n = io_read(d->sock, to, LINE_OCTETS / 16);
	if (n == 0)
		errno = ECONNRESET;
	if (n > 0)
		buf_commit(&d->in, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static bool
read_line(
    struct dovecot *d, struct arena *a, int64_t deadline_ms, struct str *line)
{
	ssize_t end;

	while ((end = str_chr(buf_str(&d->in), '\n')) < 0)
		if (!fill(d, deadline_ms))
			return false;
	*line = str_dup(a, str_sub(buf_str(&d->in), 0, (size_t)end));
	buf_consume(&d->in, (size_t)end + 1);
	return true;
}

/* --- the protocol ------------------------------------------------------------
 */

/* Octet 1 escapes itself, tab, CR, LF and NUL: all that separate. */
static struct str
unescape(struct arena *a, struct str s)
{
	static const struct {
		char from, to;
	} map[] = { { '0', '\0' }, { '1', '\1' }, { 't', '\t' }, { 'r', '\r' },
		{ 'n', '\n' } };
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '\1' && i + 1 < s.len) {
			c = s.p[++i];
			for (size_t k = 0; k < sizeof(map) / sizeof(map[0]);
			     k++)
				if (s.p[i] == map[k].from)
					c = map[k].to;
		}
		out[n++] = c;
	}
	return str_from(out, n);
}

/* Names hold no control character (account_name_ok): nothing to escape. */
static bool
send_question(struct dovecot *d, struct str user)
{
	struct buf b;
	bool ok;

	buf_init(&b, 1024);
	buf_printf(&b, "USER\t%u\t", ++d->serial);
	buf_adds(&b, user);
	buf_adds(&b, S("\tservice=lmtp\n"));
	ok = !b.overflow && say(d, buf_str(&b));
	buf_free(&b);
	return ok;
}

/*
 * Is this line the answer? errno EPROTO: another version. Its verb and what
 * follows the number are cut off then.
 */
static bool
is_answer(const struct dovecot *d, struct str *line, struct str *verb)
{
	struct str id = S("");
	uint64_t n = 0;

	errno = 0;
	*verb = S("");
	str_cut(line, '\t', verb);
	str_cut(line, '\t', &id);
	if (str_eq(*verb, S("VERSION")) && !str_eq(id, S("1")))
		errno = EPROTO;
	return (str_eq(*verb, S("USER")) || str_eq(*verb, S("NOTFOUND")) ||
		   str_eq(*verb, S("FAIL"))) &&
	       str_to_u64(id, &n) && n == d->serial;
}

static bool
talk(struct dovecot *d, struct arena *a, struct str user, struct str *verb,
    struct str *answer)
{
	int64_t deadline = clock_mono_ms() + d->limit_ms;

	if (!dial(d, deadline) || !send_question(d, user))
		return false;
	while (read_line(d, a, deadline, answer)) {
		if (is_answer(d, answer, verb))
			return true;
		if (errno != 0)
			return false;
	}
	return false;
}

/* A connection that was kept may have ended meanwhile: once more then. */
static bool
ask(struct dovecot *d, struct arena *a, struct str user, struct str *verb,
    struct str *answer)
{
	bool kept = d->sock >= 0;
	int err;

	if (talk(d, a, user, verb, answer))
		return true;
	err = errno;
	hang_up(d);
	if (!kept || (err != ECONNRESET && err != EPIPE)) {
		errno = err;
		return false;
	}
	if (talk(d, a, user, verb, answer))
		return true;
	err = errno;
	hang_up(d);
	errno = err;
	return false;
}

/* --- answers ---------------------------------------------------------------
 */

static bool
apply(const struct look_up *l, struct account *out, struct str fields,
    bool homes, struct fail *why)
{
	struct str one, name, what;

	while (str_cut(&fields, '\t', &one)) {
		name = S("");
		str_cut(&one, '=', &name);
		if (str_eq(name, S("home")) != homes)
			continue;
		one = unescape(l->arena, one);
		if (account_field(l->conf, l->arena, out, name, one, &what))
			continue;
		log_error("dovecot: user=%.*s: %.*s %s %.*s",
		    STR_ARG(out->user), STR_ARG(name),
		    conf_quote(l->arena, one), STR_ARG(what));
		return fail_temp(why, "4.3.0",
		    "user database: %.*s cannot be used", STR_ARG(name));
	}
	return true;
}

/* The database may have another name for the account. */
static bool
take_user(const struct look_up *l, struct account *out, struct str answer,
    struct fail *why)
{
	struct str name = S("");
	struct account renamed;

	str_cut(&answer, '\t', &name);
	name = unescape(l->arena, name);
	if (!str_eq(name, out->user)) {
		if (!account_split(l->conf, l->arena, name, &renamed))
			return fail_temp(
			    why, "4.3.0", "user database: name cannot be used");
		accounts_step(l->accounts, "dovecot: calls the account %.*s",
		    STR_ARG(name));
		*out = renamed;
	}
	return apply(l, out, answer, true, why) &&
	       apply(l, out, answer, false, why);
}

static bool
find(
    const struct look_up *l, struct account *out, bool *found, struct fail *why)
{
	struct dovecot *d = l->state;
	struct str verb, answer;

	if (clock_mono_ms() < d->down_until_ms)
		return fail_temp(
		    why, "4.3.0", "user database did not answer just now");
	if (!ask(d, l->arena, out->user, &verb, &answer)) {
		int err = errno;

		log_error("dovecot: %s: %s", d->path, strerror(err));
		if (err == ETIMEDOUT)
			d->down_until_ms = clock_mono_ms() + d->limit_ms;
		return fail_errno(why, err, "user database");
	}
	*found = str_eq(verb, S("USER"));
	if (*found)
		return take_user(l, out, answer, why);
	if (str_eq(verb, S("NOTFOUND")))
		return true;
	log_error("dovecot: user=%.*s: look-up failed", STR_ARG(out->user));
	return fail_temp(why, "4.3.0", "user database is in trouble");
}

const struct back_end back_end_dovecot = {
	.name = "dovecot",
	.has_homes = true,
	.open = open_dovecot,
	.close = close_dovecot,
	.find = find,
};
