/*
 * digest: SHA-256 and random identifiers.
 */
#ifndef TAMIS_LIB_DIGEST_H
#define TAMIS_LIB_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

enum { DIGEST_LEN = 32 };

struct digest {
	uint8_t octet[DIGEST_LEN];
};

/* SHA-256 over the concatenation of n slices. */
struct digest digest_of(const struct str *v, size_t n);
bool digest_eq(const struct digest *, const struct digest *);

/* Lower-case hex: 64 characters and a NUL. */
void digest_hex(const struct digest *, char out[2 * DIGEST_LEN + 1]);

/* len octets of the system's randomness; ends the process when there is none */
void digest_random(void *out, size_t len);

/* n characters of [A-Za-z0-9] and a NUL: out holds n + 1. */
void digest_random_id(char *out, size_t n);

/* Randomness for many ids, fetched now and then; { 0 } is empty. Of one
 * process: not to be used on both sides of a fork. */
struct digest_pool {
	uint8_t octet[512];
	size_t left;
};
void digest_pool_id(struct digest_pool *, char *out, size_t n);

#endif
