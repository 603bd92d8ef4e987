/*
 * load: the configuration for a process of lmtpd, and what follows from it
 * at once: log level, file creation mask.
 */
#ifndef TAMIS_LMTP_LOAD_H
#define TAMIS_LMTP_LOAD_H

#include "conf/conf.h"

/*
 * Read it; every error and warning goes to stderr, or to the log.
 *   returns  NULL when there was an error
 */
struct conf *load_conf(struct arena *, const char *path, bool to_log);

/* What was wrong with a file: to the log, or to stderr. */
void load_report(const struct conf_messages *, bool to_log);

/* Make it the one this process goes by. */
void load_apply(const struct conf *);

#endif
