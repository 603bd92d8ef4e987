/*
 * maildir_check: what is wrong in an account's Maildir, and putting it right.
 */
#ifndef TAMIS_MAILSTORE_MAILDIR_CHECK_H
#define TAMIS_MAILSTORE_MAILDIR_CHECK_H

#include "mailstore/mailstore.h"

enum maildir_fault {
	FAULT_PART,  /* cur, new, tmp or maildirfolder is not there */
	FAULT_ODD,   /* in cur or new, and no file */
	FAULT_MODE,  /* its owner may not read or write it */
	FAULT_SIZE,  /* S= or W= is wrong */
	FAULT_TWICE, /* a name, or a file, is twice in a mailbox */
	FAULT_TMP,   /* left in tmp, more than 36 hours ago */
	FAULT_QUOTA, /* maildirsize is not what is there */
	FAULT_COUNT
};
extern const char *const maildir_fault_names[FAULT_COUNT];

struct maildir_finding {
	enum maildir_fault fault;
	struct str path; /* below the root; "" is the Maildir itself */
	struct str text; /* for people */
	bool fixed;
	struct fail why; /* class FAIL_NONE: nobody tried, or it is fixed */
};

/*
 * Look through all mailboxes of an account.
 *   repair  put right what can be: a message keeps its bytes and its flags,
 *           but one whose sizes were wrong gets another name, so that IMAP
 *           clients see a new one
 *   quota   of the account
 *   tell    is called for each finding; what it is given lives until it
 *           returns
 *   fails   4.3.0: not everything was looked at
 */
bool maildir_check(const struct store_account *, const struct store_quota *,
    bool repair, void (*tell)(void *ctx, const struct maildir_finding *),
    void *ctx, struct fail *why);

#endif
