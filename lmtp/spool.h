/*
 * spool: the bytes of a message while they arrive, already in the form in
 * which they will be stored. Small ones stay in memory, larger ones are an
 * unnamed file on the file system of the mailboxes.
 */
#ifndef TAMIS_LMTP_SPOOL_H
#define TAMIS_LMTP_SPOOL_H

#include "lib/fail.h"
#include "lib/str.h"

struct spool;

/*
 *   dirfd   directory on whose file system the unnamed file is made
 *   memory  octets kept in memory before the file is made
 */
struct spool *spool_new(int dirfd, size_t memory);
void spool_free(struct spool *); /* NULL is allowed */

/* What all messages in flight may take together. */
struct spool_budget {
	uint64_t used, max; /* octets; max 0: no limit */
};

/* Count this spool's octets against a budget from now on, until it is freed;
 * above it spool_write fails with 4.3.1. The budget must outlive the spool. */
void spool_charge(struct spool *, struct spool_budget *);

/* Append; fails 4.3.1 no space, 4.3.0. After a failure it stays failed. */
bool spool_write(struct spool *, const char *p, size_t n, struct fail *why);

/*
 * Rewrite what is there from offset on with every LF as CRLF: the message
 * turned out to be one that must be kept as received.
 */
bool spool_to_crlf(struct spool *, size_t from, struct fail *why);

size_t spool_size(const struct spool *);
int spool_fd(const struct spool *); /* -1: in memory */
/* Whole content; a file is mapped read-only, until spool_free. */
bool spool_bytes(struct spool *, struct str *out, struct fail *why);

/* Facts about the message, kept by data.c */
struct spool_facts {
	uint64_t octets;  /* received, CRLF line ends, no trace lines */
	uint64_t wsize;   /* of the stored form, each bare LF as CRLF */
	size_t trace_len; /* our own lines at the start */
	bool crlf;        /* stored with CRLF as received: not clean */
};
struct spool_facts *spool_facts(struct spool *);

#endif
