/*
 * metadata: annotations of mailboxes and of the server, as two extensions
 * ask for them. RFC 5490 s. 3.3 to 4.2
 */
#ifndef TAMIS_SIEVE_METADATA_H
#define TAMIS_SIEVE_METADATA_H

#include "sieve/run.h"

/*
 * The truth register becomes: every annotation of a list exists.
 *   mailbox  "": of the server
 *   fails    false when the budget is used up
 */
bool metadata_exist(struct sieve_vm *, struct str mailbox, uint64_t list);

/* The truth register becomes: it exists and its value matches operand m. */
bool metadata_match(
    struct sieve_vm *, struct str mailbox, struct str name, uint64_t m);

#endif
