/*
 * Records between roles: any size, with and without a descriptor, blocking
 * and not, and what comes from a peer that has gone mad.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lmtp/ipc.h"
#include "lmtp/record.h"

static void
pair_of(struct ipc *a, struct ipc *b, bool blocking)
{
	int sock[2];

	assert_true(ipc_pair(sock));
	for (int i = 0; i < 2; i++)
		assert_true(io_set_nonblocking(sock[i], !blocking));
	ipc_init(a, sock[0]);
	ipc_init(b, sock[1]);
}

/* Sizes around the packet size and far beyond the socket buffer. */
static void
test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 59999, 60000, 60001, 120000,
		1000000, 5000000 };
	struct arena *arena = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char *p = arena_alloc(arena, sizes[i] + 1);
		struct ipc_record r = { 0 };
		struct ipc a, b;
		int got = 0;

		for (size_t j = 0; j < sizes[i]; j++)
			p[j] = (char)(j * 31 + i);
		pair_of(&a, &b, false);
		assert_true(ipc_put(&a, IPC_TXN, str_from(p, sizes[i]), -1));
		for (int round = 0; got == 0 && round < 1000; round++) {
			got = ipc_get(&b, &r);
			assert_true(ipc_flush(&a));
		}
		if (got != 1)
			fail_msg("size %zu: got %d", sizes[i], got);
		assert_int_equal(r.type, IPC_TXN);
		assert_int_equal(r.payload.len, sizes[i]);
		assert_int_equal(r.fd, -1);
		if (sizes[i] > 0)
			assert_memory_equal(r.payload.p, p, sizes[i]);
		assert_int_equal(ipc_get(&b, &r), 0);
		ipc_close(&a);
		ipc_close(&b);
	}
	arena_free(arena);
}

static int
text_fd(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(io_write_all(fd, text, strlen(text)));
	return fd;
}

/* A descriptor arrives with its own record, also one that had to wait. */
static void
test_descriptors(void **state)
{
	struct arena *arena = arena_new("test", 0);
	struct str big = str_from(arena_alloc(arena, 2000000), 2000000);
	struct ipc_record r;
	struct ipc a, b;
	unsigned n = 0;

	(void)state;
	pair_of(&a, &b, false);
	for (int i = 0; i < 4; i++) {
		int fd = i % 2 == 0 ? text_fd(i == 0 ? "zero" : "two!") : -1;

		assert_true(ipc_put(&a, IPC_SEND, big, fd));
		io_close(&fd); /* the queue has its own copy */
	}
	assert_true(ipc_pending(&a));
	while (n < 4) {
		char text[5] = "";

		assert_true(ipc_flush(&a));
		if (ipc_get(&b, &r) == 0)
			continue;
		assert_int_equal(r.payload.len, big.len);
		assert_int_equal(r.fd >= 0, n % 2 == 0);
		if (r.fd >= 0) {
			assert_true(io_pread_all(r.fd, text, 4, 0));
			assert_string_equal(text, n == 0 ? "zero" : "two!");
		}
		io_close(&r.fd);
		n++;
	}
	ipc_close(&a);
	ipc_close(&b);
	arena_free(arena);
}

static void
test_gone(void **state)
{
	struct ipc_record r;
	struct ipc a, b;

	(void)state;
	pair_of(&a, &b, true);
	ipc_close(&b);
	assert_int_equal(ipc_get(&a, &r), -1);
	assert_false(ipc_put(&a, IPC_DONE, S(""), -1));
	ipc_close(&a);
	assert_int_equal(ipc_get(&a, &r), -1);
}

