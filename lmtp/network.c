/*
 * network: addresses and prefixes. Knows no names and no sockets.
 */
#include "lmtp/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { ADDRESS_MAX = 16 };

struct network {
	unsigned char addr[ADDRESS_MAX];
	size_t bits; /* of the prefix */
	size_t size; /* octets of an address */
};

static bool
parse_address(struct str text, struct network *n)
{
	char copy[INET6_ADDRSTRLEN];
	bool six = str_chr(text, ':') >= 0;

	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.len > 0 ? text.p : "", text.len);
	copy[text.len] = '\0';
	n->size = six ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	n->bits = 8 * n->size;
	return inet_pton(six ? AF_INET6 : AF_INET, copy, n->addr) == 1;
}

static bool
parse(struct str text, struct network *n)
{
	ssize_t slash = str_chr(text, '/');
	uint64_t bits;

	if (slash < 0)
		return parse_address(text, n);
	if (!parse_address(str_sub(text, 0, (size_t)slash), n) ||
	    !str_to_u64(str_from_offset(text, (size_t)slash + 1), &bits) ||
	    bits > n->bits)
		return false;
	n->bits = (size_t)bits;
	return true;
}

bool
network_ok(struct str network)
{
	struct network n;

	return parse(network, &n);
}

static bool
address_of(const struct sockaddr_storage *sa, struct network *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *addr;

	if (sa->ss_family == AF_INET) {
		out->size = sizeof(struct in_addr);
		memcpy(out->addr, &((const struct sockaddr_in *)sa)->sin_addr,
		    out->size);
		return true;
	}
	if (sa->ss_family != AF_INET6)
		return false;
	addr = ((const struct sockaddr_in6 *)sa)->sin6_addr.s6_addr;
	out->size = sizeof(struct in6_addr);
	if (memcmp(addr, mapped, sizeof(mapped)) == 0) {
		addr += sizeof(mapped);
		out->size = sizeof(struct in_addr);
	}
	memcpy(out->addr, addr, out->size);
	return true;
}

static bool
is_in(const struct network *n, const struct network *addr)
{
	size_t whole = n->bits / 8, rest = n->bits % 8;
	unsigned mask = 0xffU << (8 - rest) & 0xffU;

	return n->size == addr->size &&
	       memcmp(n->addr, addr->addr, whole) == 0 &&
	       (rest == 0 ||
		   ((n->addr[whole] ^ addr->addr[whole]) & mask) == 0);
}

bool
network_has(const struct strlist *networks, const struct sockaddr_storage *sa)
{
	struct network addr, n;

	if (!address_of(sa, &addr))
		return false;
	for (size_t i = 0; i < networks->n; i++)
		if (parse(networks->v[i], &n) && is_in(&n, &addr))
			return true;
	return false;
}
