/*
 * main: lmtpd from its command line to its first role: options,
 * configuration, listening sockets, pid file, and the end of privileges.
 */
#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/log.h"
#include "lmtp/listen.h"
#include "lmtp/load.h"
#include "lmtp/options.h"
#include "lmtp/parent.h"
#include "lmtp/pidfile.h"
#include "lmtp/privilege.h"
#include "lmtp/roles.h"
#include "lmtp/signals.h"

/* Only one that starts another makes an end by default. */
enum { MASTER_USES = 250, MASTER_TIMEOUT = 60 };

static struct str
pid_path(struct arena *a, const struct conf *conf)
{
	struct str set = conf_str(conf, SETTING_lmtp_pid_file);

	if (set.len > 0)
		return set;
	return str_printf(a, "%.*s/lmtpd.pid",
	    STR_ARG(conf_str(conf, SETTING_configdirectory)));
}

/* --- modes --------------------------------------------------------------- */

static void
say_ready(const struct listeners *l)
{
	printf("ready");
	for (size_t i = 0; i < l->n; i++)
		printf(" %.*s", STR_ARG(l->v[i].name));
	printf("\n");
	fflush(stdout);
	log_info("ready");
}

/* Under master(8) nobody reads stderr unless ours says so, and the log has its
 * conventions. */
static void
open_syslog(struct arena *a, const struct conf *conf, const char *service)
{
	const char *prefix = getenv("CYRUS_SYSLOG_PREFIX");
	const char *ident = "lmtpd";

	if (prefix == NULL || *prefix == '\0')
		prefix = conf_cstr(conf, SETTING_syslog_prefix);
	if (prefix != NULL && *prefix != '\0')
		ident = str_cstr(a, str_printf(a, "%s/%s", prefix,
					service != NULL ? service : ident));
	log_open(ident, true, conf_cstr(conf, SETTING_syslog_facility));
}

/* From that to twice that: not all end in the same moment. */
static int64_t
drawn(int64_t least_ms)
{
	uint64_t r = 0;

	if (least_ms == 0 || getrandom(&r, sizeof(r), GRND_NONBLOCK) < 0)
		return least_ms;
	return least_ms + (int64_t)(r % (uint64_t)least_ms);
}

/* What the command line and the one who started us make of -U and -T. */
static struct tenure
tenure(const struct options *o, const struct parent *parent)
{
	struct tenure t = { .preauth = o->preauth, .report = parent->master };
	int64_t uses = o->uses, timeout = o->timeout;

	if (uses == OPTION_UNSET)
		uses = parent->restarts ? MASTER_USES : 0;
	else if (uses == 0)
		uses = 1; /* as in the original: the first is the last */
	if (timeout == OPTION_UNSET)
		timeout = parent->restarts ? MASTER_TIMEOUT : 0;
	t.uses = (uint32_t)uses;
	t.unused_ms = drawn(timeout * 1000);
	return t;
}

static int
serve(const struct conf *conf, const struct options *o, struct parent *parent,
    const struct listeners *l)
{
	struct supervision what = {
		.listeners = *l,
		.tenure = tenure(o, parent),
		.parent = parent,
		.config = o->config,
		.debug = o->debug ? o->program : NULL,
		.ready = say_ready,
	};

	for (size_t n = 0; n < l->n && o->proxied; n++)
		l->v[n].proxied = true;
	return supervisor_main(conf, &what);
}

/* -l: the sockets are ours, and so is the question whether we run twice. */
static int
serve_own(struct arena *a, const struct conf *conf, const struct options *o,
    struct parent *parent)
{
	struct listeners listeners = { 0 };
	struct fail why;
	int pid_fd = pidfile_take(str_cstr(a, pid_path(a, conf)));

	if (pid_fd < 0)
		return EX_TEMPFAIL;
	for (size_t i = 0; i < o->nlisten; i++) {
		if (!listen_add(a, o->listen[i], &listeners, &why)) {
			log_error("%s", why.text);
			listen_unlink(&listeners);
			return EX_CONFIG;
		}
	}
	if (!privilege_drop(conf, pid_fd))
		return EX_CONFIG;
	if (!pidfile_write(pid_fd)) {
		log_error("write pid file: %s", strerror(errno));
		return EX_OSERR;
	}
	return serve(conf, o, parent, &listeners);
}

static bool
is_connection(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode) ||
		   S_ISREG(st.st_mode));
}

static int
serve_connection(
    const struct conf *conf, const struct options *o, int in, int out)
{
	if (!is_connection(in)) {
		fprintf(stderr, "lmtpd: nothing to listen on (-l), and "
				"descriptor 0 is no connection\n");
		options_usage();
		return EX_USAGE;
	}
	signals_release();
	if (!privilege_drop(conf, -1))
		return EX_CONFIG;
	return pipe_main(conf, in, out,
	    &(struct pipe_peer){
		.preauth = o->preauth, .proxied = o->proxied });
}

static int
start(struct arena *a, const struct conf *conf, const struct options *o,
    struct parent *parent)
{
	struct listeners passed = { 0 };
	struct fail why;
	int connection;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (o->nlisten > 0)
		return serve_own(a, conf, o, parent);
	if (!parent_listeners(parent, a, &passed, &connection, &why)) {
		log_error("%s", why.text);
		return EX_CONFIG;
	}
	if (connection >= 0)
		return serve_connection(conf, o, connection, connection);
	if (passed.n == 0)
		return serve_connection(conf, o, STDIN_FILENO, STDOUT_FILENO);
	return privilege_drop(conf, -1) ? serve(conf, o, parent, &passed)
	                                : EX_CONFIG;
}

static int
run(struct arena *a, const struct options *o)
{
	struct parent parent;
	struct conf *conf;
	bool to_syslog;

	log_open("lmtpd", false, NULL);
	parent_open(&parent, a);
	to_syslog =
	    (parent.master && !parent.stderr_log) || parent_log_is_peer();
	if (to_syslog)
		log_open("lmtpd", true, NULL);
	conf = load_conf(a, o->config, to_syslog);
	if (conf == NULL)
		return EX_CONFIG;
	if (to_syslog)
		open_syslog(a, conf, parent.service);
	load_apply(conf);
	return o->check_only ? 0 : start(a, conf, o, &parent);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct arena *a;
	int status;

	/* master(8) may send SIGHUP to one that has hardly begun. */
	signals_hold();
	if (!options_parse(argc, argv, &o)) {
		options_usage();
		return EX_USAGE;
	}
	a = arena_new("process", 0);
	status = run(a, &o);
	arena_free(a);
	return status;
}
