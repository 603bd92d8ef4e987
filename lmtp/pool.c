/*
 * pool: the other roles as the front sees them: who is free, who has which
 * transaction, and what becomes of it when one dies. A recipient that was
 * final stays final; the others are run again alone, and one that takes two
 * workers with it is delivered without its script.
 */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/front.h"

enum {
	ASK_LIMIT_MS = 30 * 1000,
	ALONE_SHARE = 8,  /* of the delivery time-out, for a run alone */
	KILLS_SCRIPT = 2, /* batch and alone: then without script */
	KILLS_LIMIT = 3,  /* and without script too: then 451 */
};

static void peer_died(struct front *, struct peer *);
static void ask_again(struct front *, const struct peer *);

/* Level-triggered: one record is taken at a time. Room to send
 * is watched only when there was none. */
static void
watch_room(struct front *f, struct peer *p)
{
	bool pending = ipc_pending(&p->ipc);

	if (pending == p->wants_room)
		return;
	p->wants_room = pending;
	front_rewatch(
	    f, p->ipc.sock, EPOLLIN | (pending ? EPOLLOUT : 0U), &p->watch);
}

static bool
tell(struct front *f, struct peer *p, enum ipc_type type, struct str payload,
    int fd)
{
	bool ok = ipc_put(&p->ipc, type, payload, fd);

	watch_room(f, p);
	return ok;
}

bool
pool_add(struct front *f, int sock, enum role role, pid_t pid)
{
	struct arena *a = arena_new("peer", 0);
	struct peer *p = ARENA_NEW(a, struct peer);

	*p = (struct peer){ .watch = { WATCH_PEER }, .role = role, .pid = pid };
	p->arena = a;
	p->pidfd = pidfd_open(pid, 0);
	ipc_init(&p->ipc, sock);
	if (!io_set_nonblocking(sock, true) ||
	    !front_watch(f, sock, EPOLLIN, &p->watch)) {
		log_error("cannot watch %s %d: %s", role_names[role], (int)pid,
		    strerror(errno));
		ipc_close(&p->ipc);
		io_close(&p->pidfd);
		arena_free(a);
		return false;
	}
	p->next = f->peers;
	f->peers = p;
	if (role == ROLE_ASK)
		ask_again(f, NULL);
	pool_schedule(f);
	return true;
}

/* By descriptor: a number may be somebody else's by now. */
static void
end_peer(const struct peer *p)
{
	if (p->pidfd >= 0 &&
	    pidfd_send_signal(p->pidfd, SIGKILL, NULL, 0) != 0 &&
	    errno != ESRCH)
		log_error("cannot end %s %d: %s", role_names[p->role],
		    (int)p->pid, strerror(errno));
}

/* Is there at least one of each role? */
bool
pool_complete(const struct front *f)
{
	bool have[ROLE_COUNT] = { false };

	for (struct peer *p = f->peers; p != NULL; p = p->next)
		have[p->role] |= !p->dead;
	return have[ROLE_ASK] && have[ROLE_WORKER] && have[ROLE_OUT];
}

void
pool_free_dead(struct front *f)
{
	for (struct peer **at = &f->peers; *at != NULL;) {
		struct peer *p = *at;

		if (!p->dead) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		ipc_close(&p->ipc);
		io_close(&p->pidfd);
		arena_free(p->arena);
	}
}

static struct peer *
idle_peer(struct front *f, enum role role)
{
	for (struct peer *p = f->peers; p != NULL; p = p->next)
		if (p->role == role && !p->busy && !p->dead)
			return p;
	return NULL;
}

/* --- look-ups ----------------------------------------------------------- */

/* Who has the fewest recipients before it: one that waits for a user
 * database does not hold up the others' sessions. */
static struct peer *
idlest_asker(struct front *f)
{
	struct peer *best = NULL;

	for (struct peer *p = f->peers; p != NULL; p = p->next)
		if (p->role == ROLE_ASK && !p->dead &&
		    (best == NULL || p->asked < best->asked))
			best = p;
	return best;
}

void
pool_ask(struct front *f, struct conn *c)
{
	struct peer *p = idlest_asker(f);

	if (c->ask_id == 0)
		c->ask_limit_ms = clock_mono_ms() + ASK_LIMIT_MS;
	c->ask_id = ++f->ask_serial << 20 | c->slot;
	c->asker = p;
	if (p == NULL)
		return; /* asked again when the next one is there */
	buf_reset(&f->scratch);
	p->asked +=
	    record_put_ask(&f->scratch, c->ask_id, session_txn(c->session));
	if (!tell(f, p, IPC_ASK, buf_str(&f->scratch), -1))
		peer_died(f, p);
}

