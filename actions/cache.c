/*
 * cache: which compiled scripts stay in memory. Knows neither how scripts
 * are found nor how they are compiled. Searches are loops over some hundred
 * digests: far cheaper than the open(2) that comes before them.
 */
#include "actions/cache.h"

#include <assert.h>

#include "lib/arena.h"

enum { WAYS = 4, SETS = 1024 }; /* identities kept: 4096 */

struct slot {
	struct script_entry entry;
	struct digest key;
	uint64_t serial; /* unlike for each entry ever made; 0: empty */
	uint64_t used;   /* when, in look-ups */
};

/* An identity names its entry by place and serial: it may be gone. */
struct known {
	struct script_ident ident;
	size_t slot;
	uint64_t serial; /* 0: empty */
	uint64_t used;
};

struct script_cache {
	struct slot *slot;
	size_t nslots;
	size_t max_bytes;
	uint64_t clock;
	uint64_t held; /* what was used after that stays; UINT64_MAX: none */
	struct known known[SETS][WAYS];
};

struct script_ident
script_ident_of(const struct digest *path, const struct stat *st)
{
	struct script_ident id;

	memset(&id, 0, sizeof(id));
	id.path = *path;
	id.dev = st->st_dev;
	id.ino = st->st_ino;
	id.size = st->st_size;
	id.mtime = st->st_mtim;
	id.ctime = st->st_ctim;
	return id;
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same_ident(const struct script_ident *a, const struct script_ident *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->size == b->size &&
	       same_time(a->ctime, b->ctime) && same_time(a->mtime, b->mtime) &&
	       digest_eq(&a->path, &b->path);
}

struct script_cache *
script_cache_new(struct arena *arena, size_t programs, size_t bytes)
{
	struct script_cache *c = ARENA_NEW(arena, struct script_cache);

	assert(programs > 0);
	c->slot = ARENA_ARRAY(arena, programs, struct slot);
	c->nslots = programs;
	c->max_bytes = bytes;
	c->held = UINT64_MAX;
	return c;
}

static void
empty(struct slot *s)
{
	arena_free(s->entry.arena);
	*s = (struct slot){ .serial = 0 };
}

void
script_cache_free(struct script_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nslots; i++)
		empty(&c->slot[i]);
}

/* Where the digest of the path says; it cannot be chosen from outside so as
 * to fill one set, and if it could, only that set would suffer. */
static struct known *
set_of(struct script_cache *c, const struct script_ident *id)
{
	uint32_t h;

	memcpy(&h, id->path.octet, sizeof(h));
	return c->known[h % SETS];
}

const struct script_entry *
script_cache_ident(struct script_cache *c, const struct script_ident *id)
{
	struct known *set = set_of(c, id);

	for (int i = 0; i < WAYS; i++) {
		struct known *k = &set[i];
		struct slot *s = &c->slot[k->slot];

		if (k->serial == 0 || !same_ident(&k->ident, id))
			continue;
		if (s->serial != k->serial)
			return NULL;
		k->used = s->used = ++c->clock;
		return &s->entry;
	}
	return NULL;
}

const struct script_entry *
script_cache_key(struct script_cache *c, const struct digest *key)
{
	for (size_t i = 0; i < c->nslots; i++) {
		struct slot *s = &c->slot[i];

		if (s->serial == 0 || !digest_eq(&s->key, key))
			continue;
		s->used = ++c->clock;
		return &s->entry;
	}
	return NULL;
}

void
script_cache_hold(struct script_cache *c)
{
	c->held = c->clock;
}

void
script_cache_release(struct script_cache *c)
{
	c->held = UINT64_MAX;
}

/* The one to drop next; NULL when there is none. */
static struct slot *
oldest(struct script_cache *c)
{
	struct slot *found = NULL;

	for (size_t i = 0; i < c->nslots; i++)
		if (c->slot[i].serial != 0 && c->slot[i].used <= c->held &&
		    (found == NULL || c->slot[i].used < found->used))
			found = &c->slot[i];
	return found;
}

static size_t
bytes_used(const struct script_cache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nslots; i++)
		if (c->slot[i].serial != 0)
			n += arena_used(c->slot[i].entry.arena);
	return n;
}

static struct slot *
free_slot(struct script_cache *c)
{
	struct slot *s;

	while (bytes_used(c) > c->max_bytes) {
		s = oldest(c);
		if (s == NULL)
			return NULL;
		empty(s);
	}
	for (size_t i = 0; i < c->nslots; i++)
		if (c->slot[i].serial == 0)
			return &c->slot[i];
	s = oldest(c);
	if (s != NULL)
		empty(s);
	return s;
}

const struct script_entry *
script_cache_add(struct script_cache *c, const struct digest *key,
    const struct script_entry *entry)
{
	struct slot *s = free_slot(c);

	if (s == NULL)
		return NULL;
	s->entry = *entry;
	s->key = *key;
	s->serial = s->used = ++c->clock;
	return &s->entry;
}

static struct slot *
slot_of(struct script_cache *c, const struct script_entry *e)
{
	for (size_t i = 0; i < c->nslots; i++)
		if (&c->slot[i].entry == e)
			return &c->slot[i];
	assert(!"an entry of this cache");
	return NULL;
}

void
script_cache_bind(struct script_cache *c, const struct script_ident *id,
    const struct script_entry *entry)
{
	struct known *set = set_of(c, id), *k = &set[0];
	struct slot *s = slot_of(c, entry);

	/* The path's own old identity first, then what is empty or oldest. */
	for (int i = 0; i < WAYS; i++) {
		if (digest_eq(&set[i].ident.path, &id->path)) {
			k = &set[i];
			break;
		}
		if (set[i].used < k->used)
			k = &set[i];
	}
	*k = (struct known){
		.ident = *id,
		.slot = (size_t)(s - c->slot),
		.serial = s->serial,
		.used = ++c->clock,
	};
}

size_t
script_cache_count(const struct script_cache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nslots; i++)
		n += c->slot[i].serial != 0;
	return n;
}
