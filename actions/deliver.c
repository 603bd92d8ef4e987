/*
 * deliver: the order of everything. All recipients are prepared, one after
 * the other, with nothing of one in reach of the next; then what cannot be
 * undone is handed over, then names appear, then they are on disk, and then
 * it is said. Knows no single action.
 */
#include "actions/deliver.h"

#include <assert.h>

#include "actions/action.h"
#include "actions/asking.h"
#include "actions/chain.h"
#include "actions/hooks.h"
#include "actions/ledger.h"
#include "actions/mailbox.h"
#include "actions/remember.h"
#include "actions/report.h"
#include "actions/scanners.h"
#include "actions/script.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "sieve/vm.h"

enum {
	CACHE_PROGRAMS = 512,
	CACHE_BYTES = 64 << 20,
	ROUND_LOAD = 400,          /* recipients and their effects, about */
	EDITED_OCTETS = 256 << 10, /* of headers count like one effect */
	COMPANY_WORK = 30000,      /* of a script while others wait: ~1 ms */
	COMPANY_MS = 20, /* who took that long to prepare is the last one */
};

struct deliver {
	const struct conf *conf;
	struct action_tools tools;
	struct store_options options;
	struct clock_watch clock;
	struct sieve_limits limits;
	struct scanners scanners;
	struct script_cache *scripts;
	struct ledger *ledger; /* NULL: work is not limited by the hour */
	uint64_t work_hour;    /* units */
	struct arena *run;     /* one recipient's look-up and script; wiped */
	struct arena *txn;     /* one transaction; wiped */
	struct arena *round;
	bool in_company; /* others wait for what is being prepared */
	bool too_long;   /* and must not: nothing was done for it */
};

/* One transaction in work. */
struct work {
	struct deliver *d;
	const struct deliver_txn *txn;
	struct delivery *v; /* one for each of txn->rcpt */
	size_t begin, end;  /* this round's */
	struct store_txn *store_txn;
	struct store_message msg;
	deliver_result_fn *result;
	void *ctx;
};

static struct sieve_limits
limits_of(const struct conf *conf)
{
	struct sieve_limits l = sieve_limits_default;

	l.script_bytes = (size_t)conf_int(conf, SETTING_sieve_maxscriptsize);
	l.actions = (uint32_t)conf_int(conf, SETTING_sieve_max_actions);
	l.redirects = (uint32_t)conf_int(conf, SETTING_sieve_max_redirects);
	l.includes = (uint32_t)conf_int(conf, SETTING_sieve_max_includes);
	l.include_depth =
	    (uint32_t)conf_int(conf, SETTING_sieve_max_include_depth);
	l.nesting = (uint32_t)conf_int(conf, SETTING_sieve_max_nesting);
	l.string_bytes = (uint32_t)conf_int(conf, SETTING_sieve_max_string);
	l.variables = (uint32_t)conf_int(conf, SETTING_sieve_max_variables);
	l.variable_octets =
	    (uint32_t)conf_int(conf, SETTING_sieve_max_variable_size);
	l.body_octets = (uint32_t)conf_int(conf, SETTING_sieve_max_body);
	l.notifies = (uint32_t)conf_int(conf, SETTING_sieve_max_notifies);
	l.vacation_min =
	    (uint64_t)conf_int(conf, SETTING_sieve_vacation_min_response);
	l.vacation_max =
	    (uint64_t)conf_int(conf, SETTING_sieve_vacation_max_response);
	l.work = (uint64_t)conf_int(conf, SETTING_sieve_max_work);
	return l;
}

/* The choices of the setting stand in the order of the enum. */
static enum store_order
order_of(const struct conf *conf)
{
	return (enum store_order)conf_enum(conf, SETTING_maildir_sync_order);
}

