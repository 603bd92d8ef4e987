/*
 * debug: debug_command, as a C format with program, process id and service.
 * It is expanded here, not by printf: it may say what it likes.
 */
#include "lmtp/debug.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"

enum { COMMAND_MAX = 4096 };

/* The first %s is the program, the second the service; %d the process. */
static void
expand(struct buf *out, struct str format, const char *program)
{
	const char *service = getenv("CYRUS_SERVICE");
	const char *words[] = { program, service != NULL ? service : "lmtpd" };
	char pid[16];
	size_t next = 0;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	for (size_t i = 0; i < format.len; i++) {
		char c = i + 1 < format.len ? format.p[i + 1] : '\0';

		if (format.p[i] != '%' || (c != 's' && c != 'd' && c != '%')) {
			buf_addc(out, format.p[i]);
			continue;
		}
		i++;
		if (c == 'd')
			buf_adds(out, str_c(pid));
		else if (c == '%')
			buf_addc(out, '%');
		else if (next < sizeof(words) / sizeof(*words))
			buf_adds(out, str_c(words[next++]));
	}
	buf_addc(out, '\0');
}

static void
run(char *command)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, command,
		NULL };
	int status = 0;
	pid_t pid;
	int err = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);

	if (err != 0) {
		log_error("debug_command: %s", strerror(err));
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status != 0)
		log_warning("debug_command ended with status %d", status);
}

void
debug_run(const struct conf *conf, const char *program)
{
	struct str format = conf_str(conf, SETTING_debug_command);
	struct buf command;

	if (format.len == 0)
		return;
	buf_init(&command, COMMAND_MAX);
	expand(&command, format, program);
	if (!command.overflow)
		run(command.p);
	buf_free(&command);
}
