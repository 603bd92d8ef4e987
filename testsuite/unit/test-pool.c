/*
 * The front's view of the other roles, with their ends of the pairs held
 * here: who dies, is late, or answers for somebody who is gone.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/front.h"

/* The pool kills whom it cannot talk to. No process has this number; 0 and
 * -1 would be all of ours. */
enum { SLOTS = 4, NO_PID = INT32_MAX };

struct bed {
	struct front f;
	struct ipc ask;
	struct buf buf;
	struct arena *arena;
	pid_t sleeper; /* 0: none */
};

static struct ipc
join(struct bed *b, enum role role, pid_t pid)
{
	struct ipc ours;
	int sock[2];

	assert_true(ipc_pair(sock));
	assert_true(io_set_nonblocking(sock[1], true));
	ipc_init(&ours, sock[1]);
	assert_true(pool_add(&b->f, sock[0], role, pid));
	return ours;
}

static int
set_up(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct bed *b = ARENA_NEW(a, struct bed);

	b->arena = a;
	b->f = (struct front){
		.arena = a,
		.session = { .servername = S("mx"),
		    .product = S(""),
		    .max_rcpt = 10,
		    .max_errors = 10,
		    .spool_memory = 1000,
		    .spool_dir = AT_FDCWD },
		.slots = ARENA_ARRAY(a, SLOTS, struct conn *),
		.nslots = SLOTS,
		.fair = { .limit = 8 },
		.together = 1,
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.timeout_ms = 600000,
		.delivery_ms = 240000,
	};
	b->f.queue_tail = &b->f.queue;
	buf_init(&b->f.scratch, 1 << 20);
	buf_init(&b->f.input, 1 << 20);
	buf_init(&b->buf, 1 << 20);
	b->ask = join(b, ROLE_ASK, NO_PID);
	*state = b;
	return 0;
}

static void
bury(struct bed *b)
{
	pool_free_dead(&b->f);
	for (struct conn *c = b->f.conns, *next; c != NULL; c = next) {
		next = c->next;
		if (c->dead)
			conn_free(&b->f, c);
	}
}

static int
tear_down(void **state)
{
	struct bed *b = *state;

	if (b->sleeper > 0) {
		kill(b->sleeper, SIGKILL);
		waitpid(b->sleeper, NULL, 0);
	}
	while (b->f.conns != NULL)
		conn_free(&b->f, b->f.conns);
	for (struct peer *p = b->f.peers; p != NULL; p = p->next)
		p->dead = true;
	bury(b);
	ipc_close(&b->ask);
	buf_free(&b->f.scratch);
	buf_free(&b->f.input);
	buf_free(&b->buf);
	close(b->f.epoll);
	arena_free(b->arena);
	return 0;
}

/* What the loop does, until nothing moves any more. */
static void
pump(struct bed *b)
{
	for (int i = 0; i < 4; i++) {
		for (struct peer *p = b->f.peers; p != NULL; p = p->next)
			pool_event(&b->f, p, EPOLLIN | EPOLLOUT);
		for (struct conn *c = b->f.conns; c != NULL; c = c->next)
			if (!c->dead)
				conn_event(&b->f, c, EPOLLIN | EPOLLOUT);
		bury(b);
	}
}

/* --- clients ------------------------------------------------------------- */

static void
hear(struct bed *b, int client, const char *want)
{
	char got[4096];
	ssize_t n;

	pump(b);
	n = recv(client, got, sizeof(got) - 1, MSG_DONTWAIT);
	got[n > 0 ? n : 0] = '\0';
	if (strncmp(got, want, strlen(want)) != 0 ||
	    (want[0] == '\0' && got[0] != '\0'))
		fail_msg("heard \"%s\", not \"%s\"", got, want);
}

static void
say(struct bed *b, int client, const char *text)
{
	assert_int_equal(io_write(client, text, strlen(text)), strlen(text));
	pump(b);
}

static int
open_client(struct bed *b)
{
	int pair[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
	    0);
	assert_non_null(conn_new(&b->f, pair[0], S("unix socket"), true));
	hear(b, pair[1], "220 ");
	say(b, pair[1], "LHLO x\r\n");
	hear(b, pair[1], "250-");
	return pair[1];
}

/* --- the one who is asked ------------------------------------------------ */

