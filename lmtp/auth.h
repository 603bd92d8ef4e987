/*
 * auth: AUTH by Cyrus SASL for the front's sessions; no type of that library
 * leaves auth.c.
 *   RFC 4954, RFC 4422
 */
#ifndef TAMIS_LMTP_AUTH_H
#define TAMIS_LMTP_AUTH_H

#include "conf/conf.h"
#include "lib/fail.h"
#include "lmtp/session.h"

struct arena;
struct auth; /* of one connection */

/*
 * Once in a process, before anything else here; the arena and conf must live
 * until auth_stop.
 *   fails  4.3.5 the library does not start; built without it
 */
bool auth_start(struct arena *, const struct conf *, struct fail *why);
void auth_stop(void);

/*
 * For one connection. NULL: the library is in trouble, logged.
 *   tls       it is encrypted: passwords may be sent in the clear
 *   external  who the peer is by its certificate, or ""
 */
struct auth *auth_new(
    struct arena *, const struct conf *, bool tls, struct str external);
void auth_free(struct auth *); /* NULL is allowed */

/* What a session needs of it; the ctx of each function is a struct auth. */
extern const struct session_auth auth_functions;

#endif
