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
 * May mail for this address be accepted?
 *   fails  550 5.1.1 unknown, 451 4.3.0 could not find out
 * Blocking: called by ask, tools and the one-process mode only.
 */
bool recipient_find(const struct conf *, struct arena *, const struct address *,
    struct recipient *out, struct fail *why);

#endif
