/*
 * shutdown: the file by which an administrator shuts the service for a
 * while: {configdirectory}/msg/shutdown, or shutdown.SERVICE for one service
 * of master(8).
 */
#ifndef TAMIS_LMTP_SHUTDOWN_H
#define TAMIS_LMTP_SHUTDOWN_H

#include "conf/conf.h"

enum { SHUTDOWN_TEXT_MAX = 256 };

/* Is it there? Then its first line, fit for a reply. Looked at each time. */
bool shutdown_text(const struct conf *, char *text, size_t size);

#endif
