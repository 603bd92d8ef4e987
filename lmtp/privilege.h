/*
 * privilege: nothing runs as root for longer than it must.
 */
#ifndef TAMIS_LMTP_PRIVILEGE_H
#define TAMIS_LMTP_PRIVILEGE_H

#include "conf/conf.h"

/*
 * Become cyrus_user and cyrus_group; nothing to do when not root.
 *   pid_fd   a file that is to be theirs, or -1
 *   returns  false with a line in the log: do not go on
 */
bool privilege_drop(const struct conf *, int pid_fd);

#endif
