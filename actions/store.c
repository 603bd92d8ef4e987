/*
 * store: keep and fileinto against a mailstore. Knows how a mailbox is
 * chosen (detail, separator, creating); nothing of how one looks on disk.
 */
#include "actions/mailbox.h"

#include "lib/arena.h"

static bool
is_inbox(struct str mailbox)
{
	return str_caseeq(mailbox, S("INBOX"));
}

struct store_account
store_account_of(const struct delivery *dy)
{
	return (struct store_account){
		.options = dy->tools->options,
		.root = dy->to->rcpt.account.root,
	};
}

void
store_as_keep(struct effect *e, bool detail)
{
	e->action = &action_store;
	e->target = S("INBOX");
	e->flags = detail ? PLAN_KEEP : 0;
}

static bool
settle(struct delivery *dy, struct effect *e, struct fail *why)
{
	if (e->flags & PLAN_KEEP && is_inbox(e->target)) {
		e->target = mailbox_for_detail(dy);
		return true;
	}
	return mailbox_name(dy->arena, dy->tools->options->layout, e->target,
	    dy->tools->sep, &e->target, why);
}

/* Other bytes are a transaction of the store of their own: a hard link is
 * made between equal ones only. */
static struct store_txn *
txn_for(struct delivery *dy, struct edited *ed)
{
	if (ed == NULL)
		return dy->store_txn;
	if (ed->txn == NULL)
		ed->txn = dy->tools->store->begin(
		    dy->arena, dy->tools->options, &ed->msg, dy->store_txn);
	return ed->txn;
}

/* Shared mailboxes have no INBOX: what else would go there stays with the
 * one that was written to. */
static void
settle_shared(struct delivery *dy, struct effect *e)
{
	struct fail ignored;

	if (dy->to->rcpt.account.shared && is_inbox(e->target) &&
	    !mailbox_name(dy->arena, dy->tools->options->layout,
		dy->to->rcpt.detail, dy->tools->sep, &e->target, &ignored))
		e->target = dy->to->rcpt.detail;
}

static bool
stage(struct delivery *dy, struct effect *e, struct fail *why)
{
	bool asked = (e->flags & (PLAN_KEEP | PLAN_CREATE)) == PLAN_CREATE;
	bool any = !(e->flags & PLAN_KEEP) &&
	           (dy->tools->create ||
		       strlist_has(&dy->tools->creatable, e->target));
	struct store_target target = {
		.root = dy->to->rcpt.account.root,
		.mailbox = e->target,
		.rcpt = dy->to->index,
		.seq = e->seq,
		.create = !is_inbox(e->target) && (asked || any),
		.flags = e->imapflags,
		.use = e->specialuse,
		.quota = &dy->quota,
	};

	return dy->tools->store->stage(
	    txn_for(dy, e->edited), &target, &e->staged, why);
}

static bool
prepare(struct delivery *dy, struct effect *e, struct fail *why)
{
	bool shared = dy->to->rcpt.account.shared;

	settle_shared(dy, e);
	if (stage(dy, e, why))
		return true;
	e->staged = NULL;
	/* The detail's mailbox went away a moment ago. */
	if (why->class == FAIL_PERM && e->flags & PLAN_KEEP &&
	    !is_inbox(e->target) && !shared) {
		e->target = S("INBOX");
		if (stage(dy, e, why))
			return true;
		e->staged = NULL;
	}
	/* RCPT said that this user exists. Now INBOX is not there: a file
	 * system that is not mounted looks the same. */
	if (why->class == FAIL_PERM && (is_inbox(e->target) || shared)) {
		struct fail was = *why;

		fail_temp(why, "4.3.0", "%s: %s", shared ? "mailbox" : "INBOX",
		    was.text);
	}
	return false;
}

static bool
commit(struct delivery *dy, struct effect *e, struct fail *why)
{
	e->done = dy->tools->store->publish(e->staged, why);
	return e->done;
}

static bool
finish(struct delivery *dy, struct effect *e, struct fail *why)
{
	return dy->tools->store->sync(e->staged, why);
}

static void
abort_store(struct delivery *dy, struct effect *e)
{
	if (e->staged != NULL)
		dy->tools->store->discard(e->staged);
	e->staged = NULL;
	e->done = false;
}

const struct action action_store = {
	.name = "store",
	.merges = true,
	.settle = settle,
	.prepare = prepare,
	.commit = commit,
	.finish = finish,
	.abort = abort_store,
};
