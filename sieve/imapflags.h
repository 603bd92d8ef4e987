/*
 * imapflags: sets of IMAP flags as scripts write them: strings of flags
 * separated by blanks. What is no flag that a script may set is left out; of
 * two that differ in case only the first stays. RFC 5232 s. 2
 */
#ifndef TAMIS_SIEVE_IMAPFLAGS_H
#define TAMIS_SIEVE_IMAPFLAGS_H

#include "sieve/run.h"

/* Next word of a string; false: there is none. */
bool imapflags_word(struct str *rest, struct str *word);

/* false: the budget is used up */
bool imapflags_add(struct sieve_vm *, struct strlist *set, struct str words);
bool imapflags_remove(struct sieve_vm *, struct strlist *set, struct str words);
bool imapflags_copy(
    struct sieve_vm *, struct strlist *set, const struct strlist *from);

#endif
