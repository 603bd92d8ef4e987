/*
 * recipient: from an envelope address to a person who can get mail.
 */
#ifndef TAMIS_ACTIONS_RECIPIENT_H
#define TAMIS_ACTIONS_RECIPIENT_H

#include "conf/account.h"
#include "lib/address.h"

struct recipient {
	struct str address; /* as in RCPT, without brackets */
	struct str detail;  /* behind the first '+'; "" when none */
	struct account account;
};

/*
 * Has this account room for a message?
 *   size   octets, from SIZE= of MAIL; 0: not said
 *   fails  452 4.2.2 or 552 5.2.2 no; 451 4.3.0 could not find out
 */
typedef bool recipient_quota_fn(const struct conf *, struct arena *,
    const struct account *, uint64_t size, struct fail *why);

/* The usual one; reads a file of the account, no more. actions/quota.c */
recipient_quota_fn recipient_has_room;

/* One question, as RCPT puts it. */
struct recipient_query {
	const struct address *addr;
	uint64_t size;             /* of SIZE=; 0: not said */
	recipient_quota_fn *quota; /* NULL: not asked, as with IGNOREQUOTA */
};

/*
 * May mail for this address be accepted?
 *   POSTUSER+NAME is the shared mailbox NAME: the account is then "shared",
 *   the detail is NAME. A recipient that does not exist is that of
 *   lmtp_catchall_mailbox, without detail.
 *   fails  550 5.1.1 unknown, 451 4.3.0 could not find out, 451 4.2.1 denied
 *          (userdeny), 451 4.2.1 or 550 5.2.1 disabled, and what quota says
 * Blocking: called by ask, tools and the one-process mode only.
 */
bool recipient_find(struct accounts *, struct arena *,
    const struct recipient_query *, struct recipient *out, struct fail *why);

#endif
