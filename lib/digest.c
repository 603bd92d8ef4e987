/*
 * digest: home of OpenSSL's libcrypto; its types stay here.
 */
#include "lib/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct digest
digest_of(const struct str *v, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct digest d;
	bool ok =
	    ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, v[i].p, v[i].len) == 1;
	if (!ok || EVP_DigestFinal_ex(ctx, d.octet, NULL) != 1) {
		fprintf(stderr, "tamis: libcrypto cannot compute SHA-256\n");
		abort();
	}
	EVP_MD_CTX_free(ctx);
	return d;
}

bool
digest_eq(const struct digest *a, const struct digest *b)
{
	return memcmp(a->octet, b->octet, DIGEST_LEN) == 0;
}

void
digest_hex(const struct digest *d, char out[2 * DIGEST_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_LEN; i++) {
		out[2 * i] = hex[d->octet[i] >> 4];
		out[2 * i + 1] = hex[d->octet[i] & 15];
	}
	out[2 * DIGEST_LEN] = '\0';
}

void
digest_random(void *out, size_t len)
{
	char *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(
			    stderr, "tamis: getrandom: %s\n", strerror(errno));
			abort();
		}
		p += n;
		len -= (size_t)n;
	}
}

static uint8_t
pool_octet(struct digest_pool *p)
{
	uint8_t octet;

	if (p->left == 0) {
		digest_random(p->octet, sizeof(p->octet));
		p->left = sizeof(p->octet);
	}
	octet = p->octet[--p->left];
	p->octet[p->left] = 0;
	return octet;
}

void
digest_pool_id(struct digest_pool *p, char *out, size_t n)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz";

	for (size_t i = 0; i < n;) {
		uint8_t octet = pool_octet(p);

		/* 248 is the largest multiple of 62 below 256: no bias */
		if (octet < 248)
			out[i++] = set[octet % 62];
	}
	out[n] = '\0';
}

void
digest_random_id(char *out, size_t n)
{
	struct digest_pool once = { .left = 32 };

	digest_random(once.octet, once.left);
	digest_pool_id(&once, out, n);
}
