/*
 * userdeny: accounts that may not use a service: user_deny.db of Cyrus in its
 * flat form, a line for each user:
 *   USER TAB VERSION TAB SERVICES [TAB MESSAGE]
 * VERSION is 1 or 2. SERVICES is a list of patterns separated by commas, with
 * * ? and [], where "!" in front excludes and the last one that fits counts.
 * Octets below 0x20 and 0xff of a value come as 0xff and the octet with its
 * highest bit set.
 */
#ifndef TAMIS_CONF_USERDENY_H
#define TAMIS_CONF_USERDENY_H

#include "conf/message.h"

struct userdeny;

/* No file is an empty list. Never fails: trouble is said when it is asked. */
struct userdeny *userdeny_open(struct arena *, const struct conf *);
void userdeny_close(struct userdeny *);

/* While it is held the file is looked at once at most. */
void userdeny_hold(struct userdeny *, bool hold);

/*
 *   fails  4.2.1 denied, with the message of the record; 4.3.0 the list
 *          cannot be read, or the user's record not be understood
 */
bool userdeny_allows(
    struct userdeny *, struct arena *, struct str user, struct fail *why);

/* Complain about the file. */
void userdeny_check(
    struct arena *, const struct conf *, struct conf_messages *);

/* Does a list of patterns take in this word? */
bool userdeny_match(struct str patterns, struct str word);

#endif
