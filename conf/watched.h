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
 *   changed  set when true is returned; then, and only then, *text is what
 *            the file holds now, in the arena
 *   fails    4.3.0: it cannot be read, is no regular file or larger than
 *            max; ENOENT in why->sys when it is not there
 */
bool watched_read(struct watched *, const char *path, size_t max,
    struct arena *, struct str *text, bool *changed, struct fail *why);

/* Forget what was read: the next call reads. */
void watched_forget(struct watched *);

#endif
