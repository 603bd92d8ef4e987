/*
 * The SMTP client against a scripted server in a child process: every line
 * it must send, every reply it may get.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lmtp/client.h"

/*
 * A conversation: "S" says, "C" expects exactly that line, "." expects
 * everything up to CRLF.CRLF to be exactly what follows, "X" closes.
 */
static void
play(int fd, const char *const *script)
{
	static char buf[200000];
	size_t len = 0;

	for (; *script != NULL; script++) {
		const char *text = *script + 1;
		const char *end = **script == '.' ? "\r\n.\r\n" : "\r\n";
		char *at;

		if (**script == 'S') {
			if (!io_write_all(fd, text, strlen(text)) ||
			    !io_write_all(fd, "\r\n", 2))
				_exit(3);
			continue;
		}
		if (**script == 'X')
			break;
		while ((at = memmem(buf, len, end, strlen(end))) == NULL) {
			ssize_t n = io_read(fd, buf + len, sizeof(buf) - len);

			if (n <= 0)
				_exit(4);
			len += (size_t)n;
		}
		if ((size_t)(at - buf) != strlen(text) ||
		    memcmp(buf, text, strlen(text)) != 0) {
			fprintf(stderr, "expected \"%s\", got \"%.*s\"\n", text,
			    (int)(at - buf), buf);
			_exit(5);
		}
		at += strlen(end);
		len -= (size_t)(at - buf);
		memmove(buf, at, len);
	}
	close(fd);
	_exit(0);
}

struct server {
	char path[108];
	pid_t pid;
};

/* Serves one conversation for each script, one connection after another. */
static void
server_start(struct server *s, const char *const *const *scripts, size_t n)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(s->path, sizeof(s->path), "/tmp/tamis-client-%d-%p",
	    (int)getpid(), (void *)s);
	unlink(s->path);
	memcpy(sa.sun_path, s->path, sizeof(s->path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 5), 0);
	s->pid = fork();
	if (s->pid == 0) {
		for (size_t i = 0; i < n; i++) {
			int c = accept(fd, NULL, NULL);
			pid_t pid = fork();
			int status;

			if (pid == 0)
				play(c, scripts[i]);
			close(c);
			waitpid(pid, &status, 0);
			if (WEXITSTATUS(status) != 0)
				_exit(WEXITSTATUS(status));
		}
		_exit(0);
	}
	close(fd);
}

static void
server_end(struct server *s, const char *what)
{
	int status;

	waitpid(s->pid, &status, 0);
	unlink(s->path);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: the server saw something else (%d)", what,
		    WEXITSTATUS(status));
}

static struct client *
client_for(struct arena *a, const struct server *s, int64_t timeout_ms)
{
	struct client_config config = {
		.host = str_printf(a, "unix:%s", s->path),
		.helo = S("us.example"),
		.timeout_ms = timeout_ms,
	};

	return client_new(a, &config);
}

static struct out_message
message(struct arena *a, const char *bytes)
{
	struct out_message m = {
		.sender = S("from@example.org"),
		.head = S("X-Head: 1\n"),
		.bytes = str_c(bytes),
	};

	strlist_add(a, &m.rcpts, S("to@example.net"));
	return m;
}

#define GREETING                                                               \
	"S220 there", "CEHLO us.example", "S250-there", "S250-SIZE 1000",      \
	    "S250-PIPELINING", "S250 8BITMIME"
#define ENVELOPE                                                               \
	"CMAIL FROM:<from@example.org>", "S250 2.1.0 ok",                      \
	    "CRCPT TO:<to@example.net>", "S250 2.1.5 ok", "CDATA", "S354 go"

static const char *const good[] = { GREETING, ENVELOPE,
	".X-Head: 1\r\nSubject: x\r\n\r\n..dot\r\n...two\r\nend",
	"S250 2.0.0 queued", NULL };
static const char *const helo[] = { "S220 old", "CEHLO us.example",
	"S502 what?", "CHELO us.example", "S250 hello", ENVELOPE,
	".X-Head: 1\r\nA: b\r\n\r\nc", "S250 ok", NULL };
static const char *const rcpt_perm[] = { GREETING,
	"CMAIL FROM:<from@example.org>", "S250 ok", "CRCPT TO:<to@example.net>",
	"S550-5.1.1 no such", "S550 5.1.1 user", NULL };
static const char *const rcpt_temp[] = { GREETING,
	"CMAIL FROM:<from@example.org>", "S250 ok", "CRCPT TO:<to@example.net>",
	"S450 later", NULL };
static const char *const data_perm[] = { GREETING, ENVELOPE,
	".X-Head: 1\r\nA: b\r\n\r\nc", "S554 5.7.1 spam", NULL };
static const char *const lost_end[] = { GREETING, ENVELOPE,
	".X-Head: 1\r\nA: b\r\n\r\nc", "X", NULL };
static const char *const nonsense[] = { "Shello there", "X", NULL };
static const char *const refused[] = { "S554 5.3.2 go away", "X", NULL };
static const char *const busy[] = { "S421 4.3.2 busy", "X", NULL };

