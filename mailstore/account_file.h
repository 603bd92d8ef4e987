/*
 * account_file: what an account's mailboxes are for, called and annotated
 * with, in one text file "tamis-mailboxes" at the root of its Maildir:
 *
 *	tamis-mailboxes 1
 *	special-use TAB FLAG TAB MAILBOX
 *	id          TAB MAILBOX TAB ID
 *	metadata    TAB MAILBOX TAB ANNOTATION TAB VALUE
 *
 * MAILBOX is a canonical name in UTF-8, "" in a metadata line for the server
 * and in a special-use line for "no mailbox". In fields '%', TAB and control
 * characters are written %XX. Lines that begin with '#' and lines of other
 * kinds are left alone. Of two lines with the same key the last one counts,
 * but special-use lines all do: a use may have several mailboxes.
 *   tamis-maildir(5)
 */
#ifndef TAMIS_MAILSTORE_ACCOUNT_FILE_H
#define TAMIS_MAILSTORE_ACCOUNT_FILE_H

#include "lib/fail.h"
#include "lib/str.h"

struct arena;

enum account_kind { ACCOUNT_USE, ACCOUNT_ID, ACCOUNT_METADATA, ACCOUNT_NKINDS };
enum { ACCOUNT_FIELDS = 3 };

struct account_line {
	enum account_kind kind;
	struct str field[ACCOUNT_FIELDS]; /* in the order above; the key is
	                                     all but the last that is used */
};

struct account_lines {
	struct account_line *v;
	size_t n;
};

/* Read it; no file is no lines. fails 4.3.0 */
bool account_file_read(
    struct arena *, int rootfd, struct account_lines *out, struct fail *why);

/* The line with this key that counts; NULL: none. Flags and annotations are
 * compared without regard to the case of ASCII letters.
 *   key1  "" for kinds that have one key */
const struct account_line *account_find_line(const struct account_lines *,
    enum account_kind, struct str key0, struct str key1);

enum account_change {
	ACCOUNT_SET,    /* in place of those with its key */
	ACCOUNT_ADD,    /* unless there is one with its key */
	ACCOUNT_REMOVE, /* those with its key */
};

/*
 * Change the file by one line. On disk when this returns true.
 *   budget_ms  see control_edit
 *   fails      4.3.0, also when the file is locked
 */
bool account_file_set(struct arena *, int rootfd, const struct account_line *,
    enum account_change, int64_t *budget_ms, struct fail *why);

#endif