static uint64_t
asked_by(struct bed *b, struct ipc *asker)
{
	struct ipc_record r;
	struct wire w;
	uint64_t id;
	uint32_t n;

	pump(b);
	assert_int_equal(ipc_get(asker, &r), 1);
	assert_int_equal(r.type, IPC_ASK);
	w = (struct wire){ .rest = r.payload };
	assert_true(record_get_ask_head(&w, &id, &n));
	return id;
}

static uint64_t
asked(struct bed *b)
{
	return asked_by(b, &b->ask);
}

static void
answer(struct bed *b, uint64_t id, uint32_t index, const struct fail *why)
{
	struct recipient rcpt = {
		.address = S("x@y"),
		.detail = S(""),
		.account = { S("x"), S("x"), S(""), S("/nowhere") },
	};

	buf_reset(&b->buf);
	record_put_answer(&b->buf, id, index, &rcpt, why);
	assert_true(ipc_put(&b->ask, IPC_ANSWER, buf_str(&b->buf), -1));
	pump(b);
}

/* A transaction for one or two, up to where a worker is wanted. */
static void
open_delivery(struct bed *b, int client, bool two)
{
	uint64_t id;

	say(b, client,
	    two ? "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\n"
		: "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\n");
	id = asked(b);
	answer(b, id, 0, NULL);
	if (two)
		answer(b, id, 1, NULL);
	hear(b, client, "250 2.1.0 ");
	say(b, client, "DATA\r\n");
	hear(b, client, "354 ");
	say(b, client, "Subject: x\r\n\r\nx\r\n.\r\n");
}

/* --- workers ------------------------------------------------------------- */

/* The run a worker got: its only or first recipient, how many, and whether
 * with script. */
static void
expect_run(
    struct bed *b, struct ipc *w, uint32_t first, uint32_t n, bool no_script)
{
	struct deliver_txn txn;
	struct ipc_record r;
	struct str payload;
	struct wire wire;

	pump(b);
	assert_int_equal(ipc_get(w, &r), 1);
	assert_int_equal(r.type, IPC_TXN);
	wire = (struct wire){ .rest = r.payload };
	assert_true(record_next_txn(&wire, &payload));
	assert_true(record_get_txn(b->arena, payload, r.fd, &txn));
	assert_false(record_next_txn(&wire, &payload));
	assert_int_equal(txn.nrcpt, n);
	assert_int_equal(txn.rcpt[0].index, first);
	assert_int_equal(txn.rcpt[0].no_script, no_script);
}

static void
send_record(
    struct bed *b, struct ipc *w, enum ipc_type type, uint32_t index, bool ok)
{
	struct deliver_result result = { .ok = ok, .where = S("INBOX") };

	if (!ok)
		fail_temp(&result.why, "4.3.0", "later");
	buf_reset(&b->buf);
	record_put_result(&b->buf, 0, index, &result);
	assert_true(ipc_put(w, type, buf_str(&b->buf), -1));
	pump(b);
}

static void
send_result(struct bed *b, struct ipc *w, uint32_t index, bool ok)
{
	send_record(b, w, IPC_RESULT, index, ok);
}

static void
die(struct bed *b, struct ipc *w)
{
	ipc_close(w);
	pump(b);
}

/* --- tests --------------------------------------------------------------- */

/* No answer in time; the connection goes, another has its place, and then
 * the answer comes. */
static void
test_answer_for_another(void **state)
{
	struct bed *b = *state;
	int old = open_client(b), new;
	struct fail why;
	uint64_t id;

	say(b, old, "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\n");
	id = asked(b);
	hear(b, old, "");
	pool_tick(&b->f, b->f.conns, b->f.conns->ask_limit_ms);
	hear(b, old, "250 2.1.0 Ok\r\n451 4.3.0 ");
	close(old);
	pump(b);
	assert_null(b->f.conns);
	new = open_client(b);
	say(b, new, "MAIL FROM:<>\r\nRCPT TO:<b@x>\r\n");
	fail_perm(&why, "5.1.1", "no such user");
	answer(b, id, 0, &why);
	hear(b, new, "");
	answer(b, asked(b), 0, NULL);
	hear(b, new, "250 2.1.0 Ok\r\n250 2.1.5 ");
	close(new);
}

/* An answer that comes when nothing is asked any more. */
static void
test_second_answer(void **state)
{
	struct bed *b = *state;
	int client = open_client(b);
	struct fail why;
	uint64_t id;

	say(b, client, "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\n");
	id = asked(b);
	answer(b, id, 0, NULL);
	hear(b, client, "250 2.1.0 ");
	fail_perm(&why, "5.1.1", "no such user");
	answer(b, id, 0, &why);
	hear(b, client, "");
	say(b, client, "DATA\r\n");
	hear(b, client, "354 ");
	close(client);
}

