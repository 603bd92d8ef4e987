/*
 * track: what must be remembered from one delivery to the next: what a
 * duplicate test has seen, who has had a vacation response or notification,
 * what was redirected. Time is an input.
 *
 * What must not happen twice is reserved first, then done, then confirmed.
 * A reservation ends by itself, so a process that dies holds up nobody for
 * longer than TRACK_HOLD seconds.
 *
 * What to do when tracking fails is decided by who asks: a duplicate test
 * has not seen it, a response is not sent, a redirect is tried again later.
 */
#ifndef TAMIS_ACTIONS_TRACK_H
#define TAMIS_ACTIONS_TRACK_H

#include "conf/conf.h"
#include "lib/digest.h"

struct track; /* what one process keeps open */

enum track_kind {
	TRACK_DUPLICATE, /* RFC 7352 */
	TRACK_VACATION,  /* RFC 5230 */
	TRACK_REDIRECT,
	TRACK_NOTIFY, /* RFC 5435 */
	TRACK_KINDS,
};

enum { TRACK_HOLD = 60 }; /* seconds a reservation holds */

/* What is remembered; user lives as long as whoever made the key wants. */
struct track_key {
	enum track_kind kind;
	struct str user;
	struct digest id;
};

/* Made of parts, none of which can run into the next. */
struct track_key track_key_of(
    enum track_kind, struct str user, const struct str *parts, size_t n);

/* Who reserves: the same in every run of one transaction, so that a run that
 * is repeated finds what is its own. At most 64 octets. */
struct track_claim {
	struct str owner;
	int64_t now; /* seconds since 1970 */
};

enum track_state {
	TRACK_FREE, /* it was not there; it is reserved for the owner now */
	TRACK_SEEN, /* confirmed, and not expired */
	TRACK_HELD, /* reserved by another who is at it */
};

/* One record, for people. */
struct track_record {
	enum track_kind kind;
	bool confirmed;
	struct str user;
	struct digest id;
	int64_t expires;
	struct str note; /* what it is about: an address, a Message-ID */
};

/* Which records; "" and TRACK_KINDS: all. */
struct track_filter {
	struct str user;
	enum track_kind kind;
	int64_t expired; /* only those that expire before; 0: all */
};

typedef bool track_visit_fn(void *ctx, const struct track_record *);

/*
 * Get ready: nothing is opened before it is needed, and a fork in between
 * does no harm.
 *   returns  NULL when tracking_backend is off
 * Lives in the arena; track_close ends it.
 */
struct track *track_new(struct arena *, const struct conf *);
void track_close(struct track *); /* NULL is allowed */

/* One that is kept in memory only: tests, "tamis test". */
struct track *track_new_memory(struct arena *);

/*
 * All fail 4.3.0 when the database cannot be used, 4.3.2 when it is busy.
 * Octets of note behind the first 200 are not kept.
 */

/* Look it up, and reserve it when it is free: one step, whoever else asks. */
bool track_reserve(struct track *, const struct track_key *,
    const struct track_claim *, enum track_state *out, struct fail *why);

/*
 * It was done, or is about to be; remember it until expires. An earlier
 * record of it is replaced. What is kept is on disk when this returns,
 * unless it is a TRACK_DUPLICATE: forgetting one costs a message twice.
 */
bool track_confirm(struct track *, const struct track_key *,
    const struct track_claim *, int64_t expires, struct str note,
    struct fail *why);

/* It was not done after all: forget what this owner reserved or confirmed. */
bool track_release(struct track *, const struct track_key *,
    const struct track_claim *, struct fail *why);

/* Every record that fits, in no order, until visit returns false. */
bool track_each(struct track *, const struct track_filter *, track_visit_fn *,
    void *ctx, struct fail *why);

/* Forget what fits. *n: how many those were. */
bool track_forget(
    struct track *, const struct track_filter *, uint64_t *n, struct fail *why);

/* Put one in as it is: what another engine remembered. */
bool track_import(
    struct track *, const struct track_record *, struct fail *why);

/* "duplicate" "vacation" "redirect" "notify", and back; TRACK_KINDS: none */
const char *track_kind_name(enum track_kind);
enum track_kind track_kind_of(struct str name);

#endif
