/*
 * quota: how much an account holds, as Courier and Dovecot write it down in
 * the file maildirsize of a Maildir, and whether there is room for more.
 *
 * The first line of that file are the limits, "1000000S,1000C"; then come
 * lines of octets and messages whose sums are what is used. Who delivers
 * appends a line; who finds the file too long, damaged or made for other
 * limits counts anew and replaces it. That an account is full is believed of
 * a file that was counted in the last 15 minutes only.
 *
 * Nothing here makes a delivery fail but being full: what cannot be read or
 * written is logged and taken for room.
 */
#ifndef TAMIS_MAILSTORE_QUOTA_H
#define TAMIS_MAILSTORE_QUOTA_H

#include <sys/stat.h>

#include "mailstore/mailstore.h"

struct quota_usage {
	int64_t octets; /* of the files */
	int64_t messages;
};

/* What maildirsize said when it was read. */
struct quota_file {
	bool there;
	bool valid;                      /* else it has to be made anew */
	struct quota_usage limits, used; /* when valid; limit 0: none */
	uint32_t lines;                  /* behind the limits */
	struct stat st;                  /* when there */
};

/* A Maildir, to be handed to the functions below; -1 with errno. */
int quota_open(struct arena *, struct str root);

/* Read it, in a Maildir that is open. */
void quota_read(int root, struct quota_file *out);
/* By the path of the Maildir, for who has not opened it: one system call when
 * there is no file. A link is not followed, as the file. */
void quota_read_path(struct arena *, struct str root, struct quota_file *out);

/* Is there more than the limits allow? extra comes on top of used. */
bool quota_is_over(struct quota_usage limits, struct quota_usage used,
    struct quota_usage extra);

enum quota_answer {
	QUOTA_ROOM,
	QUOTA_FULL,
	QUOTA_COUNT, /* only counting can tell */
};
/* What the file alone can tell. */
enum quota_answer quota_ask(const struct quota_file *,
    const struct store_quota *, struct quota_usage extra);

/* The limits in force: what is configured, else what the file says. */
struct quota_usage quota_limits(
    const struct quota_file *, const struct store_quota *);

/* What was counted, and of what. */
struct quota_counted {
	enum mailbox_layout layout;
	bool skip_trash;
	struct quota_usage used;
	bool steady;    /* false: the store changed meanwhile; good for a
	                   decision, not to be written down */
	uint64_t stamp; /* changes when any directory does */
};

/*
 * Count all messages of a Maildir by their names (S=, else stat).
 *   fails  4.3.0, also when it takes longer than a minute
 */
bool quota_count(int root, enum mailbox_layout, bool skip_trash,
    struct quota_counted *out, struct fail *why);
/* Is everything as it was when it was counted? */
bool quota_is_same(int root, const struct quota_counted *);

/*
 * Replace maildirsize by limits and sums. was is what stood there before
 * they were counted: when it grew meanwhile nothing is replaced, and what is
 * appended while it is being replaced is carried over.
 * false: it was not, because of errno or (errno 0) such a change.
 */
bool quota_write(int root, const struct quota_file *was,
    struct quota_usage limits, const struct quota_counted *);

/* Something was delivered, or (negative) taken back. No file, no change. */
void quota_add(int root, struct quota_usage change);

/*
 * Is there room in this Maildir, as far as maildirsize tells? Reads that one
 * file and nothing else; in doubt there is room.
 *   size   octets of the message, 0: not known
 *   fails  4.2.2 full
 */
bool quota_has_room(struct arena *, struct str root, const struct store_quota *,
    uint64_t size, struct fail *why);

/* The failure that says so: 4.2.2, and no errno. */
bool quota_full(struct fail *why);
bool quota_is_full(const struct fail *why);

#endif
