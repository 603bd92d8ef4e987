/*
 * result: the plan of a test suite's script, carried out by the actions the
 * daemon uses against a store in memory and an outbox. Knows no script.
 */
#include <stdio.h>

#include "actions/action.h"
#include "lib/arena.h"
#include "sieve/ext.h"
#include "tools/svtest/svtest.h"

/* --- the plan ------------------------------------------------------------ */

static void
add_copy(struct plan *plan, const struct intent *in)
{
	struct intent *copy =
	    plan_add(plan, in->verb, in->line, in->flags, in->target);

	*copy = *in;
	copy->next = NULL;
}

void
svtest_forget(struct svtest *t)
{
	struct plan *plan = t->vm->plan;

	*plan = (struct plan){ .arena = plan->arena, .implicit_keep = true };
	t->done = 0;
	t->kept = false;
}

void
svtest_append(struct svtest *t, const struct plan *from)
{
	struct plan *plan = t->vm->plan;

	for (const struct intent *in = from->first; in != NULL; in = in->next)
		if ((in->flags & PLAN_IMPLICIT) == 0)
			add_copy(plan, in);
	if (!from->implicit_keep)
		plan_cancel_keep(plan, from->cancel_line);
	plan->imapflags = from->imapflags;
	/* the suite sees the message as the script left it */
	if (from->header != NULL)
		vm_edit_header(t->vm, *from->header);
}

/* As actions go: the done ones first, so that one that is the same as a done
 * one falls away with it. */
static struct plan *
settled(struct svtest *t, bool with_keep, struct fail *why)
{
	const struct plan *from = t->vm->plan;
	struct plan *plan = plan_new(t->arena);

	*plan = (struct plan){ .arena = t->arena,
		.implicit_keep = with_keep && from->implicit_keep,
		.cancel_line = from->cancel_line,
		.header = from->header,
		.imapflags = from->imapflags };
	for (const struct intent *in = from->first; in != NULL; in = in->next)
		add_copy(plan, in);
	return plan_settle(plan, why) ? plan : NULL;
}

/* Was an intent like that one already carried out? */
static bool
was_done(const struct svtest *t, const struct intent *in)
{
	const struct intent *d = t->vm->plan->first;

	if ((in->flags & PLAN_IMPLICIT) != 0 && t->kept)
		return true;
	for (uint32_t i = 0; i < t->done && d != NULL; i++, d = d->next)
		if (intent_same(d, in) ||
		    (d->verb == in->verb && d->line == in->line &&
			str_eq(d->target, in->target)))
			return true;
	return false;
}

/* --- carrying it out ----------------------------------------------------- */

static bool
send_mail(void *ctx, const struct out_message *m, struct fail *why)
{
	struct svtest *t = ctx;
	struct svtest_mail **end = &t->outbox;
	const struct str parts[] = { m->head, m->bytes };

	(void)why;
	for (size_t i = 0; i < m->rcpts.n; i++) {
		while (*end != NULL)
			end = &(*end)->next;
		*end = ARENA_NEW(t->arena, struct svtest_mail);
		(*end)->sender = str_dup(t->arena, m->sender);
		(*end)->rcpt = str_dup(t->arena, m->rcpts.v[i]);
		(*end)->bytes = str_join(t->arena, parts, 2);
	}
	return true;
}

/* The store in memory asks which mailboxes are missing. */
static struct strlist *
missing(struct svtest *t, const struct plan *plan)
{
	struct strlist *list = ARENA_NEW(t->arena, struct strlist);
	struct fail why;
	struct str name;

	for (const struct intent *in = plan->first; in != NULL; in = in->next)
		if (in->verb == INTENT_STORE &&
		    svtest_mailbox_name(t, in->target, &name, &why) &&
		    !strlist_has(&t->mailboxes, name))
			strlist_add(t->arena, list, name);
	return list;
}

static void
note_created(struct svtest *t)
{
	for (struct memory_copy *c = t->store.first; c != NULL; c = c->next)
		if (c->staged.final &&
		    !strlist_has(&t->mailboxes, c->staged.mailbox))
			strlist_add(t->arena, &t->mailboxes, c->staged.mailbox);
}

static bool
commit(struct delivery *dy, bool irrevocable, struct fail *why)
{
	for (struct effect *e = dy->first; e != NULL; e = e->next)
		if (e->action->irrevocable == irrevocable &&
		    e->action->commit != NULL && !e->action->commit(dy, e, why))
			return false;
	return true;
}

static bool
finish(struct delivery *dy, struct fail *why)
{
	for (struct effect *e = dy->first; e != NULL; e = e->next)
		if (e->action->finish != NULL && !e->action->finish(dy, e, why))
			return false;
	return true;
}

