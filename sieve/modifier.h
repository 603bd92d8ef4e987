/*
 * modifier: the modifiers of set, which other commands take, too. RFC 5229
 * s. 4.1
 */
#ifndef TAMIS_SIEVE_MODIFIER_H
#define TAMIS_SIEVE_MODIFIER_H

#include "sieve/run.h"

/*
 * Apply those whose flags are set, by precedence.
 *   *value  lives until the instruction ends
 *   fails   false when the budget is used up
 */
bool modifiers_apply(struct sieve_vm *, uint64_t flags, struct str *value);

#endif
