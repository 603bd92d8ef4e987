/*
 * io: read and write calls that finish what they begin: EINTR and short
 * counts are handled here and nowhere else. Knows descriptors, not files.
 */
#ifndef TAMIS_LIB_IO_H
#define TAMIS_LIB_IO_H

#include <sys/uio.h>

#include "lib/fail.h"
#include "lib/str.h"

/* Retry on EINTR; else as the system call. */
ssize_t io_read(int fd, void *p, size_t len);
ssize_t io_write(int fd, const void *p, size_t len);

/* All of it, or false with errno set. iov is changed on the way. */
bool io_write_all(int fd, const void *p, size_t len);
bool io_writev_all(int fd, struct iovec *iov, int n);
bool io_pread_all(int fd, void *p, size_t len, off_t at);

/*
 * Wait until fd is ready for events (POLLIN, POLLOUT).
 *   deadline_ms  clock_mono_ms time; -1: for ever
 *   returns      false with errno ETIMEDOUT when the time is over
 */
bool io_wait(int fd, short events, int64_t deadline_ms);

bool io_set_nonblocking(int fd, bool on);
bool io_set_cloexec(int fd);
void io_close(int *fd); /* closes unless it is -1, and makes it -1 */

/*
 * One record over a SOCK_SEQPACKET socket, with at most one descriptor.
 *   fd       io_send: passed along unless -1; the caller keeps its own copy
 *   *fd      io_recv: -1 when none came; else the caller closes it; it is
 *            close-on-exec
 *   returns  octets; 0: the peer closed; -1 with errno. EMSGSIZE when the
 *            record is longer than size.
 */
ssize_t io_send(int sock, const struct iovec *iov, int n, int fd, int flags);
ssize_t io_recv(int sock, void *p, size_t size, int *fd, int flags);

#endif
