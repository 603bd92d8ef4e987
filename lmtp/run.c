/*
 * run: who has which transaction, and what becomes of it when a worker dies.
 * A recipient that was final stays final; the others are run again alone,
 * and one that takes two workers with it is delivered without its script.
 */
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lmtp/front.h"

enum {
	ALONE_SHARE = 8,  /* of the delivery time-out, for a run alone */
	KILLS_SCRIPT = 2, /* batch and alone: then without script */
	KILLS_LIMIT = 3,  /* and without script too: then 451 */
	SOCIABLE_OCTETS = 64 * 1024,
};

static void
enqueue(struct front *f, struct conn *c)
{
	c->run = RUN_QUEUED;
	c->queue_next = NULL;
	*f->queue_tail = c;
	f->queue_tail = &c->queue_next;
}

static void
enqueue_first(struct front *f, struct conn *c)
{
	c->run = RUN_QUEUED;
	c->queue_next = f->queue;
	if (f->queue == NULL)
		f->queue_tail = &c->queue_next;
	f->queue = c;
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
run_deliver(struct front *f, struct conn *c)
{
	c->deadline_ms = clock_mono_ms() + f->delivery_ms;
	c->alone = c->solitary = false;
	c->kills = 0;
	c->current = 0;
	enqueue(f, c);
	run_schedule(f);
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
		c->worker->run[c->member] = NULL;
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

/* Written behind the members that are already in the record. */
static bool
put_member(struct front *f, struct conn *c)
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
	ok = record_put_txn(&f->scratch, t, &choice, &why);
	c->run_left = (uint32_t)choice.n;
	arena_free(a);
	if (ok)
		return true;
	log_error("transaction %s: %s", t->id, why.text);
	fail_rest(f, c, why.status, why.text);
	return false;
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

/*
 * May it run together with others? Only what is short as far as can be seen
 * from here: one recipient, few octets, on the default partition, whose file
 * system is known to be worth it.
 */
static bool
is_sociable(const struct front *f, struct conn *c)
{
	const struct txn *t = session_txn(c->session);
	uint32_t i = 0;

	if (c->alone || c->solitary || t->naccepted != 1 ||
	    spool_fd(t->spool) >= 0 ||
	    spool_facts(t->spool)->octets > SOCIABLE_OCTETS)
		return false;
	while (!t->rcpt[i].accepted)
		i++;
	return str_starts(t->rcpt[i].rcpt.account.root, f->partition);
}

/* How many this worker may take: never several while another is free. */
static size_t
members_max(struct front *f, struct conn *first)
{
	return is_sociable(f, first) && pool_idle(f, ROLE_WORKER) == NULL
	           ? f->together
	           : 1;
}

/*
 * The first that no busy mailbox holds back, and what may go with it. Nobody
 * is waited for: it is what is in the queue now. How many, in w->run.
 */
static size_t
collect(struct front *f, struct peer *w, struct conn *first)
{
	size_t n = 0, max = members_max(f, first);

	buf_reset(&f->scratch);
	for (struct conn *c = first, *next; c != NULL && n < max; c = next) {
		next = c->queue_next;
		if (c != first && (!is_sociable(f, c) || !may_start(f, c)))
			continue;
		unqueue(f, c);
		if (put_member(f, c))
			w->run[n++] = c;
	}
	return n;
}

static void
set_working(struct front *f, struct peer *w, size_t n)
{
	int64_t now = clock_mono_ms();

	for (uint32_t i = 0; i < n; i++) {
		struct conn *c = w->run[i];

		c->run = RUN_WORKING;
		c->worker = w;
		c->member = i;
		c->run_limit_ms =
		    now + f->delivery_ms / (c->alone ? ALONE_SHARE : 2);
	}
}

/* It never got them: nobody is to blame. */
static void
take_back(struct front *f, struct peer *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fair_end_all(&f->fair, session_txn(w->run[i]->session));
		enqueue(f, w->run[i]);
		w->run[i] = NULL;
	}
	pool_died(f, w);
}

/* False: nobody in the queue may start. */
static bool
start_run(struct front *f, struct peer *w)
{
	struct conn *first = f->queue;
	size_t n;

	while (first != NULL && !may_start(f, first))
		first = first->queue_next;
	if (first == NULL)
		return false;
	w->busy = true;
	n = collect(f, w, first);
	if (n == 0)
		w->busy = false;
	else if (pool_tell(f, w, IPC_TXN, buf_str(&f->scratch),
		     spool_fd(session_txn(w->run[0]->session)->spool)))
		set_working(f, w, n);
	else
		take_back(f, w, n);
	return true;
}

void
run_schedule(struct front *f)
{
	struct peer *w;

	while (f->queue != NULL && (w = pool_idle(f, ROLE_WORKER)) != NULL)
		if (!start_run(f, w))
			return;
}

static void
got_result(struct front *f, struct peer *w, struct str payload)
{
	struct deliver_result result;
	struct conn *c;
	struct txn *t;
	uint32_t member, index;

	if (!record_get_result(payload, &member, &index, &result) ||
	    member >= DELIVER_TOGETHER_MAX || w->run[member] == NULL)
		return;
	c = w->run[member];
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
member_died(struct front *f, struct conn *c, pid_t pid)
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

bool
run_died(struct front *f, struct peer *w)
{
	bool had = false;

	for (size_t i = 0; i < DELIVER_TOGETHER_MAX; i++) {
		struct conn *c = w->run[i];

		w->run[i] = NULL;
		had = had || c != NULL;
		if (c != NULL)
			member_died(f, c, w->pid);
	}
	return had;
}

/* Not begun, because it or one before it takes long. It has waited: it is
 * the next, and by itself. */
static void
got_back(struct front *f, struct peer *w, struct str payload)
{
	struct conn *c;
	uint32_t member;

	if (!record_get_back(payload, &member) ||
	    member >= DELIVER_TOGETHER_MAX || w->run[member] == NULL)
		return;
	c = w->run[member];
	w->run[member] = NULL;
	fair_end_all(&f->fair, session_txn(c->session));
	c->worker = NULL;
	c->solitary = true;
	enqueue_first(f, c);
	run_schedule(f);
}

/* Over, and not everybody has a result: it could not say them, and would not
 * do better with the next run. */
static bool
is_complete(const struct peer *w)
{
	for (size_t i = 0; i < DELIVER_TOGETHER_MAX; i++)
		if (w->run[i] != NULL && w->run[i]->run_left > 0)
			return false;
	return true;
}

static void
got_done(struct front *f, struct peer *w)
{
	if (!is_complete(w)) {
		pool_died(f, w);
		run_schedule(f);
		return;
	}
	w->busy = false;
	for (size_t i = 0; i < DELIVER_TOGETHER_MAX; i++) {
		struct conn *c = w->run[i];

		w->run[i] = NULL;
		if (c == NULL)
			continue;
		c->worker = NULL;
		enqueue(f, c);
	}
	run_schedule(f);
}

bool
run_record(struct front *f, struct peer *w, const struct ipc_record *record)
{
	switch (record->type) {
	case IPC_RESULT:
		got_result(f, w, record->payload);
		return true;
	case IPC_LAST:
		got_result(f, w, record->payload);
		got_done(f, w);
		return true;
	case IPC_DONE:
		got_done(f, w);
		return true;
	case IPC_BACK:
		got_back(f, w, record->payload);
		return true;
	default:
		return false;
	}
}

void
run_tick(struct front *f, struct conn *c, int64_t now_ms)
{
	if (c->run == RUN_NONE)
		return;
	if (c->run == RUN_WORKING && now_ms >= c->run_limit_ms) {
		log_error("worker %d overran its time in transaction %s",
		    (int)c->worker->pid, session_txn(c->session)->id);
		pool_end(c->worker);
		c->run_limit_ms = INT64_MAX; /* its end comes as an event */
	}
	if (now_ms >= c->deadline_ms) {
		if (c->run == RUN_WORKING)
			pool_end(c->worker);
		fail_rest(f, c, "4.3.2", "not delivered in time");
	}
}
