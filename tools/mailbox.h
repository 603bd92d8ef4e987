/*
 * mailbox: what the verbs of "tamis mailbox" share. A new verb is a struct
 * tamis_cmd, named "mailbox VERB", and a row in cmd_mailbox.c.
 */
#ifndef TAMIS_TOOLS_MAILBOX_H
#define TAMIS_TOOLS_MAILBOX_H

#include "conf/account.h"
#include "mailstore/mailstore.h"
#include "tools/tamis.h"

/* An account whose mailboxes are to be looked at. */
struct mailbox_user {
	struct arena *arena;
	struct conf *conf;
	struct account account;
	struct store_options options;
	struct store_account acct;
};

/*
 * Read the configuration and find the account.
 *   config    NULL: the file that is read by default
 *   returns   EXIT_OK, or another exit status after a message to stderr
 * Close it in any case.
 */
int mailbox_open(struct mailbox_user *, const char *config, const char *user);
void mailbox_close(struct mailbox_user *);

/* The canonical name of a mailbox as users write it; false after a message. */
bool mailbox_argument(
    const struct mailbox_user *, const char *arg, struct str *out);

/* Text of others that may hold anything, on one line. */
void mailbox_put_clean(struct buf *, struct str);

extern const struct tamis_cmd mailbox_list, mailbox_create, mailbox_subscribe,
    mailbox_special_use, mailbox_metadata, mailbox_map, mailbox_check,
    mailbox_repair, mailbox_quota;

#endif
