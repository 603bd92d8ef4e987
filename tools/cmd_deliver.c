/*
 * tamis deliver: one message from standard input into mailboxes, for MTAs
 * that run a program, and for people. Speaks LMTP to a one-process lmtpd in
 * a child, or to a running one (-s), so that there is one way of delivery.
 */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/dial.h"
#include "lmtp/roles.h"
#include "tools/tamis.h"

enum {
	MESSAGE_MAX = 1024 * 1024 * 1024,
	LINE_MAX_OCTETS = 4096,
	DIAL_MS = 10 * 1000,
};

struct deliver_options {
	const char *config;
	const char *sender;
	const char *mailbox; /* -m: as if it were the +detail */
	const char *server;  /* -s: a running lmtpd */
	bool raw;            /* -l: LMTP on standard input */
	bool ignore_quota;   /* -q */
	struct strlist users;
};

struct peer {
	int fd;
	pid_t pid; /* 0: no child */
	struct buf in;
};

/* --- the other end -------------------------------------------------------- */

static struct conf *
read_conf(struct arena *a, const char *path)
{
	struct conf_messages messages;
	struct conf *conf = conf_load(a, path, NULL, &messages);
	struct buf text;

	if (conf == NULL) {
		buf_init(&text, 1024 * 1024);
		conf_messages_print(&messages, &text);
		fprintf(stderr, "%.*s", STR_ARG(buf_str(&text)));
		buf_free(&text);
	}
	return conf;
}