struct deliver *
deliver_new(struct arena *arena, const struct conf *conf, out_send_fn *send,
    void *send_ctx)
{
	struct deliver *d = ARENA_NEW(arena, struct deliver);

	*d = (struct deliver){
		.conf = conf,
		.tools = {
			.store = &store_maildir,
			.send = send,
			.send_ctx = send_ctx,
			.refuse_in_reply =
			    conf_bool(conf, SETTING_sieve_use_lmtp_reject),
			.track = track_new(arena, conf),
			.sep = mailbox_separator(conf),
			.create = conf_bool(conf, SETTING_anysievefolder),
			.creatable = mailbox_setting(arena, conf,
			    SETTING_autocreate_sieve_folders),
			.fuzzy = conf_bool(
			    conf, SETTING_lmtp_fuzzy_mailbox_match),
			.excluded =
			    conf_list(conf, SETTING_lmtp_exclude_specialuse),
			.default_domain = conf_str(conf, SETTING_defaultdomain),
		},
		.options = store_options_of(arena, conf),
		.limits = limits_of(conf),
		.scanners = scanners_of(conf, arena),
		.scripts =
		    script_cache_new(arena, CACHE_PROGRAMS, CACHE_BYTES),
		.run = arena_new("run", 0),
		.txn = arena_new("transaction", 0),
		.round = arena_new("round", 0),
	};
	d->tools.options = &d->options;
	d->options.clock = &d->clock;
	clock_watch_begin(&d->clock);
	d->work_hour = (uint64_t)conf_int(conf, SETTING_sieve_max_work_hour);
	if (d->work_hour > 0)
		d->ledger =
		    ledger_open(arena, conf_str(conf, SETTING_sieve_work_file));
	return d;
}

void
deliver_free(struct deliver *d)
{
	if (d == NULL)
		return;
	script_cache_free(d->scripts);
	track_close(d->tools.track);
	ledger_close(d->ledger);
	arena_free(d->run);
	arena_free(d->txn);
	arena_free(d->round);
}

void
deliver_set_store(struct deliver *d, const struct store *store)
{
	d->tools.store = store;
}

/* --- the result --------------------------------------------------------- */

static void
report(struct work *w, struct delivery *dy, const struct deliver_result *r)
{
	assert(!dy->over);
	dy->over = true;
	report_log(dy, r);
	w->result(w->ctx, dy->to->index, r);
}

static void
succeed(struct work *w, struct delivery *dy)
{
	struct deliver_result r = { .ok = true,
		.where = report_where(dy),
		.more = action_has_more(dy) };

	remember_confirm(dy);
	report(w, dy, &r);
}

/*
 * A script never refuses for ever (I5), and neither does a mailbox that was
 * there at RCPT: what fails here can be tried again, unless a full one is
 * configured to be refused. The code is the one for
 * this session: a 421 of the next hop would end it.
 */
static void
give_up(struct work *w, struct delivery *dy, const struct fail *why)
{
	struct deliver_result r = { .ok = false };
	bool temp = why->class == FAIL_TEMP && why->status[0] == '4';

	if (dy->handed_over)
		log_error("redirected, but not stored; will come again: "
			  "id=%.*s user=%.*s",
		    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user));
	fail_temp(&r.why, temp ? why->status : "4.3.0", "%s", why->text);
	r.why.sys = why->sys;
	quota_say(w->d->conf, &r.why);
	action_abort_all(dy);
	remember_release(dy);
	report(w, dy, &r);
}

/* I5: the one way for a script to let a delivery fail for ever. RFC 5429 */
static void
refuse(struct work *w, struct delivery *dy)
{
	struct deliver_result r = { .ok = false, .where = dy->refusal };

	fail_code(&r.why, 550, "5.7.1", "refused by the recipient's script");
	remember_confirm(dy);
	report(w, dy, &r);
}

static bool
in_time(const struct deliver_txn *txn, struct fail *why)
{
	if (txn->deadline_ms == 0 || clock_mono_ms() < txn->deadline_ms)
		return true;
	return fail_temp(why, "4.3.2", "delivery took too long");
}

/* --- preparing ---------------------------------------------------------- */