static void
test_no_record(void **state)
{
	static const uint32_t heads[][2] = { { 0, 0 }, { IPC_TYPE_COUNT, 0 },
		{ 0xffffffff, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct ipc_record r;
		struct ipc a, b;

		pair_of(&a, &b, true);
		assert_true(send(a.sock, heads[i], sizeof(heads[i]), 0) == 8);
		assert_int_equal(ipc_get(&b, &r), -1);
		assert_true(send(a.sock, heads[i], 3, 0) == 3);
		assert_int_equal(ipc_get(&b, &r), -1);
		ipc_close(&a);
		ipc_close(&b);
	}
}

static void
test_wire(void **state)
{
	struct buf b;
	struct wire w;
	struct fail in, out;

	(void)state;
	buf_init(&b, 4096);
	fail_perm(&in, "5.1.1", "User unknown");
	wire_put_u32(&b, 7);
	wire_put_u64(&b, UINT64_MAX);
	wire_put_str(&b, S("a\0b"));
	wire_put_fail(&b, NULL);
	wire_put_fail(&b, &in);
	w = (struct wire){ .rest = buf_str(&b) };
	assert_int_equal(wire_u32(&w), 7);
	assert_true(wire_u64(&w) == UINT64_MAX);
	assert_true(str_eq(wire_str(&w), S("a\0b")));
	assert_false(wire_fail(&w, &out));
	assert_true(wire_fail(&w, &out));
	assert_int_equal(out.class, FAIL_PERM);
	assert_int_equal(out.code, 550);
	assert_string_equal(out.status, "5.1.1");
	assert_string_equal(out.text, "User unknown");
	assert_false(w.bad);
	assert_int_equal(wire_u32(&w), 0);
	assert_true(w.bad);
	/* Every cut of a failure is a failure, never read as success. */
	buf_reset(&b);
	wire_put_fail(&b, &in);
	for (size_t n = 4; n < b.len; n++) {
		w = (struct wire){ .rest = str_from(b.p, n) };
		assert_true(wire_fail(&w, &out));
		assert_int_equal(out.class, FAIL_TEMP);
	}
	buf_free(&b);
}

/* Results and answers survive the way; truncated ones are refused. */
static void
test_records(void **state)
{
	struct deliver_result in = { .ok = true, .where = STR("Lists/x") };
	struct deliver_result out;
	struct recipient rcpt = { .address = STR("a+d@x.org"),
		.detail = STR("d"),
		.account = { STR("a"), STR("a"), STR("x.org"), STR("/m/a"),
		    .home = STR("/h/a"), .has_quota = true,
		    .quota_storage = 1 << 20, .quota_messages = 9 } };
	struct recipient got;
	struct fail why;
	struct wire w;
	uint64_t session;
	uint32_t member, index;
	bool accepted;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	record_put_result(&b, 2, 3, &in);
	assert_true(record_get_result(buf_str(&b), &member, &index, &out));
	assert_true(out.ok);
	assert_int_equal(member, 2);
	assert_int_equal(index, 3);
	assert_true(str_eq(out.where, in.where));
	for (size_t n = 0; n < b.len; n++)
		assert_false(
		    record_get_result(str_from(b.p, n), &member, &index, &out));
	buf_reset(&b);
	record_put_answer(&b, 99, 1, &rcpt, NULL);
	w = (struct wire){ .rest = buf_str(&b) };
	assert_true(
	    record_get_answer(&w, &session, &index, &got, &why, &accepted));
	assert_int_equal(w.rest.len, 0);
	assert_true(accepted);
	assert_true(session == 99 && index == 1);
	assert_true(str_eq(got.account.root, rcpt.account.root));
	assert_true(str_eq(got.detail, rcpt.detail));
	assert_true(str_eq(got.account.home, rcpt.account.home));
	assert_true(got.account.has_quota);
	assert_int_equal(got.account.quota_storage, 1 << 20);
	assert_int_equal(got.account.quota_messages, 9);
	for (size_t n = 0; n < b.len; n++) {
		w = (struct wire){ .rest = str_from(b.p, n) };
		assert_false(record_get_answer(
		    &w, &session, &index, &got, &why, &accepted));
	}
	buf_free(&b);
}

/* A message that came by descriptor, and the descriptor did not come: that
 * is no empty message. */
static void
test_lost_descriptor(void **state)
{
	static const struct str lines = STR("Return-Path: <>\n\nbody\n");
	struct arena *arena = arena_new("test", 0);
	struct run_choice choice = { 0 };
	struct deliver_txn got;
	struct fail why;
	struct txn *t = txn_new(NULL);
	struct str payload, rest;
	struct wire w;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	t->peer = S("[192.0.2.1]");
	t->spool = spool_new(-1, 1 << 16);
	assert_true(spool_write(t->spool, lines.p, lines.len, &why));
	assert_true(record_put_txn(&b, t, &choice, &why));
	w = (struct wire){ .rest = buf_str(&b) };
	assert_true(record_next_txn(&w, &payload));
	assert_false(record_next_txn(&w, &rest));
	assert_true(record_get_txn(arena, payload, -1, &got));
	assert_int_equal(got.bytes.len, lines.len);
	assert_true(str_eq(got.peer, t->peer));
	/* the same without its octets */
	b.len -= lines.len;
	memset(b.p + b.len - sizeof(uint32_t), 0, sizeof(uint32_t));
	payload.len -= lines.len;
	assert_false(record_get_txn(arena, payload, -1, &got));
	/* and one that is cut: no member at all */
	w = (struct wire){ .rest = buf_str(&b) };
	assert_false(record_next_txn(&w, &payload));
	buf_free(&b);
	txn_free(t);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_lost_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
