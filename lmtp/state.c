/*
 * state: what the front is doing, as log lines, for SIGUSR1.
 */
#include "lib/clock.h"
#include "lib/log.h"
#include "lmtp/front.h"

enum { SESSIONS_MAX = 200 }; /* a line each; more are only counted */

static const char *const want_names[] = {
	[SESSION_INPUT] = "input",
	[SESSION_ASK] = "look-up",
	[SESSION_DELIVER] = "delivery",
	[SESSION_CLOSE] = "close",
};

static void
dump_session(const struct conn *c, int64_t now)
{
	struct txn *t = session_txn(c->session);
	struct str peer = session_peer(c->session);

	if (t == NULL)
		log_notice("state session peer=%.*s wants=%s age=%llds "
			   "quiet=%llds",
		    STR_ARG(peer), want_names[session_want(c->session)],
		    (long long)(now - c->born_ms) / 1000,
		    (long long)(now - c->active_ms) / 1000);
	else
		log_notice("state session peer=%.*s wants=%s age=%llds "
			   "quiet=%llds id=%s rcpts=%u txn-age=%llds",
		    STR_ARG(peer), want_names[session_want(c->session)],
		    (long long)(now - c->born_ms) / 1000,
		    (long long)(now - c->active_ms) / 1000, t->id, t->naccepted,
		    (long long)(clock_wall_us() - t->start_us) / 1000000);
}

static void
dump_peers(const struct front *f)
{
	unsigned n[ROLE_COUNT] = { 0 }, busy[ROLE_COUNT] = { 0 };

	for (const struct peer *p = f->peers; p != NULL; p = p->next) {
		n[p->role] += !p->dead;
		busy[p->role] += !p->dead && p->busy;
	}
	log_notice("state workers=%u busy=%u outs=%u busy=%u ask=%u",
	    n[ROLE_WORKER], busy[ROLE_WORKER], n[ROLE_OUT], busy[ROLE_OUT],
	    n[ROLE_ASK]);
}

void
state_dump(const struct front *f)
{
	int64_t now = clock_mono_ms();
	uint32_t transactions = 0, queued = 0, shown = 0;

	for (const struct conn *c = f->conns; c != NULL; c = c->next) {
		transactions += !session_idle(c->session);
		queued += c->run == RUN_QUEUED;
	}
	log_notice("state connections=%u transactions=%u queued=%u "
		   "accepted=%u arriving=%u draining=%s",
	    f->nconns, transactions, queued, f->uses, f->narrivals,
	    f->drain_ms != 0 ? "yes" : "no");
	dump_peers(f);
	for (const struct conn *c = f->conns; c != NULL; c = c->next)
		if (!c->dead && shown++ < SESSIONS_MAX)
			dump_session(c, now);
}
