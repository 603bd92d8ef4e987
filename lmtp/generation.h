/*
 * generation: the roles that run by one configuration: forked, replaced
 * when they die, drained. Usually there is one; after a reload the new and
 * the old are there until the old has ended.
 */
#ifndef TAMIS_LMTP_GENERATION_H
#define TAMIS_LMTP_GENERATION_H

#include "lmtp/ipc.h"
#include "lmtp/parent.h"
#include "lmtp/record.h"
#include "lmtp/roles.h"

struct child {
	enum role role;
	pid_t pid; /* 0: not running */
	int64_t started_ms, respawn_ms, backoff_ms;
};

struct generation {
	struct generation *next; /* an older one */
	struct arena *arena;     /* holds conf too */
	const struct conf *conf;
	struct child *child; /* [0] is the front */
	size_t nchildren;
	struct ipc control; /* to the front */
	bool ready;         /* its front served */
	bool draining;
	int64_t drain_limit_ms;
};

/* What all of them share; a child gets rid of what is not for it. */
struct household {
	struct listeners listeners;
	struct tenure tenure;
	const char *debug; /* the program's name under -D, else NULL */
	struct parent parent;
	int signals;                    /* signalfd */
	struct generation *generations; /* the newest first */
};

/* Put a new one first; nothing is started yet. It takes the arena. */
struct generation *generation_new(
    struct household *, struct arena *, const struct conf *);
/* Remove it: nothing of it runs any more. */
void generation_free(struct household *, struct generation *);

/* Fork what is missing and due. */
void generation_start_missing(struct household *, struct generation *);
/* When that is next; at most limit_ms. */
int64_t generation_next_start(const struct generation *, int64_t limit_ms);

/* A process ended: was it one of these? *front: it was the front. */
bool generation_reap(struct generation *, pid_t, int status, bool *front);

/*
 * Stop accepting, finish, end.
 *   gently  a session that is busy gets some seconds more before its 421
 */
void generation_drain(struct generation *, bool gently);
bool generation_running(const struct generation *);
/* Kill what is left; from then on nothing of it counts as running. */
void generation_kill(struct generation *);

#endif
