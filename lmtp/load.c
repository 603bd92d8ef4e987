/*
 * load: reads the configuration at start and on SIGHUP, and passes on what
 * is wrong with it.
 */
#include "lmtp/load.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"

static void
print_all(const struct conf_messages *messages)
{
	struct buf text;

	buf_init(&text, 1024 * 1024);
	conf_messages_print(messages, &text);
	if (!io_write_all(STDERR_FILENO, text.p, text.len))
		errno = 0; /* nobody reads stderr: the exit status tells */
	buf_free(&text);
}

static void
log_all(const struct conf_messages *messages)
{
	for (size_t i = 0; i < messages->n; i++) {
		const struct conf_message *m = &messages->v[i];

		char at[32] = "";

		if (m->column > 0)
			snprintf(at, sizeof(at), ":%u", m->column);
		log_msg(m->warning ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR,
		    "%.*s:%u%s: %.*s", STR_ARG(m->file), m->line, at,
		    STR_ARG(m->text));
	}
}

void
load_report(const struct conf_messages *messages, bool to_log)
{
	if (to_log)
		log_all(messages);
	else
		print_all(messages);
}

struct conf *
load_conf(struct arena *a, const char *path, bool to_log)
{
	struct conf_messages messages;
	struct conf *conf =
	    conf_load(a, path, getenv("CYRUS_SERVICE"), &messages);

	load_report(&messages, to_log);
	return conf;
}

void
load_apply(const struct conf *conf)
{
	log_set_level(
	    conf_bool(conf, SETTING_debug) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	umask((mode_t)conf_int(conf, SETTING_umask));
}
