/*
 * fs: files, with the promises of this project: nothing is followed out of a
 * directory, nothing is overwritten by accident, and what "synced" says is
 * on disk. Knows system calls, not Maildirs.
 */
#ifndef TAMIS_LIB_FS_H
#define TAMIS_LIB_FS_H

#include <sys/stat.h>

#include "lib/fail.h"
#include "lib/str.h"

struct arena;

/*
 * Open path below dirfd. A symbolic link anywhere in path, a ".." that
 * leads out and an absolute path fail (ELOOP, EXDEV). A FIFO never blocks.
 * Where the kernel has no openat2(2), component by component, and every ".."
 * fails.
 *
 *   flags    as open(2); O_CLOEXEC and O_NONBLOCK are added
 *   returns  descriptor, or -1 with errno
 */
int fs_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/* An absolute path in which no component is a symbolic link (ELOOP; EXDEV
 * where the kernel has no openat2 to tell); else as fs_open_beneath. */
int fs_open_unlinked(const char *path, int flags);

/* A directory by its absolute path, links allowed; -1 with errno. */
int fs_open_dir(const char *path);

/*
 * Read a whole regular file below dirfd into arena memory.
 *   max    octets; a larger file fails with EFBIG
 *   st     filled when not NULL
 *   fails  false with errno; a device or FIFO gives EINVAL
 */
bool fs_read_beneath(int dirfd, const char *path, size_t max, struct arena *,
    struct str *out, struct stat *st);
/* The same for a descriptor that is open for reading. */
bool fs_read_fd(
    int fd, size_t max, struct arena *, struct str *out, struct stat *st);

/*
 * Call visit for each name in a directory but "." and "..", until it returns
 * false. Names are in no order, and names that come and go meanwhile may be
 * seen or not.
 *   fails  false with errno
 */
bool fs_each(int dirfd, bool (*visit)(void *ctx, const char *name), void *ctx);

/*
 * An unnamed file on the file system of dirfd, open for reading and writing
 * and close-on-exec; -1 with errno (EOPNOTSUPP where the kernel has none).
 */
int fs_tmpfile(int dirfd, mode_t mode);

/*
 * Give fd's file the name dirfd/name; an existing name is never replaced
 * (EEXIST). fd may be an O_TMPFILE file.
 */
bool fs_link_fd(int fd, int dirfd, const char *name);

/* Start writing the file's pages to the device and wait until they are. */
bool fs_write_out(int fd);

/* fsync; EINTR is retried, any other error is final for this file. */
bool fs_sync(int fd);

/*
 * Write bytes to a new file dirfd/name.new.<random>, fsync, rename over
 * dirfd/name, fsync dirfd. Either the old or the new content is there after
 * a crash.
 */
bool fs_replace(int dirfd, const char *name, struct str bytes, mode_t mode,
    struct fail *why);

/* The same for a symbolic link. */
bool fs_replace_link(
    int dirfd, const char *name, const char *target, struct fail *why);

/*
 * Make path and its missing parents, each synced into its parent.
 * An existing directory is no error.
 */
bool fs_mkdir_p(const char *path, mode_t mode, struct fail *why);

#endif
