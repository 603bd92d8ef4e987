/*
 * memory: store_memory keeps copies in an arena and lists them in the log it
 * was given; it fails where the log says so. Touches no file. Mailboxes exist
 * unless the log says otherwise.
 */
#include <assert.h>

#include "lib/arena.h"
#include "mailstore/memory.h"

struct store_txn {
	struct arena *arena; /* of the copies */
	enum mailbox_layout layout;
	const struct store_message *message;
	struct memory_log *log; /* never NULL */
};

static struct store_txn *
memory_begin(struct arena *a, const struct store_options *options,
    const struct store_message *message, struct store_txn *with)
{
	struct store_txn *txn = ARENA_NEW(a, struct store_txn);

	(void)with;
	txn->message = message;
	txn->layout = options->layout;
	txn->log = options->memory;
	if (txn->log == NULL)
		txn->log = ARENA_NEW(a, struct memory_log);
	txn->arena = txn->log->arena != NULL ? txn->log->arena : a;
	txn->log->begun++;
	return txn;
}

static bool
memory_exists(struct arena *a, const struct store_account *acct,
    struct str mailbox, bool *out, struct fail *why)
{
	const struct memory_log *log = acct->options->memory;
	struct str name;

	*out =
	    mailbox_name(a, acct->options->layout, mailbox, '/', &name, why) &&
	    (log == NULL || log->missing == NULL ||
		!strlist_has(log->missing, name));
	fail_clear(why);
	return true;
}

static bool
count_call(struct memory_log *log, enum memory_call call, struct fail *why)
{
	static const char *const names[MEMORY_NCALLS] = {
		[MEMORY_STAGE] = "stage",
		[MEMORY_PUBLISH] = "publish",
		[MEMORY_SYNC] = "sync",
	};

	if (++log->calls[call] != log->fail[call])
		return true;
	return fail_temp(why, "4.3.0", "%s %u was told to fail", names[call],
	    log->fail[call]);
}

static struct strlist
copy_list(struct arena *a, const struct strlist *list)
{
	struct strlist out = { 0 };

	for (size_t i = 0; i < list->n; i++)
		strlist_add(a, &out, str_dup(a, list->v[i]));
	return out;
}

static struct str
content(struct store_txn *txn)
{
	struct str part[] = { txn->message->head, txn->message->bytes };

	return str_join(txn->arena, part, 2);
}

static struct memory_copy *
keep(struct store_txn *txn, const struct store_target *target, struct str name)
{
	struct memory_copy *copy = ARENA_NEW(txn->arena, struct memory_copy);
	struct memory_log *log = txn->log;

	*copy = (struct memory_copy){
		.staged = { .txn = txn, .mailbox = str_dup(txn->arena, name) },
		.root = str_dup(txn->arena, target->root),
		.rcpt = target->rcpt,
		.seq = target->seq,
		.create = target->create,
		.flags = copy_list(txn->arena, &target->flags),
		.bytes = content(txn),
	};
	if (log->last != NULL)
		log->last->next = copy;
	else
		log->first = copy;
	log->last = copy;
	log->n++;
	return copy;
}

static bool
memory_stage(struct store_txn *txn, const struct store_target *target,
    struct staged **out, struct fail *why)
{
	const struct strlist *missing = txn->log->missing;
	struct str name;

	if (!mailbox_name(
		txn->arena, txn->layout, target->mailbox, '/', &name, why))
		return false;
	if (!target->create && missing != NULL && strlist_has(missing, name))
		return fail_perm(
		    why, "5.1.1", "%.*s: no such mailbox", STR_ARG(name));
	if (!count_call(txn->log, MEMORY_STAGE, why))
		return false;
	*out = &keep(txn, target, name)->staged;
	return true;
}

static bool
memory_publish(struct staged *staged, struct fail *why)
{
	if (!count_call(staged->txn->log, MEMORY_PUBLISH, why))
		return false;
	staged->path = staged->mailbox;
	staged->published = true;
	return true;
}

static void
memory_discard(struct staged *staged)
{
	((struct memory_copy *)staged)->discarded = true;
	staged->published = staged->final = false;
}

static bool
memory_sync(struct staged *staged, struct fail *why)
{
	assert(staged->published);
	staged->final = count_call(staged->txn->log, MEMORY_SYNC, why);
	if (!staged->final)
		memory_discard(staged);
	return staged->final;
}

static void
memory_end(struct store_txn *txn)
{
	txn->log->ended++;
}

size_t
memory_count(const struct memory_log *log, struct str root, struct str mailbox)
{
	size_t n = 0;

	for (const struct memory_copy *c = log->first; c != NULL; c = c->next)
		if (c->staged.final && str_eq(c->staged.mailbox, mailbox) &&
		    (root.len == 0 || str_eq(c->root, root)))
			n++;
	return n;
}

const struct store store_memory = {
	.name = "memory",
	.begin = memory_begin,
	.exists = memory_exists,
	.stage = memory_stage,
	.publish = memory_publish,
	.sync = memory_sync,
	.discard = memory_discard,
	.end = memory_end,
};
