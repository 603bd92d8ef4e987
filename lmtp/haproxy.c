/*
 * haproxy: reads the header of the PROXY protocol. Knows its octets, no
 * sockets, and not whom to believe. The PROXY protocol, versions 1 & 2.
 */
#include "lmtp/haproxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "lib/str.h"

static const unsigned char signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
	0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };

enum {
	V2_HEADER = 16,
	V2_LOCAL = 0x20,
	V2_PROXY = 0x21,
};

/* What may stand in the octet of family and protocol, and how many octets of
 * addresses it means. Other values must be refused (s. 2.2). */
static const struct {
	unsigned char code;
	unsigned char size;
	int family; /* AF_UNSPEC: of no use to us */
} families[] = {
	{ 0x00, 0, AF_UNSPEC },
	{ 0x11, 12, AF_INET },
	{ 0x12, 12, AF_UNSPEC },
	{ 0x21, 36, AF_INET6 },
	{ 0x22, 36, AF_UNSPEC },
	{ 0x31, 216, AF_UNSPEC },
	{ 0x32, 216, AF_UNSPEC },
};
enum { FAMILIES = sizeof(families) / sizeof(*families) };

static void
set_source(struct haproxy *h, int family, const void *addr, const void *port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&h->source;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&h->source;

	h->named = true;
	h->source.ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		memcpy(&in->sin_addr, addr, sizeof(in->sin_addr));
		memcpy(&in->sin_port, port, sizeof(in->sin_port));
	} else {
		memcpy(&in6->sin6_addr, addr, sizeof(in6->sin6_addr));
		memcpy(&in6->sin6_port, port, sizeof(in6->sin6_port));
	}
}

/* --- version 1: a line ---------------------------------------------------- */

static bool
to_port(struct str text, in_port_t *port)
{
	uint64_t n;

	if (text.len == 0 || text.len > 5 || !str_to_u64(text, &n) ||
	    n > 65535 || (text.len > 1 && text.p[0] == '0'))
		return false;
	*port = htons((uint16_t)n);
	return true;
}

static bool
to_address(int family, struct str text, unsigned char out[16])
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, out) == 1;
}

/* " SOURCE DESTINATION PORT PORT": one blank between them. */
static bool
v1_addresses(struct haproxy *h, int family, struct str rest)
{
	unsigned char source[16], target[16];
	in_port_t source_port, target_port;
	struct str part[4];

	for (int i = 0; i < 4; i++)
		if (!str_cut(&rest, ' ', &part[i]))
			return false;
	if (rest.p != NULL || !to_address(family, part[0], source) ||
	    !to_address(family, part[1], target) ||
	    !to_port(part[2], &source_port) || !to_port(part[3], &target_port))
		return false;
	set_source(h, family, source, &source_port);
	return true;
}

static enum haproxy_state
v1_line(struct haproxy *h)
{
	struct str line = str_from((const char *)h->head, h->n - 2);
	bool ok = false;

	if (memchr(line.p, '\0', line.len) != NULL)
		return HAPROXY_BAD;
	if (str_starts(line, S("PROXY TCP4 ")))
		ok = v1_addresses(h, AF_INET, str_from_offset(line, 11));
	else if (str_starts(line, S("PROXY TCP6 ")))
		ok = v1_addresses(h, AF_INET6, str_from_offset(line, 11));
	else if (str_eq(line, S("PROXY UNKNOWN")) ||
		 str_starts(line, S("PROXY UNKNOWN ")))
		ok = true;
	return ok ? HAPROXY_DONE : HAPROXY_BAD;
}

static enum haproxy_state
v1_octet(struct haproxy *h)
{
	static const char begin[] = "PROXY ";

	if (h->n < sizeof(begin) && h->head[h->n - 1] != begin[h->n - 1])
		return HAPROXY_BAD;
	if (h->head[h->n - 1] == '\n')
		return h->n >= 2 && h->head[h->n - 2] == '\r' ? v1_line(h)
		                                              : HAPROXY_BAD;
	return h->n < HAPROXY_V1_MAX ? HAPROXY_MORE : HAPROXY_BAD;
}

/* --- version 2: octets ---------------------------------------------------- */

static enum haproxy_state
v2_header(struct haproxy *h)
{
	size_t rest = (size_t)h->head[14] << 8 | h->head[15];
	size_t i = 0;

	while (i < FAMILIES && families[i].code != h->head[13])
		i++;
	h->size = V2_HEADER + rest;
	h->local = h->head[12] == V2_LOCAL;
	if (h->local)
		return HAPROXY_MORE; /* what follows means nothing */
	if (h->head[12] != V2_PROXY || i == FAMILIES || rest < families[i].size)
		return HAPROXY_BAD;
	return HAPROXY_MORE;
}

static void
v2_addresses(struct haproxy *h)
{
	const unsigned char *p = h->head + V2_HEADER;

	if (h->local)
		return;
	if (h->head[13] == 0x11)
		set_source(h, AF_INET, p, p + 8);
	else if (h->head[13] == 0x21)
		set_source(h, AF_INET6, p, p + 32);
}

static enum haproxy_state
v2_octet(struct haproxy *h)
{
	enum haproxy_state state = HAPROXY_MORE;

	if (h->n <= sizeof(signature) &&
	    h->head[h->n - 1] != signature[h->n - 1])
		return HAPROXY_BAD;
	if (h->n == V2_HEADER)
		state = v2_header(h);
	if (state == HAPROXY_MORE && h->n == h->size) {
		v2_addresses(h);
		state = HAPROXY_DONE;
	}
	return state;
}

static enum haproxy_state
octet(struct haproxy *h, char c)
{
	/* What is beyond the addresses of version 2 only counts. */
	if (h->n < sizeof(h->head))
		h->head[h->n] = (unsigned char)c;
	h->n++;
	return h->head[0] == signature[0] ? v2_octet(h) : v1_octet(h);
}

enum haproxy_state
haproxy_push(struct haproxy *h, const char *p, size_t n, size_t *used)
{
	enum haproxy_state state = HAPROXY_MORE;

	for (*used = 0; *used < n && state == HAPROXY_MORE; ++*used)
		state = octet(h, p[*used]);
	return state;
}
