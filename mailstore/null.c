/*
 * null: store_null takes every copy and forgets it: what a message costs
 * without a disk. Also the shape of a backend, to copy from.
 */
#include <assert.h>

#include "lib/arena.h"
#include "mailstore/mailstore.h"

struct store_txn {
	struct arena *arena;
	enum mailbox_layout layout;
};

static struct store_txn *
null_begin(struct arena *a, const struct store_options *options,
    const struct store_message *message, struct store_txn *with)
{
	struct store_txn *txn = ARENA_NEW(a, struct store_txn);

	(void)message;
	(void)with;
	txn->arena = a;
	txn->layout = options->layout;
	return txn;
}

static bool
null_exists(struct arena *a, const struct store_account *acct,
    struct str mailbox, bool *out, struct fail *why)
{
	struct str name;

	*out = mailbox_name(a, acct->options->layout, mailbox, '/', &name, why);
	fail_clear(why);
	return true;
}

static bool
null_stage(struct store_txn *txn, const struct store_target *target,
    struct staged **out, struct fail *why)
{
	struct staged *staged = ARENA_NEW(txn->arena, struct staged);

	if (!mailbox_name(txn->arena, txn->layout, target->mailbox, '/',
		&staged->mailbox, why))
		return false;
	staged->txn = txn;
	*out = staged;
	return true;
}

static bool
null_publish(struct staged *staged, struct fail *why)
{
	(void)why;
	staged->path = S("null");
	staged->published = true;
	return true;
}

static bool
null_sync(struct staged *staged, struct fail *why)
{
	(void)why;
	assert(staged->published);
	staged->final = true;
	return true;
}

static void
null_discard(struct staged *staged)
{
	staged->published = staged->final = false;
}

static void
null_end(struct store_txn *txn)
{
	(void)txn;
}

const struct store store_null = {
	.name = "null",
	.begin = null_begin,
	.exists = null_exists,
	.stage = null_stage,
	.publish = null_publish,
	.sync = null_sync,
	.discard = null_discard,
	.end = null_end,
};
