/*
 * plan: the list of intents and how it is settled. Knows verbs, not what
 * carries them out.
 */
#include "sieve/plan.h"

#include "lib/arena.h"
#include "sieve/mailto.h"

static const struct str inbox = STR("INBOX");

struct plan *
plan_new(struct arena *arena)
{
	struct plan *plan = ARENA_NEW(arena, struct plan);

	plan->arena = arena;
	plan->implicit_keep = true;
	return plan;
}

struct intent *
plan_add(struct plan *plan, enum intent_verb verb, uint32_t line,
    uint32_t flags, struct str target)
{
	struct intent *in = ARENA_NEW(plan->arena, struct intent);

	in->verb = verb;
	in->line = line;
	in->flags = flags;
	in->target = target;
	in->header = plan->header;
	if (plan->last != NULL)
		plan->last->next = in;
	else
		plan->first = in;
	plan->last = in;
	plan->n++;
	if (verb == INTENT_REDIRECT)
		plan->nredirects++;
	return in;
}

bool
plan_cancels_keep(enum intent_verb verb, uint32_t flags)
{
	static const bool cancels[] = {
		[INTENT_STORE] = true,
		[INTENT_REDIRECT] = true,
		[INTENT_REPLY] = false,
		[INTENT_REFUSE] = true,
		[INTENT_NOTIFY] = false,
		[INTENT_CALENDAR] = false,
	};

	return cancels[verb] && (flags & PLAN_COPY) == 0;
}

void
plan_cancel_keep(struct plan *plan, uint32_t line)
{
	if (!plan->implicit_keep)
		return;
	plan->implicit_keep = false;
	plan->cancel_line = line;
}

static bool
same_mark(const struct plan_mark *a, const struct plan_mark *b)
{
	return str_eq(a->id, b->id) && a->has_handle == b->has_handle &&
	       str_eq(a->handle, b->handle);
}

void
plan_add_mark(struct plan *plan, const struct plan_mark *mark)
{
	struct plan_mark **at = &plan->marks;

	for (; *at != NULL; at = &(*at)->next)
		if (same_mark(*at, mark))
			return;
	*at = ARENA_NEW(plan->arena, struct plan_mark);
	**at = *mark;
	(*at)->id = str_dup(plan->arena, mark->id);
	(*at)->handle = str_dup(plan->arena, mark->handle);
}

/* --- settling --------------------------------------------------------- */

static bool
same_mailbox(struct str a, struct str b)
{
	return str_eq(a, b) || (str_caseeq(a, inbox) && str_caseeq(b, inbox));
}

/* The domain of an address has no case. RFC 5321 s. 2.4 */
static bool
same_address(struct str a, struct str b)
{
	ssize_t at = str_rchr(a, '@');

	if (at < 0 || str_rchr(b, '@') != at)
		return str_eq(a, b);
	return str_eq(str_sub(a, 0, (size_t)at), str_sub(b, 0, (size_t)at)) &&
	       str_caseeq(str_from_offset(a, (size_t)at),
		   str_from_offset(b, (size_t)at));
}

static bool
same_store(const struct intent *a, const struct intent *b)
{
	return same_mailbox(a->target, b->target);
}

static bool
same_redirect(const struct intent *a, const struct intent *b)
{
	return same_address(a->target, b->target);
}

/* Of two that are the same only the first is done. NULL: never the same. */
static bool (*const same[])(const struct intent *, const struct intent *) = {
	[INTENT_STORE] = same_store,
	[INTENT_REDIRECT] = same_redirect,
	[INTENT_REPLY] = NULL,
	[INTENT_REFUSE] = NULL,
	[INTENT_NOTIFY] = NULL,
	[INTENT_CALENDAR] = NULL,
};

bool
intent_same(const struct intent *a, const struct intent *b)
{
	return a->verb == b->verb && same[a->verb] != NULL &&
	       same[a->verb](a, b);
}