/* What is left of the account's hour; false: nothing, and that was said. */
static bool
within_hour(struct deliver *d, struct delivery *dy, struct sieve_limits *limits)
{
	uint64_t used;

	if (d->ledger == NULL)
		return true;
	used = ledger_used(
	    d->ledger, dy->to->rcpt.account.user, dy->txn->start_us / 1000000);
	if (used >= d->work_hour) {
		report_warn(dy, 0, 0,
		    "scripts of this account did more work within an hour "
		    "than sieve_max_work_hour");
		return false;
	}
	if (limits->work > d->work_hour - used)
		limits->work = d->work_hour - used;
	return true;
}

/* The time is that of the transaction: the same plan in every run (I6). */
static bool
run_script(void *ctx, struct delivery *dy, const struct script *script,
    const struct str *header, struct plan **plan)
{
	struct deliver *d = ctx;
	struct asking asking = { d->conf, d->scripts, &d->limits, dy };
	struct sieve_env env = asking_env(&asking, script);
	struct sieve_limits limits = d->limits;
	uint32_t line = 0, column = 0;
	struct fail why;
	bool ok;

	if (!within_hour(d, dy, &limits))
		return false;
	if (d->in_company && limits.work > COMPANY_WORK)
		limits.work = COMPANY_WORK;
	env.header = header;
	env.spam_scanner = &d->scanners.spam;
	env.virus_scanner = &d->scanners.virus;
	ok = sieve_run(script->program, &env, &limits, dy->scratch, plan, &line,
	    &column, &why);
	if (d->ledger != NULL)
		ledger_add(d->ledger, dy->to->rcpt.account.user, env.now,
		    (*plan)->work);
	if (!ok && d->in_company)
		d->too_long = true; /* alone it may do more */
	else if (!ok)
		report_warn(dy, line, column, why.text);
	return ok;
}

/* Handing over takes as long as the next hop does. */
static bool
hands_over(const struct plan *plan)
{
	const struct intent *i = plan != NULL ? plan->first : NULL;

	while (i != NULL && i->verb == INTENT_STORE)
		i = i->next;
	return i != NULL;
}

/* A plan that cannot be carried out as a whole is not carried out at all. One
 * that scripts could not finish is, and a marked copy is kept beside it. */
static bool
prepare_plan(struct delivery *dy, const struct plan *plan, bool unfinished,
    struct fail *why)
{
	if (remember_undecided(dy, why))
		return false;
	if (plan != NULL) {
		remember_plan(dy, plan);
		if (action_adopt(dy, plan, why) && action_prepare_all(dy, why))
			return !unfinished || action_keep_marked(dy, why);
		if (why->class != FAIL_PERM)
			return false;
		report_warn(dy, dy->at, 0, why->text);
		action_abort_all(dy);
	}
	remember_release(dy);
	return action_keep_marked(dy, why);
}

static bool
prepare_one(struct deliver *d, struct delivery *dy, struct fail *why)
{
	const struct chain chain = { d->conf, d->scripts, &d->limits,
		run_script, d };
	struct plan *plan = NULL;
	bool unfinished = false;

	if (!in_time(dy->txn, why) || !autocreate(dy, d->conf, why))
		return false;
	dy->msg =
	    message_open(dy->scratch, dy->txn->bytes, dy->txn->octets, NULL);
	test_hooks(dy);
	if (dy->to->no_script)
		log_error("script ended workers, message kept without it: "
			  "id=%.*s user=%.*s",
		    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user));
	else if (!chain_plan(&chain, dy, &plan, &unfinished, why))
		return false;
	if (d->in_company && hands_over(plan))
		d->too_long = true;
	return !d->too_long && prepare_plan(dy, plan, unfinished, why);
}

/*
 * The index of the message is made anew for each recipient: whatever a
 * script makes the library remember about it dies with that recipient's
 * memory.
 */
static void
prepare(struct work *w, struct delivery *dy)
{
	struct deliver *d = w->d;
	struct fail why;
	bool ok;

	dy->scratch = d->run;
	ok = prepare_one(d, dy, &why);
	dy->msg = NULL;
	dy->scratch = NULL;
	arena_reset(d->run);
	if (!ok && !d->too_long)
		give_up(w, dy, &why);
}

