/*
 * worker: takes one transaction at a time from the front, delivers it, and
 * reports each recipient as it becomes final. No network, no exec: a
 * redirect goes back through the front to out.
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
	bool gone;     /* the front is: finish what was begun, then exit */
};

enum { REPLY_MAX = 1024 * 1024 };

static void
report(void *ctx, uint32_t index, const struct deliver_result *result)
{
	struct worker *w = ctx;

	enum ipc_type type = --w->left == 0 ? IPC_LAST : IPC_RESULT;

	buf_reset(&w->buf);
	record_put_result(&w->buf, index, result);
	if (!ipc_put(&w->ipc, type, buf_str(&w->buf), -1))
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

static void
run(struct worker *w, const struct ipc_record *record)
{
	struct arena *a = w->run;
	struct str payload = str_dup(a, record->payload);
	struct deliver_txn txn;
	bool done = false; /* said so with the last result */

	w->left = 0;
	if (record_get_txn(a, payload, record->fd, &txn)) {
		w->left = (uint32_t)txn.nrcpt;
		deliver_transaction(w->deliver, &txn, report, w);
		done = txn.nrcpt > 0;
	} else {
		log_error("unreadable transaction from the front");
	}
	if (record->fd >= 0 && txn.bytes.len > 0)
		munmap((void *)(uintptr_t)txn.bytes.p, txn.bytes.len);
	if (!done && !ipc_put(&w->ipc, IPC_DONE, S(""), -1))
		w->gone = true;
	arena_reset(a);
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
