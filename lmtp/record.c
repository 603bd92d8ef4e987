/*
 * record: the meaning of the octets between roles.
 */
#include "lmtp/record.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/arena.h"

const char *const role_names[ROLE_COUNT] = {
	[ROLE_FRONT] = "front",
	[ROLE_ASK] = "ask",
	[ROLE_WORKER] = "worker",
	[ROLE_OUT] = "out",
};

static void
put_text(void *ctx, struct str *text)
{
	wire_put_str(ctx, *text);
}

static void
get_text(void *ctx, struct str *text)
{
	*text = wire_str(ctx);
}

static void
put_recipient(struct buf *b, const struct recipient *r)
{
	struct account acct = r->account;

	wire_put_str(b, r->address);
	wire_put_str(b, r->detail);
	account_each_text(&acct, put_text, b);
	wire_put_u32(b, acct.shared);
	wire_put_u32(b, acct.create);
	wire_put_u32(b, acct.has_quota);
	wire_put_u64(b, acct.quota_storage);
	wire_put_u64(b, acct.quota_messages);
}

static void
get_recipient(struct wire *w, struct recipient *r)
{
	r->address = wire_str(w);
	r->detail = wire_str(w);
	account_each_text(&r->account, get_text, w);
	r->account.shared = wire_u32(w) != 0;
	r->account.create = wire_u32(w) != 0;
	r->account.has_quota = wire_u32(w) != 0;
	r->account.quota_storage = wire_u64(w);
	r->account.quota_messages = wire_u64(w);
}

static void
put_txn_rcpt(struct buf *b, const struct txn_rcpt *r)
{
	wire_put_u32(b, r->ignore_quota);
	wire_put_str(b, r->notify);
	wire_put_str(b, r->orcpt);
	put_recipient(b, &r->rcpt);
}

bool
record_put_txn(struct buf *b, struct txn *t, const struct run_choice *choice,
    struct fail *why)
{
	size_t start = b->len;
	const struct spool_facts *facts = spool_facts(t->spool);
	struct str bytes = S("");
	uint32_t len;

	if (spool_fd(t->spool) < 0 && !spool_bytes(t->spool, &bytes, why))
		return false;
	wire_put_u32(b, 0);
	wire_put_str(b, str_c(t->id));
	wire_put_u64(b, (uint64_t)t->start_us);
	wire_put_str(b, t->sender);
	wire_put_str(b, t->auth);
	wire_put_str(b, t->ret);
	wire_put_str(b, t->envid);
	wire_put_u32(b, t->utf8);
	wire_put_str(b, t->peer);
	wire_put_u64(b, facts->octets);
	wire_put_u64(b, facts->wsize);
	wire_put_u64(b, (uint64_t)choice->deadline_ms);
	wire_put_u32(b, choice->no_script);
	wire_put_u32(b, (uint32_t)choice->n);
	for (size_t i = 0; i < choice->n; i++) {
		wire_put_u32(b, choice->index[i]);
		put_txn_rcpt(b, &t->rcpt[choice->index[i]]);
	}
	wire_put_str(b, bytes);
	if (b->overflow)
		return fail_temp(why, "4.3.2", "transaction too large");
	len = (uint32_t)(b->len - start - sizeof(len));
	memcpy(b->p + start, &len, sizeof(len));
	return true;
}

bool
record_next_txn(struct wire *w, struct str *payload)
{
	if (w->rest.len == 0)
		return false;
	*payload = wire_str(w);
	return !w->bad;
}

static bool
map_spool(int fd, struct str *out)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return false;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*out = str_from(p, (size_t)st.st_size);
	return true;
}

bool
record_get_txn(
    struct arena *a, struct str payload, int fd, struct deliver_txn *out)
{
	struct wire w = { .rest = payload };
	struct deliver_rcpt *rcpt;
	bool no_script;
	uint32_t n;

	*out = (struct deliver_txn){ .fd = fd };
	out->id = wire_str(&w);
	out->start_us = (int64_t)wire_u64(&w);
	out->sender = wire_str(&w);
	out->auth = wire_str(&w);
	out->ret = wire_str(&w);
	out->envid = wire_str(&w);
	out->utf8 = wire_u32(&w) != 0;
	out->peer = wire_str(&w);
	out->octets = wire_u64(&w);
	out->wsize = wire_u64(&w);
	out->deadline_ms = (int64_t)wire_u64(&w);
	no_script = wire_u32(&w) != 0;
	n = wire_u32(&w);
	if (w.bad || n > w.rest.len)
		return false;
	rcpt = ARENA_ARRAY(a, n, struct deliver_rcpt);
	for (uint32_t i = 0; i < n; i++) {
		rcpt[i].index = wire_u32(&w);
		rcpt[i].ignore_quota = wire_u32(&w) != 0;
		rcpt[i].notify = wire_str(&w);
		rcpt[i].orcpt = wire_str(&w);
		rcpt[i].no_script = no_script;
		get_recipient(&w, &rcpt[i].rcpt);
	}
	out->rcpt = rcpt;
	out->nrcpt = n;
	out->bytes = wire_str(&w);
	if (w.bad)
		return false;
	if (fd >= 0)
		return map_spool(fd, &out->bytes);
	/* Our trace lines at least: else the descriptor got lost on the way,
	 * when the receiver had too many open. */
	return out->bytes.len > 0;
}

