/*
 * control: small text files beside the messages that other programs write as
 * well: read whole, and replaced under the lock those programs take. Nobody
 * includes this but the files of the Maildir backend and their tests.
 */
#ifndef TAMIS_MAILSTORE_CONTROL_H
#define TAMIS_MAILSTORE_CONTROL_H

#include <time.h>

#include "lib/str.h"

struct arena;

struct control_file {
	const char *name;
	const char *lock; /* name of the lock, which becomes the new file */
	size_t max;       /* octets; a larger one is not read: EFBIG */
	int stale_s;      /* a lock older than this belongs to nobody */
};

/* Read it. No such file: "", and mtime 0. false with errno */
bool control_read(int dirfd, const struct control_file *, struct arena *,
    struct str *out, time_t *mtime);

/*
 * What the file shall hold; *now lives in the arena.
 *   returns  false: it stays as it is
 */
typedef bool control_edit_fn(
    void *ctx, struct arena *, struct str was, struct str *now);

/*
 * Lock, read, edit, write, fsync, rename, sync the directory. Mode and group
 * are those of the directory; the time of the file is later than before,
 * in whole seconds, because readers notice a change by that.
 *   budget_ms  to wait for locks; what was used is taken off
 *   fails      false with errno; ETIMEDOUT: locked. The file is then the old
 *              one, or, when only the directory could not be synced, the new
 */
bool control_edit(int dirfd, const struct control_file *, struct arena *,
    int64_t *budget_ms, control_edit_fn *, void *ctx);

/* The next line of such a file; the last one may lack its line end. */
bool control_line(struct str *rest, struct str *line);

/* A lock alone: of a file that stays as it is. */
struct control_lock {
	int dirfd;
	const char *name;
	int stale_s;
	int64_t since_ms;
};
/* Take it. false with errno; ETIMEDOUT: somebody else has it */
bool control_lock(struct control_lock *, int64_t *budget_ms);
void control_unlock(const struct control_lock *);

#endif
