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
to_stderr(const struct conf_messages *messages)
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

		log_msg(m->warning ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR,
		    "%.*s:%u: %.*s", STR_ARG(m->file), m->line,
		    STR_ARG(m->text));
	}
}

struct conf *
load_conf(struct arena *a, const char *path, bool to_log)
{
	struct conf_messages messages;
	struct conf *conf =
	    conf_load(a, path, getenv("CYRUS_SERVICE"), &messages);

	if (to_log)
		log_all(&messages);
	else
		to_stderr(&messages);
	return conf;
}

void
load_apply(const struct conf *conf)
{
	log_set_level(
	    conf_bool(conf, SETTING_debug) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	umask((mode_t)conf_int(conf, SETTING_umask));
}