/* As actions/deliver.c does, for one recipient. */
static bool
perform(struct svtest *t, const struct plan *plan, struct fail *why)
{
	struct str bytes = message_bytes(t->env.msg);
	const struct store_message stored = { .bytes = bytes,
		.fd = -1,
		.wsize = message_octets(t->env.msg),
		.id = S("svtest") };
	const struct store_options options = { .hostname = S("localhost"),
		.memory = &t->store };
	const struct action_tools tools = { .store = &store_memory,
		.options = &options,
		.send = send_mail,
		.send_ctx = t,
		/* of this execution: suites come with one message often */
		.track = track_new_memory(t->arena),
		.any_recipient = t->any_recipient,
		.sep = '.',
		.default_domain = S("example.com") };
	const struct deliver_rcpt rcpt = { .orcpt = t->orig_rcpt,
		.rcpt = { .address = t->env.rcpt,
		    .account = { .user = S("svtest"), .root = S("/") } } };
	const struct deliver_txn txn = { .id = S("svtest"),
		.start_us = t->env.now * 1000000,
		.sender = t->env.sender,
		.bytes = bytes,
		.fd = -1,
		.octets = stored.wsize,
		.wsize = stored.wsize,
		.rcpt = &rcpt,
		.nrcpt = 1 };
	struct delivery dy = { .tools = &tools,
		.txn = &txn,
		.to = &rcpt,
		.msg = t->env.msg,
		.scratch = t->arena,
		.arena = t->arena };
	bool ok;

	t->store.missing = missing(t, plan);
	dy.store_txn = store_memory.begin(t->arena, &options, &stored, NULL);
	ok = action_adopt(&dy, plan, why) && action_prepare_all(&dy, why) &&
	     commit(&dy, true, why) && commit(&dy, false, why) &&
	     finish(&dy, why);
	if (ok)
		action_after_all(&dy);
	else
		action_abort_all(&dy);
	action_close(&dy);
	store_memory.end(dy.store_txn);
	note_created(t);
	return ok;
}

static struct str
error_text(struct svtest *t, const struct fail *why)
{
	if (strcmp(why->status, "5.1.1") == 0)
		return str_printf(
		    t->arena, "failed to store into mailbox: %s", why->text);
	if (strcmp(why->status, "5.1.3") == 0)
		return str_printf(
		    t->arena, "invalid folder name: %s", why->text);
	return str_c(why->text);
}

bool
svtest_execute(struct svtest *t, const struct plan *plan, bool keep)
{
	struct plan *todo = plan_new(t->arena);
	struct fail why;

	for (const struct intent *in = plan->first; in != NULL; in = in->next) {
		bool implicit = (in->flags & PLAN_IMPLICIT) != 0;

		if (!was_done(t, in) && (keep || !implicit))
			add_copy(todo, in);
	}
	if (perform(t, todo, &why))
		return true;
	svtest_error(t, error_text(t, &why));
	return false;
}

static bool
exec_execute(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	const struct plan *plan;
	struct fail why;

	(void)v;
	if (t == NULL || vm != t->vm)
		return vm_fail(
		    vm, "test_result_execute: this is no test suite");
	svtest_clear_errors(t);
	plan = settled(t, true, &why);
	if (plan == NULL)
		svtest_error(t, str_c(why.text));
	vm->truth = plan != NULL && svtest_execute(t, plan, true);
	t->done = vm->plan->n;
	t->kept |= vm->plan->implicit_keep;
	return true;
}

/* --- looking at it ------------------------------------------------------- */

static const char *const names[] = {
	[INTENT_STORE] = "store",
	[INTENT_REDIRECT] = "redirect",
	[INTENT_REPLY] = "vacation",
	[INTENT_REFUSE] = "reject",
	[INTENT_NOTIFY] = "notify",
	[INTENT_CALENDAR] = "processcalendar",
};

static struct strlist
action_names(struct svtest *t)
{
	struct strlist list = { 0 };
	struct fail why;
	const struct plan *plan = settled(t, false, &why);

	/* what is in conflict can be looked at, too */
	if (plan == NULL)
		plan = t->vm->plan;
	for (const struct intent *in = plan->first; in != NULL; in = in->next)
		strlist_add(t->arena, &list,
		    (in->flags & PLAN_KEEP) != 0 ? S("keep")
						 : str_c(names[in->verb]));
	if (list.n == 0 && !t->vm->plan->implicit_keep)
		strlist_add(t->arena, &list, S("discard"));
	return list;
}

static bool
exec_action(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	struct strlist list;

	if (t == NULL || vm != t->vm)
		return vm_fail(vm, "test_result_action: this is no test suite");
	list = action_names(t);
	vm->truth = false;
	for (size_t i = 0; i < list.n && !vm->truth; i++)
		if ((v[1] == 0 || v[1] == i + 1) &&
		    !vm_match_str(vm, v[2], list.v[i]))
			return false;
	return true;
}

static bool
exec_print(struct sieve_vm *vm, const uint64_t *v)
{
	struct str rest, line;
	struct buf out;

	(void)v;
	buf_init(&out, 1 << 20);
	plan_print(vm->plan, &out);
	rest = buf_str(&out);
	while (str_cut(&rest, '\n', &line))
		printf("# %.*s\n", STR_ARG(line));
	buf_free(&out);
	return true;
}

static bool
exec_reset(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	(void)v;
	if (t == NULL)
		return vm_fail(vm, "test_result_reset: this is no test suite");
	svtest_forget(t);
	t->outbox = NULL;
	return true;
}

const struct sieve_op op_test_result_execute = { "test_result_execute", "",
	exec_execute, "T := the result can be carried out" };
const struct sieve_op op_test_result_action = { "test_result_action", "fNm",
	exec_action, "T := the name of an action matches m" };
const struct sieve_op op_test_result_reset = { "test_result_reset", "",
	exec_reset, "forget the result and what was sent" };
const struct sieve_op op_test_result_print = { "test_result_print", "",
	exec_print, "print the result" };
