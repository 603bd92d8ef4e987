/*
 * test-userdb: Dovecot's protocol for look-ups against a server of our own
 * that says what a real one would not, or says it slowly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "testsuite/unit/account-fixture.h"

#define HELLO "VERSION\t1\t2\nSPID\t7\n"

/* What the server says, connection by connection. In an answer # stands for
 * the number of the question; ' ' in front: octet by octet. */
struct play {
	const char *hello;
	const char *answer; /* NULL: says nothing more; "": hangs up */
};

static void
say(int s, const char *text, const char *id)
{
	bool slowly = text[0] == ' ';

	for (text += slowly; *text != '\0'; text++) {
		struct str piece = *text == '#' ? str_c(id) : str_from(text, 1);

		if (!io_write_all(s, piece.p, piece.len))
			_exit(0);
		if (slowly)
			usleep(500);
	}
}

/* The number in "USER\tN\t..." */
static void
read_question(int s, char id[16])
{
	char line[512];
	size_t n = 0;
	ssize_t got;

	while ((got = io_read(s, line + n, 1)) == 1 && n < sizeof(line) - 2)
		if (line[n++] == '\n') {
			line[n] = '\0';
			if (strncmp(line, "USER\t", 5) == 0)
				break;
			n = 0;
		}
	snprintf(id, 16, "%ld", got == 1 ? strtol(line + 5, NULL, 10) : 0);
}

static void
serve(int listener, const struct play *play, size_t n)
{
	char id[16];

	for (size_t i = 0;; i++) {
		const struct play *p = &play[i < n ? i : n - 1];
		int s = accept(listener, NULL, NULL);

		say(s, p->hello, "");
		do {
			read_question(s, id);
			if (p->answer != NULL)
				say(s, p->answer, id);
		} while ((p->answer == NULL || *p->answer != '\0') &&
			 strcmp(id, "0") != 0);
		close(s);
	}
}

static pid_t
start(struct state *s, const struct play *play, size_t n)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/userdb", s->dir);
	unlink(sa.sun_path);
	assert_int_equal(bind(listener, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(listener, 10), 0);
	pid = fork();
	if (pid == 0)
		serve(listener, play, n);
	io_close(&listener);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct accounts *
ask_dovecot(struct state *s)
{
	make_dir(s, "one");
	make_dir(s, "two");
	return open_all(
	    s, load(s, str_printf(s->arena,
			   "account_backends: dovecot\nvirtdomains: on\n"
			   "account_timeout: 1s\n"
			   "account_dovecot_socket: %s/userdb\n",
			   s->dir)
			   .p));
}

static const struct {
	const char *hello, *answer;
	const char *status; /* NULL: found */
	const char *user, *root;
} cases[] = {
	{ HELLO, "USER\t#\tjoe@a.example\thome=/h/joe\tmail=maildir:~/M\n",
	    NULL, "joe@a.example", "/h/joe/M" },
	{ " " HELLO, " USER\t#\tjoe@a.example\tmail=/m\thome=/h\n", NULL,
	    "joe@a.example", "/m" },
	{ HELLO, "USER\t#\tann@b.example\tmail_path=~/M\thome=/h\n", NULL,
	    "ann@b.example", "/h/M" },
	{ HELLO, "USER\t#\tjoe@a.example\tmail_driver=mbox\tmail_path=/m\n",
	    "4.3.0", NULL, NULL },
	{ HELLO, "USER\t#\tjoe@a.example\tmail=/a\001tb\n", "4.3.0", NULL,
	    NULL },
	{ HELLO, "USER\t#\tjoe@a.example\tmail=/a\0011b\n", "4.3.0", NULL,
	    NULL },
	{ HELLO, "USER\t#\t../joe\thome=/h\n", "4.3.0", NULL, NULL },
	{ HELLO, "USER\t#\n", "4.3.0", NULL, NULL },
	/* fields nobody knows, and an answer to a question nobody asked */
	{ HELLO "OTHER\n",
	    "NOTFOUND\t999\nUSER\t#\tjoe@a.example\tx\ty=z\thome=/h\n", NULL,
	    "joe@a.example", NULL },
	{ HELLO, "NOTFOUND\t#\n", "5.1.1", NULL, NULL },
	{ HELLO, "FAIL\t#\treason=x\n", "4.3.0", NULL, NULL },
	{ HELLO, "FAIL\t#\n", "4.3.0", NULL, NULL },
	{ HELLO, "NOTFOUND\n", "4.3.0", NULL, NULL },
	{ HELLO, NULL, "4.3.0", NULL, NULL },
	{ HELLO, "", "4.3.0", NULL, NULL },
	{ "VERSION\t2\t0\n", "USER\t#\tjoe@a.example\n", "4.3.0", NULL, NULL },
	{ "", "\n\n\t\t\t\nUSER\t#\tjoe@a.example\thome=/h\n", NULL,
	    "joe@a.example", NULL },
};

static void
answers(void **state)
{
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct play play = { cases[i].hello, cases[i].answer };
		pid_t pid = start(s, &play, 1);
		struct accounts *all = ask_dovecot(s);
		struct account got;
		struct fail why = { 0 };
		bool ok = account_find(
		    all, s->arena, S("Joe"), S("A.example"), &got, &why);

		end(pid);
		if (ok != (cases[i].status == NULL) ||
		    (!ok && strcmp(why.status, cases[i].status) != 0))
			fail_msg(
			    "case %zu: %d %s %s", i, ok, why.status, why.text);
		if (ok && (!str_eq(got.user, str_c(cases[i].user)) ||
			      (cases[i].root != NULL &&
				  !str_eq(got.root, str_c(cases[i].root)))))
			fail_msg("case %zu: %.*s %.*s", i, STR_ARG(got.user),
			    STR_ARG(got.root));
	}
}

