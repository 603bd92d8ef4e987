/*
 * out: what it means to hand a message over to somebody else. Actions only
 * know this; the one who can do it is given to them as a function.
 */
#ifndef TAMIS_ACTIONS_OUT_H
#define TAMIS_ACTIONS_OUT_H

#include "lib/fail.h"
#include "lib/str.h"

struct out_message {
	struct str sender; /* envelope, without brackets; "" is null */
	struct strlist rcpts;
	struct str head;  /* header lines to put in front, each with LF */
	struct str bytes; /* message with LF or CRLF line ends; lines are
	                     sent with CRLF, bare CR is refused (5.6.0) */
	bool eightbit;    /* holds octets above 127 */
};

/*
 * Hand it over; true only when the next hop has taken responsibility for
 * all recipients.
 *   fails  4.4.x no connection, time-out; 4yz and 5yz of the next hop with
 *          its text
 */
typedef bool out_send_fn(
    void *ctx, const struct out_message *, struct fail *why);

#endif
