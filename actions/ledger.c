/*
 * ledger: a table of fixed size in memory that processes share. No locks: a
 * count that two change at the same moment may lose one of the changes, and
 * a slot that was garbage is right again within the hour.
 */
#include "actions/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/digest.h"
#include "lib/io.h"
#include "lib/log.h"

enum {
	SLOTS = 8192,
	PROBES = 8,
};

struct slot {
	_Atomic uint64_t key;  /* of the account; 0: free */
	_Atomic int64_t begun; /* the hour, seconds since 1970 */
	_Atomic uint64_t units;
};

struct ledger {
	struct slot *slot; /* SLOTS of them */
};

static void *
map_file(struct arena *arena, struct str path)
{
	int fd = open(str_cstr(arena, path),
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	void *p = MAP_FAILED;

	/* with its blocks: on a full disk a store into a hole is SIGBUS */
	if (fd >= 0)
		errno = posix_fallocate(fd, 0, SLOTS * sizeof(struct slot));
	if (fd >= 0 && errno == 0)
		p = mmap(NULL, SLOTS * sizeof(struct slot),
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		log_warning("%s: %s; work of scripts is counted in each "
			    "process alone",
		    str_cstr(arena, path), strerror(errno));
	io_close(&fd);
	return p != MAP_FAILED ? p : NULL;
}

struct ledger *
ledger_open(struct arena *arena, struct str path)
{
	struct ledger *l = ARENA_NEW(arena, struct ledger);

	if (path.len > 0)
		l->slot = map_file(arena, path);
	if (l->slot == NULL)
		l->slot = mmap(NULL, SLOTS * sizeof(struct slot),
		    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l->slot == MAP_FAILED)
		l->slot = NULL;
	return l;
}

void
ledger_close(struct ledger *l)
{
	if (l != NULL && l->slot != NULL)
		munmap(l->slot, SLOTS * sizeof(struct slot));
}

/* The same in every process. */
static uint64_t
key_of(struct str user)
{
	struct digest d = digest_of(&user, 1);
	uint64_t key = 0;

	for (int i = 0; i < 8; i++)
		key = key << 8 | d.octet[i];
	return key != 0 ? key : 1;
}

static bool
is_over(const struct slot *s, int64_t now)
{
	int64_t begun = atomic_load(&s->begun);

	return begun > now || now - begun >= LEDGER_SECONDS;
}

/* NULL: nothing is known of it. */
static struct slot *
find(struct ledger *l, uint64_t key, int64_t now)
{
	for (uint64_t i = 0; i < PROBES; i++) {
		struct slot *s = &l->slot[(key + i) % SLOTS];

		if (atomic_load(&s->key) == key)
			return is_over(s, now) ? NULL : s;
	}
	return NULL;
}

/* Its own if it has one, else a free one, one whose hour is over, or the one
 * with the least work. */
static struct slot *
take(struct ledger *l, uint64_t key, int64_t now)
{
	struct slot *best = &l->slot[key % SLOTS];

	for (uint64_t i = 0; i < PROBES; i++) {
		struct slot *s = &l->slot[(key + i) % SLOTS];

		if (atomic_load(&s->key) == key) {
			best = s;
			break;
		}
		if (is_over(best, now))
			continue;
		if (is_over(s, now) ||
		    atomic_load(&s->units) < atomic_load(&best->units))
			best = s;
	}
	atomic_store(&best->units, 0);
	atomic_store(&best->begun, now);
	atomic_store(&best->key, key);
	return best;
}

uint64_t
ledger_used(struct ledger *l, struct str user, int64_t now)
{
	const struct slot *s =
	    l->slot != NULL ? find(l, key_of(user), now) : NULL;

	return s != NULL ? atomic_load(&s->units) : 0;
}

void
ledger_add(struct ledger *l, struct str user, int64_t now, uint64_t units)
{
	uint64_t key = key_of(user);
	struct slot *s;

	if (l->slot == NULL || units == 0)
		return;
	s = find(l, key, now);
	if (s == NULL)
		s = take(l, key, now);
	atomic_fetch_add(&s->units, units);
}
