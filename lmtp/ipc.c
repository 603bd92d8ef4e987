/*
 * ipc: packets and descriptors between roles. Knows nothing of what the
 * records mean.
 */
#include "lmtp/ipc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"

enum {
	PACKET_DATA = 60000,            /* fits the default socket buffer */
	RECORD_MAX = 256 * 1024 * 1024, /* recipients are limited before */
};

struct packet_head {
	uint32_t type;
	uint32_t more; /* 1: the record goes on in the next packet */
};

bool
ipc_pair(int sock[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) == 0;
}

void
ipc_init(struct ipc *c, int sock)
{
	*c = (struct ipc){ .sock = sock, .in_fd = -1 };
	buf_init(&c->in, RECORD_MAX);
	buf_init(&c->out, RECORD_MAX);
	buf_init(&c->fds, RECORD_MAX);
}

static int
queued_fd(const struct ipc *c, size_t at)
{
	int fd;

	memcpy(&fd, c->fds.p + at, sizeof(fd));
	return fd;
}

void
ipc_close(struct ipc *c)
{
	for (size_t i = 0; i + sizeof(int) <= c->fds.len; i += sizeof(int)) {
		int fd = queued_fd(c, i);

		io_close(&fd);
	}
	io_close(&c->sock);
	io_close(&c->in_fd);
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->fds);
}

bool
ipc_pending(const struct ipc *c)
{
	return c->out.len > 0;
}

/* Send the first queued packet: 1 sent, 0 would block, -1 gone. */
static int
send_first(struct ipc *c)
{
	uint32_t len;
	struct iovec iov;
	int fd = queued_fd(c, 0);

	memcpy(&len, c->out.p, sizeof(len));
	iov = (struct iovec){ c->out.p + sizeof(len), len };
	if (io_send(c->sock, &iov, 1, fd, 0) < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
	io_close(&fd);
	buf_consume(&c->fds, sizeof(int));
	buf_consume(&c->out, sizeof(len) + len);
	return 1;
}

bool
ipc_flush(struct ipc *c)
{
	while (ipc_pending(c)) {
		int sent = send_first(c);

		if (sent == 0)
			return true;
		if (sent < 0)
			return false;
	}
	return true;
}

static bool
queue_packet(
    struct ipc *c, const struct packet_head *head, struct str data, int fd)
{
	uint32_t len = (uint32_t)(sizeof(*head) + data.len);
	int copy = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;

	if (fd >= 0 && copy < 0)
		return false;
	buf_add(&c->fds, &copy, sizeof(copy));
	buf_add(&c->out, &len, sizeof(len));
	buf_add(&c->out, head, sizeof(*head));
	buf_adds(&c->out, data);
	return !c->out.overflow && !c->fds.overflow;
}

static bool
put_packet(
    struct ipc *c, const struct packet_head *head, struct str data, int fd)
{
	struct iovec iov[2] = {
		{ (void *)(uintptr_t)head, sizeof(*head) },
		{ (void *)(uintptr_t)data.p, data.len },
	};

	if (!ipc_pending(c)) {
		if (io_send(c->sock, iov, 2, fd, 0) >= 0)
			return true;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return false;
	}
	return queue_packet(c, head, data, fd);
}

bool
ipc_put(struct ipc *c, enum ipc_type type, struct str payload, int fd)
{
	struct packet_head head = { .type = type };

	if (c->sock < 0)
		return false;
	do {
		struct str part = str_sub(payload, 0, PACKET_DATA);

		payload = str_from_offset(payload, part.len);
		head.more = payload.len > 0;
		if (!put_packet(c, &head, part, fd))
			return false;
		fd = -1;
	} while (head.more);
	return ipc_flush(c);
}

/* One packet onto c->in: 1 record complete, 2 more to come, 0, -1. */
static int
get_packet(struct ipc *c, struct packet_head *head)
{
	char *to = buf_reserve(&c->in, sizeof(*head) + PACKET_DATA);
	ssize_t n;
	int fd;

	if (to == NULL)
		return -1;
	n = io_recv(c->sock, to, sizeof(*head) + PACKET_DATA, &fd, 0);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < (ssize_t)sizeof(*head)) {
		io_close(&fd);
		return -1;
	}
	memcpy(head, to, sizeof(*head));
	memmove(to, to + sizeof(*head), (size_t)n - sizeof(*head));
	buf_commit(&c->in, (size_t)n - sizeof(*head));
	if (fd >= 0) {
		io_close(&c->in_fd);
		c->in_fd = fd;
	}
	return head->more ? 2 : 1;
}

int
ipc_get(struct ipc *c, struct ipc_record *out)
{
	struct packet_head head;
	int got;

	if (c->sock < 0)
		return -1;
	do
		got = get_packet(c, &head);
	while (got == 2);
	if (got != 1)
		return got;
	if (head.type == 0 || head.type >= IPC_TYPE_COUNT)
		return -1;
	*out = (struct ipc_record){ head.type, buf_str(&c->in), c->in_fd };
	c->in_fd = -1;
	/* The octets stay where they are until the next call. */
	c->in.len = 0;
	return 1;
}