/* --- committing --------------------------------------------------------- */

/*
 * What cannot be undone. A next hop that says no for ever leaves the message
 * in INBOX, marked. One that says "later" makes this recipient come again,
 * unless a part went out already: that part would go out twice, so then the
 * message stays in INBOX, marked, as well.
 */
static void
hand_over(struct work *w, struct delivery *dy)
{
	struct fail why;

	for (struct effect *e = dy->first; e != NULL; e = e->next) {
		if (!e->action->irrevocable)
			continue;
		if (e->action->commit(dy, e, &why)) {
			dy->handed_over = true;
			continue;
		}
		if (why.class != FAIL_PERM && !dy->handed_over) {
			give_up(w, dy, &why);
			return;
		}
		report_warn(dy, e->line, 0, why.text);
		/* better too much than redirected twice */
		dy->quota.ignore = true;
		if (!action_keep_marked(dy, &why)) {
			give_up(w, dy, &why);
			return;
		}
	}
}

static void
publish(struct work *w, struct delivery *dy)
{
	struct fail why;

	/* What was handed over is finished even when it is late. */
	if (!dy->handed_over && !in_time(w->txn, &why)) {
		give_up(w, dy, &why);
		return;
	}
	for (struct effect *e = dy->first; e != NULL; e = e->next) {
		if (e->action->irrevocable || e->action->commit == NULL ||
		    e->action->commit(dy, e, &why))
			continue;
		give_up(w, dy, &why);
		return;
	}
}

static void
finish(struct work *w, struct delivery *dy)
{
	struct fail why;

	for (struct effect *e = dy->first; e != NULL; e = e->next) {
		if (e->action->finish == NULL || e->action->finish(dy, e, &why))
			continue;
		give_up(w, dy, &why);
		return;
	}
	succeed(w, dy);
}

static bool
nothing_left(const struct delivery *dy)
{
	const struct effect *e = dy->first;

	while (e != NULL && e->action->finish == NULL)
		e = e->next;
	return e == NULL;
}

static void
start_commit(struct work *w, struct delivery *dy)
{
	struct fail why;

	if (!in_time(w->txn, &why))
		give_up(w, dy, &why);
	else if (dy->refusal.p != NULL)
		refuse(w, dy);
	else
		hand_over(w, dy);
	/* The sooner it is said, the less a crash can redirect again. */
	if (!dy->over && nothing_left(dy))
		succeed(w, dy);
}

/* One step for every recipient of the round that is still on its way. */
static void
each(struct work *w, void (*step)(struct work *, struct delivery *))
{
	for (size_t i = w->begin; i < w->end; i++)
		if (!w->v[i].over)
			step(w, &w->v[i]);
}

static struct store_message
message_of(const struct deliver_txn *txn)
{
	return (struct store_message){
		.bytes = txn->bytes,
		.fd = txn->fd,
		.wsize = txn->wsize,
		.time_us = txn->start_us,
		.id = txn->id,
	};
}

/* Edited headers are kept until the end of the round. */
static size_t
edited_load(const struct delivery *dy)
{
	size_t octets = 0;

	for (const struct edited *ed = dy->edited; ed != NULL; ed = ed->next)
		octets += ed->msg.head.len;
	return octets / EDITED_OCTETS;
}

/*
 * Each prepared copy holds files open and memory, so there is an end to how
 * many are prepared before they are committed. Who shares a round with whom
 * makes no difference to anybody's outcome.
 */
