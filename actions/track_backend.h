/*
 * track_backend: what a database of records has to do; see track.h for what
 * each means. One row for each kind of database.
 */
#ifndef TAMIS_ACTIONS_TRACK_BACKEND_H
#define TAMIS_ACTIONS_TRACK_BACKEND_H

#include "actions/track.h"

enum { TRACK_NOTE_MAX = 200, TRACK_OWNER_MAX = 64 };

struct track_backend {
	const char *name; /* value of tracking_backend */
	void *(*open)(struct arena *, const struct conf *); /* no I/O */
	bool (*reserve)(void *, const struct track_key *,
	    const struct track_claim *, enum track_state *, struct fail *);
	bool (*confirm)(void *, const struct track_key *,
	    const struct track_claim *, int64_t expires, struct str note,
	    struct fail *);
	bool (*release)(void *, const struct track_key *,
	    const struct track_claim *, struct fail *);
	bool (*each)(void *, const struct track_filter *, track_visit_fn *,
	    void *ctx, struct fail *);
	bool (*forget)(
	    void *, const struct track_filter *, uint64_t *n, struct fail *);
	void (*close)(void *);
};
extern const struct track_backend track_sqlite, track_memory;

/* Does a record that is there hold this claim up? A reservation that ends
 * later than one made now would is of a clock that was wrong. */
enum track_state track_state_of(
    bool confirmed, bool own, int64_t expires, const struct track_claim *);

/* Does it fit? */
bool track_fits(const struct track_filter *, const struct track_record *);

#endif
