/*
 * plan_print: a plan as text, an intent a line; the golden form of plan.h.
 */
#include <inttypes.h>

#include "sieve/op.h"
#include "sieve/plan.h"

/* " WORD "TEXT"", when there is one. */
static void
print_text(struct buf *out, const char *word, struct str text)
{
	if (text.p == NULL)
		return;
	buf_printf(out, " %s ", word);
	print_quoted(out, text);
}

static void
print_list(struct buf *out, const char *word, const struct strlist *list)
{
	if (list->n > 0)
		buf_printf(out, " %s", word);
	for (size_t i = 0; i < list->n; i++) {
		buf_addc(out, ' ');
		print_quoted(out, list->v[i]);
	}
}

static void
print_fcc(const struct plan_fcc *fcc, struct buf *out)
{
	if (fcc == NULL)
		return;
	print_text(out, "fcc", fcc->mailbox);
	if ((fcc->flags & PLAN_CREATE) != 0)
		buf_adds(out, S(" create"));
	if (fcc->specialuse.len > 0)
		print_text(out, "specialuse", fcc->specialuse);
	print_list(out, "flags", &fcc->imapflags);
}

/* --- by verb ----------------------------------------------------------- */

static void
print_store(const struct intent *in, struct buf *out)
{
	if (in->specialuse.len > 0)
		print_text(out, "specialuse", in->specialuse);
}

static void
print_redirect(const struct intent *in, struct buf *out)
{
	const struct plan_redirect *r = in->redirect;

	if (r == NULL)
		return;
	if (r->notify.len > 0)
		print_text(out, "notify", r->notify);
	if (r->ret.len > 0)
		print_text(out, "ret", r->ret);
	if (r->by)
		buf_printf(out, " by %" PRId64 " %c%s", r->by_seconds,
		    r->by_mode, r->by_trace ? " trace" : "");
}

static void
print_reply(const struct intent *in, struct buf *out)
{
	const struct plan_reply *r = in->reply;

	buf_printf(out, " seconds %" PRIu64, r->seconds);
	print_text(out, "id", r->id);
	print_text(out, "subject", r->subject);
	print_text(out, "from", r->from);
	print_list(out, "addresses", &r->addresses);
	if (r->mime)
		buf_adds(out, S(" mime"));
	print_text(out, "reason", r->reason);
	print_fcc(r->fcc, out);
}

static void
print_refuse(const struct intent *in, struct buf *out)
{
	print_text(out, in->refuse->ereject ? "ereject" : "reject",
	    in->refuse->reason);
}

static void
print_notify(const struct intent *in, struct buf *out)
{
	const struct plan_notify *n = in->notify;

	buf_printf(out, " importance %u", n->importance);
	print_text(out, "from", n->from);
	print_list(out, "options", &n->options);
	print_text(out, "message", n->message);
	print_fcc(n->fcc, out);
}

static void (*const details[])(const struct intent *, struct buf *) = {
	[INTENT_STORE] = print_store,
	[INTENT_REDIRECT] = print_redirect,
	[INTENT_REPLY] = print_reply,
	[INTENT_REFUSE] = print_refuse,
	[INTENT_NOTIFY] = print_notify,
	[INTENT_CALENDAR] = NULL,
};

/* --- the plan ---------------------------------------------------------- */

static const char *const verbs[] = {
	[INTENT_STORE] = "store",
	[INTENT_REDIRECT] = "redirect",
	[INTENT_REPLY] = "reply",
	[INTENT_REFUSE] = "refuse",
	[INTENT_NOTIFY] = "notify",
	[INTENT_CALENDAR] = "calendar",
};

void
plan_print_intent(const struct intent *in, struct buf *out)
{
	buf_printf(out, "%s ", verbs[in->verb]);
	print_quoted(out, in->target);
	if ((in->flags & PLAN_IMPLICIT) != 0)
		buf_adds(out, S(" implicit"));
	else
		buf_printf(out, " line %u", in->line);
	if ((in->flags & PLAN_COPY) != 0)
		buf_adds(out, S(" copy"));
	if ((in->flags & PLAN_CREATE) != 0)
		buf_adds(out, S(" create"));
	if (in->header != NULL)
		buf_adds(out, S(" edited"));
	print_list(out, "flags", &in->imapflags);
	if (details[in->verb] != NULL)
		details[in->verb](in, out);
	buf_addc(out, '\n');
}

static void
print_mark(const struct plan_mark *mark, struct buf *out)
{
	buf_adds(out, S("remember "));
	print_quoted(out, mark->id);
	buf_printf(out, " line %u seconds %llu", mark->line,
	    (unsigned long long)mark->seconds);
	if (mark->has_handle) {
		buf_adds(out, S(" handle "));
		print_quoted(out, mark->handle);
	}
	buf_adds(out, mark->last ? S(" last\n") : S("\n"));
}

void
plan_print(const struct plan *plan, struct buf *out)
{
	for (const struct intent *in = plan->first; in != NULL; in = in->next)
		plan_print_intent(in, out);
	if (plan->first == NULL && !plan->implicit_keep)
		buf_printf(out, "discard line %u\n", plan->cancel_line);
	for (const struct plan_mark *m = plan->marks; m != NULL; m = m->next)
		print_mark(m, out);
}
