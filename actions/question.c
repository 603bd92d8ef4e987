/*
 * question: what a script asks about mailboxes, put to the store. A script
 * names mailboxes with its separator and in any form; the store in one. A
 * store that cannot answer says no: a question never fails a delivery.
 */
#include "actions/asking.h"
#include "actions/mailbox.h"
#include "lib/arena.h"
#include "lib/log.h"

static struct delivery *
delivery_of(void *ctx)
{
	return ((const struct asking *)ctx)->dy;
}

/* A script may ask thousands of times; the account is read once. */
static struct store_account
account_of(void *ctx)
{
	struct asking *asking = ctx;
	struct store_account acct = store_account_of(asking->dy);

	acct.memo = &asking->memo;
	return acct;
}

static bool
canonical(struct delivery *dy, struct str mailbox, struct str *out)
{
	struct fail ignored;

	return mailbox_name(dy->scratch, dy->tools->options->layout, mailbox,
	    dy->tools->sep, out, &ignored);
}

static const struct store_lookup *
lookup_of(const struct delivery *dy)
{
	return dy->tools->store->lookup;
}

static bool
no_answer(const struct delivery *dy, const struct fail *why)
{
	log_warning("question of a script: %s id=%.*s user=%.*s", why->text,
	    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user));
	return false;
}

static bool
exists(void *ctx, struct str mailbox)
{
	struct delivery *dy = delivery_of(ctx);
	struct store_account acct = account_of(ctx);
	struct fail why;
	struct str name;
	bool there = false;

	if (!canonical(dy, mailbox, &name))
		return false;
	if (!dy->tools->store->exists(dy->scratch, &acct, name, &there, &why))
		return no_answer(dy, &why);
	return there;
}

static bool
special_use(void *ctx, struct str mailbox, struct str flag, struct str *out)
{
	struct delivery *dy = delivery_of(ctx);
	struct store_account acct = account_of(ctx);
	struct str name = S("");
	struct fail why;

	if (lookup_of(dy) == NULL ||
	    (mailbox.len > 0 && !canonical(dy, mailbox, &name)))
		return false;
	if (!lookup_of(dy)->special_use(
		dy->scratch, &acct, name, flag, out, &why))
		return no_answer(dy, &why);
	return mailbox_for_script(dy->scratch, *out, dy->tools->sep, out);
}

static bool
mailbox_by_id(void *ctx, struct str id, struct str *out)
{
	struct delivery *dy = delivery_of(ctx);
	struct store_account acct = account_of(ctx);
	struct fail why;

	if (lookup_of(dy) == NULL)
		return false;
	if (!lookup_of(dy)->mailbox_by_id(dy->scratch, &acct, id, out, &why))
		return no_answer(dy, &why);
	return mailbox_for_script(dy->scratch, *out, dy->tools->sep, out);
}

static bool
metadata(
    void *ctx, struct str mailbox, struct str annotation, struct str *value)
{
	struct delivery *dy = delivery_of(ctx);
	struct store_account acct = account_of(ctx);
	struct str name = S("");
	bool found = false;
	struct fail why;

	if (lookup_of(dy) == NULL ||
	    (mailbox.len > 0 && !canonical(dy, mailbox, &name)))
		return false;
	if (!lookup_of(dy)->metadata(
		dy->scratch, &acct, name, annotation, value, &found, &why))
		return no_answer(dy, &why);
	return found;
}

void
mailbox_questions(struct sieve_env *env)
{
	env->mailbox_exists = exists;
	env->special_use = special_use;
	env->mailbox_by_id = mailbox_by_id;
	env->metadata = metadata;
}
