/*
 * pidfile: one process of a kind at a time.
 */
#ifndef TAMIS_LMTP_PIDFILE_H
#define TAMIS_LMTP_PIDFILE_H

#include <stdbool.h>

/*
 * Take the lock that only one process may hold. The lock, not the number in
 * the file, tells whether somebody runs: it dies with its process. Unlike
 * that of flock(2) it is not the children's: they finish what they have when
 * their parent was killed, and its successor does not wait for them.
 *   returns  the descriptor, to be kept open; -1 when another holds it or
 *            the file cannot be written, with a line in the log
 */
int pidfile_take(const char *path);

/* Our number; false with errno. */
bool pidfile_write(int fd);

#endif
