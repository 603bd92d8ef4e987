/*
 * A front without a loop: its pool, clients and askers, moved on by hand.
 */
#ifndef TAMIS_TEST_POOL_BED_H
#define TAMIS_TEST_POOL_BED_H

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

static inline struct ipc
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

static inline int
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

static inline void
bury(struct bed *b)
{
	pool_free_dead(&b->f);
	for (struct conn *c = b->f.conns, *next; c != NULL; c = next) {
		next = c->next;
		if (c->dead)
			conn_free(&b->f, c);
	}
}

static inline int
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
static inline void
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

static inline void
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

static inline void
say(struct bed *b, int client, const char *text)
{
	assert_int_equal(io_write(client, text, strlen(text)), strlen(text));
	pump(b);
}

static inline int
open_client(struct bed *b)
{
	int pair[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
	    0);
	assert_non_null(
	    conn_new(&b->f, pair[0], S("unix socket"), true, false));
	hear(b, pair[1], "220 ");
	say(b, pair[1], "LHLO x\r\n");
	hear(b, pair[1], "250-");
	return pair[1];
}

/* --- the one who is asked ------------------------------------------------ */

static inline uint64_t
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

static inline uint64_t
asked(struct bed *b)
{
	return asked_by(b, &b->ask);
}

static inline void
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
static inline void
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

#endif
