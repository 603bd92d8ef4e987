/*
 * deliver: the order of everything. All recipients are prepared, one after
 * the other, with nothing of one in reach of the next; then what cannot be
 * undone is handed over, then names appear, then they are on disk, and then
 * it is said. Knows no single action.
 */
#include "actions/deliver.h"

#include <assert.h>

#include "actions/action.h"
#include "actions/chain.h"
#include "actions/hooks.h"
#include "actions/ledger.h"
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
};

struct deliver {
	const struct conf *conf;
	struct action_tools tools;
	struct store_options options;
	struct sieve_limits limits;
	struct scanners scanners;
	struct script_cache *scripts;
	struct ledger *ledger; /* NULL: work is not limited by the hour */
	uint64_t work_hour;    /* units */
	struct arena *run;     /* one recipient's look-up and script; wiped */
	struct arena *txn;     /* one transaction; wiped */
	struct arena *round;
};

/* One transaction in work. */
struct work {
	struct deliver *d;
	const struct deliver_txn *txn;
	struct delivery *v; /* one for each of txn->rcpt */
	size_t begin, end;  /* this round's */
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
	l.notifies = (uint32_t)conf_int(conf, SETTING_sieve_max_notifies);
	l.vacation_min =
	    (uint64_t)conf_int(conf, SETTING_sieve_vacation_min_response);
	l.vacation_max =
	    (uint64_t)conf_int(conf, SETTING_sieve_vacation_max_response);
	l.work = (uint64_t)conf_int(conf, SETTING_sieve_max_work);
	return l;
}

struct deliver *
deliver_new(struct arena *arena, const struct conf *conf, out_send_fn *send,
    void *send_ctx)
{
	struct deliver *d = ARENA_NEW(arena, struct deliver);
	bool slash = conf_bool(conf, SETTING_unixhierarchysep);

	*d = (struct deliver){
		.conf = conf,
		.tools = {
			.store = &store_maildir,
			.send = send,
			.send_ctx = send_ctx,
			.sep = slash ? '/' : '.',
			.create = conf_bool(conf, SETTING_anysievefolder),
			.default_domain = conf_str(conf, SETTING_defaultdomain),
		},
		.options = {
			.order = conf_enum(conf, SETTING_maildir_sync_order) == 0
			    ? STORE_STRICT
			    : STORE_WRITE_OUT,
			.hostname = conf_servername(conf),
			.file_mode = 0666 &
			    ~(uint32_t)conf_int(conf, SETTING_umask),
		},
		.limits = limits_of(conf),
		.scanners = scanners_of(conf, arena),
		.scripts =
		    script_cache_new(arena, CACHE_PROGRAMS, CACHE_BYTES),
		.run = arena_new("run", 0),
		.txn = arena_new("transaction", 0),
		.round = arena_new("round", 0),
	};
	d->tools.options = &d->options;
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
	struct deliver_result r = { .ok = true, .where = report_where(dy) };

	report(w, dy, &r);
}

/*
 * A script never refuses for ever (I5), and neither does a mailbox that was
 * there at RCPT: what fails here can be tried again. The code is the one for
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
	action_abort_all(dy);
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

/* What a script's questions are about. */
struct asking {
	struct deliver *d;
	struct delivery *dy;
};

static bool
mailbox_exists(void *ctx, struct str mailbox)
{
	struct delivery *dy = ((const struct asking *)ctx)->dy;
	struct store_account acct = store_account_of(dy);
	struct fail ignored;
	struct str name;
	bool there = false;

	return mailbox_name(dy->scratch, dy->tools->options->layout, mailbox,
		   dy->tools->sep, &name, &ignored) &&
	       dy->tools->store->exists(
		   dy->scratch, &acct, name, &there, &ignored) &&
	       there;
}

/* Beside the active script, with its ending; or of the site. RFC 6609 */
static void
place_of(const struct deliver *d, struct delivery *dy, bool global,
    struct str *dir, struct str *ending)
{
	struct account_script where;
	struct str sievedir[] = { conf_str(d->conf, SETTING_sievedir),
		S("/global") };
	ssize_t slash;

	account_script(d->conf, dy->scratch, &dy->to->rcpt.account, &where);
	slash = str_rchr(where.path, '/');
	*dir = where.dir;
	*ending = S(".script");
	if (global) {
		*dir = str_join(dy->scratch, sievedir, 2);
	} else if (slash > 0) {
		*dir = str_sub(where.path, 0, (size_t)slash);
		*ending = S(".sieve");
	}
}

/* The address of the client without brackets; "" when it has none. */
static struct str
address_of(struct str peer)
{
	if (peer.len < 2 || peer.p[0] != '[' || peer.p[peer.len - 1] != ']')
		return S("");
	return str_sub(peer, 1, peer.len - 1);
}

/* What follows the first label of the host's name. */
static struct str
domain_of(struct str host)
{
	return str_from_offset(host, (size_t)(str_chr(host, '.') + 1));
}

/* "NAME" of "NAME.script", or of a path. */
static struct str
script_basename(struct str name)
{
	ssize_t dot;

	name = str_from_offset(name, (size_t)(str_rchr(name, '/') + 1));
	dot = str_rchr(name, '.');
	return dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
}

