/*
 * listen: makes listening sockets from what the command line asked for.
 */
#ifndef TAMIS_LMTP_LISTEN_H
#define TAMIS_LMTP_LISTEN_H

#include "lmtp/roles.h"

struct arena;
struct sockaddr;
struct sockaddr_storage;

enum { LISTEN_PEER_MAX = 64 };

/*
 * Bind and listen.
 *   where  "unix:PATH" or "inet:HOST:PORT" ("inet:[::1]:24"), perhaps with
 *          "proxy:" in front: a PROXY header comes first; and "tls:"
 *          behind that: TLS from the first octet; port 0 takes a free one. A
 * stale unix socket is removed, one that answers is not. Unix sockets are made
 * with mode 0666: who may enter the directory may deliver. fails  text says
 * what is wrong with it
 */
bool listen_add(
    struct arena *, const char *where, struct listeners *, struct fail *why);

/*
 * bind(2), and what an address in use needs: a front whose supervisor was
 * killed holds its sockets until it sees that, so it is tried for a second;
 * and a stale unix socket is removed.
 */
bool listen_bind(int fd, const struct sockaddr *, unsigned len);

/*
 * Take over a socket that listens already: master(8), systemd or inetd made
 * it.
 *   name  what to call it; "" for its address
 */
bool listen_adopt(struct arena *, int fd, struct str name, struct listeners *,
    struct fail *why);
/* Does this descriptor listen? */
bool listen_is_listening(int fd);

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" or "unix socket"
 * (RFC 5321 s. 4.1.3) */
struct str listen_peer_name(
    const struct sockaddr_storage *, char *out, size_t size);

/* Remove the unix sockets that are still ours. */
void listen_unlink(const struct listeners *);

#endif
