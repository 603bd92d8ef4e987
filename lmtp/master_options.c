/*
 * master_options: reads the command line of master. Knows what is
 * well-formed, not what it means.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/str.h"
#include "lmtp/master.h"

static bool
complain(const char *what, const char *arg)
{
	fprintf(stderr, "master: %s%s%s\n", what, *arg ? ": " : "", arg);
	fprintf(stderr,
	    "usage: master [-n] [-d | -D] [-C imapd.conf] [-M cyrus.conf] "
	    "[-L logfile]\n"
	    "       [-l backlog] [-p pidfile] [-r readyfile]\n"
	    "master(8) explains.\n");
	return false;
}

static bool
number(const char *what, int64_t *to)
{
	uint64_t n;

	if (!str_to_u64(str_c(optarg), &n) || n < 1 || n > INT32_MAX)
		return complain(what, optarg);
	*to = (int64_t)n;
	return true;
}

static bool
take(int c, struct master_options *o)
{
	char option[] = { '-', (char)optopt, '\0' };
	int64_t ignored;

	switch (c) {
	case 'C':
		o->config = optarg;
		return true;
	case 'D':
		return o->keep_output = true;
	case 'L':
		o->log_file = optarg;
		return true;
	case 'M':
		o->services = optarg;
		return true;
	case 'd':
		return o->background = true;
	case 'j': /* how often to sweep: nothing needs sweeping */
		return number("-j wants a number", &ignored);
	case 'l':
		return number("-l wants a length", &o->backlog);
	case 'n':
		return o->check_only = true;
	case 'p':
		o->pid_file = optarg;
		return true;
	case 'r':
		o->ready_file = optarg;
		return true;
	case ':':
		return complain("an argument is missing behind", option);
	default:
		return complain("unknown option", option);
	}
}

bool
master_options_parse(int argc, char **argv, struct master_options *o)
{
	int c;

	*o = (struct master_options){
		.config = SYSCONFDIR "/imapd.conf",
		.services = SYSCONFDIR "/cyrus.conf",
		.backlog = MASTER_BACKLOG,
	};
	while ((c = getopt(argc, argv, "+:C:DL:M:dj:l:np:r:")) != -1)
		if (!take(c, o))
			return false;
	if (optind < argc)
		return complain("unexpected argument", argv[optind]);
	if (o->background && o->keep_output)
		return complain("-d and -D exclude each other", "");
	return true;
}
