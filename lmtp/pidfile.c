/*
 * pidfile: the file that says who runs, and the lock that makes it true.
 */
#include "lmtp/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/log.h"

enum { PREDECESSOR_MS = 1000, RETRY_MS = 10 };

/* One that was killed a moment ago may not be gone yet. */
static bool
lock_soon(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	for (int left = PREDECESSOR_MS; fcntl(fd, F_SETLK, &lock) != 0;
	     left -= RETRY_MS) {
		if ((errno != EAGAIN && errno != EACCES) || left <= 0)
			return false;
		poll(NULL, 0, RETRY_MS);
	}
	return true;
}

int
pidfile_take(const char *path)
{
	char old[32] = "";
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0) {
		log_error("pid file %s: %s", path, strerror(errno));
		return -1;
	}
	if (!lock_soon(fd)) {
		ssize_t n = pread(fd, old, sizeof(old) - 1, 0);

		log_error("already running, pid %.*s holds %s",
		    n > 0 ? (int)strcspn(old, "\n") : 1, n > 0 ? old : "?",
		    path);
		io_close(&fd);
	}
	return fd;
}

bool
pidfile_write(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	/* The number is for everybody, whatever the umask. */
	if (fchmod(fd, 0644) != 0)
		log_debug("pid file: %s", strerror(errno));
	return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}
