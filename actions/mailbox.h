/*
 * mailbox: which mailbox is meant, by configuration, by +detail, by a script.
 */
#ifndef TAMIS_ACTIONS_MAILBOX_H
#define TAMIS_ACTIONS_MAILBOX_H

#include "actions/action.h"
#include "conf/conf.h"
#include "sieve/vm.h"

/* --- storeconf.c --------------------------------------------------------- */

/* What the store is told by the configuration; lives in the arena, and keeps
 * conf. */
struct store_options store_options_of(struct arena *, const struct conf *);

/* Between the levels of mailbox names in scripts and in +detail: '/' '.' */
char mailbox_separator(const struct conf *);

/* Canonical names of a setting "A | B | C/D"; those that are no names are
 * left out, and logged. */
struct strlist mailbox_setting(
    struct arena *, const struct conf *, enum setting);

/* A canonical name as scripts write it; false: they cannot */
bool mailbox_for_script(
    struct arena *, struct str mailbox, char sep, struct str *out);

/* --- detail.c ------------------------------------------------------------ */

/*
 * The mailbox that gets what is for user+detail: the one of that name; else,
 * when that is configured, the one most like it; else INBOX. Never an error
 * and never one that has to be made: the detail is the sender's choice.
 */
struct str mailbox_for_detail(struct delivery *);

/* --- question.c ---------------------------------------------------------- */

/* Let a script ask about mailboxes; env->ctx is a struct asking. */
void mailbox_questions(struct sieve_env *);

/* --- autocreate.c -------------------------------------------------------- */

/*
 * Make the Maildir of an account that has none yet, with what the autocreate
 * options say. What cannot be made besides INBOX is logged.
 *   fails  4.3.0, 4.3.1: INBOX cannot be made
 */
bool autocreate(struct delivery *, const struct conf *, struct fail *why);

#endif
