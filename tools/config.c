/*
 * config: shows and checks the configuration. Knows arguments and output;
 * what is right and wrong is decided in conf/.
 */
#include "tools/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "conf/account.h"
#include "conf/conf.h"
#include "lib/arena.h"
#include "lib/io.h"

struct options {
	const char *file;
	bool changed;
	bool check;
};

static int
usage(void)
{
	fputs("usage: tamis config [-C file] [--changed]\n"
	      "       tamis config check [-C file]\n",
	    stderr);
	return EX_USAGE;
}

static bool
parse_arguments(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-C") == 0 && i + 1 < argc)
			o->file = argv[++i];
		else if (strncmp(argv[i], "-C", 2) == 0 && argv[i][2] != '\0')
			o->file = argv[i] + 2;
		else if (strcmp(argv[i], "--changed") == 0)
			o->changed = true;
		else if (strcmp(argv[i], "check") == 0)
			o->check = true;
		else
			return false;
	}
	return o->file[0] != '\0' && !(o->check && o->changed);
}

static bool
put(int fd, struct buf *b)
{
	bool ok = !b->overflow && io_write_all(fd, b->p, b->len);

	buf_free(b);
	return ok;
}

int
tool_config(int argc, char **argv)
{
	struct options o = { .file = SYSCONFDIR "/imapd.conf" };
	struct conf_messages messages;
	struct arena *a;
	struct conf *conf;
	struct buf said, shown;
	bool ok;

	if (!parse_arguments(argc, argv, &o))
		return usage();
	a = arena_new("config", 0);
	conf = conf_load(a, o.file, getenv("CYRUS_SERVICE"), &messages);
	if (conf != NULL && o.check)
		accounts_check(a, conf, &messages);
	buf_init(&said, 64 << 20);
	buf_init(&shown, 64 << 20);
	conf_messages_print(&messages, &said);
	if (conf != NULL && !o.check)
		conf_print(conf, o.changed, &shown);
	/* For check the messages are the result. */
	ok = put(o.check ? STDOUT_FILENO : STDERR_FILENO, &said);
	ok &= put(STDOUT_FILENO, &shown);
	arena_free(a);
	if (conf == NULL || messages.nerrors > 0)
		return EX_CONFIG;
	return ok ? EX_OK : EX_IOERR;
}
