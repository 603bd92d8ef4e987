/*
 * result: the public interface to what a run wants done: a settled plan,
 * member by member.
 */
#include "sieve/api/result.h"

#include "lib/arena.h"

struct tamis_sieve_mark
api_mark(const struct plan_mark *m)
{
	return (struct tamis_sieve_mark){
		.id = api_out(m->id),
		.handle = m->has_handle ? api_out(m->handle)
		                        : (struct tamis_str){ NULL, 0 },
		.seconds = m->seconds,
		.last = m->last,
	};
}

/* --- by verb -------------------------------------------------------------- */

static void
fill_fcc(struct arena *arena, struct tamis_sieve_action *a,
    const struct plan_fcc *fcc)
{
	if (fcc == NULL)
		return;
	a->fcc = api_out(fcc->mailbox);
	a->fcc_flags = (fcc->flags & PLAN_CREATE) != 0 ? TAMIS_SIEVE_CREATE : 0;
	a->fcc_imapflags = api_out_list(arena, &fcc->imapflags);
	a->fcc_special_use = api_out(fcc->specialuse);
}

static void
fill_store(
    struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	a->imapflags = api_out_list(arena, &in->imapflags);
	a->special_use = api_out(in->specialuse);
}

static void
fill_redirect(
    struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	const struct plan_redirect *r = in->redirect;

	(void)arena;
	if (r == NULL)
		return;
	a->dsn_notify = api_out(r->notify);
	a->dsn_ret = api_out(r->ret);
	a->deliver_by = r->by;
	a->by_seconds = r->by_seconds;
	a->by_mode = r->by_mode;
	a->by_trace = r->by_trace;
}

static void
fill_reply(
    struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	const struct plan_reply *r = in->reply;

	a->text = api_out(r->reason);
	a->subject = api_out(r->subject);
	a->from = api_out(r->from);
	a->id = api_out(r->id);
	a->seconds = r->seconds;
	a->addresses = api_out_list(arena, &r->addresses);
	a->flags |= r->mime ? TAMIS_SIEVE_MIME : 0;
	fill_fcc(arena, a, r->fcc);
}

static void
fill_refuse(
    struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	(void)arena;
	a->text = api_out(in->refuse->reason);
	a->flags |= in->refuse->ereject ? TAMIS_SIEVE_EREJECT : 0;
}

static void
fill_notify(
    struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	const struct plan_notify *n = in->notify;

	a->text = api_out(n->message);
	a->from = api_out(n->from);
	a->importance = n->importance;
	a->options = api_out_list(arena, &n->options);
	fill_fcc(arena, a, n->fcc);
}

static void
fill_nothing(
    struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	(void)arena;
	(void)a;
	(void)in;
}

static const struct {
	int verb;
	void (*fill)(
	    struct arena *, struct tamis_sieve_action *, const struct intent *);
} verbs[] = {
	[INTENT_STORE] = { TAMIS_SIEVE_STORE, fill_store },
	[INTENT_REDIRECT] = { TAMIS_SIEVE_REDIRECT, fill_redirect },
	[INTENT_REPLY] = { TAMIS_SIEVE_REPLY, fill_reply },
	[INTENT_REFUSE] = { TAMIS_SIEVE_REFUSE, fill_refuse },
	[INTENT_NOTIFY] = { TAMIS_SIEVE_NOTIFY, fill_notify },
	[INTENT_CALENDAR] = { TAMIS_SIEVE_CALENDAR, fill_nothing },
};

static unsigned
flags_out(uint32_t flags)
{
	static const struct {
		uint32_t plan;
		unsigned out;
	} map[] = {
		{ PLAN_COPY, TAMIS_SIEVE_COPY },
		{ PLAN_CREATE, TAMIS_SIEVE_CREATE },
		{ PLAN_IMPLICIT, TAMIS_SIEVE_IMPLICIT },
		{ PLAN_KEEP, TAMIS_SIEVE_KEEP },
	};
	unsigned out = 0;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if ((flags & map[i].plan) != 0)
			out |= map[i].out;
	return out;
}

static void
fill(struct arena *arena, struct tamis_sieve_action *a, const struct intent *in)
{
	a->verb = verbs[in->verb].verb;
	a->flags = flags_out(in->flags);
	a->line = in->line;
	a->target = api_out(in->target);
	if (in->header != NULL)
		a->header = api_out(*in->header);
	verbs[in->verb].fill(arena, a, in);
}

void
result_fill(struct tamis_sieve_result *r, const struct plan *plan)
{
	size_t i = 0;

	r->action = ARENA_ARRAY(r->arena, plan->n, struct tamis_sieve_action);
	for (const struct intent *in = plan->first; in != NULL; in = in->next)
		fill(r->arena, &r->action[r->nactions++], in);
	for (const struct plan_mark *m = plan->marks; m != NULL; m = m->next)
		r->nmarks++;
	r->mark = ARENA_ARRAY(r->arena, r->nmarks, struct tamis_sieve_mark);
	for (const struct plan_mark *m = plan->marks; m != NULL; m = m->next)
		r->mark[i++] = api_mark(m);
}

/* --- what one can ask ----------------------------------------------------- */

const char *
tamis_sieve_result_error(
    const struct tamis_sieve_result *r, unsigned *line, unsigned *column)
{
	if (line != NULL)
		*line = r->failed ? r->line : 0;
	if (column != NULL)
		*column = r->failed ? r->column : 0;
	return r->failed ? r->why.text : NULL;
}

const struct tamis_sieve_action *
tamis_sieve_result_action(const struct tamis_sieve_result *r, size_t i)
{
	return i < r->nactions ? &r->action[i] : NULL;
}

const struct tamis_sieve_mark *
tamis_sieve_result_mark(const struct tamis_sieve_result *r, size_t i)
{
	return i < r->nmarks ? &r->mark[i] : NULL;
}

void
tamis_sieve_result_free(struct tamis_sieve_result *r)
{
	if (r != NULL)
		arena_free(r->arena);
}
