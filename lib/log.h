/*
 * log: one line at a time to stderr or syslog. Lines are "key=value" text
 * after a short message; control octets never reach the log.
 */
#ifndef TAMIS_LIB_LOG_H
#define TAMIS_LIB_LOG_H

#include <stdbool.h>

#include "lib/str.h"

enum log_level {
	LOG_LEVEL_ERROR,   /* somebody has to act */
	LOG_LEVEL_WARNING, /* handled, and somebody should know */
	LOG_LEVEL_NOTICE,  /* one line for each delivery and each start */
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/*
 * Choose where lines go; called once from main before anything else.
 *
 *   ident      program name, static
 *   to_syslog  false: stderr, with "<n>" priorities under systemd
 *   facility   syslog facility name, or NULL for mail
 */
void log_open(const char *ident, bool to_syslog, const char *facility);
void log_set_level(enum log_level most_verbose);

/* Which role this process has ("front", "worker"); static text. */
void log_set_role(const char *role);

void log_msg(enum log_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_msg(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_msg(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_msg(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_msg(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_msg(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
