/*
 * chain: which scripts run for a recipient, one after the other, and the one
 * plan they make: those of the site before, the account's own or a default
 * one, those of the site after. Settings sieve_before, sieve_default,
 * sieve_after.
 */
#ifndef TAMIS_ACTIONS_CHAIN_H
#define TAMIS_ACTIONS_CHAIN_H

#include "actions/action.h"
#include "actions/script.h"

struct chain {
	const struct conf *conf;
	struct script_cache *scripts;
	const struct sieve_limits *limits;
	/*
	 * Run one script.
	 *   header   the message has this one by now; NULL: its own
	 *   returns  false: it failed, and that was reported
	 */
	bool (*run)(void *ctx, struct delivery *, const struct script *,
	    const struct str *header, struct plan **plan);
	void *ctx;
};

/*
 * What shall be done with the message?
 *   *plan        settled; in dy->scratch. NULL: no script could say it
 *   *unfinished  a script could not be run: what those before it asked for is
 *                to be done, and the message kept and marked
 *   fails        as script_find: nothing can be said about a script now
 */
bool chain_plan(const struct chain *, struct delivery *, struct plan **plan,
    bool *unfinished, struct fail *why);

#endif
