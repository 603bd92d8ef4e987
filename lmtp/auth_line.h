/*
 * auth_line: the exchange of AUTH in lines of base64.
 *   RFC 4954 s. 4
 */
#ifndef TAMIS_LMTP_AUTH_LINE_H
#define TAMIS_LMTP_AUTH_LINE_H

#include "lib/str.h"

struct session;

/* The argument of AUTH: a mechanism and perhaps an initial response. */
void auth_begin(struct session *, struct str arg);

/* A line while session->authenticating. */
void auth_line(struct session *, struct str line);

#endif
