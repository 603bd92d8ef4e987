/*
 * dial: names to connected sockets, for the client side. Tries every
 * address a name has.
 */
#include "lmtp/dial.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/io.h"

struct place {
	char host[256];
	char port[32];
};

/* Connect one address; false with errno. */
static bool
connect_to(
    int sock, const struct sockaddr *sa, socklen_t len, int64_t deadline_ms)
{
	int err = 0;
	socklen_t errlen = sizeof(err);

	if (connect(sock, sa, len) == 0)
		return true;
	if (errno != EINPROGRESS && errno != EINTR)
		return false;
	if (!io_wait(sock, POLLOUT, deadline_ms))
		return false;
	if (getsockopt(sock, SOL_SOCKET, SO_ERROR, &err, &errlen) != 0)
		return false;
	errno = err;
	return err == 0;
}

static int
dial_one(
    int family, const struct sockaddr *sa, socklen_t len, int64_t deadline_ms)
{
	int sock =
	    socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int saved;

	if (sock < 0 || connect_to(sock, sa, len, deadline_ms))
		return sock;
	saved = errno;
	io_close(&sock);
	errno = saved;
	return -1;
}

static int
dial_unix(struct str path, int64_t deadline_ms, struct fail *why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int sock;

	if (path.len >= sizeof(sa.sun_path)) {
		fail_temp(why, "4.4.1", "socket path %.*s is too long",
		    STR_ARG(path));
		return -1;
	}
	memcpy(sa.sun_path, path.p, path.len);
	sock =
	    dial_one(AF_UNIX, (struct sockaddr *)&sa, sizeof(sa), deadline_ms);
	if (sock < 0)
		fail_temp(why, "4.4.1", "connect %.*s: %s", STR_ARG(path),
		    strerror(errno));
	return sock;
}

static bool
copy(char *to, size_t size, struct str s)
{
	if (s.len >= size || str_has_ctl(s))
		return false;
	memcpy(to, s.p, s.len);
	to[s.len] = '\0';
	return true;
}

static bool
split(struct str where, struct place *out)
{
	struct str host = where, port = S("25");
	ssize_t slash = str_chr(where, '/'), colon;

	if (slash >= 0)
		where = host = str_sub(where, 0, (size_t)slash);
	if (where.len > 0 && where.p[0] == '[') {
		ssize_t end = str_chr(where, ']');

		if (end < 0)
			return false;
		host = str_sub(where, 1, (size_t)end);
		where = str_from_offset(where, (size_t)end + 1);
		if (where.len > 1 && where.p[0] == ':')
			port = str_from_offset(where, 1);
	} else if ((colon = str_rchr(where, ':')) >= 0) {
		host = str_sub(where, 0, (size_t)colon);
		port = str_from_offset(where, (size_t)colon + 1);
	}
	return host.len > 0 && port.len > 0 &&
	       copy(out->host, sizeof(out->host), host) &&
	       copy(out->port, sizeof(out->port), port);
}

static int
dial_inet(struct str where, int64_t deadline_ms, struct fail *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	struct place place;
	int sock = -1, rc, err = ECONNREFUSED;

	if (!split(where, &place)) {
		fail_temp(
		    why, "4.4.1", "\"%.*s\" is no host:port", STR_ARG(where));
		return -1;
	}
	rc = getaddrinfo(place.host, place.port, &hints, &list);
	if (rc != 0) {
		fail_temp(why, "4.4.3", "%s:%s: %s", place.host, place.port,
		    gai_strerror(rc));
		return -1;
	}
	for (struct addrinfo *i = list; i != NULL && sock < 0; i = i->ai_next) {
		sock = dial_one(
		    i->ai_family, i->ai_addr, i->ai_addrlen, deadline_ms);
		err = errno;
	}
	freeaddrinfo(list);
	if (sock < 0)
		fail_temp(why, "4.4.1", "connect %s:%s: %s", place.host,
		    place.port, strerror(err));
	return sock;
}

int
dial(struct str where, int64_t deadline_ms, struct fail *why)
{
	if (str_starts(where, S("unix:")))
		return dial_unix(str_from_offset(where, 5), deadline_ms, why);
	return dial_inet(where, deadline_ms, why);
}
