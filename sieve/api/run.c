/*
 * run: the public interface to running a script: questions and events
 * between the machine and a host.
 */
#include "lib/arena.h"
#include "sieve/api/result.h"
#include "sieve/vm.h"

/* --- questions ------------------------------------------------------------ */

static bool
mailbox_exists(void *ctx, struct str mailbox)
{
	const struct tamis_sieve_host *h = ctx;

	return h->mailbox_exists(h->ctx, api_out(mailbox)) != 0;
}

static bool
special_use(void *ctx, struct str mailbox, struct str flag, struct str *out)
{
	const struct tamis_sieve_host *h = ctx;
	struct tamis_str found = { 0 };
	bool yes = h->special_use(
		       h->ctx, api_out(mailbox), api_out(flag), &found) != 0;

	*out = api_in(found);
	return yes;
}

static bool
mailbox_by_id(void *ctx, struct str id, struct str *out)
{
	const struct tamis_sieve_host *h = ctx;
	struct tamis_str found = { 0 };
	bool yes = h->mailbox_by_id(h->ctx, api_out(id), &found) != 0;

	*out = api_in(found);
	return yes;
}

static bool
metadata(void *ctx, struct str mailbox, struct str name, struct str *value)
{
	const struct tamis_sieve_host *h = ctx;
	struct tamis_str found = { 0 };
	bool yes =
	    h->metadata(h->ctx, api_out(mailbox), api_out(name), &found) != 0;

	*value = api_in(found);
	return yes;
}

static enum sieve_found
script(void *ctx, bool global, struct str name,
    const struct sieve_program **prog, struct str *why)
{
	const struct tamis_sieve_host *h = ctx;
	const struct tamis_sieve *found = NULL;
	struct tamis_str reason = { 0 };
	int answer = h->script(h->ctx, global, api_out(name), &found, &reason);

	if (answer == TAMIS_SIEVE_MISSING)
		return SIEVE_MISSING;
	*why = reason.len > 0 ? api_in(reason) : S("it cannot be used");
	if (answer != TAMIS_SIEVE_FOUND || found == NULL)
		return SIEVE_BROKEN;
	*prog = found->prog;
	return SIEVE_FOUND;
}

static bool
seen(void *ctx, const struct plan_mark *mark)
{
	const struct tamis_sieve_host *h = ctx;
	const struct tamis_sieve_mark out = api_mark(mark);

	return h->seen(h->ctx, &out) != 0;
}

/* --- events --------------------------------------------------------------- */

static void
event(void *ctx, const struct sieve_event *e)
{
	static const int kinds[] = {
		[SIEVE_EVENT_STEP] = TAMIS_SIEVE_EVENT_STEP,
		[SIEVE_EVENT_MATCH] = TAMIS_SIEVE_EVENT_MATCH,
		[SIEVE_EVENT_INTENT] = TAMIS_SIEVE_EVENT_ACTION,
		[SIEVE_EVENT_KEEP] = TAMIS_SIEVE_EVENT_KEEP,
		[SIEVE_EVENT_ERROR] = TAMIS_SIEVE_EVENT_ERROR,
	};
	const struct tamis_sieve_host *h = ctx;
	const struct tamis_sieve_event out = {
		.kind = kinds[e->kind],
		.line = e->line,
		.column = e->column,
		.truth = e->truth,
		.op = api_out(e->op),
		.detail = api_out(e->detail),
		.value = api_out(e->value),
		.key = api_out(e->key),
		.target = e->intent != NULL ? api_out(e->intent->target)
		                            : api_out(S("")),
		.message = api_out(
		    str_c(e->kind == SIEVE_EVENT_ERROR ? e->why->text : NULL)),
	};

	h->event(h->ctx, &out);
}

/* --- a run ---------------------------------------------------------------- */

static struct sieve_env
environment(struct tamis_sieve_host *h, const struct message *msg)
{
	return (struct sieve_env){
		.msg = msg,
		.now = h->now,
		.sender = api_in(h->sender),
		.rcpt = api_in(h->rcpt),
		.auth = api_in(h->auth),
		.detail_sep = h->detail_separator.len > 0
		                  ? h->detail_separator.p[0]
		                  : '\0',
		.domain = api_in(h->domain),
		.host = api_in(h->host),
		.location = api_in(h->location),
		.phase = api_in(h->phase),
		.remote_ip = api_in(h->remote_ip),
		.remote_host = api_in(h->remote_host),
		.script_name = api_in(h->script_name),
		.mailbox_exists =
		    h->mailbox_exists != NULL ? mailbox_exists : NULL,
		.special_use = h->special_use != NULL ? special_use : NULL,
		.mailbox_by_id =
		    h->mailbox_by_id != NULL ? mailbox_by_id : NULL,
		.metadata = h->metadata != NULL ? metadata : NULL,
		.script = h->script != NULL ? script : NULL,
		.seen = h->seen != NULL ? seen : NULL,
		.event = h->event != NULL ? event : NULL,
		.ctx = h,
		.event_ctx = h,
	};
}

struct tamis_sieve_result *
tamis_sieve_run(const struct tamis_sieve *s, const char *p, size_t len,
    const struct tamis_sieve_host *given,
    const struct tamis_sieve_limits *given_limits)
{
	struct arena *arena = arena_new("sieve run", 0);
	struct tamis_sieve_result *r =
	    ARENA_NEW(arena, struct tamis_sieve_result);
	struct sieve_limits limits = api_limits(given_limits);
	struct tamis_sieve_host host = { 0 };
	struct sieve_env env;
	struct plan *plan;

	if (given != NULL)
		memcpy(&host, given,
		    given->size < sizeof(host) ? given->size : sizeof(host));
	r->arena = arena;
	env =
	    environment(&host, message_open(arena, str_from(p, len), 0, NULL));
	r->failed = !sieve_run(s->prog, &env, &limits, arena, &plan, &r->line,
	    &r->column, &r->why);
	if (r->failed) {
		plan = plan_new(arena);
		plan_keep_only(plan);
	}
	result_fill(r, plan);
	return r;
}