/* One asker is stuck: the next session's question goes to another. When that
 * one dies, what it had is asked again where somebody is left. */
static void
test_two_askers(void **state)
{
	struct bed *b = *state;
	struct ipc second = join(b, ROLE_ASK, NO_PID);
	int one = open_client(b), two = open_client(b);
	struct ipc *stuck = &b->ask, *other = &second, swap;
	uint64_t id, first;

	say(b, one, "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\n");
	/* either may be the first of two that are idle */
	if (b->f.conns->next->asker != b->f.peers) {
		first = asked_by(b, stuck);
	} else {
		first = asked_by(b, other);
		swap = *stuck;
		*stuck = *other;
		*other = swap;
	}
	say(b, two, "MAIL FROM:<>\r\nRCPT TO:<b@x>\r\n");
	id = asked_by(b, other);
	assert_true(id != first);
	hear(b, two, "");
	ipc_close(other);
	pump(b);
	id = asked(b);
	answer(b, id, 0, NULL);
	hear(b, two, "250 2.1.0 Ok\r\n250 2.1.5 ");
	hear(b, one, "");
	answer(b, first, 0, NULL);
	hear(b, one, "250 2.1.0 Ok\r\n250 2.1.5 ");
	close(one);
	close(two);
}

/* What was final stays; the rest alone; then without script; then 451. */
static void
test_kills(void **state)
{
	struct bed *b = *state;
	int client = open_client(b);
	struct ipc w = join(b, ROLE_WORKER, NO_PID);

	open_delivery(b, client, true);
	expect_run(b, &w, 0, 2, false);
	send_result(b, &w, 0, true);
	hear(b, client, "250 2.1.5 <a@x>");
	die(b, &w);
	w = join(b, ROLE_WORKER, NO_PID);
	expect_run(b, &w, 1, 1, false);
	die(b, &w);
	w = join(b, ROLE_WORKER, NO_PID);
	expect_run(b, &w, 1, 1, true);
	hear(b, client, "");
	die(b, &w);
	hear(b, client, "451 4.3.0 ");
	w = join(b, ROLE_WORKER, NO_PID);
	open_delivery(b, client, false);
	expect_run(b, &w, 0, 1, false);
	send_result(b, &w, 0, true);
	hear(b, client, "250 2.1.5 <a@x>");
	ipc_close(&w);
	close(client);
}

/* "done" without a result for everybody counts as a death. */
static void
test_done_too_soon(void **state)
{
	struct bed *b = *state;
	struct ipc_record r;
	int client = open_client(b);
	struct ipc w = join(b, ROLE_WORKER, NO_PID);

	open_delivery(b, client, true);
	expect_run(b, &w, 0, 2, false);
	assert_true(ipc_put(&w, IPC_DONE, S(""), -1));
	pump(b);
	assert_int_equal(ipc_get(&w, &r), -1);
	die(b, &w);
	w = join(b, ROLE_WORKER, NO_PID);
	expect_run(b, &w, 0, 1, false);
	send_result(b, &w, 0, true);
	assert_true(ipc_put(&w, IPC_DONE, S(""), -1));
	expect_run(b, &w, 1, 1, false);
	send_result(b, &w, 1, true);
	hear(b, client, "250 2.1.5 <a@x>");
	ipc_close(&w);
	close(client);
}

/* The last result says "done" too, and the worker gets the next run. */
static void
test_last(void **state)
{
	struct bed *b = *state;
	int one = open_client(b), two = open_client(b);
	struct ipc w = join(b, ROLE_WORKER, NO_PID);

	open_delivery(b, one, true);
	expect_run(b, &w, 0, 2, false);
	send_result(b, &w, 0, true);
	open_delivery(b, two, false);
	send_record(b, &w, IPC_LAST, 1, true);
	hear(b, one, "250 2.1.5 <a@x>");
	expect_run(b, &w, 0, 1, false);
	send_record(b, &w, IPC_LAST, 0, true);
	hear(b, two, "250 2.1.5 <a@x>");
	ipc_close(&w);
	close(one);
	close(two);
}

