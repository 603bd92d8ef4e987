/*
 * listen: addresses to listening sockets. Knows sockets and their leftovers.
 */
#include "lmtp/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/io.h"

enum {
	BACKLOG = 1024,
	PREDECESSOR_MS = 1000, /* for the children of one that was killed */
	RETRY_MS = 10,
};

static void
add(struct arena *a, struct listeners *l, int fd, bool local, struct str name)
{
	l->v = arena_grow(
	    a, l->v, l->n * sizeof(*l->v), (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] =
	    (struct listener){ .fd = fd, .local = local, .name = name };
}

/* Nobody answers on it: it was left by a process that is no more. */
static bool
is_stale(const struct sockaddr_un *sa, int type)
{
	/* Not to wait in the queue of one who lives. */
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) != 0 &&
	        errno == ECONNREFUSED;
	close(fd);
	return stale;
}

/* True when a dead one's socket was in the way and no longer is. */
static bool
remove_stale(int fd, const struct sockaddr_un *sa)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);
	struct stat st;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return lstat(sa->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       is_stale(sa, type) && unlink(sa->sun_path) == 0;
}

bool
listen_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	int left = PREDECESSOR_MS;

	while (bind(fd, sa, len) != 0) {
		if (errno != EADDRINUSE)
			return false;
		if (sa->sa_family == AF_UNIX &&
		    remove_stale(fd, (const struct sockaddr_un *)sa))
			continue;
		if (left <= 0) {
			errno = EADDRINUSE;
			return false;
		}
		poll(NULL, 0, RETRY_MS);
		left -= RETRY_MS;
	}
	return true;
}

static bool
listen_unix(
    struct arena *a, const char *path, struct listeners *l, struct fail *why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (path[0] != '/' || len >= sizeof(sa.sun_path))
		return fail_temp(why, "4.3.5",
		    "unix:%s: an absolute path of at most %zu octets is wanted",
		    path, sizeof(sa.sun_path) - 1);
	memcpy(sa.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    !listen_bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) ||
	    chmod(path, 0666) != 0 || listen(fd, BACKLOG) != 0) {
		fail_errno(why, errno, "unix:%s", path);
		io_close(&fd);
		return false;
	}
	add(a, l, fd, true, str_printf(a, "unix:%s", path));
	return true;
}

/* The name with the port that was really bound. */
static struct str
bound_name(struct arena *a, int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return S("inet:?");
	return str_printf(
	    a, strchr(host, ':') ? "inet:[%s]:%s" : "inet:%s:%s", host, port);
}

static int
bind_inet(const struct addrinfo *i)
{
	int fd = socket(i->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1, saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (i->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (listen_bind(fd, i->ai_addr, i->ai_addrlen) &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool
resolve(struct arena *a, const char *where, struct addrinfo **list,
    struct fail *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE };
	struct str s = str_c(where), host;
	ssize_t colon = str_rchr(s, ':');
	int rc;

	if (colon < 0 || (size_t)colon + 1 == s.len)
		return fail_temp(
		    why, "4.3.5", "inet:%s: HOST:PORT is wanted", where);
	host = str_sub(s, 0, (size_t)colon);
	if (host.len >= 2 && host.p[0] == '[' && host.p[host.len - 1] == ']')
		host = str_sub(host, 1, host.len - 1);
	rc = getaddrinfo(
	    host.len == 0 || str_eq(host, S("*")) ? NULL : str_cstr(a, host),
	    where + colon + 1, &hints, list);
	if (rc != 0)
		return fail_temp(
		    why, "4.3.5", "inet:%s: %s", where, gai_strerror(rc));
	return true;
}

static bool
listen_inet(
    struct arena *a, const char *where, struct listeners *l, struct fail *why)
{
	struct addrinfo *list = NULL;
	bool ok = true;

	if (!resolve(a, where, &list, why))
		return false;
	for (struct addrinfo *i = list; ok && i != NULL; i = i->ai_next) {
		int fd = bind_inet(i);

		if (fd >= 0)
			add(a, l, fd, false, bound_name(a, fd));
		else
			ok = fail_errno(why, errno, "inet:%s", where);
	}
	freeaddrinfo(list);
	return ok;
}

static bool
listen_plain(
    struct arena *a, const char *where, struct listeners *l, struct fail *why)
{
	if (strncmp(where, "unix:", 5) == 0)
		return listen_unix(a, where + 5, l, why);
	if (strncmp(where, "inet:", 5) == 0)
		return listen_inet(a, where + 5, l, why);
	return fail_temp(why, "4.3.5",
	    "\"%s\": unix:PATH or inet:HOST:PORT is wanted", where);
}

static bool
skip_prefix(const char **where, const char *prefix)
{
	size_t n = strlen(prefix);
	bool there = strncmp(*where, prefix, n) == 0;

	if (there)
		*where += n;
	return there;
}

bool
listen_add(
    struct arena *a, const char *where, struct listeners *l, struct fail *why)
{
	bool proxied = skip_prefix(&where, "proxy:");
	bool tls = skip_prefix(&where, "tls:");
	size_t i = l->n;

	if (!listen_plain(a, where, l, why))
		return false;
	for (; i < l->n; i++) {
		l->v[i].proxied = proxied;
		l->v[i].tls = tls;
	}
	return true;
}

bool
listen_is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	       on != 0;
}

bool
listen_adopt(struct arena *a, int fd, struct str name, struct listeners *l,
    struct fail *why)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	bool local;

	if (!listen_is_listening(fd))
		return fail_temp(
		    why, "4.3.5", "descriptor %d does not listen", fd);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0 ||
	    !io_set_cloexec(fd))
		return fail_errno(why, errno, "descriptor %d", fd);
	local = sa.ss_family == AF_UNIX;
	if (name.len == 0)
		name = local ? S("unix") : bound_name(a, fd);
	add(a, l, fd, local, name);
	l->v[l->n - 1].adopted = true;
	return true;
}

void
listen_unlink(const struct listeners *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct sockaddr_un sa;
		socklen_t len = sizeof(sa);

		if (!l->v[i].local || l->v[i].adopted ||
		    getsockname(l->v[i].fd, (struct sockaddr *)&sa, &len) != 0)
			continue;
		/* Our own listening socket would still answer here, were
		 * it not closed by now in every process but this one. */
		unlink(sa.sun_path);
	}
}

struct str
listen_peer_name(const struct sockaddr_storage *sa, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (sa->ss_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr,
		    text, sizeof(text));
		snprintf(out, size, "[%s]", text);
	} else if (sa->ss_family == AF_INET6) {
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)sa)->sin6_addr, text,
		    sizeof(text));
		snprintf(out, size, "[IPv6:%s]", text);
	} else {
		snprintf(out, size, "unix socket");
	}
	return str_c(out);
}