/* RFC 5232 s. 3: the last flags win. That nobody asked for the implicit keep
 * takes away none. */
static bool
has_say(const struct intent *in)
{
	return in->imapflags.n > 0 || (in->flags & PLAN_IMPLICIT) == 0;
}

/* :copy and "implicit" stay only when both had them. */
static void
unite(struct intent *into, const struct intent *from)
{
	uint32_t both = PLAN_COPY | PLAN_IMPLICIT | PLAN_KEEP;

	if (has_say(from))
		into->imapflags = from->imapflags;
	into->flags = (into->flags & from->flags & both) |
	              ((into->flags | from->flags) & ~both);
}

/* Drop what is the same as in, behind it. */
static void
drop_same(struct plan *plan, struct intent *in)
{
	struct intent *prev = in;

	for (struct intent *x = in->next; x != NULL; x = x->next) {
		if (!intent_same(in, x)) {
			prev = x;
			continue;
		}
		unite(in, x);
		prev->next = x->next;
		plan->n--;
		plan->nredirects -= x->verb == INTENT_REDIRECT;
	}
	plan->last = prev;
}

/* RFC 9122; RFC 5429 s. 2.4: what a refusal cannot stand beside; RFC 5230
 * s. 4.7 */
static const struct conflict {
	enum intent_verb a, b;
	const char *text;
} conflicts[] = {
	{ INTENT_REFUSE, INTENT_REFUSE, "the message is refused twice" },
	{ INTENT_REFUSE, INTENT_STORE,
	    "the message is refused and stored in a mailbox" },
	{ INTENT_REFUSE, INTENT_REDIRECT,
	    "the message is refused and redirected" },
	{ INTENT_REFUSE, INTENT_REPLY, "the message is refused and answered" },
	{ INTENT_REFUSE, INTENT_CALENDAR,
	    "the message is refused and its calendar data taken" },
	{ INTENT_REPLY, INTENT_REPLY, "the message is answered twice" },
};

static const struct intent *
find_verb(const struct intent *from, enum intent_verb verb)
{
	while (from != NULL && from->verb != verb)
		from = from->next;
	return from;
}

static bool
check_conflicts(const struct plan *plan, struct fail *why)
{
	for (size_t i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++) {
		const struct conflict *c = &conflicts[i];
		const struct intent *a = find_verb(plan->first, c->a);
		const struct intent *b;

		if (a == NULL)
			continue;
		b = find_verb(c->a == c->b ? a->next : plan->first, c->b);
		if (b != NULL)
			return fail_perm(why, "5.6.0",
			    "conflicting actions: %s (lines %u and %u)",
			    c->text, a->line, b->line);
	}
	return true;
}

/* --- notifications: RFC 5436 s. 2.7 ----------------------------------- */

/* Who a notification by mail goes to; NULL: it is none. */
static const struct strlist *
told_by(const struct intent *in)
{
	if (in->verb != INTENT_NOTIFY || in->notify == NULL ||
	    in->notify->mailto == NULL)
		return NULL;
	return &in->notify->mailto->rcpts;
}

/* Does a notification in front of in go there? */
static bool
is_told(const struct plan *plan, const struct intent *in, struct str rcpt)
{
	for (const struct intent *e = plan->first; e != in; e = e->next) {
		const struct strlist *told = told_by(e);

		for (size_t i = 0; told != NULL && i < told->n; i++)
			if (same_address(told->v[i], rcpt))
				return true;
	}
	return false;
}

static void
narrow_notify(struct plan *plan, struct intent *in, struct strlist left)
{
	struct plan_notify *notify = ARENA_NEW(plan->arena, struct plan_notify);
	struct mailto *mailto = ARENA_NEW(plan->arena, struct mailto);

	*notify = *in->notify;
	*mailto = *in->notify->mailto;
	mailto->rcpts = left;
	notify->mailto = mailto;
	in->notify = notify;
}