/* A result nobody waits for, and one from nowhere. */
static void
test_odd_results(void **state)
{
	struct bed *b = *state;
	int client = open_client(b);
	struct ipc w = join(b, ROLE_WORKER, NO_PID);

	send_result(b, &w, 0, true);
	open_delivery(b, client, true);
	expect_run(b, &w, 0, 2, false);
	send_result(b, &w, 7, true);
	send_result(b, &w, 0, false);
	send_result(b, &w, 0, true);
	hear(b, client, "451 4.3.0 ");
	send_result(b, &w, 1, true);
	hear(b, client, "250 2.1.5 <b@x>");
	send_result(b, &w, 1, true);
	hear(b, client, "");
	ipc_close(&w);
	close(client);
}

/* A worker to be killed. It must not outlive a test that fails. */
static pid_t
start_sleeper(struct bed *b)
{
	b->sleeper = fork();
	if (b->sleeper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(60);
		for (;;)
			pause();
	}
	assert_true(b->sleeper > 0);
	return b->sleeper;
}

/* A worker that was given up speaks when the next transaction runs. */
static void
test_late_result(void **state)
{
	struct bed *b = *state;
	int client = open_client(b), status;
	pid_t pid = start_sleeper(b);
	struct ipc late = join(b, ROLE_WORKER, pid), w;

	open_delivery(b, client, false);
	expect_run(b, &late, 0, 1, false);
	run_tick(&b->f, b->f.conns, b->f.conns->deadline_ms);
	hear(b, client, "451 4.3.2 ");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	b->sleeper = 0;
	assert_true(WIFSIGNALED(status));
	w = join(b, ROLE_WORKER, NO_PID);
	open_delivery(b, client, false);
	expect_run(b, &w, 0, 1, false);
	send_result(b, &late, 0, true);
	hear(b, client, "");
	die(b, &late);
	hear(b, client, "");
	send_result(b, &w, 0, false);
	hear(b, client, "451 4.3.0 later");
	ipc_close(&w);
	close(client);
}

/* Hand-overs: none free, one that dies, and the answer to who asked. */
static void
test_hand_over(void **state)
{
	struct bed *b = *state;
	struct ipc w = join(b, ROLE_WORKER, NO_PID), out;
	struct ipc_record r;
	struct fail why;

	assert_true(ipc_put(&w, IPC_SEND, S("x"), -1));
	pump(b);
	assert_int_equal(ipc_get(&w, &r), 1);
	assert_false(record_get_sent(r.payload, &why));
	assert_string_equal(why.status, "4.4.5");
	out = join(b, ROLE_OUT, NO_PID);
	assert_true(ipc_put(&w, IPC_SEND, S("y"), -1));
	pump(b);
	assert_int_equal(ipc_get(&out, &r), 1);
	assert_true(str_eq(r.payload, S("y")));
	die(b, &out);
	assert_int_equal(ipc_get(&w, &r), 1);
	assert_false(record_get_sent(r.payload, &why));
	assert_string_equal(why.status, "4.4.2");
	ipc_close(&w);
}

/* --- several together ---------------------------------------------------- */

/* One worker is busy with the first; the others queue up behind it. */
static void
open_three(struct bed *b, struct ipc *w, int client[3])
{
	b->f.together = 4;
	b->f.partition = S("/");
	for (int i = 0; i < 3; i++)
		client[i] = open_client(b);
	*w = join(b, ROLE_WORKER, NO_PID);
	open_delivery(b, client[0], false);
	expect_run(b, w, 0, 1, false);
	open_delivery(b, client[1], false);
	open_delivery(b, client[2], false);
}

static void
expect_together(struct bed *b, struct ipc *w, unsigned n)
{
	struct deliver_txn txn;
	struct ipc_record r;
	struct str payload;
	struct wire wire;

	pump(b);
	assert_int_equal(ipc_get(w, &r), 1);
	assert_int_equal(r.type, IPC_TXN);
	wire = (struct wire){ .rest = r.payload };
	while (record_next_txn(&wire, &payload)) {
		assert_true(record_get_txn(b->arena, payload, -1, &txn));
		assert_int_equal(txn.nrcpt, 1);
		n--;
	}
	assert_int_equal(n, 0);
}

static void
send_member(struct bed *b, struct ipc *w, enum ipc_type type, uint32_t member)
{
	struct deliver_result result = { .ok = true, .where = S("INBOX") };

	buf_reset(&b->buf);
	if (type == IPC_BACK)
		record_put_back(&b->buf, member);
	else
		record_put_result(&b->buf, member, 0, &result);
	assert_true(ipc_put(w, type, buf_str(&b->buf), -1));
	pump(b);
}

