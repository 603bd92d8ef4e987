/*
 * sending: a message that is written here goes out when the one that caused
 * it is safe. It never changes the result of a delivery.
 */
#ifndef TAMIS_ACTIONS_SENDING_H
#define TAMIS_ACTIONS_SENDING_H

#include "actions/action.h"

struct sending {
	const char *what;  /* "vacation", for the log */
	struct str sender; /* envelope; "" is null */
	struct strlist rcpts;
	struct str bytes;
	/* It is remembered before it is sent, so that it is not sent twice;
	 * and forgotten again when it could not be. */
	struct track_key key;
	uint64_t seconds;           /* for so long; 0: it is not remembered */
	struct str note;            /* for people who list what is remembered */
	const struct plan_fcc *fcc; /* NULL: no copy */
};

/* A copy of the plan's that lives as long as the delivery; NULL for NULL. */
const struct plan_fcc *sending_keep_fcc(
    struct delivery *, const struct plan_fcc *);

/* Send what settle left in the effect, or say in the log why not: the last
 * step of an action. */
void sending_after(struct delivery *, struct effect *);

/* A response that will not be sent, and why; for the log. */
void sending_not(const struct delivery *, const struct effect *,
    const char *what, const char *why);

#endif
