/*
 * network: "192.0.2.0/24", "2001:db8::/32", "192.0.2.1": is an address in
 * one of them?
 */
#ifndef TAMIS_LMTP_NETWORK_H
#define TAMIS_LMTP_NETWORK_H

#include <sys/socket.h>

#include "lib/str.h"

/* Well-formed; host bits that are set do no harm. */
bool network_ok(struct str network);

/* An IPv4 address that is mapped into IPv6 is that IPv4 address. What is no
 * address of the internet is in none. */
bool network_has(
    const struct strlist *networks, const struct sockaddr_storage *);

#endif
