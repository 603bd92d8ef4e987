/*
 * scanners: where the settings say that spam and virus scanners put their
 * results.
 */
#ifndef TAMIS_ACTIONS_SCANNERS_H
#define TAMIS_ACTIONS_SCANNERS_H

#include "conf/conf.h"
#include "sieve/scanner.h"

/* They live as long as conf and the arena. */
struct scanners {
	struct sieve_scanner spam, virus;
};
struct scanners scanners_of(const struct conf *, struct arena *);

#endif