void
record_put_result(struct buf *b, uint32_t member, uint32_t index,
    const struct deliver_result *r)
{
	wire_put_u32(b, member);
	wire_put_u32(b, index);
	wire_put_fail(b, r->ok ? NULL : &r->why);
	wire_put_str(b, r->where);
}

bool
record_get_result(struct str payload, uint32_t *member, uint32_t *index,
    struct deliver_result *out)
{
	struct wire w = { .rest = payload };

	*member = wire_u32(&w);
	*index = wire_u32(&w);
	out->ok = !wire_fail(&w, &out->why);
	out->where = wire_str(&w);
	return !w.bad;
}

void
record_put_back(struct buf *b, uint32_t member)
{
	wire_put_u32(b, member);
}

bool
record_get_back(struct str payload, uint32_t *member)
{
	struct wire w = { .rest = payload };

	*member = wire_u32(&w);
	return !w.bad;
}

uint32_t
record_put_ask(struct buf *b, uint64_t session, const struct txn *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->nrcpt; i++)
		n += t->rcpt[i].pending;
	wire_put_u64(b, session);
	wire_put_u32(b, n);
	for (uint32_t i = 0; i < t->nrcpt; i++) {
		if (!t->rcpt[i].pending)
			continue;
		wire_put_u32(b, i);
		wire_put_u64(b, t->size);
		wire_put_u32(b, t->rcpt[i].ignore_quota);
		wire_put_str(b, t->rcpt[i].addr.localpart);
		wire_put_str(b, t->rcpt[i].addr.domain);
		wire_put_str(b, t->rcpt[i].addr.text);
	}
	return n;
}

bool
record_get_ask_head(struct wire *w, uint64_t *session, uint32_t *n)
{
	*session = wire_u64(w);
	*n = wire_u32(w);
	return !w->bad;
}

bool
record_get_ask_item(struct wire *w, struct ask_item *item)
{
	*item = (struct ask_item){ .index = wire_u32(w) };
	item->size = wire_u64(w);
	item->ignore_quota = wire_u32(w) != 0;
	item->addr.localpart = wire_str(w);
	item->addr.domain = wire_str(w);
	item->addr.text = wire_str(w);
	item->addr.valid = true;
	return !w->bad;
}

void
record_put_answer(struct buf *b, uint64_t session, uint32_t index,
    const struct recipient *r, const struct fail *why)
{
	wire_put_u64(b, session);
	wire_put_u32(b, index);
	wire_put_fail(b, why);
	if (why == NULL)
		put_recipient(b, r);
}

bool
record_get_answer(struct wire *w, uint64_t *session, uint32_t *index,
    struct recipient *r, struct fail *why, bool *accepted)
{
	*session = wire_u64(w);
	*index = wire_u32(w);
	*accepted = !wire_fail(w, why);
	if (*accepted)
		get_recipient(w, r);
	return !w->bad;
}

void
record_put_send(struct buf *b, const struct out_message *m)
{
	wire_put_str(b, m->sender);
	wire_put_str(b, m->head);
	wire_put_u32(b, m->eightbit);
	wire_put_u32(b, (uint32_t)m->rcpts.n);
	for (size_t i = 0; i < m->rcpts.n; i++)
		wire_put_str(b, m->rcpts.v[i]);
}

bool
record_get_send(struct arena *a, struct str payload, struct out_message *m)
{
	struct wire w = { .rest = payload };
	uint32_t n;

	*m = (struct out_message){ .sender = wire_str(&w) };
	m->head = wire_str(&w);
	m->eightbit = wire_u32(&w) != 0;
	n = wire_u32(&w);
	for (uint32_t i = 0; i < n && !w.bad; i++)
		strlist_add(a, &m->rcpts, wire_str(&w));
	return !w.bad;
}

void
record_put_sent(struct buf *b, const struct fail *why)
{
	wire_put_fail(b, why);
}

bool
record_get_sent(struct str payload, struct fail *why)
{
	struct wire w = { .rest = payload };

	if (payload.len < sizeof(uint32_t))
		return fail_temp(why, "4.3.0", "no answer from out");
	return !wire_fail(&w, why);
}

void
record_put_peer(struct buf *b, enum role role, pid_t pid)
{
	wire_put_u32(b, role);
	wire_put_u32(b, (uint32_t)pid);
}

bool
record_get_peer(struct str payload, enum role *role, pid_t *pid)
{
	struct wire w = { .rest = payload };
	uint32_t r = wire_u32(&w);

	*role = r < ROLE_COUNT ? (enum role)r : ROLE_COUNT;
	*pid = (pid_t)wire_u32(&w);
	return !w.bad && r < ROLE_COUNT;
}
