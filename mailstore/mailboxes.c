/*
 * mailboxes: makes mailboxes and writes down what they are. Knows in which
 * order: first the mailbox, then what is said about it.
 */
#include "mailstore/mailboxes.h"

#include <errno.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/account_file.h"
#include "mailstore/maildir.h"
#include "mailstore/subscription.h"

enum { LOCK_BUDGET_MS = 3000 };

/* --- creating ------------------------------------------------------------ */

static bool
make_box(struct store_txn *txn, struct str root, struct str mailbox, bool *made,
    struct fail *why)
{
	struct maildir_box *box;
	struct str dir;
	bool ok;

	if (!mailbox_dir(txn->arena, txn->options->layout, mailbox, &dir, why))
		return false;
	box = maildir_box(txn, root, dir);
	/* the second makes cur, new and tmp where they are missing */
	ok = maildir_box_open(txn, box, true, why) &&
	     maildir_sub_open(txn, box, MAILDIR_CUR, true, why);
	*made = ok && box->made;
	io_close(&box->sub[MAILDIR_CUR].fd);
	io_close(&box->fd);
	return ok;
}

/* What is to be said about a mailbox that was made. */
static bool
tell(struct store_txn *txn, int rootfd, struct str mailbox, struct str use,
    struct fail *why)
{
	const struct account_line line = { ACCOUNT_USE, { use, mailbox } };

	if (use.len > 0 && !account_file_set(txn->arena, rootfd, &line,
			       ACCOUNT_SET, &txn->lock_budget_ms, why))
		return false;
	return subscription_set(txn->arena, txn->options, rootfd, mailbox, true,
	    &txn->lock_budget_ms, why);
}

/* Somebody may wonder later why there are two. */
static void
warn_alike(
    struct store_txn *txn, int rootfd, struct str root, struct str mailbox)
{
	struct maildir_found *v;
	size_t n;

	if (!maildir_scan(txn->arena, txn->options->layout, rootfd, &v, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (!str_eq(v[i].name, mailbox) &&
		    mailbox_alike(v[i].name, mailbox))
			log_info("mailbox was made, and one is near: "
				 "account=%.*s mailbox=%.*s near=%.*s",
			    STR_ARG(root), STR_ARG(mailbox),
			    STR_ARG(v[i].name));
}

void
mailboxes_made(struct store_txn *txn, struct maildir_box *box,
    struct str mailbox, struct str use)
{
	int rootfd = maildir_root(txn->arena, box->root);
	struct fail why;

	box->made = false;
	if (rootfd < 0)
		fail_errno(&why, errno, "open account");
	if (rootfd < 0 || !tell(txn, rootfd, mailbox, use, &why))
		log_warning("mailbox was made, but: %s mailbox=%.*s/%.*s",
		    why.text, STR_ARG(box->root), STR_ARG(box->dir));
	if (rootfd >= 0)
		warn_alike(txn, rootfd, box->root, mailbox);
	io_close(&rootfd);
}

bool
mailboxes_create(struct arena *a, const struct store_account *acct,
    struct str mailbox, struct str use, bool *made, struct fail *why)
{
	struct store_txn txn = {
		.arena = a,
		.options = acct->options,
		.lock_budget_ms = LOCK_BUDGET_MS,
	};
	bool inbox;
	int rootfd;
	bool ok;

	*made = false;
	if (!make_box(&txn, acct->root, S("INBOX"), &inbox, why) ||
	    !make_box(&txn, acct->root, mailbox, made, why))
		return false;
	if (!*made)
		return true;
	rootfd = maildir_root(a, acct->root);
	if (rootfd < 0)
		return fail_errno(why, errno, "open account");
	ok = tell(&txn, rootfd, mailbox, use, why);
	io_close(&rootfd);
	return ok;
}

/* --- saying -------------------------------------------------------------- */

/* One change of one of the account's files. */
static bool
set_line(struct arena *a, const struct store_account *acct,
    const struct account_line *line, enum account_change how, struct fail *why)
{
	int64_t budget_ms = LOCK_BUDGET_MS;
	int rootfd = maildir_root(a, acct->root);
	bool ok;

	if (rootfd < 0)
		return fail_errno(why, errno, "open account");
	ok = account_file_set(a, rootfd, line, how, &budget_ms, why);
	io_close(&rootfd);
	return ok;
}

bool
mailboxes_set_use(struct arena *a, const struct store_account *acct,
    struct str flag, const struct str *mailbox, struct fail *why)
{
	struct account_line line = { ACCOUNT_USE, { flag } };

	if (mailbox != NULL)
		line.field[1] = *mailbox;
	return set_line(a, acct, &line,
	    mailbox != NULL ? ACCOUNT_SET : ACCOUNT_REMOVE, why);
}

bool
mailboxes_set_metadata(struct arena *a, const struct store_account *acct,
    struct str mailbox, struct str annotation, const struct str *value,
    struct fail *why)
{
	struct account_line line = { ACCOUNT_METADATA,
		{ mailbox, annotation } };

	if (value != NULL)
		line.field[2] = *value;
	return set_line(
	    a, acct, &line, value != NULL ? ACCOUNT_SET : ACCOUNT_REMOVE, why);
}

bool
mailboxes_subscribe(struct arena *a, const struct store_account *acct,
    struct str mailbox, bool on, struct fail *why)
{
	int64_t budget_ms = LOCK_BUDGET_MS;
	int rootfd = maildir_root(a, acct->root);
	bool ok;

	if (rootfd < 0)
		return fail_errno(why, errno, "open account");
	ok = subscription_set(
	    a, acct->options, rootfd, mailbox, on, &budget_ms, why);
	io_close(&rootfd);
	return ok;
}

bool
mailboxes_subscribed(struct arena *a, const struct store_account *acct,
    struct strlist *out, struct fail *why)
{
	int rootfd = maildir_root(a, acct->root);
	bool ok;

	if (rootfd < 0)
		return fail_errno(why, errno, "open account");
	ok = subscription_list(a, acct->options, rootfd, out, why);
	io_close(&rootfd);
	return ok;
}
