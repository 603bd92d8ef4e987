/*
 * arrival: connections of listeners with the PROXY protocol, until it is
 * known for whom they come. Octets behind the header are left in the socket.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lmtp/front.h"
#include "lmtp/haproxy.h"
#include "lmtp/listen.h"
#include "lmtp/network.h"

enum {
	PEEK_SIZE = 512,
	HEADER_MS = 10 * 1000, /* a header is a packet, lost twice at most */
};

struct arrival {
	struct watch watch; /* WATCH_ARRIVAL */
	struct arrival *next;
	struct arena *arena;
	int fd;
	bool local;                   /* by a unix socket */
	bool tls;                     /* comes behind the header */
	struct sockaddr_storage peer; /* who connected */
	struct haproxy header;
	int64_t limit_ms;
};

/* It leaves with its descriptor. An event of this round may still be for it,
 * so it is freed after that. */
static int
take_fd(struct front *f, struct arrival *a)
{
	struct arrival **at = &f->arrivals;
	int fd = a->fd;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	a->next = f->departed;
	f->departed = a;
	f->narrivals--;
	epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
	a->fd = -1;
	return fd;
}

void
arrival_free_departed(struct front *f)
{
	while (f->departed != NULL) {
		struct arrival *a = f->departed;

		f->departed = a->next;
		arena_free(a->arena);
	}
}

void
arrival_new(struct front *f, int fd, const struct sockaddr_storage *peer,
    const struct listener *l)
{
	const struct strlist *trusted =
	    conf_list(f->conf, SETTING_lmtp_proxy_networks);
	char name[LISTEN_PEER_MAX];
	struct arena *arena;
	struct arrival *a;

	if (!l->local && !network_has(trusted, peer)) {
		log_warning("%.*s is not in lmtp_proxy_networks, refused",
		    STR_ARG(listen_peer_name(peer, name, sizeof(name))));
		front_refuse(fd, "4.7.0", "not a trusted proxy");
		return;
	}
	arena = arena_new("arrival", 0);
	a = ARENA_NEW(arena, struct arrival);
	*a = (struct arrival){
		.watch.kind = WATCH_ARRIVAL,
		.next = f->arrivals,
		.arena = arena,
		.fd = fd,
		.local = l->local,
		.tls = l->tls,
		.peer = *peer,
		.limit_ms = clock_mono_ms() + HEADER_MS,
	};
	f->arrivals = a;
	f->narrivals++;
	if (!front_watch(f, fd, EPOLLIN, &a->watch)) {
		log_error("cannot watch a connection: %s", strerror(errno));
		close(take_fd(f, a));
	}
}

static void
send_away(struct front *f, struct arrival *a, const char *text)
{
	char name[LISTEN_PEER_MAX];

	log_warning("%.*s: %s",
	    STR_ARG(listen_peer_name(&a->peer, name, sizeof(name))), text);
	front_refuse(take_fd(f, a), "4.3.2", text);
}

/* A client of the network is not trusted for the way it came by; who speaks
 * for itself is who connected. */
static void
admit(struct front *f, struct arrival *a)
{
	bool named = a->header.named;
	struct sockaddr_storage who = named ? a->header.source : a->peer;
	bool preauth = f->tenure.preauth || (a->local && !named);
	char name[LISTEN_PEER_MAX];

	front_admit(f, take_fd(f, a),
	    listen_peer_name(&who, name, sizeof(name)), preauth, a->tls);
}

static void
take_octets(struct front *f, struct arrival *a, const char *p, size_t n)
{
	char taken[PEEK_SIZE];
	size_t used;
	enum haproxy_state state = haproxy_push(&a->header, p, n, &used);

	if (recv(a->fd, taken, used, 0) != (ssize_t)used)
		state = HAPROXY_BAD;
	if (state == HAPROXY_BAD)
		send_away(f, a, "a PROXY header was expected");
	else if (state == HAPROXY_DONE)
		admit(f, a);
}

void
arrival_event(struct front *f, struct arrival *a)
{
	char octets[PEEK_SIZE];
	ssize_t n;

	if (a->fd < 0)
		return;
	n = recv(a->fd, octets, sizeof(octets), MSG_PEEK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		take_octets(f, a, octets, (size_t)n);
		return;
	}
	/* Who only looks whether somebody listens is no news. */
	log_debug("a connection ended before its PROXY header");
	close(take_fd(f, a));
}

void
arrival_tick(struct front *f, int64_t now_ms)
{
	for (struct arrival *a = f->arrivals, *next; a != NULL; a = next) {
		next = a->next;
		if (now_ms >= a->limit_ms)
			send_away(f, a, "no PROXY header came");
	}
}

void
arrival_end(struct front *f)
{
	while (f->arrivals != NULL)
		front_refuse(take_fd(f, f->arrivals), "4.3.2", "shutting down");
}
