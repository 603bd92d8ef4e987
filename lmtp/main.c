/*
 * main: lmtpd from its command line to its first role: options,
 * configuration, listening sockets, pid file, and the end of privileges.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lmtp/listen.h"
#include "lmtp/roles.h"

enum { LISTEN_MAX = 16, PREDECESSOR_MS = 1000, RETRY_MS = 10 };

struct options {
	const char *config;
	const char *listen[LISTEN_MAX];
	size_t nlisten;
	bool check_only;
};

static int
usage(void)
{
	fprintf(stderr,
	    "usage: lmtpd [-n] [-C config] [-l unix:PATH] [-l "
	    "inet:HOST:PORT] ...\n"
	    "       lmtpd [-C config]   (a connection on descriptors 0 and "
	    "1)\n"
	    "lmtpd(8) explains.\n");
	return EX_USAGE;
}

static bool
parse_options(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ .config = SYSCONFDIR "/imapd.conf" };
	while ((c = getopt(argc, argv, "C:l:n")) != -1) {
		switch (c) {
		case 'C':
			o->config = optarg;
			break;
		case 'l':
			if (o->nlisten == LISTEN_MAX) {
				fprintf(stderr, "lmtpd: too many -l\n");
				return false;
			}
			o->listen[o->nlisten++] = optarg;
			break;
		case 'n':
			o->check_only = true;
			break;
		default:
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lmtpd: unexpected argument \"%s\"\n",
		    argv[optind]);
		return false;
	}
	return true;
}

static struct conf *
load(struct arena *a, const struct options *o)
{
	struct conf_messages messages;
	struct conf *conf =
	    conf_load(a, o->config, getenv("CYRUS_SERVICE"), &messages);
	struct buf text;

	buf_init(&text, 1024 * 1024);
	conf_messages_print(&messages, &text);
	if (!io_write_all(STDERR_FILENO, text.p, text.len))
		errno = 0; /* nobody reads stderr: the exit status tells */
	buf_free(&text);
	return conf;
}

/* --- the pid file -------------------------------------------------------- */

static struct str
pid_path(struct arena *a, const struct conf *conf)
{
	struct str set = conf_str(conf, SETTING_lmtp_pid_file);

	if (set.len > 0)
		return set;
	return str_printf(a, "%.*s/lmtpd.pid",
	    STR_ARG(conf_str(conf, SETTING_configdirectory)));
}

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

/*
 * Take the lock that only one lmtpd may hold. The lock, not the number in
 * the file, tells whether somebody runs: it dies with its process. Unlike
 * that of flock(2) it is not the children's: they finish what they have when
 * the supervisor was killed, and its successor does not wait for them.
 */
static int
take_pid_file(struct arena *a, const struct conf *conf)
{
	char *path = str_cstr(a, pid_path(a, conf));
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

static bool
write_pid(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

/* --- privileges ---------------------------------------------------------- */

static bool
find_ids(const struct conf *conf, uid_t *uid, gid_t *gid, const char **name)
{
	const char *user = conf_cstr(conf, SETTING_cyrus_user);
	const char *group = conf_cstr(conf, SETTING_cyrus_group);
	struct passwd *pw = getpwnam(user != NULL ? user : "cyrus");
	struct group *gr = group != NULL ? getgrnam(group) : NULL;

	if (pw == NULL || pw->pw_uid == 0) {
		log_error("started as root, and cyrus_user (%s) is %s",
		    user != NULL ? user : "default: cyrus",
		    pw == NULL ? "unknown" : "root, which is not allowed");
		return false;
	}
	if (group != NULL && gr == NULL) {
		log_error("cyrus_group %s is unknown", group);
		return false;
	}
	*uid = pw->pw_uid;
	*gid = gr != NULL ? gr->gr_gid : pw->pw_gid;
	*name = pw->pw_name;
	return true;
}

/* For good: groups, then gid, then uid, then see that it is so. */
static bool
drop_root(const struct conf *conf, int pid_fd)
{
	const char *name;
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0)
		return true;
	if (!find_ids(conf, &uid, &gid, &name))
		return false;
	if ((pid_fd >= 0 && fchown(pid_fd, uid, gid) != 0) ||
	    initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0) {
		log_error("become %s: %s", name, strerror(errno));
		return false;
	}
	if (setuid(0) == 0 || getuid() != uid || geteuid() != uid) {
		log_error("still root after dropping it");
		return false;
	}
	return true;
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

static int
serve(struct arena *a, const struct conf *conf, const struct options *o)
{
	struct listeners listeners = { 0 };
	struct fail why;
	int pid_fd = take_pid_file(a, conf);
	int status;

	if (pid_fd < 0)
		return EX_TEMPFAIL;
	for (size_t i = 0; i < o->nlisten; i++) {
		if (!listen_add(a, o->listen[i], &listeners, &why)) {
			log_error("%s", why.text);
			listen_unlink(&listeners);
			return EX_CONFIG;
		}
	}
	if (!drop_root(conf, pid_fd))
		return EX_CONFIG;
	if (!write_pid(pid_fd)) {
		log_error("write pid file: %s", strerror(errno));
		return EX_OSERR;
	}
	status = supervisor_main(conf, &listeners, say_ready);
	listen_unlink(&listeners);
	return status;
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
start(struct arena *a, const struct conf *conf, const struct options *o)
{
	umask((mode_t)conf_int(conf, SETTING_umask));
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (o->nlisten > 0)
		return serve(a, conf, o);
	if (!is_connection(STDIN_FILENO)) {
		fprintf(stderr, "lmtpd: nothing to listen on (-l), and "
				"descriptor 0 is no connection\n");
		return usage();
	}
	return drop_root(conf, -1)
	           ? pipe_main(conf, STDIN_FILENO, STDOUT_FILENO)
	           : EX_CONFIG;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new("process", 0);
	struct options o;
	struct conf *conf;
	int status;

	if (!parse_options(argc, argv, &o))
		return usage();
	log_open("lmtpd", false, NULL);
	conf = load(a, &o);
	if (conf == NULL)
		return EX_CONFIG;
	if (conf_bool(conf, SETTING_debug))
		log_set_level(LOG_LEVEL_DEBUG);
	status = o.check_only ? 0 : start(a, conf, &o);
	arena_free(a);
	return status;
}