/* false: nobody is left. The number of actions and of recipients of each is
 * bounded. */
static bool
tell_once(struct plan *plan, struct intent *in)
{
	const struct strlist *told = told_by(in);
	struct strlist left = { 0 };

	if (told == NULL)
		return true;
	for (size_t i = 0; i < told->n; i++)
		if (!is_told(plan, in, told->v[i]))
			strlist_add(plan->arena, &left, told->v[i]);
	if (left.n < told->n)
		narrow_notify(plan, in, left);
	return left.n > 0;
}

static void
settle_notifies(struct plan *plan)
{
	struct intent **at = &plan->first, *last = NULL;

	while (*at != NULL) {
		if (!tell_once(plan, *at)) {
			*at = (*at)->next;
			plan->n--;
			continue;
		}
		last = *at;
		at = &(*at)->next;
	}
	plan->last = last;
}

static void
settle(struct plan *plan)
{
	if (plan->implicit_keep)
		plan_add(
		    plan, INTENT_STORE, 0, PLAN_KEEP | PLAN_IMPLICIT, inbox)
		    ->imapflags = plan->imapflags;
	for (struct intent *in = plan->first; in != NULL; in = in->next)
		drop_same(plan, in);
	settle_notifies(plan);
	plan->settled = true;
}

bool
plan_settle(struct plan *plan, struct fail *why)
{
	if (plan->settled)
		return true;
	if (!check_conflicts(plan, why))
		return false;
	settle(plan);
	return true;
}

/* --- one script after the other ---------------------------------------- */

static bool
has_keep(const struct plan *plan)
{
	for (const struct intent *in = plan->first; in != NULL; in = in->next)
		if ((in->flags & PLAN_KEEP) != 0)
			return true;
	return plan->implicit_keep;
}

static void
drop_verb(struct plan *plan, enum intent_verb verb)
{
	struct intent **at = &plan->first;

	plan->last = NULL;
	while (*at != NULL) {
		if ((*at)->verb == verb) {
			*at = (*at)->next;
			plan->n--;
			continue;
		}
		plan->last = *at;
		at = &(*at)->next;
	}
}

static void
take_over(struct plan *into, const struct intent *in, struct str script)
{
	struct intent *own;

	if (in->verb == INTENT_REPLY && find_verb(into->first, INTENT_REPLY))
		return;
	if (in->verb == INTENT_REFUSE)
		drop_verb(into, INTENT_REPLY);
	own = plan_add(into, in->verb, in->line, in->flags, in->target);
	own->imapflags = in->imapflags;
	own->specialuse = in->specialuse;
	own->header = in->header;
	own->detail = in->detail;
	own->script = script;
}

static void
gather_flags(struct plan *into, const struct strlist *flags)
{
	for (size_t i = 0; i < flags->n; i++)
		if (!strlist_casehas(&into->imapflags, flags->v[i]))
			strlist_add(into->arena, &into->imapflags, flags->v[i]);
}

bool
plan_chain(struct plan *into, const struct plan *next, struct str script)
{
	bool keep = has_keep(next);

	for (const struct intent *in = next->first; in != NULL; in = in->next)
		if ((in->flags & PLAN_KEEP) == 0)
			take_over(into, in, script);
		else
			gather_flags(into, &in->imapflags);
	for (const struct plan_mark *m = next->marks; m != NULL; m = m->next)
		plan_add_mark(into, m);
	if (next->header != NULL)
		into->header = next->header;
	if (!keep)
		plan_cancel_keep(into, next->cancel_line);
	return keep;
}

void
plan_chain_end(struct plan *into)
{
	settle(into);
}

void
plan_keep_only(struct plan *plan)
{
	*plan = (struct plan){ .arena = plan->arena, .implicit_keep = true };
	plan_add(plan, INTENT_STORE, 0, PLAN_KEEP | PLAN_IMPLICIT, inbox);
	plan->settled = true;
}
