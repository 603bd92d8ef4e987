/*
 * trace: the header lines we put in front of a message.
 */
#ifndef TAMIS_LMTP_TRACE_H
#define TAMIS_LMTP_TRACE_H

#include "lmtp/txn.h"

struct trace {
	struct str lhlo;       /* as the peer said it, no control octets */
	struct str peer;       /* "unix socket", "[192.0.2.1]" */
	struct str servername; /* by ... */
	struct str product;    /* or "" */
	bool tls, auth;        /* the session is encrypted, authenticated */
};

/*
 * Return-Path and Received, each line with LF. They depend on the envelope
 * sender only, so that all recipients share one file.
 *   RFC 5321 s. 4.4
 */
struct str trace_lines(const struct txn *, const struct trace *);

#endif
