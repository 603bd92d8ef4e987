/*
 * debug: runs debug_command for a process that starts under -D.
 */
#ifndef TAMIS_LMTP_DEBUG_H
#define TAMIS_LMTP_DEBUG_H

#include "conf/conf.h"

/* Run it for this process and wait for it; program is what %s says first. */
void debug_run(const struct conf *, const char *program);

#endif
