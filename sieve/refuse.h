/*
 * refuse: what reject and ereject have in common. RFC 5429
 */
#ifndef TAMIS_SIEVE_REFUSE_H
#define TAMIS_SIEVE_REFUSE_H

#include "sieve/run.h"

/* Add REFUSE with that reason; false: over a limit. */
bool refuse(struct sieve_vm *, struct str reason, bool ereject);

#endif