/* What this one had, or nobody. */
static void
ask_again(struct front *f, const struct peer *asker)
{
	for (struct conn *c = f->conns; c != NULL; c = c->next)
		if (c->ask_id != 0 && c->asker == asker)
			pool_ask(f, c);
}

static bool
asks_open(struct conn *c)
{
	const struct txn *t = session_txn(c->session);

	for (uint32_t i = 0; i < t->nrcpt; i++)
		if (t->rcpt[i].pending)
			return true;
	return false;
}

static bool
got_one_answer(struct front *f, struct peer *p, struct wire *w)
{
	struct recipient rcpt;
	struct fail why;
	uint64_t id;
	uint32_t index, slot;
	bool accepted;
	struct conn *c;

	if (!record_get_answer(w, &id, &index, &rcpt, &why, &accepted))
		return false;
	p->asked -= p->asked > 0;
	slot = (uint32_t)(id & 0xfffff);
	c = slot < f->nslots ? f->slots[slot] : NULL;
	if (c == NULL || c->ask_id != id)
		return true; /* the session went on without it */
	session_answer(c->session, index, &rcpt, accepted ? NULL : &why);
	if (session_want(c->session) == SESSION_ASK && asks_open(c))
		return true;
	c->ask_id = 0;
	conn_run(f, c);
	return true;
}

static void
got_answer(struct front *f, struct peer *p, struct str payload)
{
	struct wire w = { .rest = payload };

	while (w.rest.len > 0 && got_one_answer(f, p, &w))
		continue;
}

static void
give_up_asking(struct front *f, struct conn *c)
{
	struct txn *t = session_txn(c->session);
	uint32_t n = t->nrcpt;
	struct fail why;

	log_error(
	    "no answer about recipients within %d s", ASK_LIMIT_MS / 1000);
	fail_temp(&why, "4.3.0", "recipient look-up did not answer");
	c->ask_id = 0;
	for (uint32_t i = 0; i < n && session_want(c->session) == SESSION_ASK;
	     i++)
		if (t->rcpt[i].pending)
			session_answer(c->session, i, NULL, &why);
	conn_run(f, c);
}

/* --- runs --------------------------------------------------------------- */

static void
enqueue(struct front *f, struct conn *c)
{
	c->run = RUN_QUEUED;
	c->queue_next = NULL;
	*f->queue_tail = c;
	f->queue_tail = &c->queue_next;
}

static void
unqueue(struct front *f, struct conn *c)
{
	struct conn **at = &f->queue;

	while (*at != NULL && *at != c)
		at = &(*at)->queue_next;
	if (*at == NULL)
		return;
	*at = c->queue_next;
	if (f->queue_tail == &c->queue_next)
		f->queue_tail = at;
}

void
pool_deliver(struct front *f, struct conn *c)
{
	c->deadline_ms = clock_mono_ms() + f->delivery_ms;
	c->alone = false;
	c->kills = 0;
	c->current = 0;
	enqueue(f, c);
	pool_schedule(f);
}

static bool
is_open(const struct txn_rcpt *r)
{
	return r->accepted && !r->done;
}

/* Recipients of the next run: all that are open, or the first when alone. */
static size_t
choose(struct conn *c, uint32_t *index)
{
	const struct txn *t = session_txn(c->session);
	size_t n = 0;

	for (uint32_t i = 0; i < t->nrcpt; i++) {
		if (!is_open(&t->rcpt[i]))
			continue;
		index[n++] = i;
		if (c->alone)
			break;
	}
	return n;
}

static void
run_is_over(struct front *f, struct conn *c)
{
	if (c->worker != NULL)
		c->worker->conn = NULL;
	c->worker = NULL;
	if (c->run == RUN_QUEUED)
		unqueue(f, c);
	c->run = RUN_NONE;
}

/* Tell the session. false: that was the last one, the transaction is gone
 * and the session may be anywhere in what came behind it. */
static bool
final(struct front *f, struct conn *c, uint32_t index,
    const struct deliver_result *result)
{
	bool more;

	fair_end(&f->fair, &session_txn(c->session)->rcpt[index]);
	session_result(
	    c->session, index, result->ok ? NULL : &result->why, result->where);
	more = session_want(c->session) == SESSION_DELIVER;
	if (!more) {
		run_is_over(f, c);
		if (c->fd < 0)
			conn_die(c);
	}
	conn_later(c);
	return more;
}

/* No more tries for anybody who is still open. */
static void
fail_rest(struct front *f, struct conn *c, const char *status, const char *text)
{
	struct deliver_result result = { .ok = false, .where = S("") };
	uint32_t index = 0;

	fail_temp(&result.why, status, "%s", text);
	run_is_over(f, c);
	c->run = RUN_HELD;
	c->alone = true;
	while (choose(c, &index) == 1 && final(f, c, index, &result))
		continue;
}

