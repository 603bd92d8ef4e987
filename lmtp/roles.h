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
	bool proxied;    /* a header of the PROXY protocol comes first */
	bool tls;        /* from the first octet, behind that header */
	bool adopted;    /* somebody else made it and removes it */
	struct str name; /* "unix:/path" or "inet:host:port" as bound */
};

/* How long a front stays, and whom it trusts. */
struct tenure {
	bool preauth;      /* network peers need no authentication */
	bool report;       /* tell the supervisor of each connection */
	uint32_t uses;     /* connections, then drain; 0: no limit */
	int64_t unused_ms; /* without a connection, after the first; then
	                      drain; 0: no limit */
};

struct listeners {
	struct listener *v;
	size_t n;
};

int worker_main(const struct conf *, int sock);
int ask_main(const struct conf *, int sock);
int out_main(const struct conf *, int sock);
int front_main(const struct conf *, int control, const struct listeners *,
    const struct tenure *);

/* Roles as function calls, for one connection on in and out. */
struct pipe_peer {
	bool preauth; /* trust a network peer too; a local one always is */
	bool proxied; /* a header of the PROXY protocol comes first */
};
int pipe_main(const struct conf *, int in, int out, const struct pipe_peer *);

struct parent;
struct supervision {
	struct listeners listeners;
	struct tenure tenure;
	struct parent *parent;
	const char *config; /* for a reload */
	const char *debug;  /* the program's name under -D, else NULL */
	void (*ready)(const struct listeners *); /* once, the front serves */
};

/* Fork the roles, replace those that die, reload, drain; exit status. */
int supervisor_main(const struct conf *, const struct supervision *);

/* How many workers and hand-over processes a configuration asks for. */
unsigned role_count(const struct conf *, unsigned role);

/* The session's settings from the configuration; false with a log line. */
bool session_config_init(struct session_config *, const struct conf *);

/* A client for smtp_host, as out and the one-process mode use it. */
struct client;
struct client *client_from_conf(struct arena *, const struct conf *);

#endif
