/*
 * subscription: which mailboxes of an account IMAP clients shall show, in the
 * files of Dovecot and Courier, under Dovecot's lock.
 */
#ifndef TAMIS_MAILSTORE_SUBSCRIPTION_H
#define TAMIS_MAILSTORE_SUBSCRIPTION_H

#include "lib/fail.h"
#include "lib/str.h"

struct arena;
struct store_options;

/*
 * Subscribe or unsubscribe, in the files that the options name. A mailbox
 * that is subscribed already is not written again.
 *   mailbox    canonical name
 *   budget_ms  to wait for locks
 *   fails      4.3.0
 */
bool subscription_set(struct arena *, const struct store_options *, int rootfd,
    struct str mailbox, bool on, int64_t *budget_ms, struct fail *why);

/* Canonical names, in the order of the file; of Dovecot's, if that is kept */
bool subscription_list(struct arena *, const struct store_options *, int rootfd,
    struct strlist *out, struct fail *why);

#endif