static void
prepare_round(struct work *w, struct store_txn *with)
{
	struct deliver *d = w->d;
	size_t load = 0;

	w->store_txn =
	    d->tools.store->begin(d->round, &d->options, &w->msg, with);
	for (w->begin = w->end; w->end < w->txn->nrcpt && load < ROUND_LOAD;
	     w->end++) {
		struct delivery *dy = &w->v[w->end];

		*dy = (struct delivery){
			.tools = &d->tools,
			.txn = w->txn,
			.to = &w->txn->rcpt[w->end],
			.store_txn = w->store_txn,
			.arena = arena_new("delivery", 0),
		};
		dy->quota = quota_of(w->d->conf, &dy->to->rcpt.account);
		dy->quota.ignore = dy->to->ignore_quota;
		prepare(w, dy);
		load += 1 + dy->nseq + edited_load(dy);
	}
}

static void
close_round(struct work *w)
{
	w->d->tools.store->end(w->store_txn);
	for (size_t i = w->begin; i < w->end; i++) {
		action_close(&w->v[i]);
		arena_free(w->v[i].arena);
	}
}

/* What was prepared, of one or of several that are synced together. */
static void
commit_rounds(struct work *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		each(&w[i], start_commit);
	for (size_t i = 0; i < n; i++)
		each(&w[i], publish);
	for (size_t i = 0; i < n; i++)
		each(&w[i], finish);
	for (size_t i = n; i-- > 0;) {
		for (size_t k = w[i].begin; k < w[i].end; k++) {
			assert(w[i].v[k].over);
			action_after_all(&w[i].v[k]);
		}
		close_round(&w[i]);
	}
	arena_reset(w->d->round);
}

static struct work
work_on(struct deliver *d, const struct deliver_txn *txn,
    deliver_result_fn *result, void *ctx)
{
	return (struct work){
		.d = d,
		.txn = txn,
		.msg = message_of(txn),
		.v = ARENA_ARRAY(d->txn, txn->nrcpt, struct delivery),
		.result = result,
		.ctx = ctx,
	};
}

void
deliver_transaction(struct deliver *d, const struct deliver_txn *txn,
    deliver_result_fn *result, void *ctx)
{
	struct work w = work_on(d, txn, result, ctx);

	while (w.end < txn->nrcpt) {
		prepare_round(&w, NULL);
		commit_rounds(&w, 1);
	}
	arena_reset(d->txn);
}

/* --- several together ---------------------------------------------------- */

/* Prepare one while others wait. False: it must be alone, nothing was done. */
static bool
prepare_in_company(struct work *w, struct store_txn *with)
{
	struct deliver *d = w->d;
	bool ok;

	d->in_company = true;
	d->too_long = false;
	prepare_round(w, with);
	ok = !d->too_long;
	d->in_company = d->too_long = false;
	if (!ok) {
		action_abort_all(&w->v[0]);
		close_round(w);
		w->end = 0;
	}
	return ok;
}

/* How many of them could be prepared together; at least the first is. */
static size_t
prepare_together(struct work *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t begun_ms = clock_mono_ms();

		if (!prepare_in_company(&w[i], i > 0 ? w->store_txn : NULL))
			return i;
		if (clock_mono_ms() - begun_ms >= COMPANY_MS)
			return i + 1;
	}
	return n;
}

void
deliver_together(struct deliver *d, const struct deliver_member *m, size_t n,
    deliver_result_fn *result, deliver_back_fn *back)
{
	struct work w[DELIVER_TOGETHER_MAX];
	size_t ready;

	assert(n > 0 && n <= DELIVER_TOGETHER_MAX);
	if (n == 1) {
		deliver_transaction(d, &m->txn, result, m->ctx);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		assert(m[i].txn.nrcpt == 1);
		w[i] = work_on(d, &m[i].txn, result, m[i].ctx);
	}
	ready = prepare_together(w, n);
	for (size_t i = ready > 0 ? ready : 1; i < n; i++)
		back(m[i].ctx);
	if (ready > 0)
		commit_rounds(w, ready);
	arena_reset(d->txn);
	if (ready == 0)
		deliver_transaction(d, &m->txn, result, m->ctx);
}

size_t
deliver_together_max(const struct conf *conf, int partition)
{
	enum store_order order = order_of(conf);

	return store_maildir_commits_together(order, partition)
	           ? DELIVER_TOGETHER_MAX
	           : 1;
}