static bool
start_child(struct arena *a, const struct deliver_options *o, struct peer *p)
{
	static const struct pipe_peer how = { .preauth = true };
	struct conf *conf = read_conf(a, o->config);
	int pair[2];

	if (conf == NULL ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	umask((mode_t)conf_int(conf, SETTING_umask));
	p->pid = fork();
	if (p->pid == 0) {
		close(pair[0]);
		log_set_role("deliver");
		_exit(pipe_main(conf, pair[1], pair[1], &how));
	}
	close(pair[1]);
	p->fd = pair[0];
	return p->pid > 0;
}

static bool
reach(struct arena *a, const struct deliver_options *o, struct peer *p)
{
	struct fail why;

	*p = (struct peer){ .fd = -1 };
	buf_init(&p->in, LINE_MAX_OCTETS);
	if (o->server == NULL)
		return start_child(a, o, p);
	p->fd = dial(str_c(o->server), clock_mono_ms() + DIAL_MS, &why);
	if (p->fd < 0)
		fprintf(stderr, "tamis deliver: %s\n", why.text);
	return p->fd >= 0 && io_set_nonblocking(p->fd, false);
}

/* --- LMTP in lock step ---------------------------------------------------- */

/* One line without its line end into *line; false when the peer is gone. */
static bool
read_line(struct peer *p, struct str *line, struct arena *a)
{
	ssize_t at;

	while ((at = str_chr(buf_str(&p->in), '\n')) < 0) {
		char *to = buf_reserve(&p->in, 512);
		ssize_t n = to != NULL ? io_read(p->fd, to, 512) : 0;

		if (n <= 0)
			return false;
		buf_commit(&p->in, (size_t)n);
	}
	*line = str_dup(a, str_trim(str_sub(buf_str(&p->in), 0, (size_t)at)));
	buf_consume(&p->in, (size_t)at + 1);
	return true;
}

/* The code of a reply; its last line in *text. -1: no reply. */
static int
read_reply(struct peer *p, struct arena *a, struct str *text)
{
	uint64_t code;

	do {
		if (!read_line(p, text, a) || text->len < 3 ||
		    !str_to_u64(str_sub(*text, 0, 3), &code))
			return -1;
	} while (text->len > 3 && text->p[3] == '-');
	return (int)code;
}

static int
command(struct peer *p, struct arena *a, struct str line, struct str *text)
{
	if (!io_write_all(p->fd, line.p, line.len))
		return -1;
	return read_reply(p, a, text);
}

/* --- the message ---------------------------------------------------------- */

static bool
read_stdin(struct buf *message)
{
	ssize_t n;

	do {
		char *to = buf_reserve(message, 65536);

		n = to != NULL ? io_read(STDIN_FILENO, to, 65536) : -1;
		if (n > 0)
			buf_commit(message, (size_t)n);
	} while (n > 0);
	return n == 0;
}

/* DATA form: CRLF line ends, dots doubled. An mbox "From " line that some
 * programs put in front is not part of the message. */
static void
put_message(struct buf *out, struct str message)
{
	bool first = true;

	while (message.len > 0) {
		ssize_t at = str_chr(message, '\n');
		size_t len = at < 0 ? message.len : (size_t)at;
		struct str line = str_sub(message, 0, len);

		message = str_from_offset(message, at < 0 ? len : len + 1);
		if (first && str_starts(line, S("From ")))
			continue;
		first = false;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		if (line.len > 0 && line.p[0] == '.')
			buf_addc(out, '.');
		buf_adds(out, line);
		buf_adds(out, S("\r\n"));
	}
	buf_adds(out, S(".\r\n"));
}

/* --- results -------------------------------------------------------------- */

/*
 * sysexits as MTAs read them: only 75 is tried again, so whatever an
 * administrator can mend is 75. The worst of several recipients counts, and
 * 75 counts most: trying again loses nothing.
 */
static int
exit_for(int code, struct str text)
{
	if (code / 100 == 2)
		return EX_OK;
	if (code / 100 != 5)
		return EX_TEMPFAIL;
	text = str_from_offset(text, 4);
	/* 5.1.7: it is the sender's address that is wrong */
	if (str_starts(text, S("5.1.")) && !str_starts(text, S("5.1.7")))
		return EX_NOUSER;
	return str_starts(text, S("5.7.")) ? EX_NOPERM : EX_UNAVAILABLE;
}

static int
worse(int a, int b)
{
	if (a == EX_TEMPFAIL || b == EX_TEMPFAIL)
		return EX_TEMPFAIL;
	return a != EX_OK ? a : b;
}

static int
complain(int code, struct str text)
{
	if (code / 100 == 2)
		return EX_OK;
	if (code < 0)
		fprintf(stderr, "tamis deliver: no answer\n");
	else
		fprintf(stderr, "tamis deliver: %.*s\n", STR_ARG(text));
	return exit_for(code, text);
}

static int
deliver_to(struct peer *p, struct arena *a, const struct deliver_options *o,
    struct buf *message)
{
	struct str text = S("");
	size_t accepted = 0;
	int status, code;

	if ((code = read_reply(p, a, &text)) != 220 ||
	    (code = command(p, a, S("LHLO localhost\r\n"), &text)) != 250 ||
	    (code = command(p, a,
		 str_printf(a, "MAIL FROM:<%s>\r\n", o->sender), &text)) != 250)
		return complain(code, text);
	status = EX_OK;
	for (size_t i = 0; i < o->users.n; i++) {
		code = command(p, a,
		    str_printf(a, "RCPT TO:<%.*s>%s\r\n",
			STR_ARG(o->users.v[i]),
			o->ignore_quota ? " IGNOREQUOTA" : ""),
		    &text);
		accepted += code == 250;
		status = worse(status, complain(code, text));
	}
	if (accepted == 0)
		return status;
	if ((code = command(p, a, S("DATA\r\n"), &text)) != 354)
		return complain(code, text);
	if (!io_write_all(p->fd, message->p, message->len))
		return EX_TEMPFAIL;
	for (; accepted > 0; accepted--) {
		code = read_reply(p, a, &text);
		status = worse(status, complain(code, text));
	}
	(void)command(p, a, S("QUIT\r\n"), &text);
	return status;
}

static int
deliver_stdin(struct arena *a, const struct deliver_options *o)
{
	struct buf raw, message;
	struct peer p;
	int status = EX_TEMPFAIL;

	buf_init(&raw, MESSAGE_MAX);
	buf_init(&message, 2UL * MESSAGE_MAX);
	if (!read_stdin(&raw)) {
		fprintf(stderr, "tamis deliver: cannot read the message\n");
	} else if (reach(a, o, &p)) {
		put_message(&message, buf_str(&raw));
		status = deliver_to(&p, a, o, &message);
		io_close(&p.fd);
		buf_free(&p.in);
		if (p.pid > 0)
			waitpid(p.pid, NULL, 0);
	}
	buf_free(&raw);
	buf_free(&message);
	return status;
}

static int
speak_lmtp(struct arena *a, const struct deliver_options *o)
{
	static const struct pipe_peer how = { .preauth = false };
	struct conf *conf = read_conf(a, o->config);

	if (conf == NULL)
		return EX_TEMPFAIL;
	umask((mode_t)conf_int(conf, SETTING_umask));
	return pipe_main(conf, STDIN_FILENO, STDOUT_FILENO, &how) == 0
	           ? EX_OK
	           : EX_TEMPFAIL;
}

/* --- the command line ----------------------------------------------------- */

/* -a auth, -c config, -k, -e: flags of other delivery programs that
 * people paste; those that change nothing here are taken. */
static bool
parse(struct arena *a, int argc, char **argv, struct deliver_options *o)
{
	int c;

	*o = (struct deliver_options){ .config = SYSCONFDIR "/imapd.conf" };
	o->sender = getenv("SENDER") != NULL ? getenv("SENDER") : "";
	while ((c = getopt(argc, argv, "C:c:d:r:f:m:a:s:qlek")) != -1) {
		switch (c) {
		case 'C':
		case 'c':
			o->config = optarg;
			break;
		case 'd':
			strlist_add(a, &o->users, str_c(optarg));
			break;
		case 'r':
		case 'f':
			o->sender = optarg;
			break;
		case 'm':
			o->mailbox = optarg;
			break;
		case 's':
			o->server = optarg;
			break;
		case 'l':
			o->raw = true;
			break;
		case 'q':
			o->ignore_quota = true;
			break;
		case 'a':
		case 'e':
		case 'k':
			break;
		default:
			return false;
		}
	}
	for (; optind < argc; optind++)
		strlist_add(a, &o->users, str_c(argv[optind]));
	return o->raw || o->users.n > 0;
}

/*
 * An address as it must stand between angle brackets. On a command line the
 * quotes of a local part are often missing: Postfix' pipe(8) leaves them out
 * unless told otherwise. detail "": none.
 *   returns  false: it would say more than an address
 */
static bool
to_path(struct arena *a, struct str *s, struct str detail)
{
	ssize_t at = str_rchr(*s, '@');
	struct str local = str_sub(*s, 0, at < 0 ? s->len : (size_t)at);
	struct str rest = str_from_offset(*s, local.len);
	struct str plus = detail.len > 0 ? S("+") : S("");
	struct address addr;
	const char *why;

	if (str_has_ctl(*s) || str_has_ctl(detail))
		return false;
	if (s->len == 0)
		return true;
	if (address_parse_path(a, *s, true, &addr, &why))
		local = addr.localpart;
	for (size_t i = 0; i < rest.len; i++)
		if (memchr("<> ", rest.p[i], 3) != NULL)
			return false;
	local = str_join(a, (struct str[]){ local, plus, detail }, 3);
	local = address_quote_localpart(a, local);
	*s = str_join(a, (struct str[]){ local, rest }, 2);
	return true;
}

/* "<a@b>" and "a@b" are both in use. */
static bool
clean_addresses(struct arena *a, struct deliver_options *o)
{
	struct str s = str_c(o->sender);
	struct str detail = str_c(o->mailbox != NULL ? o->mailbox : "");

	if (s.len >= 2 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		s = str_sub(s, 1, s.len - 1);
	for (size_t i = 0; i < o->users.n; i++)
		if (!to_path(a, &o->users.v[i], detail))
			return false;
	if (!to_path(a, &s, S("")))
		return false;
	o->sender = str_cstr(a, s);
	return true;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	struct arena *a = arena_new("deliver", 0);
	struct deliver_options o;
	int status = EX_USAGE;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	log_open("tamis", false, NULL);
	log_set_level(LOG_LEVEL_WARNING);
	if (!parse(a, argc, argv, &o))
		status = tamis_usage(cmd, "who gets the message?");
	else if (!clean_addresses(a, &o))
		fprintf(stderr, "tamis deliver: this cannot be an address\n");
	else if (geteuid() == 0 && o.server == NULL) {
		fprintf(stderr, "tamis deliver: runs as the user who owns "
				"the mail, not as root\n");
		status = EX_TEMPFAIL;
	} else {
		status = o.raw ? speak_lmtp(a, &o) : deliver_stdin(a, &o);
	}
	arena_free(a);
	return status;
}

const struct tamis_cmd cmd_deliver = {
	.name = "deliver",
	.usage = "[-C FILE] [-f SENDER] [-m MAILBOX] [-s unix:PATH|HOST:PORT] "
		 "USER... | -l [-C FILE]",
	.help = "deliver the message on standard input, or speak LMTP there",
	.run = run,
};