static bool
start_run(struct front *f, struct conn *c, struct peer *w)
{
	struct txn *t = session_txn(c->session);
	struct arena *a = arena_new("choice", 0);
	uint32_t *index = ARENA_ARRAY(a, t->nrcpt, uint32_t);
	struct run_choice choice = { .index = index };
	struct fail why;
	bool ok;

	choice.n = choose(c, index);
	for (size_t i = 0; i < choice.n; i++)
		fair_begin(&f->fair, &t->rcpt[index[i]]);
	if (c->alone && index[0] != c->current) {
		c->current = index[0];
		c->kills = 1; /* it was in the run that died together */
	}
	choice.no_script = c->alone && c->kills >= KILLS_SCRIPT;
	choice.deadline_ms = c->deadline_ms;
	buf_reset(&f->scratch);
	ok = record_put_txn(&f->scratch, t, &choice, &why);
	arena_free(a);
	if (!ok) {
		log_error("transaction %s: %s", t->id, why.text);
		fail_rest(f, c, why.status, why.text);
		return true;
	}
	if (!tell(f, w, IPC_TXN, buf_str(&f->scratch), spool_fd(t->spool))) {
		fair_end_all(&f->fair, t);
		return false;
	}
	c->run = RUN_WORKING;
	c->run_left = (uint32_t)choice.n;
	c->worker = w;
	c->run_limit_ms =
	    clock_mono_ms() + f->delivery_ms / (c->alone ? ALONE_SHARE : 2);
	w->busy = true;
	w->conn = c;
	return true;
}

static bool
may_start(const struct front *f, struct conn *c)
{
	const struct txn *t = session_txn(c->session);

	for (uint32_t i = 0; i < t->nrcpt; i++) {
		if (!is_open(&t->rcpt[i]))
			continue;
		if (!fair_has_room(&f->fair, &t->rcpt[i]))
			return false;
		if (c->alone)
			break;
	}
	return true;
}

/* The first that no busy mailbox holds back. */
static struct conn *
next_to_run(const struct front *f)
{
	struct conn *c = f->queue;

	while (c != NULL && !may_start(f, c))
		c = c->queue_next;
	return c;
}

void
pool_schedule(struct front *f)
{
	while (f->queue != NULL) {
		struct peer *w = idle_peer(f, ROLE_WORKER);
		struct conn *c = w != NULL ? next_to_run(f) : NULL;

		if (c == NULL)
			return;
		unqueue(f, c);
		if (start_run(f, c, w))
			continue;
		peer_died(f, w);
		enqueue(f, c);
	}
}

static void
got_result(struct front *f, struct peer *w, struct str payload)
{
	struct conn *c = w->conn;
	struct deliver_result result;
	struct txn *t;
	uint32_t index;

	if (c == NULL || !record_get_result(payload, &index, &result))
		return;
	t = session_txn(c->session);
	if (index >= t->nrcpt || !is_open(&t->rcpt[index])) {
		log_error("transaction %s: result for a recipient that is "
			  "not open",
		    t->id);
		return;
	}
	if (c->run_left > 0)
		c->run_left--;
	final(f, c, index, &result);
}

/* The worker died with this transaction in its hands. */
static void
run_died(struct front *f, struct conn *c, pid_t pid)
{
	struct txn *t = session_txn(c->session);

	fair_end_all(&f->fair, t);
	c->worker = NULL;
	if (!c->alone) {
		log_error("worker %d died in transaction %s, the recipients "
			  "that are not final are run again one by one",
		    (int)pid, t->id);
		c->alone = true;
		c->current = UINT32_MAX;
	} else {
		c->kills++;
		log_error("worker %d died in transaction %s delivering to "
			  "<%.*s>",
		    (int)pid, t->id, STR_ARG(t->rcpt[c->current].addr.text));
	}
	if (c->kills >= KILLS_LIMIT) {
		struct deliver_result result = { .ok = false, .where = S("") };
		uint32_t index = c->current;

		fail_temp(&result.why, "4.3.0", "delivery failed internally");
		c->current = UINT32_MAX;
		c->run = RUN_HELD;
		if (!final(f, c, index, &result))
			return;
	}
	enqueue(f, c);
}

static void
got_done(struct front *f, struct peer *w)
{
	struct conn *c = w->conn;

	/* Over, and not everybody has a result: it could not say them, and
	 * would not do better with the next transaction. */
	if (c != NULL && c->run_left > 0) {
		peer_died(f, w);
		pool_schedule(f);
		return;
	}
	w->busy = false;
	w->conn = NULL;
	if (c != NULL) {
		c->worker = NULL;
		enqueue(f, c);
	}
	pool_schedule(f);
}

