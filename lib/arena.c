/*
 * arena: knows how memory is carved up. Under AddressSanitizer every
 * allocation is a block of its own, so that an overflow of one object into
 * the next is seen; otherwise blocks of 16 KiB and more are cut to pieces.
 */
#include "lib/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/banned.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_CHECKED 1
#endif
#endif
#ifndef ARENA_CHECKED
#define ARENA_CHECKED 0
#endif

enum {
	BLOCK_FIRST = 1024, /* a thousand idle sessions have one each */
	BLOCK_SIZE = 16384,
	ALIGNMENT = alignof(max_align_t),
};

struct block {
	struct block *next;
	size_t size; /* octets of data */
	alignas(max_align_t) char data[];
};

struct arena {
	const char *name;
	struct block *blocks; /* newest first */
	char *free;           /* unused rest of the newest block */
	size_t left;
	size_t used;
	size_t max; /* 0: no limit */
};

static _Noreturn void
out_of_memory(const char *name, size_t size)
{
	fprintf(
	    stderr, "tamis: arena %s: cannot have %zu octets\n", name, size);
	abort();
}

struct arena *
arena_new(const char *name, size_t max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		out_of_memory(name, sizeof(*a));
	a->name = name;
	a->max = max;
	return a;
}

/* The newest block is clean behind what was given out. */
static void
wipe(const struct arena *a, struct block *b)
{
	size_t clean = 0;

	if (a->left > 0 && b->data + b->size == a->free + a->left)
		clean = a->left;
	explicit_bzero(b->data, b->size - clean);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->blocks != NULL) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		wipe(a, b);
		free(b);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = NULL;

	while (a->blocks != NULL) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		wipe(a, b);
		/* One ordinary block stays, so that a busy arena does not
		 * visit the allocator for every message. */
		if (!ARENA_CHECKED && keep == NULL && b->size == BLOCK_SIZE)
			keep = b;
		else
			free(b);
	}
	if (keep != NULL)
		keep->next = NULL;
	a->blocks = keep;
	a->free = keep != NULL ? keep->data : NULL;
	a->left = keep != NULL ? keep->size : 0;
	a->used = 0;
}

static struct block *
block_new(struct arena *a, size_t size)
{
	struct block *b;

	if (size > SIZE_MAX - sizeof(*b))
		out_of_memory(a->name, size);
	b = calloc(1, sizeof(*b) + size);
	if (b == NULL)
		out_of_memory(a->name, size);
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

static void *
alloc_own_block(struct arena *a, size_t size)
{
	struct block *newest = a->blocks;
	struct block *b = block_new(a, size);

	/* Keep cutting the block we were at: put the big one behind it. */
	if (newest != NULL && a->left > 0) {
		a->blocks = newest;
		b->next = newest->next;
		newest->next = b;
	}
	return b->data;
}

/* Small at first, four times as large each time, up to BLOCK_SIZE. */
static size_t
next_block(const struct arena *a, size_t size)
{
	size_t want = a->used * 4;

	if (want < BLOCK_FIRST)
		want = BLOCK_FIRST;
	if (want > BLOCK_SIZE || size > want)
		want = BLOCK_SIZE;
	return want;
}

static void *
alloc_cut(struct arena *a, size_t size)
{
	void *p;

	if (size > a->left) {
		struct block *b;

		if (size > BLOCK_SIZE / 4)
			return alloc_own_block(a, size);
		b = block_new(a, next_block(a, size));
		a->free = b->data;
		a->left = b->size;
	}
	p = a->free;
	a->free += size;
	a->left -= size;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t rounded;

	if (size > SIZE_MAX - ALIGNMENT)
		out_of_memory(a->name, size);
	rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (rounded == 0)
		rounded = ALIGNMENT;
	a->used += rounded;
	if (a->max != 0 && a->used > a->max)
		out_of_memory(a->name, size);
	if (ARENA_CHECKED)
		return block_new(a, size)->data;
	return alloc_cut(a, rounded);
}

void *
arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		out_of_memory(a->name, SIZE_MAX);
	return arena_alloc(a, total);
}

void *
arena_grow(struct arena *a, const void *old, size_t old_size, size_t new_size)
{
	void *p = arena_alloc(a, new_size);

	if (old_size > 0)
		memcpy(p, old, old_size < new_size ? old_size : new_size);
	return p;
}

char *
arena_strndup(struct arena *a, const char *p, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		out_of_memory(a->name, len);
	copy = arena_alloc(a, len + 1);
	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

const char *
arena_name(const struct arena *a)
{
	return a->name;
}
