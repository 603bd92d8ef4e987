/*
 * mailboxes: what is done with the mailboxes of a Maildir account besides
 * delivering into them. All of it is on disk when a function returns true;
 * all fail 4.3.0 unless something else is said. Mailboxes are canonical
 * names.
 */
#ifndef TAMIS_MAILSTORE_MAILBOXES_H
#define TAMIS_MAILSTORE_MAILBOXES_H

#include "mailstore/mailstore.h"

struct maildir_box;

/*
 * Make a mailbox, and the account's INBOX before it, with all directories
 * above that are missing; then it is subscribed, as the options say.
 *   use    "\\Junk": it gets this special use; "": none
 *   *made  false: it was there; nothing was changed
 *   fails  5.1.3 no mailbox name, 4.3.0
 */
bool mailboxes_create(struct arena *, const struct store_account *,
    struct str mailbox, struct str use, bool *made, struct fail *why);

/* A transaction of the store made this box: subscribe, special use. What
 * fails is logged: the message matters more. */
void mailboxes_made(struct store_txn *, struct maildir_box *,
    struct str mailbox, struct str use);

bool mailboxes_subscribe(struct arena *, const struct store_account *,
    struct str mailbox, bool on, struct fail *why);
bool mailboxes_subscribed(struct arena *, const struct store_account *,
    struct strlist *out, struct fail *why);

/* Say which mailbox has a special use.
 *   mailbox  NULL: what the options say; "": none */
bool mailboxes_set_use(struct arena *, const struct store_account *,
    struct str flag, const struct str *mailbox, struct fail *why);

/* value NULL: take the annotation away; mailbox "": of the server. */
bool mailboxes_set_metadata(struct arena *, const struct store_account *,
    struct str mailbox, struct str annotation, const struct str *value,
    struct fail *why);

#endif
