/*
 * worker: takes one run at a time from the front, a transaction or several
 * together, delivers it, and reports each recipient as it becomes final. No
 * network, no exec: a redirect goes back through the front to out.
 */
#include <errno.h>
#include <sys/mman.h>

#include "actions/deliver.h"
#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/ipc.h"
#include "lmtp/record.h"
#include "lmtp/roles.h"

struct worker {
	struct ipc ipc;
	struct deliver *deliver;
	struct arena *run; /* one transaction; wiped */
	struct buf buf;
	uint32_t left; /* recipients without a result */
	bool more;     /* there is work behind the results */
	bool said;     /* that the run is over */
	bool gone;     /* the front is: finish what was begun, then exit */
};

/* What deliver hands back with a result. */
struct member {
	struct worker *worker;
	uint32_t number; /* in the run */
	uint32_t nrcpt;
};

enum { REPLY_MAX = 1024 * 1024 };

static void
report(void *ctx, uint32_t index, const struct deliver_result *result)
{
	struct member *m = ctx;
	struct worker *w = m->worker;
	enum ipc_type type;

	w->more |= result->more;
	w->said = --w->left == 0 && !w->more;
	type = w->said ? IPC_LAST : IPC_RESULT;
	buf_reset(&w->buf);
	record_put_result(&w->buf, m->number, index, result);
	if (!ipc_put(&w->ipc, type, buf_str(&w->buf), -1))
		w->gone = true;
}

static void
give_back(void *ctx)
{
	struct member *m = ctx;
	struct worker *w = m->worker;

	w->left -= m->nrcpt;
	buf_reset(&w->buf);
	record_put_back(&w->buf, m->number);
	if (!ipc_put(&w->ipc, IPC_BACK, buf_str(&w->buf), -1))
		w->gone = true;
}

/* The message for out: an anonymous file, because it may be large. */
static int
message_fd(struct str bytes, struct fail *why)
{
	int fd = memfd_create("tamis-redirect", MFD_CLOEXEC);

	if (fd < 0 || !io_write_all(fd, bytes.p, bytes.len)) {
		fail_errno(why, errno, "message for hand-over");
		io_close(&fd);
	}
	return fd;
}

static bool
hand_over(void *ctx, const struct out_message *m, struct fail *why)
{
	struct worker *w = ctx;
	struct ipc_record answer;
	int fd = message_fd(m->bytes, why);

	if (fd < 0)
		return false;
	buf_reset(&w->buf);
	record_put_send(&w->buf, m);
	w->gone = w->gone || !ipc_put(&w->ipc, IPC_SEND, buf_str(&w->buf), fd);
	io_close(&fd);
	if (w->gone || ipc_get(&w->ipc, &answer) != 1) {
		w->gone = true;
		return fail_temp(why, "4.3.0", "hand-over process is gone");
	}
	io_close(&answer.fd);
	if (answer.type != IPC_SENT)
		return fail_temp(why, "4.3.0", "hand-over process confused");
	return record_get_sent(answer.payload, why);
}

/* The members of a run; 0 when it cannot be read. */
static size_t
read_run(struct worker *w, const struct ipc_record *record,
    struct deliver_member *run, struct member *members)
{
	struct arena *a = w->run;
	struct wire wire = { .rest = str_dup(a, record->payload) };
	struct str payload;
	size_t n = 0;

	w->left = 0;
	while (n < DELIVER_TOGETHER_MAX && record_next_txn(&wire, &payload)) {
		struct deliver_txn *txn = &run[n].txn;

		if (!record_get_txn(a, payload, record->fd, txn))
			return 0;
		members[n] =
		    (struct member){ w, (uint32_t)n, (uint32_t)txn->nrcpt };
		run[n].ctx = &members[n];
		w->left += (uint32_t)txn->nrcpt;
		n++;
	}
	return wire.bad || wire.rest.len > 0 ? 0 : n;
}

static void
run(struct worker *w, const struct ipc_record *record)
{
	struct deliver_member run[DELIVER_TOGETHER_MAX] = { 0 };
	struct member members[DELIVER_TOGETHER_MAX];
	size_t n = read_run(w, record, run, members);

	w->more = w->said = false;
	if (n > 0)
		deliver_together(w->deliver, run, n, report, give_back);
	else
		log_error("unreadable transaction from the front");
	if (record->fd >= 0 && run[0].txn.bytes.len > 0)
		munmap((void *)(uintptr_t)run[0].txn.bytes.p,
		    run[0].txn.bytes.len);
	if (!w->said && !ipc_put(&w->ipc, IPC_DONE, S(""), -1))
		w->gone = true;
	arena_reset(w->run);
}

int
worker_main(const struct conf *conf, int sock)
{
	struct arena *process = arena_new("worker", 0);
	struct worker w = { .gone = false, .run = arena_new("run", 0) };
	struct ipc_record record;

	ipc_init(&w.ipc, sock);
	buf_init(&w.buf, REPLY_MAX);
	w.deliver = deliver_new(process, conf, hand_over, &w);
	while (!w.gone && ipc_get(&w.ipc, &record) == 1) {
		if (record.type == IPC_TXN)
			run(&w, &record);
		io_close(&record.fd);
	}
	deliver_free(w.deliver);
	ipc_close(&w.ipc);
	buf_free(&w.buf);
	arena_free(w.run);
	arena_free(process);
	return 0;
}
