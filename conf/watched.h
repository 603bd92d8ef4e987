/*
 * watched: a small file that is read again when it has changed.
 */
#ifndef TAMIS_CONF_WATCHED_H
#define TAMIS_CONF_WATCHED_H

#include <sys/stat.h>

#include "lib/fail.h"
#include "lib/str.h"

struct arena;

struct watched {
	struct stat seen;
	bool any;        /* seen is set */
	int64_t read_us; /* wall clock, before it was read */
};

/*
 * Has it changed?
 *   fd     open for reading when it has, else -1
 *   fails  4.3.0, and then it counts as changed; ENOENT in why->sys when it
 *          is not there
 */
bool watched_open(
    struct watched *, const char *path, int *fd, struct fail *why);

/*
 * What it holds now, in the arena. Closes fd.
 *   fails  4.3.0: it is no regular file or larger than max
 */
bool watched_read(struct watched *, int *fd, size_t max, struct arena *,
    struct str *text, struct fail *why);

#endif
