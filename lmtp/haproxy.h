/*
 * haproxy: the header of the PROXY protocol, versions 1 and 2, by which a
 * balancer says for whom it connects.
 */
#ifndef TAMIS_LMTP_HAPROXY_H
#define TAMIS_LMTP_HAPROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { HAPROXY_V1_MAX = 107 }; /* with its CRLF */

enum haproxy_state {
	HAPROXY_MORE, /* octets are missing */
	HAPROXY_DONE,
	HAPROXY_BAD, /* this is no header: the connection must be dropped */
};

/* Zeroed at the start. */
struct haproxy {
	unsigned char head[HAPROXY_V1_MAX + 1]; /* version 2 needs 52 */
	size_t n;                               /* octets seen of it */
	size_t size; /* version 2: of the whole header; 0: not known yet */
	/* when it is done */
	bool named; /* source is the client; else it is who connected to us:
	               a health check, an unknown or another kind of address */
	bool local; /* the balancer speaks for itself */
	struct sockaddr_storage source;
};

/*
 * Take octets, in pieces of any size. Nothing behind the header is used; a
 * header longer than what is kept (options, TLV) is skipped.
 *   *used  how many of the n octets belong to it
 */
enum haproxy_state haproxy_push(
    struct haproxy *, const char *p, size_t n, size_t *used);

#endif
