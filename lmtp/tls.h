/*
 * tls: TLS for connections of the front; no type of OpenSSL leaves tls.c.
 *   RFC 3207, RFC 8446, RFC 8996
 */
#ifndef TAMIS_LMTP_TLS_H
#define TAMIS_LMTP_TLS_H

#include <sys/types.h>

#include "conf/conf.h"
#include "lib/fail.h"
#include "lib/str.h"

struct arena;
struct tls_context; /* certificate, key, what is allowed; of a process */
struct tls;         /* of a connection */

/*
 * Read the files that tls_* name.
 *   *out   NULL when no certificate and key are configured
 *   fails  one line that says which setting is wrong
 */
bool tls_context_new(
    const struct conf *, struct tls_context **out, struct fail *why);
void tls_context_free(struct tls_context *); /* NULL is allowed */

/* The server's side on a connected, non-blocking socket, which stays the
 * caller's. NULL: out of memory. The handshake is part of reading and
 * writing. */
struct tls *tls_new(struct tls_context *, int fd);
void tls_free(struct tls *); /* NULL is allowed */

/*
 * As recv(2) and send(2): octets, 0 for the end, or -1 with errno: EAGAIN,
 * see tls_wants_room; EPROTO, logged, for what is no TLS.
 */
ssize_t tls_read(struct tls *, void *, size_t);
ssize_t tls_write(struct tls *, const void *, size_t);

/* After EAGAIN: the socket must take octets first, else it must give some. */
bool tls_wants_room(const struct tls *);

/* Say that no more will come. */
void tls_end(struct tls *);

/*
 * The name (CN, else the whole subject) in the client's certificate, which a
 * configured authority has signed; "" when there is none, or no handshake yet.
 */
struct str tls_peer_name(struct tls *, struct arena *);

#endif
