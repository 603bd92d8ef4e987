/*
 * dial: a connected, non-blocking, close-on-exec stream socket for a name.
 */
#ifndef TAMIS_LMTP_DIAL_H
#define TAMIS_LMTP_DIAL_H

#include "lib/fail.h"
#include "lib/str.h"

/*
 *   where        "host:port", "[2001:db8::1]:port", "host" (port 25) or
 *                "unix:/path"; "/flags" behind it, as Cyrus allows, is cut
 *   deadline_ms  clock_mono_ms time; name service has its own time-outs
 *   returns      descriptor, or -1; fails 4.4.1, 4.4.3 (no such host)
 */
int dial(struct str where, int64_t deadline_ms, struct fail *why);

#endif