static void
got_last(struct front *f, struct peer *w, struct str payload)
{
	got_result(f, w, payload);
	got_done(f, w);
}

/* --- hand-overs --------------------------------------------------------- */

static void
send_answer(struct front *f, struct peer *w, struct str payload)
{
	if (tell(f, w, IPC_SENT, payload, -1))
		return;
	peer_died(f, w);
	pool_schedule(f);
}

static void
answer_worker(
    struct front *f, struct peer *w, const char *status, const char *text)
{
	struct buf b;
	struct fail why;

	fail_temp(&why, status, "%s", text);
	buf_init(&b, 4096);
	record_put_sent(&b, &why);
	send_answer(f, w, buf_str(&b));
	buf_free(&b);
}

static void
got_send(struct front *f, struct peer *w, const struct ipc_record *record)
{
	struct peer *o = idle_peer(f, ROLE_OUT);

	/* There are half as many outs as workers: a next hop that hangs
	 * cannot hold more than half of them. */
	if (o == NULL) {
		answer_worker(f, w, "4.4.5", "too many hand-overs wait");
		return;
	}
	if (!tell(f, o, IPC_SEND, record->payload, record->fd)) {
		peer_died(f, o);
		answer_worker(f, w, "4.3.0", "hand-over process is gone");
		return;
	}
	o->busy = true;
	o->partner = w;
	w->partner = o;
}

static void
got_sent(struct front *f, struct peer *o, struct str payload)
{
	struct peer *w = o->partner;

	o->busy = false;
	o->partner = NULL;
	if (w == NULL)
		return;
	w->partner = NULL;
	send_answer(f, w, payload);
}

/* --- what peers say ----------------------------------------------------- */

/*
 * It ended, or the front cannot talk to it any more. Then it must not go on
 * either: it would hold the names that the next run of its transaction makes.
 */
static void
peer_died(struct front *f, struct peer *p)
{
	struct conn *c = p->conn;

	if (p->dead)
		return;
	p->dead = true;
	end_peer(p);
	if (p->role == ROLE_ASK)
		ask_again(f, p);
	if (p->partner != NULL) {
		p->partner->partner = NULL;
		if (p->role == ROLE_OUT)
			answer_worker(
			    f, p->partner, "4.4.2", "hand-over process died");
	}
	p->conn = NULL;
	if (f->drain_ms == 0 && c == NULL)
		log_warning("%s %d ended", role_names[p->role], (int)p->pid);
	if (c != NULL)
		run_died(f, c, p->pid);
}

static void
got_record(struct front *f, struct peer *p, const struct ipc_record *record)
{
	if (p->role == ROLE_ASK && record->type == IPC_ANSWER)
		got_answer(f, p, record->payload);
	else if (p->role == ROLE_WORKER && record->type == IPC_RESULT)
		got_result(f, p, record->payload);
	else if (p->role == ROLE_WORKER && record->type == IPC_DONE)
		got_done(f, p);
	else if (p->role == ROLE_WORKER && record->type == IPC_LAST)
		got_last(f, p, record->payload);
	else if (p->role == ROLE_WORKER && record->type == IPC_SEND)
		got_send(f, p, record);
	else if (p->role == ROLE_OUT && record->type == IPC_SENT)
		got_sent(f, p, record->payload);
	else
		log_error("%s %d sent a record it must not send",
		    role_names[p->role], (int)p->pid);
}

void
pool_event(struct front *f, struct peer *p, uint32_t events)
{
	struct ipc_record record;
	int got = 0;

	if (p->dead)
		return;
	if ((events & EPOLLOUT) != 0) {
		got = ipc_flush(&p->ipc) ? 0 : -1;
		watch_room(f, p);
	}
	if (got == 0)
		got = ipc_get(&p->ipc, &record);
	if (got == 1) {
		got_record(f, p, &record);
		io_close(&record.fd);
	} else if (got < 0) {
		peer_died(f, p);
		pool_schedule(f);
	}
}

void
pool_tick(struct front *f, struct conn *c, int64_t now_ms)
{
	if (c->ask_id != 0 && now_ms >= c->ask_limit_ms)
		give_up_asking(f, c);
	if (c->run == RUN_NONE)
		return;
	if (c->run == RUN_WORKING && now_ms >= c->run_limit_ms) {
		log_error("worker %d overran its time in transaction %s",
		    (int)c->worker->pid, session_txn(c->session)->id);
		end_peer(c->worker);
		c->run_limit_ms = INT64_MAX; /* its end comes as an event */
	}
	if (now_ms >= c->deadline_ms) {
		if (c->run == RUN_WORKING)
			end_peer(c->worker);
		fail_rest(f, c, "4.3.2", "not delivered in time");
	}
}
