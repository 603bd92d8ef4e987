/*
 * redirect: what redirect can say to the next hop. RFC 6009 s. 6, 7
 */
#ifndef TAMIS_SIEVE_REDIRECT_H
#define TAMIS_SIEVE_REDIRECT_H

#include "sieve/run.h"

/* Operand flags above those of enum plan_flag. */
enum redirect_flag {
	REDIRECT_PLAN = 0xffff, /* the ones a plan knows */
	REDIRECT_BY_RELATIVE = 1 << 16,
	REDIRECT_BY_ABSOLUTE = 1 << 17,
	REDIRECT_BY_TRACE = 1 << 18,
};

/* Operands of redirect that tags fill. */
enum redirect_operand {
	REDIRECT_AT_NOTIFY = 2,
	REDIRECT_AT_RET,
	REDIRECT_AT_RELATIVE,
	REDIRECT_AT_ABSOLUTE,
	REDIRECT_AT_MODE,
};

/* "NEVER", or SUCCESS, FAILURE and DELAY with commas between; no case */
bool redirect_is_notify(struct str);
bool redirect_is_ret(struct str); /* "FULL", "HDRS" */
/* 'N' for "notify", 'R' for "return"; 0: neither */
char redirect_by_mode(struct str);

/* What the tags ask for; *out NULL: nothing. false: a value is none. */
bool redirect_options(
    struct sieve_vm *, const uint64_t *v, const struct plan_redirect **out);

#endif
