/*
 * shutdown: reads one line of one file. Knows no session.
 */
#include "lmtp/shutdown.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/io.h"

#define SHUT "service is shut down"

/* The first line, printable; an empty file has no reason to tell. */
static void
first_line(int fd, char *text, size_t size)
{
	ssize_t n = io_read(fd, text, size - 1);
	size_t len;

	text[n > 0 ? n : 0] = '\0';
	len = strcspn(text, "\r\n");
	text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			text[i] = '?';
	if (len == 0)
		snprintf(text, size, SHUT);
}

static bool
look(struct str dir, const char *service, char *text, size_t size)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%.*s/msg/shutdown%s%s", STR_ARG(dir),
	    service[0] != '\0' ? "." : "", service);
	/* Non-blocking: somebody may have made it a fifo. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		snprintf(text, size, SHUT);
		return errno == EACCES;
	}
	first_line(fd, text, size);
	close(fd);
	return true;
}

bool
shutdown_text(const struct conf *conf, char *text, size_t size)
{
	struct str dir = conf_str(conf, SETTING_configdirectory);
	const char *service = getenv("CYRUS_SERVICE");

	return (service != NULL && strchr(service, '/') == NULL &&
		   look(dir, service, text, size)) ||
	       look(dir, "", text, size);
}
