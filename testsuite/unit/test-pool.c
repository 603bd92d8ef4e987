/*
 * The front's view of the other roles, with their ends of the pairs held
 * here: who dies, is late, or answers for somebody who is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "testsuite/unit/pool-bed.h"

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
	struct deliver_result result = { .ok = ok,
		.where = ok ? S("INBOX") : S("") };

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
