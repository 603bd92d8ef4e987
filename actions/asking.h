/*
 * asking: what a script may ask while it runs for one recipient.
 */
#ifndef TAMIS_ACTIONS_ASKING_H
#define TAMIS_ACTIONS_ASKING_H

#include "actions/action.h"
#include "actions/script.h"
#include "sieve/vm.h"

struct asking {
	const struct conf *conf;
	struct script_cache *scripts;
	const struct sieve_limits *limits; /* of scripts that are included */
	struct delivery *dy;
	struct store_memo *memo; /* of answers about mailboxes; NULL at first */
};

/* What the machine is told about this delivery and whom it asks. The time is
 * that of the transaction: the same plan in every run (I6). */
struct sieve_env asking_env(struct asking *, const struct script *);

#endif
