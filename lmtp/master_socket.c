/*
 * master_socket: from listen= and proto= of cyrus.conf(5) to sockets. Knows
 * addresses, not services.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/io.h"
#include "lmtp/listen.h"
#include "lmtp/master.h"

enum { HOST_MAX = 256 };

static int
socket_type(const struct services_entry *e)
{
	return str_starts(e->proto, S("udp")) ? SOCK_DGRAM : SOCK_STREAM;
}

static int
family(const struct services_entry *e)
{
	if (str_ends(e->proto, S("4")))
		return AF_INET;
	return str_ends(e->proto, S("6")) ? AF_INET6 : AF_UNSPEC;
}

static bool
ready_to_accept(const struct master_socket *s, int backlog)
{
	return s->datagram || listen(s->fd, backlog) == 0;
}

/* Who may enter the directory may connect, as in the original. */
static bool
open_path(struct master_socket *s)
{
	struct stat st;

	if (chmod(s->path, 0777) != 0 || lstat(s->path, &st) != 0)
		return false;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return true;
}

static bool
listen_path(const struct services_entry *e, int backlog,
    struct master_socket *s, struct fail *why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int type = socket_type(e);

	if (e->listen.len >= sizeof(sa.sun_path))
		return fail_temp(why, "4.3.5",
		    "a path of at most %zu octets is wanted",
		    sizeof(sa.sun_path) - 1);
	memcpy(sa.sun_path, e->listen.p, e->listen.len + 1);
	memcpy(s->path, sa.sun_path, e->listen.len + 1);
	s->datagram = type == SOCK_DGRAM;
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (s->fd >= 0 &&
	    listen_bind(s->fd, (const struct sockaddr *)&sa, sizeof(sa)) &&
	    open_path(s) && ready_to_accept(s, backlog))
		return true;
	fail_errno(why, errno, "%s", s->path);
	io_close(&s->fd);
	return false;
}

/* "[host]:port", "host:port", "port"; host may be empty. */
static bool
split_address(struct str text, char host[HOST_MAX], const char **port)
{
	struct str h = { 0 };
	ssize_t colon = str_rchr(text, ':');

	*port = text.p + colon + 1;
	if (colon > 0)
		h = str_sub(text, 0, (size_t)colon);
	if (h.len >= 2 && h.p[0] == '[' && h.p[h.len - 1] == ']')
		h = str_sub(h, 1, h.len - 1);
	if (h.len >= HOST_MAX || **port == '\0' || str_chr(h, '[') >= 0)
		return false;
	memcpy(host, h.len > 0 ? h.p : "", h.len);
	host[h.len] = '\0';
	return true;
}

static bool
listen_at(const struct addrinfo *i, int backlog, struct master_socket *s)
{
	int on = 1, saved;

	*s = (struct master_socket){ .datagram = i->ai_socktype == SOCK_DGRAM };
	s->fd = socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return false;
	setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (i->ai_family == AF_INET6)
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (listen_bind(s->fd, i->ai_addr, i->ai_addrlen) &&
	    ready_to_accept(s, backlog))
		return true;
	saved = errno;
	io_close(&s->fd);
	errno = saved;
	return false;
}

/* No such family on this host: getaddrinfo may name its addresses. */
static bool
has_no_such_family(int err)
{
	return err == EAFNOSUPPORT || err == EADDRNOTAVAIL;
}

static bool
listen_each(const struct addrinfo *i, int backlog,
    struct master_socket out[MASTER_SOCKETS_MAX], size_t *n)
{
	int last = EADDRNOTAVAIL;

	for (; i != NULL && *n < MASTER_SOCKETS_MAX; i = i->ai_next) {
		if (listen_at(i, backlog, &out[*n])) {
			++*n;
			continue;
		}
		last = errno;
		if (!has_no_such_family(last))
			break;
	}
	if (*n > 0 && (i == NULL || has_no_such_family(last)))
		return true;
	while (*n > 0)
		io_close(&out[--*n].fd);
	errno = last;
	return false;
}

static bool
listen_address(const struct services_entry *e, int backlog,
    struct master_socket out[MASTER_SOCKETS_MAX], size_t *n, struct fail *why)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE,
		.ai_family = family(e),
		.ai_socktype = socket_type(e) };
	struct addrinfo *list;
	char host[HOST_MAX];
	const char *port;
	bool ok;
	int rc;

	if (!split_address(e->listen, host, &port))
		return fail_temp(why, "4.3.5",
		    "%s: a path, PORT, HOST:PORT or [HOST]:PORT is wanted",
		    e->listen.p);
	rc = getaddrinfo(*host ? host : NULL, port, &hints, &list);
	if (rc != 0)
		return fail_temp(
		    why, "4.3.5", "%s: %s", e->listen.p, gai_strerror(rc));
	ok = listen_each(list, backlog, out, n);
	freeaddrinfo(list);
	return ok || fail_errno(why, errno, "%s", e->listen.p);
}

bool
master_listen(const struct services_entry *e, int backlog,
    struct master_socket out[MASTER_SOCKETS_MAX], size_t *n, struct fail *why)
{
	*n = 0;
	if (e->listen.p[0] != '/')
		return listen_address(e, backlog, out, n, why);
	out[0] = (struct master_socket){ .fd = -1 };
	if (!listen_path(e, backlog, &out[0], why))
		return false;
	*n = 1;
	return true;
}

void
master_shut(struct master_socket *s)
{
	struct stat st;

	if (s->fd < 0)
		return;
	if (s->path[0] != '\0' && lstat(s->path, &st) == 0 &&
	    st.st_dev == s->dev && st.st_ino == s->ino)
		unlink(s->path);
	shutdown(s->fd, SHUT_RDWR);
	io_close(&s->fd);
}
