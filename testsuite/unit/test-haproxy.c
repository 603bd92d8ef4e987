/*
 * test-haproxy: headers of the PROXY protocol, whole, in any two pieces and
 * octet by octet; what must be refused; and networks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "lib/arena.h"
#include "lmtp/haproxy.h"
#include "lmtp/network.h"

#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))
#define SIG       "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\xc0\x00\x02\x09\x0a\x00\x00\x01\x04\xd2\x00\x18"
#define V6                                                                     \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"                           \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"                           \
	"\x04\xd2\x00\x18"
#define TEN "0123456789"

/* from: "" is the real peer; NULL: refused */
static const struct {
	struct str text;
	const char *from;
} headers[] = {
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 1234 24\r\n"), "192.0.2.9" },
	{ STR("PROXY TCP6 2001:db8::7 ::1 65535 0\r\n"), "2001:db8::7" },
	{ STR("PROXY UNKNOWN\r\n"), "" },
	{ STR("PROXY UNKNOWN what ever 1 2 3\r\n"), "" },
	{ STR(SIG "\x21\x11\x00\x0c" V4), "192.0.2.9" },
	{ STR(SIG "\x21\x21\x00\x24" V6), "2001:db8::7" },
	{ STR(SIG "\x21\x11\x00\x16" V4 TEN), "192.0.2.9" }, /* TLV */
	{ STR(SIG "\x20\x00\x00\x00"), "" },                 /* LOCAL */
	{ STR(SIG "\x20\x11\x00\x0c" V4), "" },
	{ STR(SIG "\x20\xff\x00\x0a" TEN), "" },
	{ STR(SIG "\x21\x00\x00\x00"), "" },
	{ STR(SIG "\x21\x00\x00\x0a" TEN), "" },
	{ STR(SIG "\x21\x12\x00\x0c" V4), "" }, /* datagrams */
	{ STR("LHLO x\r\n"), NULL },
	{ STR("\n"), NULL },
	{ STR("proxy UNKNOWN\r\n"), NULL },
	{ STR("PROXY\r\n"), NULL },
	{ STR("PROXY UNKNOWNX\r\n"), NULL },
	{ STR("PROXY UNKNOWN\n"), NULL },
	{ STR("PROXY TCP5 192.0.2.9 10.0.0.1 1 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 1\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 1 2 3\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 1 2 \r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9  10.0.0.1 1 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.300 10.0.0.1 1 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 x 1 2\r\n"), NULL },
	{ STR("PROXY TCP4 ::1 ::1 1 2\r\n"), NULL },
	{ STR("PROXY TCP6 192.0.2.9 10.0.0.1 1 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 65536 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 01 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9 10.0.0.1 -1 2\r\n"), NULL },
	{ STR("PROXY TCP4 192.0.2.9\0 10.0.0.1 1 2\r\n"), NULL },
	{ STR("PROXY UNKNOWN " TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN), NULL },
	{ STR(SIG "\x11\x11\x00\x0c" V4), NULL }, /* version 1 */
	{ STR(SIG "\x22\x11\x00\x0c" V4), NULL }, /* command 2 */
	{ STR(SIG "\x21\x41\x00\x0c" V4), NULL }, /* family 4 */
	{ STR(SIG "\x21\x13\x00\x0c" V4), NULL }, /* protocol 3 */
	{ STR(SIG "\x21\x11\x00\x0b" V4), NULL }, /* too short for it */
	{ STR(SIG "\x21\x21\x00\x0c" V4), NULL },
	{ STR("\r\n\r\n\0\r\nQUIX\n\x21\x11\x00\x0c" V4), NULL },
};

static void
check_source(size_t row, const struct haproxy *h)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (h->named && h->source.ss_family == AF_INET)
		inet_ntop(AF_INET,
		    &((const struct sockaddr_in *)&h->source)->sin_addr, text,
		    sizeof(text));
	else if (h->named)
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)&h->source)->sin6_addr, text,
		    sizeof(text));
	if (strcmp(text, headers[row].from) != 0)
		fail_msg("row %zu: \"%s\"", row, text);
}