static void
close_three(struct ipc *w, const int client[3])
{
	ipc_close(w);
	for (int i = 0; i < 3; i++)
		close(client[i]);
}

/* What queued up goes together, and each result to whom it is for. */
static void
test_together(void **state)
{
	struct bed *b = *state;
	int client[3];
	struct ipc w;

	open_three(b, &w, client);
	send_record(b, &w, IPC_LAST, 0, true);
	hear(b, client[0], "250 2.1.5 ");
	expect_together(b, &w, 2);
	send_member(b, &w, IPC_RESULT, 1);
	hear(b, client[1], "");
	hear(b, client[2], "250 2.1.5 ");
	send_member(b, &w, IPC_RESULT, 3); /* no such member */
	send_member(b, &w, IPC_RESULT, 9);
	send_member(b, &w, IPC_LAST, 0);
	hear(b, client[1], "250 2.1.5 ");
	open_delivery(b, client[2], false);
	expect_run(b, &w, 0, 1, false);
	close_three(&w, client);
}

/* Not while somebody else is free to take one of them. */
static void
test_apart(void **state)
{
	struct bed *b = *state;
	struct ipc w, other, third;
	int client[3];

	b->f.fair.limit = 1; /* all are for one mailbox */
	open_three(b, &w, client);
	other = join(b, ROLE_WORKER, NO_PID);
	third = join(b, ROLE_WORKER, NO_PID);
	b->f.fair.limit = 8;
	run_schedule(&b->f);
	expect_run(b, &other, 0, 1, false);
	expect_run(b, &third, 0, 1, false);
	ipc_close(&other);
	ipc_close(&third);
	close_three(&w, client);
}

/* A run of several that dies: each again alone, with its script, and one
 * that was final stays so. */
static void
test_together_dies(void **state)
{
	struct bed *b = *state;
	int client[3];
	struct ipc w;

	open_three(b, &w, client);
	send_record(b, &w, IPC_LAST, 0, true);
	hear(b, client[0], "250 2.1.5 ");
	expect_together(b, &w, 2);
	send_member(b, &w, IPC_RESULT, 0);
	hear(b, client[1], "250 2.1.5 ");
	die(b, &w);
	w = join(b, ROLE_WORKER, NO_PID);
	expect_run(b, &w, 0, 1, false);
	send_record(b, &w, IPC_LAST, 0, true);
	for (int i = 0; i < 3; i++)
		hear(b, client[i], i == 2 ? "250 2.1.5 " : "");
	close_three(&w, client);
}

/* One that takes long comes back, and is the next, by itself. */
static void
test_given_back(void **state)
{
	struct bed *b = *state;
	int client[3];
	struct ipc w;

	open_three(b, &w, client);
	send_record(b, &w, IPC_LAST, 0, true);
	hear(b, client[0], "250 2.1.5 ");
	expect_together(b, &w, 2);
	send_member(b, &w, IPC_BACK, 1);
	send_member(b, &w, IPC_BACK, 1);
	open_delivery(b, client[0], false);
	send_member(b, &w, IPC_LAST, 0);
	hear(b, client[1], "250 2.1.5 ");
	expect_run(b, &w, 0, 1, false);
	hear(b, client[2], "");
	send_record(b, &w, IPC_LAST, 0, true);
	hear(b, client[2], "250 2.1.5 ");
	close_three(&w, client);
}

/* Several recipients, and a message in a file, go by themselves. */
static void
test_by_itself(void **state)
{
	struct bed *b = *state;
	struct ipc w;
	int one, two;

	b->f.together = 4;
	b->f.partition = S("/");
	one = open_client(b);
	two = open_client(b);
	open_delivery(b, one, true);
	open_delivery(b, two, false);
	w = join(b, ROLE_WORKER, NO_PID);
	expect_run(b, &w, 0, 2, false);
	ipc_close(&w);
	close(one);
	close(two);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_for_another),
		TEST(test_second_answer),
		TEST(test_two_askers),
		TEST(test_kills),
		TEST(test_done_too_soon),
		TEST(test_last),
		TEST(test_odd_results),
		TEST(test_together),
		TEST(test_apart),
		TEST(test_together_dies),
		TEST(test_given_back),
		TEST(test_by_itself),
		TEST(test_late_result),
		TEST(test_hand_over),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