static enum sieve_found
included_script(void *ctx, bool global, struct str name,
    const struct sieve_program **prog, struct str *text)
{
	const struct asking *asking = ctx;
	struct delivery *dy = asking->dy;
	struct deliver *d = asking->d;
	struct script script;
	struct fail why;
	struct str dir, file[2] = { name, S("") };

	place_of(d, dy, global, &dir, &file[1]);
	if (dir.len == 0)
		return SIEVE_MISSING;
	if (!script_include(d->scripts, dir, str_join(dy->scratch, file, 2),
		&d->limits, dy->scratch, &script, &why)) {
		*text = str_dup(dy->scratch, str_c(why.text));
		return SIEVE_BROKEN;
	}
	*prog = script.program;
	*text = script.text;
	if (script.state == SCRIPT_BROKEN && script.line > 0)
		*text = str_printf(dy->scratch, "line %u: %.*s", script.line,
		    STR_ARG(script.text));
	return script.state == SCRIPT_OK     ? SIEVE_FOUND
	       : script.state == SCRIPT_NONE ? SIEVE_MISSING
	                                     : SIEVE_BROKEN;
}

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
	struct asking asking = { d, dy };
	struct str host = conf_servername(d->conf);
	struct sieve_env env = {
		.msg = dy->msg,
		.header = header,
		.sender = dy->txn->sender,
		.rcpt = dy->to->rcpt.address,
		.now = dy->txn->start_us / 1000000,
		.mailbox_exists = mailbox_exists,
		.script = included_script,
		.script_name = script_basename(script->name),
		.host = host,
		.domain = domain_of(host),
		.remote_ip = address_of(dy->txn->peer),
		.spam_scanner = &d->scanners.spam,
		.virus_scanner = &d->scanners.virus,
		.ctx = &asking,
	};
	struct sieve_limits limits = d->limits;
	uint32_t line = 0, column = 0;
	struct fail why;
	bool ok;

	if (!within_hour(d, dy, &limits))
		return false;
	ok = sieve_run(script->program, &env, &limits, dy->scratch, plan, &line,
	    &column, &why);
	if (d->ledger != NULL)
		ledger_add(d->ledger, dy->to->rcpt.account.user, env.now,
		    (*plan)->work);
	if (!ok)
		report_warn(dy, line, column, why.text);
	return ok;
}

/* A plan that cannot be carried out as a whole is not carried out at all. One
 * that scripts could not finish is, and a marked copy is kept beside it. */
static bool
prepare_plan(struct delivery *dy, const struct plan *plan, bool unfinished,
    struct fail *why)
{
	if (plan != NULL) {
		if (action_adopt(dy, plan, why) && action_prepare_all(dy, why))
			return !unfinished || action_keep_marked(dy, why);
		if (why->class != FAIL_PERM)
			return false;
		report_warn(dy, dy->at, 0, why->text);
		action_abort_all(dy);
	}
	return action_keep_marked(dy, why);
}

static bool
prepare_one(struct deliver *d, struct delivery *dy, struct fail *why)
{
	const struct chain chain = { d->conf, d->scripts, &d->limits,
		run_script, d };
	struct plan *plan = NULL;
	bool unfinished = false;

	if (!in_time(dy->txn, why) || !store_make_root(dy, why))
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
	return prepare_plan(dy, plan, unfinished, why);
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
	if (!ok)
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
		if (e->action->irrevocable || e->action->commit(dy, e, &why))
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

	while (e != NULL && e->action->irrevocable)
		e = e->next;
	return e == NULL;
}

static void
start_commit(struct work *w, struct delivery *dy)
{
	struct fail why;

	if (!in_time(w->txn, &why))
		give_up(w, dy, &why);
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
prepare_round(struct work *w, struct store_txn *store_txn)
{
	size_t load = 0;

	for (w->begin = w->end; w->end < w->txn->nrcpt && load < ROUND_LOAD;
	     w->end++) {
		struct delivery *dy = &w->v[w->end];

		*dy = (struct delivery){
			.tools = &w->d->tools,
			.txn = w->txn,
			.to = &w->txn->rcpt[w->end],
			.store_txn = store_txn,
			.arena = arena_new("delivery", 0),
		};
		prepare(w, dy);
		load += 1 + dy->nseq + edited_load(dy);
	}
}

static void
deliver_round(struct work *w, const struct store_message *msg)
{
	const struct store *store = w->d->tools.store;
	struct store_txn *store_txn =
	    store->begin(w->d->round, &w->d->options, msg);

	prepare_round(w, store_txn);
	each(w, start_commit);
	each(w, publish);
	each(w, finish);
	store->end(store_txn);
	for (size_t i = w->begin; i < w->end; i++) {
		assert(w->v[i].over);
		action_close(&w->v[i]);
		arena_free(w->v[i].arena);
	}
	arena_reset(w->d->round);
}

void
deliver_transaction(struct deliver *d, const struct deliver_txn *txn,
    deliver_result_fn *result, void *ctx)
{
	struct store_message msg = message_of(txn);
	struct work w = {
		.d = d,
		.txn = txn,
		.v = ARENA_ARRAY(d->txn, txn->nrcpt, struct delivery),
		.result = result,
		.ctx = ctx,
	};

	while (w.end < txn->nrcpt)
		deliver_round(&w, &msg);
	arena_reset(d->txn);
}