static void
test_replies(void **state)
{
	static const struct {
		const char *name;
		const char *const *script;
		const char *bytes;
		bool ok;
		int code;
		const char *status;
	} cases[] = {
		{ "good", good, "Subject: x\n\n.dot\n..two\nend\n", true, 0,
		    "" },
		{ "CRLF kept", good,
		    "Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n", true, 0, "" },
		{ "no last line end", good, "Subject: x\n\n.dot\n..two\nend",
		    true, 0, "" },
		{ "HELO", helo, "A: b\n\nc\n", true, 0, "" },
		{ "550 recipient", rcpt_perm, "A: b\n\nc\n", false, 550,
		    "5.1.1" },
		{ "450 recipient", rcpt_temp, "A: b\n\nc\n", false, 450,
		    "4.0.0" },
		{ "554 data", data_perm, "A: b\n\nc\n", false, 554, "5.7.1" },
		{ "lost", lost_end, "A: b\n\nc\n", false, 451, "4.4.2" },
		{ "nonsense", nonsense, "A: b\n\nc\n", false, 451, "4.5.0" },
		{ "554 greeting", refused, "A: b\n\nc\n", false, 554, "5.3.2" },
		{ "421 greeting", busy, "A: b\n\nc\n", false, 451, "4.3.2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new("test", 0);
		struct out_message m = message(a, cases[i].bytes);
		struct server s;
		struct client *c;
		struct fail why;
		bool ok;

		fail_clear(&why);
		server_start(&s, &cases[i].script, 1);
		c = client_for(a, &s, 10000);
		ok = client_send(c, &m, &why);
		if (ok != cases[i].ok || (!ok && why.code != cases[i].code) ||
		    (!ok && strcmp(why.status, cases[i].status) != 0))
			fail_msg("%s: ok %d, %d %s %s", cases[i].name, ok,
			    why.code, why.status, why.text);
		client_close(c);
		server_end(&s, cases[i].name);
		arena_free(a);
	}
}

static const char *const first[] = { GREETING, ENVELOPE,
	".X-Head: 1\r\nA: b\r\n\r\nc", "S250 ok", "CRSET", "S250 ok", ENVELOPE,
	".X-Head: 1\r\nA: b\r\n\r\nc", "S250 ok", "CRSET", "S421 bye", NULL };
static const char *const second[] = { GREETING, ENVELOPE,
	".X-Head: 1\r\nA: b\r\n\r\nc", "S250 ok", NULL };

/* One connection for several messages, a new one when it has ended. */
static void
test_reuse(void **state)
{
	static const char *const *const scripts[] = { first, second };
	struct arena *a = arena_new("test", 0);
	struct out_message m = message(a, "A: b\n\nc\n");
	struct server s;
	struct client *c;
	struct fail why;

	(void)state;
	server_start(&s, scripts, 2);
	c = client_for(a, &s, 10000);
	for (int i = 0; i < 3; i++)
		if (!client_send(c, &m, &why))
			fail_msg("message %d: %s", i, why.text);
	client_close(c);
	server_end(&s, "reuse");
	arena_free(a);
}

static const char *const silent[] = { "CEHLO never", NULL };

static void
test_timeout(void **state)
{
	static const char *const *const scripts[] = { silent };
	struct arena *a = arena_new("test", 0);
	struct out_message m = message(a, "A: b\n\nc\n");
	struct server s;
	struct client *c;
	struct fail why;
	int64_t before = clock_mono_ms();

	(void)state;
	server_start(&s, scripts, 1);
	c = client_for(a, &s, 300);
	assert_false(client_send(c, &m, &why));
	assert_string_equal(why.status, "4.4.2");
	assert_true(clock_mono_ms() - before < 5000);
	client_close(c);
	kill(s.pid, SIGKILL);
	waitpid(s.pid, NULL, 0);
	unlink(s.path);
	arena_free(a);
}

/* What must never go out: nothing is even connected. */
static void
test_refused_input(void **state)
{
	static const struct {
		const char *sender, *rcpt, *bytes, *status;
	} cases[] = {
		{ "a@b", "c@d>\r\nRCPT TO:<e@f", "A: b\n", "5.1.3" },
		{ "a@b\r\nX", "c@d", "A: b\n", "5.1.3" },
		{ "a@b", "", "A: b\n", "5.1.3" },
		{ "a@b", "c@d", "A: b\n\nx\r.\r\ny\n", "5.6.0" },
		{ "a@b", "c@d", "A: b\n\nlast\r", "5.6.0" },
	};
	struct client_config config = { .host = STR("unix:/nonexistent"),
		.helo = STR("us"),
		.timeout_ms = 1000 };
	struct arena *a = arena_new("test", 0);
	struct client *c = client_new(a, &config);
	struct fail why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct out_message m = { .sender = str_c(cases[i].sender),
			.bytes = str_c(cases[i].bytes),
			.head = S("") };

		strlist_add(a, &m.rcpts, str_c(cases[i].rcpt));
		assert_false(client_send(c, &m, &why));
		if (strcmp(why.status, cases[i].status) != 0)
			fail_msg("case %zu: %s", i, why.text);
	}
	client_close(c);
	arena_free(a);
}

static void
test_unreachable(void **state)
{
	static const struct {
		const char *host, *status;
	} cases[] = {
		{ "unix:/nonexistent/socket", "4.4.1" },
		{ "127.0.0.1:1", "4.4.1" },
		{ "[::1", "4.4.1" },
		{ "no-such-host.invalid:25", "4.4.3" },
		{ "", "4.4.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new("test", 0);
		struct client_config config = { .host = str_c(cases[i].host),
			.helo = S("us"),
			.timeout_ms = 3000 };
		struct out_message m = message(a, "A: b\n\nc\n");
		struct client *c = client_new(a, &config);
		struct fail why;

		assert_false(client_send(c, &m, &why));
		if (strcmp(why.status, cases[i].status) != 0)
			fail_msg("case %zu: %s %s", i, why.status, why.text);
		client_close(c);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_refused_input),
		cmocka_unit_test(test_unreachable),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
