/*
 * log: knows where lines go and that they are lines. One of the few files
 * with state of its own, because a log is a property of the process.
 */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <syslog.h>
#include <unistd.h>

static struct {
	const char *ident;
	const char *role;
	pid_t pid; /* of the process in that role; 0: any process */
	bool to_syslog;
	bool prefixed; /* systemd reads "<n>" in front of a line */
	enum log_level level;
} log_state = { .ident = "tamis", .role = "", .level = LOG_LEVEL_INFO };

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_NOTICE] = { "notice", LOG_NOTICE },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

static const struct {
	const char *name;
	int value;
} facilities[] = {
	{ "mail", LOG_MAIL },
	{ "daemon", LOG_DAEMON },
	{ "user", LOG_USER },
	{ "auth", LOG_AUTH },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

static int
facility_value(const char *name)
{
	if (name != NULL)
		for (size_t i = 0; i < sizeof(facilities) / sizeof(*facilities);
		     i++)
			if (str_caseeq(str_c(name), str_c(facilities[i].name)))
				return facilities[i].value;
	return LOG_MAIL;
}

void
log_open(const char *ident, bool to_syslog, const char *facility)
{
	log_state.ident = ident;
	log_state.to_syslog = to_syslog;
	log_state.prefixed = getenv("JOURNAL_STREAM") != NULL;
	if (to_syslog)
		openlog(ident, LOG_PID | LOG_NDELAY, facility_value(facility));
}

void
log_set_level(enum log_level most_verbose)
{
	log_state.level = most_verbose;
}

void
log_set_role(const char *role)
{
	log_state.role = role;
	log_state.pid = getpid();
}

static void
to_stderr(enum log_level level, const char *text)
{
	char line[1200];
	pid_t pid = log_state.pid != 0 ? log_state.pid : getpid();
	int n;

	if (log_state.prefixed)
		n = snprintf(line, sizeof(line), "<%d>%s%s%s: %s\n",
		    levels[level].priority, log_state.ident,
		    *log_state.role ? "/" : "", log_state.role, text);
	else
		n = snprintf(line, sizeof(line), "%s%s%s[%d]: %s: %s\n",
		    log_state.ident, *log_state.role ? "/" : "", log_state.role,
		    (int)pid, levels[level].name, text);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	/* One write: lines of several processes do not mix. A log that
	 * cannot be written must not stop a delivery. */
	while (write(STDERR_FILENO, line, (size_t)n) < 0 && errno == EINTR)
		continue;
}

void
log_msg(enum log_level level, const char *fmt, ...)
{
	char text[1024];
	int saved = errno;
	va_list ap;

	if (level > log_state.level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	if (log_state.to_syslog)
		syslog(levels[level].priority, "%s%s%s", log_state.role,
		    *log_state.role ? ": " : "", text);
	else
		to_stderr(level, text);
	errno = saved;
}
