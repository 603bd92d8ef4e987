/*
 * master: what the files of the master program share. It is no role of
 * lmtpd: it runs the programs of cyrus.conf(5), ours and those of others.
 *   master.c          command line, files, the order of a start
 *   master_loop.c     signals, reload, end
 *   master_service.c  which processes a service has, wants and gets
 *   master_socket.c   listen= to sockets
 *   master_spawn.c    fork and exec
 *   master_start.c    START, and daemons that are waited for
 *   master_event.c    EVENTS
 */
#ifndef TAMIS_LMTP_MASTER_H
#define TAMIS_LMTP_MASTER_H

#include <sys/stat.h>

#include "conf/services.h"
#include "lmtp/parent.h"

enum { MASTER_BACKLOG = 1024, MASTER_SOCKETS_MAX = 16 };

/* A process of a service. */
struct instance {
	struct instance *next;
	pid_t pid;
	bool busy;    /* it said UNAVAILABLE; else it is ready */
	bool spoken;  /* it said anything */
	bool leaving; /* we told it to go */
	int64_t started_ms;
};

/* A listening socket; -1 for a daemon. */
struct master_socket {
	int fd;
	bool datagram;
	char path[108]; /* of a unix socket, "" */
	dev_t dev;      /* of that path: remove what is ours only */
	ino_t ino;
};

/*
 * An entry of SERVICES for one address, or of DAEMON. It outlives its entry
 * until its last process is gone.
 */
struct service {
	struct service *next; /* in the order of their start */
	struct arena *arena;
	struct services_entry entry; /* in the arena of the configuration */
	const char *name;            /* the rest is ours */
	struct str listen, proto, cmd;
	unsigned id; /* CYRUS_ID: which address */
	bool daemon;
	bool kept;    /* by the reload that is going on */
	bool retired; /* no entry any more */
	bool poked;   /* somebody connects */
	struct master_socket socket;
	int status_in, status_out; /* the status pipe; -1 for a daemon */
	char part[8];              /* of a message that is not complete */
	size_t part_len;
	struct instance *instances, *spare;
	unsigned failures;
	int64_t failed_ms;
	int64_t disabled_until_ms; /* 0: it is not */
	int64_t second_ms;         /* when this second began ... */
	int64_t second_forks;      /* ... and what it saw */
	uint64_t forks, connections;
};

struct event {
	const struct services_entry *entry;
	pid_t pid;      /* 0: not running */
	int64_t next_s; /* wall clock; INT64_MAX: never again */
};

struct master_options {
	const char *config;   /* imapd.conf */
	const char *services; /* cyrus.conf */
	const char *pid_file, *ready_file, *log_file;
	int64_t backlog;
	bool background;  /* -d */
	bool keep_output; /* -D */
	bool check_only;  /* -n */
};

struct master {
	const struct master_options *options;
	struct parent parent;
	struct arena *process;
	struct arena *arena; /* of the configuration: both files */
	struct conf *conf;
	struct services *services;
	struct service *list;
	struct event *events;
	size_t nevents;
	int signals;
	const char *ready_file;
	bool logs_here; /* children too log to stderr */
	bool ending;
	int64_t end_limit_ms;
};

/* --- master_socket.c ------------------------------------------------------ */

/*
 * Bind, and listen unless it is for datagrams: one socket for each address
 * that listen= means. An address family this host does not have is left out
 * when another is there.
 *   fails  text says what is wrong with it
 */
bool master_listen(const struct services_entry *, int backlog,
    struct master_socket out[MASTER_SOCKETS_MAX], size_t *n, struct fail *why);
/* Nobody connects any more, whoever else holds it. */
void master_shut(struct master_socket *);

/* --- master_spawn.c ------------------------------------------------------- */

struct spawn {
	char *const *argv;
	const char *service; /* CYRUS_SERVICE, or NULL */
	unsigned id;         /* CYRUS_ID */
	bool daemon;         /* CYRUS_ISDAEMON */
	int status, socket;  /* become descriptors 3 and 4; -1: none */
	int64_t maxfds;      /* 0: as ours */
};

/* The process, or -1 with a line in the log. */
pid_t master_spawn(const struct master *, const struct spawn *);

/* --- master_service.c ----------------------------------------------------- */

/* Make the services what the entries say; what stays keeps its sockets and
 * processes. false: one cannot be listened for (logged). */
bool service_apply(struct master *);
/* Fork what is missing and allowed now. */
void service_tend(struct master *, struct service *);
/* Would a connection make us fork? */
bool service_listens(const struct service *);
/* When it wants to be tended, at most limit_ms. */
int64_t service_next(const struct service *, int64_t limit_ms);
void service_read_status(struct service *);
bool service_reap(struct master *, pid_t, int status);
struct instance *service_spawn(struct master *, struct service *, int status);
/* To each process that was not told before, or again to all. */
void service_signal(struct service *, int number);
void service_dump(const struct service *);
/* Remove those that are retired and have ended. */
void service_free_ended(struct master *);
void service_retire(struct service *);

/* --- master_start.c ------------------------------------------------------- */

/* Run one after the other; false: told to end meanwhile. */
bool start_run(struct master *);
/* false: one did not say "ok" (logged), or told to end. */
bool start_daemons(struct master *);

/* --- master_event.c ------------------------------------------------------- */

void event_apply(struct master *, bool first);
void event_tend(struct master *);
int64_t event_next(const struct master *, int64_t limit_ms);
bool event_reap(struct master *, pid_t, int status);

/* --- master_loop.c -------------------------------------------------------- */

/* Both files, into a new arena; false: what is wrong has been said. */
bool master_load(struct master *, bool to_log);
/* Until a signal ended it and all that it runs. */
void master_loop(struct master *);

/* --- master_options.c ----------------------------------------------------- */

/* false: said on stderr what is wrong with it; exit status 64 is due */
bool master_options_parse(int argc, char **argv, struct master_options *);

#endif
