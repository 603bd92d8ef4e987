/*
 * roles: what each process of lmtpd runs. Each returns its exit status and
 * ends when its socket does: a role never outlives those it works for.
 */
#ifndef TAMIS_LMTP_ROLES_H
#define TAMIS_LMTP_ROLES_H

#include "actions/out.h"
#include "conf/conf.h"
#include "lmtp/session.h"

struct listener {
	int fd;
	bool local;      /* a unix socket: its peers are preauthorised */
	struct str name; /* "unix:/path" or "inet:host:port" as bound */
};

struct listeners {
	struct listener *v;
	size_t n;
};

int worker_main(const struct conf *, int sock);
int ask_main(const struct conf *, int sock);
int out_main(const struct conf *, int sock);
int front_main(const struct conf *, int control, const struct listeners *);

/* Roles as function calls, for one connection on in and out. */
int pipe_main(const struct conf *, int in, int out);

/*
 * Fork the roles, replace those that die, drain on SIGTERM.
 *   ready  called once when the front serves
 */
int supervisor_main(const struct conf *, const struct listeners *,
    void (*ready)(const struct listeners *));

/* How many workers and hand-over processes a configuration asks for. */
unsigned role_count(const struct conf *, unsigned role);

/* The session's settings from the configuration; false with a log line. */
bool session_config_init(struct session_config *, const struct conf *);

/* A client for smtp_host, as out and the one-process mode use it. */
struct client;
struct client *client_from_conf(struct arena *, const struct conf *);

#endif
