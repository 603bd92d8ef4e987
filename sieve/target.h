/*
 * target: the mailbox that fileinto and :fcc name: what such a name looks
 * like, and what :specialuse and :mailboxid make of it.
 *   RFC 5228 s. 4.1, RFC 8579 s. 4, RFC 8580, RFC 9042
 */
#ifndef TAMIS_SIEVE_TARGET_H
#define TAMIS_SIEVE_TARGET_H

#include "sieve/run.h"

struct check;
struct tree_arg;

/* Operand flags above those of enum plan_flag. */
enum target_flag {
	TARGET_PLAN = 0xffff, /* the ones a plan knows */
	TARGET_SPECIALUSE = 1 << 16,
	TARGET_MAILBOXID = 1 << 17,
	TARGET_FCC = 1 << 18,
};

/*
 * Operands of commands that take :fcc, before their own: "fLSSS". fileinto
 * has its mailbox where they have that of :fcc, so that tags of both fill
 * the same operands.
 */
enum target_operand {
	TARGET_AT_FLAGS = 1,
	TARGET_AT_MAILBOX = 2,
	TARGET_AT_SPECIALUSE = 3,
	TARGET_AT_MAILBOXID = 4,
};

/* UTF-8 text without control characters; the rest is the store's business. */
bool target_is_mailbox(struct str);

/* "\" and an atom: RFC 6154 s. 6 */
bool target_is_specialuse(struct str);

/* For rows of tables: complain about constants that are none. */
void target_check_mailbox(struct check *, const struct tree_arg *value);
void target_check_specialuse(struct check *, const struct tree_arg *value);

/*
 * Where a message is to go. v: operands as above.
 *   *mailbox     lives as long as the run
 *   *specialuse  for a mailbox that has to be made; "": none
 *   fails        false: the script failed; command is for the message
 */
bool target_find(struct sieve_vm *, const uint64_t *v, const char *command,
    struct str *mailbox, struct str *specialuse);

/* What :fcc asks for; *fcc NULL: nothing. */
bool target_fcc(struct sieve_vm *, const uint64_t *v, const char *command,
    const struct plan_fcc **fcc);

#endif
