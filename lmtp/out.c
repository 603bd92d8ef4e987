/*
 * out: hands messages to the next hop for the workers, which have no
 * network. The only role that opens connections.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/arena.h"
#include "lib/io.h"
#include "lmtp/client.h"
#include "lmtp/ipc.h"
#include "lmtp/record.h"
#include "lmtp/roles.h"

enum { ANSWER_MAX = 4096 };

struct client *
client_from_conf(struct arena *a, const struct conf *conf)
{
	struct client_config config = {
		.host = conf_str(conf, SETTING_smtp_host),
		.helo = conf_servername(conf),
		.timeout_ms = conf_int(conf, SETTING_smtp_timeout) * 1000,
	};

	return client_new(a, &config);
}

static bool
send_mapped(struct client *c, struct out_message *m, int fd, struct fail *why)
{
	struct stat st;
	void *p;
	bool ok;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0)
		return fail_temp(why, "4.3.0", "no message to hand over");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return fail_errno(why, errno, "map message for hand-over");
	m->bytes = str_from(p, (size_t)st.st_size);
	ok = client_send(c, m, why);
	munmap(p, (size_t)st.st_size);
	return ok;
}

static bool
serve(struct client *c, struct ipc *ipc, const struct ipc_record *record)
{
	struct arena *a = arena_new("send", 0);
	struct out_message m;
	struct buf answer;
	struct fail why;
	bool ok;

	buf_init(&answer, ANSWER_MAX);
	if (!record_get_send(a, record->payload, &m))
		ok = fail_temp(&why, "4.3.0", "unreadable hand-over");
	else
		ok = send_mapped(c, &m, record->fd, &why);
	record_put_sent(&answer, ok ? NULL : &why);
	ok = ipc_put(ipc, IPC_SENT, buf_str(&answer), -1);
	buf_free(&answer);
	arena_free(a);
	return ok;
}

int
out_main(const struct conf *conf, int sock)
{
	struct arena *process = arena_new("out", 0);
	struct client *c = client_from_conf(process, conf);
	struct ipc_record record;
	struct ipc ipc;
	bool ok = true;

	ipc_init(&ipc, sock);
	while (ok && ipc_get(&ipc, &record) == 1) {
		if (record.type == IPC_SEND)
			ok = serve(c, &ipc, &record);
		io_close(&record.fd);
	}
	client_close(c);
	ipc_close(&ipc);
	arena_free(process);
	return 0;
}
