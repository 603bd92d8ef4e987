/*
 * client: hands a message to the next hop by SMTP. Keeps its connection
 * between messages. Blocking, with one deadline for a whole hand-over.
 *   RFC 5321, 2920, 1870, 6152, 2034
 */
#ifndef TAMIS_LMTP_CLIENT_H
#define TAMIS_LMTP_CLIENT_H

#include "actions/out.h"

struct arena;
struct client;

struct client_config {
	struct str host;    /* "host:port", "[::1]:port" or "unix:/path" */
	struct str helo;    /* our name for EHLO */
	int64_t timeout_ms; /* for a whole hand-over */
};

/* No connection is made yet. Lives in the arena; client_close in the end. */
struct client *client_new(struct arena *, const struct client_config *);
void client_close(struct client *);

/*
 * Hand one message over to all its recipients: one refused recipient fails
 * the hand-over before DATA, so nobody gets it twice.
 *   fails  4.4.1 no connection, 4.4.2 lost or too slow, 4.5.0 no reply that
 *          makes sense, the reply's own status, 5.6.0 a bare CR in bytes
 */
bool client_send(struct client *, const struct out_message *, struct fail *why);

#endif