/* In pieces of at most that many octets, the first one shorter. */
static void
check_pieces(size_t row, size_t first, size_t piece)
{
	char octets[256];
	struct str text = headers[row].text;
	size_t at = 0, used, n = first;
	enum haproxy_state state = HAPROXY_MORE, want = HAPROXY_BAD;
	struct haproxy h = { .n = 0 };

	assert_true(text.len + 4 <= sizeof(octets));
	memcpy(octets, text.p, text.len);
	memcpy(octets + text.len, "LHLO", 4);
	while (state == HAPROXY_MORE && at < text.len + 4) {
		if (at + n > text.len + 4)
			n = text.len + 4 - at;
		state = haproxy_push(&h, octets + at, n, &used);
		assert_true(used <= n);
		at += used;
		n = piece;
	}
	if (headers[row].from != NULL)
		want = HAPROXY_DONE;
	if (state != want)
		fail_msg("row %zu, pieces of %zu: %d", row, piece, (int)state);
	if (want == HAPROXY_DONE) {
		assert_int_equal(at, text.len);
		check_source(row, &h);
	}
}

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(headers); i++) {
		check_pieces(i, 1, 1);
		check_pieces(i, 256, 256);
		for (size_t n = 1; n < headers[i].text.len; n++)
			check_pieces(i, n, 256);
	}
}

/* The largest there is; nothing of it is kept but the addresses. */
static void
test_largest(void **state)
{
	struct haproxy h = { .n = 0 };
	static const char begin[] = SIG "\x21\x11\xff\xff" V4;
	char filler[1000] = "";
	size_t left = 16 + 65535 - (sizeof(begin) - 1), used;

	(void)state;
	assert_int_equal(
	    haproxy_push(&h, begin, sizeof(begin) - 1, &used), HAPROXY_MORE);
	while (left > sizeof(filler)) {
		assert_int_equal(
		    haproxy_push(&h, filler, sizeof(filler), &used),
		    HAPROXY_MORE);
		left -= used;
	}
	assert_int_equal(
	    haproxy_push(&h, filler, sizeof(filler), &used), HAPROXY_DONE);
	assert_int_equal(used, left);
	assert_true(h.named);
}

static const struct {
	const char *network, *address;
	bool in;
} networks[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.129/25", "192.0.2.128", true },
	{ "0.0.0.0/0", "203.0.113.1", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "127.0.0.1", false },
	{ "127.0.0.0/8", "::ffff:127.0.0.1", true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "::1", "::1", true },
};
static const char *const malformed[] = { "", "/", "192.0.2.0/33", "::/129",
	"192.0.2/24", "192.0.2.0/", "192.0.2.0/-1", "host", "192.0.2.0/2x" };

static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_storage sa = { .ss_family = AF_INET6 };

	if (strchr(text, ':') != NULL) {
		inet_pton(
		    AF_INET6, text, &((struct sockaddr_in6 *)&sa)->sin6_addr);
		return sa;
	}
	sa.ss_family = AF_INET;
	inet_pton(AF_INET, text, &((struct sockaddr_in *)&sa)->sin_addr);
	return sa;
}

static void
test_networks(void **state)
{
	struct sockaddr_storage local = { .ss_family = AF_UNIX };

	(void)state;
	for (size_t i = 0; i < LENGTH(networks); i++) {
		struct str v[] = { S("198.51.100.7"),
			str_c(networks[i].network) };
		struct strlist list = { v, 2 };
		struct sockaddr_storage sa = address(networks[i].address);

		assert_true(network_ok(v[1]));
		if (network_has(&list, &sa) != networks[i].in)
			fail_msg("%s in %s", networks[i].address,
			    networks[i].network);
		assert_false(network_has(&list, &local));
	}
	for (size_t i = 0; i < LENGTH(malformed); i++)
		if (network_ok(str_c(malformed[i])))
			fail_msg("\"%s\" is well-formed", malformed[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
