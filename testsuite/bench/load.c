/*
 * load: an LMTP client that does nothing but deliver, one thread for each
 * connection, and reads every reply. Knows the protocol and the clock; what
 * was stored is checked by testsuite/bench/run.
 *
 * load -u SOCKET -c CONNECTIONS [-n TRANSACTIONS | -t SECONDS] [-s OCTETS]
 *      [-r RECIPIENTS] [-U USERS] [-f FIRST] [-1] [-m]
 * -n counts all connections together; -1 makes a connection per message; -m
 * makes it a multipart: text, HTML, and the rest an attachment in base64.
 * Recipients are uFIRST to u(FIRST + USERS - 1), taken in turn from a start
 * that is different for each connection. Every message says in its subject line
 * who it is, and ends with a line that says so again.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_OCTETS = 78,
	COMMANDS_MAX = 256 * 1024,
	MESSAGE_ROOM = 1024, /* header, and last lines */
	REPLIES_MAX = 64 * 1024,
	TIMES_MAX = 1 << 20,
};

struct options {
	const char *path;
	uint32_t connections, users, first, recipients;
	size_t size;
	double seconds;
	uint64_t transactions;
	bool one_each, multipart;
	double end;
	atomic_uint_least64_t left;
};

/* One connection. */
struct client {
	struct options *o;
	pthread_t thread;
	uint32_t number;
	int fd;
	uint64_t seq;
	char *commands, *message, *replies;
	size_t message_len;
	size_t have, at; /* of replies: received, used */
	uint64_t accepted, refused;
	bool broken;
	float *ms; /* time of each transaction */
	size_t nms;
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *
need(size_t size)
{
	void *p = calloc(1, size);

	if (p != NULL)
		return p;
	perror("load");
	exit(2);
}

static bool
send_all(struct client *c, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
more_replies(struct client *c)
{
	ssize_t n;

	memmove(c->replies, c->replies + c->at, c->have - c->at);
	c->have -= c->at;
	c->at = 0;
	do
		n = recv(c->fd, c->replies + c->have, REPLIES_MAX - c->have, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	c->have += (size_t)n;
	return true;
}

/* The code of the next reply, its lines taken together; 0: closed. */
static int
reply(struct client *c)
{
	for (;;) {
		char *line = c->replies + c->at;
		char *end = memchr(line, '\n', c->have - c->at);

		if (end == NULL) {
			if (!more_replies(c))
				return 0;
			continue;
		}
		c->at += (size_t)(end - line) + 1;
		if (end - line < 4)
			return 0;
		if (line[3] == ' ')
			return (line[0] - '0') * 100 + (line[1] - '0') * 10 +
			       (line[2] - '0');
	}
}

static bool
greet(struct client *c)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	static const char lhlo[] = "LHLO load.example.org\r\n";

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", c->o->path);
	c->have = c->at = 0;
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return c->fd >= 0 &&
	       connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
	       reply(c) == 220 && send_all(c, lhlo, sizeof(lhlo) - 1) &&
	       reply(c) == 250;
}

static void
leave(struct client *c)
{
	static const char quit[] = "QUIT\r\n";

	if (send_all(c, quit, sizeof(quit) - 1))
		reply(c);
	close(c->fd);
	c->fd = -1;
}

static size_t
make_commands(struct client *c)
{
	const struct options *o = c->o;
	uint64_t first = c->number * 7919U + c->seq * o->recipients;
	char *p = c->commands;

	p += snprintf(p, COMMANDS_MAX, "MAIL FROM:<s@example.org>\r\n");
	for (uint32_t i = 0; i < o->recipients; i++)
		p += snprintf(p, 64, "RCPT TO:<u%llu>\r\n",
		    (unsigned long long)(o->first + (first + i) % o->users));
	p += snprintf(p, 64, "DATA\r\n");
	return (size_t)(p - c->commands);
}

/* Lines of one letter each, next line next letter, until so many octets of
 * the message are full. */
static char *
put_lines(const struct client *c, char *p, size_t until)
{
	size_t len;

	while ((len = (size_t)(p - c->message)) + 2 * LINE_OCTETS < until) {
		memset(p, 'a' + (int)(len / LINE_OCTETS % 26), LINE_OCTETS);
		memcpy(p + LINE_OCTETS - 2, "\r\n", 2);
		p += LINE_OCTETS;
	}
	return p;
}

static char *
put_part(const struct client *c, char *p, const char *fields, size_t until)
{
	p += snprintf(p, MESSAGE_ROOM, "--=_load\r\n%s\r\n", fields);
	return put_lines(c, p, until);
}

/* An eighth of text, an eighth of HTML. The last line of the message is the
 * epilogue. */
static char *
put_multipart(const struct client *c, char *p)
{
	size_t size = c->o->size;

	p = put_part(
	    c, p, "Content-Type: text/plain; charset=utf-8\r\n", size / 8);
	p = put_part(c, p,
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n",
	    size / 4);
	p = put_part(c, p,
	    "Content-Type: application/pdf; name=\"load.pdf\"\r\n"
	    "Content-Disposition: attachment; filename=\"load.pdf\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n",
	    size);
	return p + snprintf(p, MESSAGE_ROOM, "--=_load--\r\n");
}

/* The size is that of the message with CRLF; the id has a fixed width, so
 * that only two places of it change from one message to the next. */
static void
make_message(struct client *c)
{
	bool multipart = c->o->multipart;
	char *p = c->message;

	p += snprintf(p, MESSAGE_ROOM,
	    "Subject: load %08x.%04x.%010u\r\n"
	    "From: Sender <s@example.org>\r\n"
	    "To: You <you@example.org>\r\n"
	    "Date: Fri, 21 Nov 2025 12:00:00 +0000\r\n"
	    "Message-ID: <%08x.%04x.%010u@example.org>\r\n"
	    "X-Rule: 17\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: %s\r\n\r\n",
	    (unsigned)getpid(), c->number, 0U, (unsigned)getpid(), c->number,
	    0U,
	    multipart ? "multipart/mixed; boundary=\"=_load\""
		      : "text/plain; charset=us-ascii");
	p = multipart ? put_multipart(c, p) : put_lines(c, p, c->o->size);
	p += snprintf(p, MESSAGE_ROOM, "end of load %08x.%04x.%010u\r\n.\r\n",
	    (unsigned)getpid(), c->number, 0U);
	c->message_len = (size_t)(p - c->message);
}

static void
number_message(struct client *c)
{
	char digits[16];
	char *id = strstr(c->message, "Message-ID: <");
	size_t head = sizeof("Subject: load 00000000.0000.") - 1;

	snprintf(digits, sizeof(digits), "%010u", (unsigned)c->seq);
	memcpy(c->message + head, digits, 10);
	memcpy(id + sizeof("Message-ID: <00000000.0000.") - 1, digits, 10);
	memcpy(c->message + c->message_len - 15, digits, 10);
}

/* One transaction: false when the connection is of no more use. */
static bool
transact(struct client *c)
{
	size_t len = make_commands(c);
	uint32_t good = 0;

	number_message(c);
	c->seq++;
	if (!send_all(c, c->commands, len) || reply(c) != 250)
		return false;
	for (uint32_t i = 0; i < c->o->recipients; i++)
		good += reply(c) == 250;
	if (good != c->o->recipients || reply(c) != 354)
		return false;
	if (!send_all(c, c->message, c->message_len))
		return false;
	for (uint32_t i = 0; i < good; i++) {
		int code = reply(c);

		if (code == 250)
			c->accepted++;
		else
			c->refused++;
		if (code == 0)
			return false;
	}
	return true;
}

static bool
may_go_on(struct options *o)
{
	uint64_t left;

	if (o->transactions == 0)
		return now() < o->end;
	left = atomic_load(&o->left);
	while (left > 0)
		if (atomic_compare_exchange_weak(&o->left, &left, left - 1))
			return true;
	return false;
}

static void *
run(void *arg)
{
	struct client *c = arg;
	bool ok = c->o->one_each || greet(c);

	while (ok && may_go_on(c->o)) {
		double start = now();

		ok = (!c->o->one_each || greet(c)) && transact(c);
		if (ok && c->o->one_each)
			leave(c);
		if (c->nms < TIMES_MAX)
			c->ms[c->nms++] = (float)((now() - start) * 1e3);
	}
	c->broken = !ok;
	if (ok && !c->o->one_each)
		leave(c);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void
report(const struct options *o, struct client *v, double took)
{
	uint64_t accepted = 0, refused = 0, broken = 0;
	struct rusage u;
	float *all;
	size_t n = 0;

	for (uint32_t i = 0; i < o->connections; i++) {
		accepted += v[i].accepted;
		refused += v[i].refused;
		broken += v[i].broken;
		n += v[i].nms;
	}
	all = need((n + 1) * sizeof(*all));
	n = 0;
	for (uint32_t i = 0; i < o->connections; i++) {
		memcpy(all + n, v[i].ms, v[i].nms * sizeof(*all));
		n += v[i].nms;
	}
	qsort(all, n, sizeof(*all), compare);
	getrusage(RUSAGE_SELF, &u);
	printf("{\"id\": \"%08x\", \"transactions\": %zu, \"accepted\": %llu, "
	       "\"refused\": %llu, \"broken\": %llu, \"seconds\": %.6f, "
	       "\"p50\": %.4f, \"p99\": %.4f, \"cpu\": %.6f}\n",
	    (unsigned)getpid(), n, (unsigned long long)accepted,
	    (unsigned long long)refused, (unsigned long long)broken, took,
	    (double)all[n / 2], (double)all[n * 99 / 100],
	    (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
	free(all);
}

static void
parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "u:c:n:t:s:r:U:f:1m")) != -1) {
		if (c == 'u')
			o->path = optarg;
		else if (c == 'c')
			o->connections = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'n')
			o->transactions = strtoull(optarg, NULL, 10);
		else if (c == 't')
			o->seconds = strtod(optarg, NULL);
		else if (c == 's')
			o->size = strtoull(optarg, NULL, 10);
		else if (c == 'r')
			o->recipients = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'U')
			o->users = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'f')
			o->first = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == '1')
			o->one_each = true;
		else if (c == 'm')
			o->multipart = true;
		else
			exit(2);
	}
	if (o->path == NULL || o->connections == 0 || o->users == 0 ||
	    o->recipients == 0 || o->recipients > 1000 || o->size < 1024) {
		fprintf(stderr, "load: see the head of its source\n");
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	struct options o = { .connections = 1,
		.users = 1000,
		.recipients = 1,
		.size = 4096,
		.seconds = 1 };
	struct client *v;
	double start;

	parse(argc, argv, &o);
	v = need(o.connections * sizeof(*v));
	for (uint32_t i = 0; i < o.connections; i++) {
		v[i] = (struct client){ .o = &o, .number = i, .fd = -1 };
		v[i].commands = need(COMMANDS_MAX);
		v[i].message = need(o.size + 2 * MESSAGE_ROOM);
		v[i].replies = need(REPLIES_MAX);
		v[i].ms = need(TIMES_MAX * sizeof(float));
		make_message(&v[i]);
	}
	start = now();
	o.end = start + o.seconds;
	atomic_store(&o.left, o.transactions);
	for (uint32_t i = 0; i < o.connections; i++)
		if (pthread_create(&v[i].thread, NULL, run, &v[i]) != 0)
			return 2;
	for (uint32_t i = 0; i < o.connections; i++)
		pthread_join(v[i].thread, NULL);
	report(&o, v, now() - start);
	return 0;
}
