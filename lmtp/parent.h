/*
 * parent: what started us and what it wants to be told: master(8) by its
 * status pipe, systemd by its notification socket, or nobody.
 */
#ifndef TAMIS_LMTP_PARENT_H
#define TAMIS_LMTP_PARENT_H

#include <sys/stat.h>

#include "lmtp/roles.h"

struct parent {
	bool master;         /* master(8) */
	bool restarts;       /* it starts another when we leave */
	const char *service; /* its name there, or NULL */
	bool stderr_log;     /* our own master wants the log there */
	unsigned passed;     /* sockets systemd passed, from descriptor 3 on */
	int status;          /* master's pipe, -1 */
	bool leaving;        /* it is time for UNAVAILABLE ... */
	bool leaving_said;   /* ... and that went out */
	int notify;          /* systemd's socket, -1 */
	int64_t watchdog_ms; /* systemd wants a sign as often; 0: never */
	const char *program; /* the executable's path, for upgrades */
	struct stat executable;
};

/* Read the environment, and take from it what is for us alone. */
void parent_open(struct parent *, struct arena *);
/* In a child that has nothing to tell. */
void parent_close(struct parent *);

/*
 * Take the listening sockets it passed.
 *   connection  set when what it passed is a connection instead (inetd
 *               style), else -1
 *   fails       text says what is wrong with a descriptor
 */
bool parent_listeners(struct parent *, struct arena *, struct listeners *,
    int *connection, struct fail *why);

/* inetd made stderr the connection, too: a log line would be a reply. */
bool parent_log_is_peer(void);

void parent_ready(struct parent *, const char *what);
void parent_reloading(struct parent *);
void parent_alive(struct parent *); /* for its watchdog */
void parent_connection(struct parent *);
/* Another is wanted; we still accept. */
void parent_leaving_soon(struct parent *);
/* No more connections from now on. */
void parent_leaving(struct parent *);
/* What did not go out the first time. */
void parent_retry(struct parent *);

/* Under master(8): our executable was replaced. */
bool parent_upgraded(const struct parent *);

#endif
