/*
 * pool: the other roles as the front sees them: who is there and free, what
 * they are asked and answer. Which transaction a worker has, and what becomes
 * of it, is run.c's business.
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
};

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

bool
pool_tell(struct front *f, struct peer *p, enum ipc_type type,
    struct str payload, int fd)
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
	run_schedule(f);
	return true;
}

/* By descriptor: a number may be somebody else's by now. */
void
pool_end(const struct peer *p)
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

struct peer *
pool_idle(struct front *f, enum role role)
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
	if (!pool_tell(f, p, IPC_ASK, buf_str(&f->scratch), -1))
		pool_died(f, p);
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

/* --- hand-overs --------------------------------------------------------- */

static void
send_answer(struct front *f, struct peer *w, struct str payload)
{
	if (pool_tell(f, w, IPC_SENT, payload, -1))
		return;
	pool_died(f, w);
	run_schedule(f);
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
	struct peer *o = pool_idle(f, ROLE_OUT);

	/* There are half as many outs as workers: a next hop that hangs
	 * cannot hold more than half of them. */
	if (o == NULL) {
		answer_worker(f, w, "4.4.5", "too many hand-overs wait");
		return;
	}
	if (!pool_tell(f, o, IPC_SEND, record->payload, record->fd)) {
		pool_died(f, o);
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
void
pool_died(struct front *f, struct peer *p)
{
	if (p->dead)
		return;
	p->dead = true;
	pool_end(p);
	if (p->role == ROLE_ASK)
		ask_again(f, p);
	if (p->partner != NULL) {
		p->partner->partner = NULL;
		if (p->role == ROLE_OUT)
			answer_worker(
			    f, p->partner, "4.4.2", "hand-over process died");
	}
	if (!run_died(f, p) && f->drain_ms == 0)
		log_warning("%s %d ended", role_names[p->role], (int)p->pid);
}

static void
got_record(struct front *f, struct peer *p, const struct ipc_record *record)
{
	if (p->role == ROLE_ASK && record->type == IPC_ANSWER)
		got_answer(f, p, record->payload);
	else if (p->role == ROLE_WORKER && record->type == IPC_SEND)
		got_send(f, p, record);
	else if (p->role == ROLE_WORKER && run_record(f, p, record))
		return;
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
		pool_died(f, p);
		run_schedule(f);
	}
}

void
pool_tick(struct front *f, struct conn *c, int64_t now_ms)
{
	if (c->ask_id != 0 && now_ms >= c->ask_limit_ms)
		give_up_asking(f, c);
}
