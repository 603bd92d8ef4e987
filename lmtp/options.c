/*
 * options: reads the command line. Knows what is well-formed, not what it
 * means.
 */
#include "lmtp/options.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/str.h"

static bool
complain(const char *what, const char *arg)
{
	fprintf(stderr, "lmtpd: %s%s%s\n", what, *arg ? ": " : "", arg);
	return false;
}

void
options_usage(void)
{
	fprintf(stderr,
	    "usage: lmtpd [-aDHn] [-C config] [-T timeout] [-U uses] "
	    "[-l listener] ...\n"
	    "listener is [proxy:]unix:PATH or [proxy:]inet:HOST:PORT; without "
	    "one, sockets "
	    "come from\n"
	    "master(8) or systemd, or descriptors 0 and 1 are a "
	    "connection.\n"
	    "lmtpd(8) explains.\n");
}

static bool
number(const char *what, int64_t *to)
{
	uint64_t n;

	if (!str_to_u64(str_c(optarg), &n) || n > INT32_MAX)
		return complain(what, optarg);
	*to = (int64_t)n;
	return true;
}

static bool
add_listener(struct options *o)
{
	if (o->nlisten == LISTEN_MAX)
		return complain("too many -l", optarg);
	o->listen[o->nlisten++] = optarg;
	return true;
}

static bool
missing_argument(void)
{
	char option[] = { '-', (char)optopt, '\0' };

	return complain("an argument is missing behind", option);
}

static bool
unknown(void)
{
	char option[] = { '-', (char)optopt, '\0' };

	return complain("unknown option", option);
}

static bool
take(int c, struct options *o)
{
	switch (c) {
	case 'C':
		o->config = optarg;
		return true;
	case 'D':
		return o->debug = true;
	case 'H':
		return o->proxied = true;
	case 'T':
		return number("-T wants a number of seconds", &o->timeout);
	case 'U':
		return number("-U wants a number of connections", &o->uses);
	case 'a':
		return o->preauth = true;
	case 'l':
		return add_listener(o);
	case 'n':
		return o->check_only = true;
	case ':':
		return missing_argument();
	default:
		return unknown();
	}
}

bool
options_parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){
		.program = argv[0],
		.config = SYSCONFDIR "/imapd.conf",
		.uses = OPTION_UNSET,
		.timeout = OPTION_UNSET,
	};
	while ((c = getopt(argc, argv, "+:C:DHT:U:al:n")) != -1)
		if (!take(c, o))
			return false;
	if (optind < argc)
		return complain("unexpected argument", argv[optind]);
	return true;
}
