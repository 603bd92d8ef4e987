/*
 * ledger: how much work the scripts of each account did within an hour. All
 * processes of a site count in one file, so that neither another worker nor
 * a new script begins at nothing.
 */
#ifndef TAMIS_ACTIONS_LEDGER_H
#define TAMIS_ACTIONS_LEDGER_H

#include "lib/str.h"

struct arena;
struct ledger;

enum { LEDGER_SECONDS = 3600 };

/*
 * Open or make the file. What cannot be opened is logged, and this process
 * counts alone. "" for path: it does anyway.
 */
struct ledger *ledger_open(struct arena *, struct str path);
void ledger_close(struct ledger *); /* NULL is allowed */

/*
 * Units since the account's first run within the last hour. Of very many
 * accounts that are busy at once those that did least may be forgotten.
 *   now  seconds since 1970
 */
uint64_t ledger_used(struct ledger *, struct str user, int64_t now);
void ledger_add(struct ledger *, struct str user, int64_t now, uint64_t units);

#endif
