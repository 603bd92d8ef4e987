/*
 * ask: answers whether recipients exist. Never runs a transaction, so that
 * it always answers; may block, so that the front never does.
 */
#include "actions/recipient.h"
#include "lib/arena.h"
#include "lib/io.h"
#include "lmtp/ipc.h"
#include "lmtp/record.h"
#include "lmtp/roles.h"

enum {
	ANSWER_MAX = 1024 * 1024,
	ANSWER_ENOUGH = 32 * 1024, /* several in one record, up to here */
};

struct asker {
	struct accounts *accounts;
	struct ipc ipc;
	struct buf buf;
	struct arena *arena; /* one request; wiped */
};

static bool
say(struct asker *k)
{
	bool ok = k->buf.len == 0 ||
	          ipc_put(&k->ipc, IPC_ANSWER, buf_str(&k->buf), -1);

	buf_reset(&k->buf);
	return ok;
}

static bool
answer_one(struct asker *k, uint64_t session, const struct ask_item *item)
{
	struct recipient_query query = {
		.addr = &item->addr,
		.size = item->size,
		.quota = item->ignore_quota ? NULL : recipient_has_room,
	};
	struct recipient rcpt;
	struct fail why;
	bool found = recipient_find(k->accounts, k->arena, &query, &rcpt, &why);

	record_put_answer(
	    &k->buf, session, item->index, &rcpt, found ? NULL : &why);
	return k->buf.len < ANSWER_ENOUGH || say(k);
}

static bool
answer(struct asker *k, struct str payload)
{
	struct wire w = { .rest = payload };
	struct ask_item item;
	uint64_t session;
	uint32_t n;
	bool ok = record_get_ask_head(&w, &session, &n);

	accounts_begin(k->accounts);
	for (uint32_t i = 0; ok && i < n; i++)
		ok = record_get_ask_item(&w, &item) &&
		     answer_one(k, session, &item);
	accounts_end(k->accounts);
	arena_reset(k->arena);
	return ok && say(k);
}

int
ask_main(const struct conf *conf, int sock)
{
	struct arena *process = arena_new("asker", 0);
	struct asker k = { .arena = arena_new("ask", 0) };
	struct ipc_record record;
	bool ok = true;

	k.accounts = accounts_open(process, conf);
	ipc_init(&k.ipc, sock);
	buf_init(&k.buf, ANSWER_MAX);
	while (ok && ipc_get(&k.ipc, &record) == 1) {
		io_close(&record.fd);
		ok = record.type != IPC_ASK || answer(&k, record.payload);
	}
	accounts_close(k.accounts);
	ipc_close(&k.ipc);
	buf_free(&k.buf);
	arena_free(k.arena);
	arena_free(process);
	return 0;
}
