/*
 * arena: memory by lifetime. Whatever you get from a function that took an
 * arena lives exactly as long as that arena; nothing is freed one by one.
 * Nothing outside lib/ calls malloc or free.
 *
 * Out of memory, and more than the arena's maximum, end the process with a
 * message: a worker that dies is replaced and its recipients are run again.
 */
#ifndef TAMIS_LIB_ARENA_H
#define TAMIS_LIB_ARENA_H

#include <stddef.h>

struct arena;

/*
 * Make an arena.
 *
 *   name  static text, used in messages and statistics
 *   max   octets it may hand out in all before the process is ended; 0: no
 *         limit
 */
struct arena *arena_new(const char *name, size_t max)
    __attribute__((returns_nonnull, warn_unused_result));

/* Give everything back. NULL is allowed. */
void arena_free(struct arena *);

/*
 * Forget every allocation but keep the arena, after overwriting the memory:
 * what one user's data occupied is never seen by the next user's code.
 */
void arena_reset(struct arena *);

/* size octets, zeroed, aligned for any type; never NULL, size 0 included. */
void *arena_alloc(struct arena *, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));

/* n objects of size octets; an n * size that overflows ends the process. */
void *arena_alloc_n(struct arena *, size_t n, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));

/*
 * A block n times as large for what old held: arrays that grow. The old
 * block stays allocated until the arena ends, so double, never add one.
 */
void *arena_grow(struct arena *, const void *old, size_t old_size,
    size_t new_size) __attribute__((returns_nonnull, warn_unused_result));

/* A NUL-terminated copy of len octets. */
char *arena_strndup(struct arena *, const char *p, size_t len)
    __attribute__((returns_nonnull, warn_unused_result));

/* Octets handed out since the last reset. */
size_t arena_used(const struct arena *);
const char *arena_name(const struct arena *);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, n, type)                                            \
	((type *)arena_alloc_n((arena), (n), sizeof(type)))

#endif
