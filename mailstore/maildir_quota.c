/*
 * maildir_quota: what a transaction does about quotas: asks before a copy is
 * staged, counts it when it is on disk. Copies that are under way count
 * against the next ones. Knows no file but through quota.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/maildir.h"
#include "mailstore/quota.h"

/* An account in this transaction. */
struct maildir_quota {
	struct maildir_quota *next;
	struct str root;
	const struct store_quota *config;
	struct quota_file file;     /* as it was first read */
	bool counted;               /* used is known, whatever the file says */
	bool failed;                /* could not be counted: there is room */
	struct quota_usage used;    /* when counted */
	struct quota_usage pending; /* taken since: staged or stored */
	struct quota_usage own;     /* the part of it of recipient rcpt */
	struct quota_usage stored;  /* the part of it that is on disk */
	uint32_t rcpt;
};

static const struct store_quota unconfigured = { .known = false };

static void
add(struct quota_usage *to, struct quota_usage n, int sign)
{
	to->octets += sign * n.octets;
	to->messages += sign * n.messages;
}

static struct quota_usage
size_of(const struct store_txn *txn)
{
	const struct store_message *m = txn->message;

	return (struct quota_usage){ (int64_t)(m->head.len + m->bytes.len), 1 };
}

static int
open_account(struct store_txn *txn, const struct maildir_quota *q)
{
	int fd = maildir_root(txn->arena, q->root);

	if (fd < 0)
		log_warning("quota of %s: %s", q->root.p, strerror(errno));
	return fd;
}

static struct maildir_quota *
find(struct store_txn *txn, const struct maildir_box *box)
{
	struct maildir_quota *q = txn->quotas;

	while (q != NULL && !str_eq(q->root, box->root))
		q = q->next;
	if (q != NULL)
		return q;
	q = ARENA_NEW(txn->arena, struct maildir_quota);
	q->root = str_dup(txn->arena, box->root);
	q->next = txn->quotas;
	txn->quotas = q;
	quota_read_path(txn->arena, q->root, &q->file);
	return q;
}

/* --- counting ------------------------------------------------------------ */

static void
write_down(struct maildir_quota *q, int fd, struct quota_usage limits,
    const struct quota_counted *counted)
{
	if (quota_write(fd, &q->file, limits, counted))
		quota_read(fd, &q->file);
	else if (errno != 0)
		log_warning(
		    "maildirsize of %s: %s", q->root.p, strerror(errno));
}

static void
count(struct store_txn *txn, struct maildir_quota *q)
{
	struct quota_usage limits = quota_limits(&q->file, q->config);
	int fd = open_account(txn, q);
	struct quota_counted counted;
	struct fail why;

	q->counted = fd >= 0 && quota_count(fd, txn->options->layout,
				    q->config->skip_trash, &counted, &why);
	q->failed = !q->counted;
	if (q->counted)
		q->used = counted.used;
	else if (fd >= 0)
		log_warning("quota of %s: %s", q->root.p, why.text);
	if (q->counted && counted.steady)
		write_down(q, fd, limits, &counted);
	io_close(&fd);
}

/* --- asking -------------------------------------------------------------- */

/*
 * Lenient, as Cyrus: who is not over yet may get one message more, whatever
 * its size, and however many copies a script makes of it. Strict: nothing
 * that would go over.
 */
static struct quota_usage
weight(const struct store_txn *txn, const struct maildir_quota *q)
{
	struct quota_usage n = q->pending;

	if (q->config->strict)
		add(&n, size_of(txn), 1);
	else
		add(&n, q->own, -1);
	return n;
}

static bool
is_full(struct store_txn *txn, struct maildir_quota *q)
{
	struct quota_usage extra = weight(txn, q);
	enum quota_answer answer = QUOTA_COUNT;

	if (!q->counted && !q->failed)
		answer = quota_ask(&q->file, q->config, extra);
	if (answer != QUOTA_COUNT)
		return answer == QUOTA_FULL;
	if (!q->counted && !q->failed)
		count(txn, q);
	return q->counted &&
	       quota_is_over(quota_limits(&q->file, q->config), q->used, extra);
}

bool
maildir_quota_take(struct store_txn *txn, const struct maildir_box *box,
    const struct store_target *target, const struct maildir_sub *sub,
    const char *name, struct maildir_quota **out, struct fail *why)
{
	struct maildir_quota *q = find(txn, box);
	struct stat st;

	if (q->config == NULL)
		q->config =
		    target->quota != NULL ? target->quota : &unconfigured;
	if (q->rcpt != target->rcpt)
		q->own = (struct quota_usage){ 0 };
	q->rcpt = target->rcpt;
	/* an earlier run of this transaction may have stored it already, and
	 * that may be what filled the mailbox */
	if (!(target->quota != NULL && target->quota->ignore) &&
	    is_full(txn, q) &&
	    fstatat(sub->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return quota_full(why);
	add(&q->pending, size_of(txn), 1);
	add(&q->own, size_of(txn), 1);
	*out = q;
	return true;
}

/* --- counting what was done ---------------------------------------------- */

static void
write_change(struct store_txn *txn, struct maildir_quota *q, int sign)
{
	struct quota_usage change = { 0 };
	int fd;

	add(&change, size_of(txn), sign);
	add(&q->stored, size_of(txn), sign);
	/* who had to count may not be the one who wrote it down */
	if (!q->file.there && !q->counted)
		return;
	fd = open_account(txn, q);
	if (fd >= 0)
		quota_add(fd, change);
	io_close(&fd);
}

void
maildir_quota_stored(struct store_txn *txn, struct maildir_quota *q)
{
	write_change(txn, q, 1);
}

void
maildir_quota_release(
    struct store_txn *txn, struct maildir_quota *q, bool stored)
{
	add(&q->pending, size_of(txn), -1);
	/* of an earlier recipient's nothing is in own any more */
	if (q->own.messages > 0)
		add(&q->own, size_of(txn), -1);
	if (stored)
		write_change(txn, q, -1);
}

/*
 * Who has just gone over is counted now, when nobody waits for it: then the
 * file is good for refusing the next message at RCPT.
 */
static bool
has_gone_over(const struct maildir_quota *q)
{
	struct quota_usage used = q->counted ? q->used : q->file.used;

	return q->stored.messages > 0 && (q->file.valid || q->counted) &&
	       !q->config->ignore &&
	       quota_is_over(
		   quota_limits(&q->file, q->config), used, q->stored);
}

void
maildir_quota_end(struct store_txn *txn)
{
	for (struct maildir_quota *q = txn->quotas; q != NULL; q = q->next)
		if (has_gone_over(q)) {
			int fd = open_account(txn, q);

			if (fd >= 0)
				quota_read(fd, &q->file);
			io_close(&fd);
			count(txn, q);
		}
	txn->quotas = NULL;
}
