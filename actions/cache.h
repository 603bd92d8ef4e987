/*
 * cache: compiled scripts of this process. Two ways lead to a program: the
 * identity of a file that did not change (nothing is read), and the digest
 * of a text (nothing is compiled, and users with equal scripts share one).
 * Bounded; what was not used for longest goes first.
 */
#ifndef TAMIS_ACTIONS_CACHE_H
#define TAMIS_ACTIONS_CACHE_H

#include <sys/stat.h>

#include "lib/digest.h"
#include "lib/str.h"

struct arena;
struct script_cache;

/* Compiled, or known not to compile. */
struct script_entry {
	struct arena *arena; /* what it lives in, and nothing else does */
	const struct sieve_program *program; /* NULL: */
	uint32_t line, column;               /* the first error */
	struct str text;
};

/* A file as it stood there; zeroed before it is filled. */
struct script_ident {
	struct digest path; /* how it was found */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

struct script_ident script_ident_of(
    const struct digest *path, const struct stat *);

/*
 *   programs  entries at most
 *   bytes     octets of all entries' arenas, from when on the oldest go
 */
struct script_cache *script_cache_new(
    struct arena *, size_t programs, size_t bytes);
void script_cache_free(struct script_cache *); /* NULL is allowed */

/* NULL: not there. Valid until the next script_cache_add. */
const struct script_entry *script_cache_ident(
    struct script_cache *, const struct script_ident *);
const struct script_entry *script_cache_key(
    struct script_cache *, const struct digest *key);

/*
 * Take an entry over, its arena too; others are dropped for it. The key must
 * not be there yet.
 */
const struct script_entry *script_cache_add(struct script_cache *,
    const struct digest *key, const struct script_entry *);

/*
 * Between the two, what is looked up or added stays: programs that run
 * together. script_cache_add then returns NULL, and takes nothing, when there
 * is no room without it.
 */
void script_cache_hold(struct script_cache *);
void script_cache_release(struct script_cache *);

/* From now on that file means that entry. */
void script_cache_bind(struct script_cache *, const struct script_ident *,
    const struct script_entry *);

size_t script_cache_count(const struct script_cache *);

#endif
