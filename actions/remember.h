/*
 * remember: what a script's duplicate tests have seen, for one delivery.
 * Looked up and reserved while the script runs, confirmed when the message
 * is delivered, forgotten when it is not. RFC 7352
 */
#ifndef TAMIS_ACTIONS_REMEMBER_H
#define TAMIS_ACTIONS_REMEMBER_H

#include "actions/action.h"

/* The answer to a duplicate test. Nobody who could be asked: not seen. */
bool remember_seen(struct delivery *, const struct plan_mark *);

/*
 * Is another delivery of the same id at work? It may yet fail, so nobody
 * can say whether this one is the duplicate.
 *   fails  451 4.3.0 then
 */
bool remember_undecided(const struct delivery *, struct fail *why);

/* What this plan wants remembered, kept until remember_confirm. */
void remember_plan(struct delivery *, const struct plan *);

/* The message is delivered. */
void remember_confirm(struct delivery *);

/* It is not, or the script failed: as if it had not run. */
void remember_release(struct delivery *);

enum { OWN_FIELDS = 2 }; /* Return-Path and Received stand first */

/* What follows the first n fields of a header that we wrote. */
struct str remember_without(struct str bytes, unsigned n);

/* The same message again has the same octets as they were received: our
 * trace lines, Return-Path and Received, are new each time. */
struct digest remember_octets(const struct delivery *);

/* Who claims what, for this delivery. */
struct track_claim remember_claim(const struct delivery *);

#endif
