/*
 * command: the verbs.
 */
#ifndef TAMIS_LMTP_COMMAND_H
#define TAMIS_LMTP_COMMAND_H

#include "lib/str.h"

struct session;

/* Run one command: a line without its CRLF, no CR, LF and NUL in it. */
void command_run(struct session *, struct str line);

#endif
