/*
 * listen: makes listening sockets from what the command line asked for.
 */
#ifndef TAMIS_LMTP_LISTEN_H
#define TAMIS_LMTP_LISTEN_H

#include "lmtp/roles.h"

struct arena;

/*
 * Bind and listen.
 *   where  "unix:PATH" or "inet:HOST:PORT" ("inet:[::1]:24"); port 0 takes
 *          a free one. A stale unix socket is removed, one that answers is
 *          not. An address in use is tried for a second. Unix sockets are made
 * with mode 0666: who may enter the directory may deliver. fails  text says
 * what is wrong with it
 */
bool listen_add(
    struct arena *, const char *where, struct listeners *, struct fail *why);

/* Remove the unix sockets that are still ours. */
void listen_unlink(const struct listeners *);

#endif