/* A line without end is no reason to remember all of it. */
static void
endless(void **state)
{
	struct state *s = *state;
	char *line = arena_alloc(s->arena, 1 << 20);
	struct play play = { HELLO, line };
	struct account got;
	struct fail why;
	pid_t pid;

	memset(line, 'x', (1 << 20) - 1);
	pid = start(s, &play, 1);
	assert_false(account_find(
	    ask_dovecot(s), s->arena, S("joe"), S("a"), &got, &why));
	assert_string_equal(why.status, "4.3.0");
	end(pid);
}

/* It was restarted between two questions: nobody notices. */
static void
restarted(void **state)
{
	static const struct play play = { HELLO,
		"USER\t#\tjoe@a.example\thome=/h\n" };
	struct state *s = *state;
	pid_t pid = start(s, &play, 1);
	struct accounts *all = ask_dovecot(s);
	struct account got;
	struct fail why;

	assert_true(
	    account_find(all, s->arena, S("joe"), S("a.example"), &got, &why));
	end(pid);
	pid = start(s, &play, 1);
	assert_true(
	    account_find(all, s->arena, S("joe"), S("a.example"), &got, &why));
	end(pid);
	assert_false(
	    account_find(all, s->arena, S("joe"), S("a.example"), &got, &why));
	assert_string_equal(why.status, "4.3.0");
}

/* After one time-out the next question is answered at once; when that time
 * is over it is asked again. */
static void
hangs(void **state)
{
	static const struct play play[] = { { HELLO, NULL },
		{ HELLO, "NOTFOUND\t#\n" } };
	struct state *s = *state;
	pid_t pid = start(s, play, 2);
	struct accounts *all = ask_dovecot(s);
	int64_t begin = clock_mono_ms(), took;
	struct account got;
	struct fail why;

	for (int i = 0; i < 100; i++) {
		assert_false(
		    account_find(all, s->arena, S("joe"), S("a"), &got, &why));
		assert_string_equal(why.status, "4.3.0");
	}
	took = clock_mono_ms() - begin;
	assert_true(took >= 900 && took < 1900);
	usleep(1100000);
	assert_false(account_find(all, s->arena, S("joe"), S("a"), &got, &why));
	assert_string_equal(why.status, "5.1.1");
	end(pid);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers),
		TEST(endless),
		TEST(restarted),
		TEST(hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
