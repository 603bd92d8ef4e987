/*
 * action: the table of what can be done, and how a plan becomes a list of
 * effects. Knows no order of commits (deliver.c) and no single effect.
 */
#include "actions/action.h"

#include "lib/arena.h"

static const struct action *const actions[] = {
	[INTENT_STORE] = &action_store,
	[INTENT_REDIRECT] = &action_redirect,
	[INTENT_REPLY] = &action_reply,
	[INTENT_REFUSE] = &action_refuse,
	[INTENT_NOTIFY] = &action_notify,
	[INTENT_CALENDAR] = NULL,
};

const struct action *
action_for(enum intent_verb verb)
{
	if ((size_t)verb >= sizeof(actions) / sizeof(*actions))
		return NULL;
	return actions[verb];
}

/* Intents live in the arena of the script's run, effects longer. */
static void
copy_flags(struct arena *arena, struct strlist *to, const struct strlist *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!strlist_casehas(to, from->v[i]))
			strlist_add(arena, to, str_dup(arena, from->v[i]));
}

static struct effect *
effect_new(struct delivery *dy, const struct action *action, uint32_t line)
{
	struct effect *e = ARENA_NEW(dy->arena, struct effect);

	e->action = action;
	e->line = line;
	e->seq = dy->nseq++;
	return e;
}

static void
append(struct delivery *dy, struct effect *e)
{
	if (dy->last == NULL)
		dy->first = e;
	else
		dy->last->next = e;
	dy->last = e;
}

static struct effect *
find(struct delivery *dy, const struct action *action, struct str target)
{
	struct effect *e = dy->first;

	while (e != NULL && (e->action != action || !str_eq(e->target, target)))
		e = e->next;
	return e;
}

/* Octets if each bare LF were CRLF. */
static uint64_t
wire_octets(struct str s)
{
	uint64_t n = s.len;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r');
	return n;
}

static struct store_message
edited_message(struct delivery *dy, struct str header)
{
	const struct deliver_txn *txn = dy->txn;
	struct str own = message_header(dy->msg);

	return (struct store_message){
		.head = str_dup(dy->arena, header),
		.bytes = str_from_offset(txn->bytes, own.len),
		.fd = -1,
		.wsize = txn->wsize - wire_octets(own) + wire_octets(header),
		.time_us = txn->start_us,
		.id = txn->id,
	};
}

/* One for each header; NULL when it is the message's own in the end. */
static struct edited *
edited_for(struct delivery *dy, const struct str *header)
{
	struct edited *ed = dy->edited;

	if (header == NULL || str_eq(*header, message_header(dy->msg)))
		return NULL;
	while (ed != NULL && ed->from != header)
		ed = ed->next;
	if (ed != NULL)
		return ed;
	ed = ARENA_NEW(dy->arena, struct edited);
	ed->from = header;
	ed->msg = edited_message(dy, *header);
	ed->next = dy->edited;
	dy->edited = ed;
	return ed;
}

/* RFC 5232 s. 3: of two stores the last flags win; neither a redirect that
 * became a store nor the implicit keep takes away any. */
static bool
has_say(const struct intent *in)
{
	return in->imapflags.n > 0 ||
	       (in->verb == INTENT_STORE && (in->flags & PLAN_IMPLICIT) == 0);
}

/* RFC 2852 s. 4.1.4: who cannot promise a time may not pass it on. */
static bool
has_deadline(const struct intent *in)
{
	return in->verb == INTENT_REDIRECT && in->redirect != NULL &&
	       in->redirect->by;
}

static bool
adopt_one(struct delivery *dy, const struct intent *in, struct fail *why)
{
	const struct action *action = action_for(in->verb);
	struct effect *e, *same;

	if (action == NULL || has_deadline(in))
		return fail_perm(
		    why, "5.3.3", "this action is not available here");
	e = effect_new(dy, action, in->line);
	e->flags = in->flags;
	e->target = str_dup(dy->arena, in->target);
	copy_flags(dy->arena, &e->imapflags, &in->imapflags);
	e->specialuse = str_dup(dy->arena, in->specialuse);
	e->script = str_dup(dy->arena, in->script);
	e->edited = edited_for(dy, in->header);
	e->intent = in;
	if (!action->settle(dy, e, why))
		return false;
	e->intent = NULL;
	/* settle may have made another action of it */
	same = e->action->merges ? find(dy, e->action, e->target) : NULL;
	if (same == NULL) {
		append(dy, e);
		return true;
	}
	same->flags |= e->flags & PLAN_CREATE;
	if (same->specialuse.len == 0)
		same->specialuse = e->specialuse;
	if (has_say(in))
		same->imapflags = e->imapflags;
	return true;
}

bool
action_adopt(struct delivery *dy, const struct plan *plan, struct fail *why)
{
	dy->cancelled = plan->cancel_line;
	for (const struct intent *in = plan->first; in != NULL; in = in->next) {
		dy->at = in->line;
		if (!adopt_one(dy, in, why))
			return false;
	}
	return true;
}

bool
action_prepare_all(struct delivery *dy, struct fail *why)
{
	for (struct effect *e = dy->first; e != NULL; e = e->next) {
		dy->at = e->line;
		if (e->action->prepare != NULL &&
		    !e->action->prepare(dy, e, why))
			return false;
	}
	return true;
}

bool
action_keep_marked(struct delivery *dy, struct fail *why)
{
	const struct str mark = S("$SieveFailed");
	struct effect *e = find(dy, &action_store, S("INBOX"));

	if (e == NULL) {
		e = effect_new(dy, &action_store, 0);
		store_as_keep(e, false);
		append(dy, e);
	}
	if (e->staged != NULL && strlist_has(&e->imapflags, mark))
		return true;
	/* Flags are part of what is staged: stage it again. */
	e->action->abort(dy, e);
	strlist_add(dy->arena, &e->imapflags, mark);
	return e->action->prepare(dy, e, why);
}

void
action_abort_all(struct delivery *dy)
{
	for (struct effect *e = dy->first; e != NULL; e = e->next)
		if (e->action->abort != NULL)
			e->action->abort(dy, e);
	dy->refusal = (struct str){ NULL, 0 };
	dy->first = dy->last = NULL;
	dy->nseq = 0;
}

bool
action_has_more(const struct delivery *dy)
{
	const struct effect *e = dy->first;

	while (e != NULL && e->sending == NULL)
		e = e->next;
	return e != NULL;
}

void
action_after_all(struct delivery *dy)
{
	for (struct effect *e = dy->first; e != NULL; e = e->next)
		if (e->sending != NULL)
			e->action->after(dy, e);
}

void
action_close(struct delivery *dy)
{
	for (struct edited *ed = dy->edited; ed != NULL; ed = ed->next)
		if (ed->txn != NULL)
			dy->tools->store->end(ed->txn);
	dy->edited = NULL;
}
