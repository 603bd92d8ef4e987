/*
 * front: what the files of the front role share. One process, one epoll
 * set, every connection of the listeners; nothing here blocks.
 *   front.c    the loop, accept, timers, drain
 *   arrival.c  connections before their PROXY header is complete
 *   conn.c     one connection: octets to its session and back
 *   pool.c     the other roles: who is there, look-ups, hand-overs
 *   run.c      transactions and the workers that have them
 */
#ifndef TAMIS_LMTP_FRONT_H
#define TAMIS_LMTP_FRONT_H

#include "lib/digest.h"
#include "lmtp/fair.h"
#include "lmtp/ipc.h"
#include "lmtp/record.h"
#include "lmtp/roles.h"
#include "lmtp/session.h"

struct front;
struct peer;

/* What an epoll event is for: the first member of everything watched. */
enum watch_kind {
	WATCH_LISTENER,
	WATCH_CONTROL,
	WATCH_PEER,
	WATCH_CONN,
	WATCH_ARRIVAL,
};
struct watch {
	enum watch_kind kind;
};

enum run_state {
	RUN_NONE,
	RUN_HELD,    /* pool.c is deciding: conn.c must not start a run */
	RUN_QUEUED,  /* waits for a worker */
	RUN_WORKING, /* a worker has it */
};

struct conn {
	struct watch watch;
	struct front *front;
	struct conn *next; /* in front->conns */
	struct arena *arena;
	int fd; /* -1: the peer is gone */
	uint32_t slot;
	struct session *session;
	struct auth *auth; /* NULL: trusted, or none is offered */
	struct tls *tls;   /* NULL: in the clear */
	bool preauth;      /* trusted for where it comes from */
	bool tls_next;     /* as soon as the output is gone */
	bool tls_told;     /* the session knows who the peer is */
	struct buf in;     /* octets the session did not take yet */
	bool readable, writable;
	bool eof;
	bool hup;       /* an event said that no more will come */
	bool lingering; /* all is said; the peer's end is waited for */
	int64_t born_ms;
	bool again; /* in front->again */
	struct conn *again_next;
	bool dead;         /* freed after this round */
	int64_t active_ms; /* last progress: replies, or enough octets */
	size_t trickle;    /* octets received since then */

	/* look-ups */
	uint64_t ask_id;    /* 0: none is open */
	struct peer *asker; /* while one is open: who has it; NULL: nobody */
	int64_t ask_limit_ms;

	/* delivery */
	enum run_state run;
	struct conn *queue_next;
	struct peer *worker;
	uint32_t member;      /* in the worker's run */
	bool solitary;        /* was given back: does not run with others */
	uint32_t run_left;    /* recipients of this run without result */
	int64_t deadline_ms;  /* all replies are complete then */
	int64_t run_limit_ms; /* the worker is given up then */
	bool alone;           /* recipients run one by one: a worker died */
	uint32_t current;     /* recipient that runs alone */
	unsigned kills;       /* workers it took with it while alone */
};

struct peer {
	struct watch watch;
	struct peer *next;
	struct arena *arena;
	struct ipc ipc;
	enum role role;
	pid_t pid;
	int pidfd;       /* the process itself, not its number; -1: unknown */
	bool wants_room; /* EPOLLOUT is watched */
	bool busy;
	bool dead;
	uint32_t asked; /* ASK: recipients it has not answered for */
	/* WORKER: whose transactions it has; NULL: none, or detached */
	struct conn *run[DELIVER_TOGETHER_MAX];
	struct peer *partner; /* WORKER: the out it waits for; OUT: the worker
	                         it works for */
};

struct front {
	const struct conf *conf;
	struct arena *arena; /* process lifetime */
	struct session_config session;
	struct tls_context *tls; /* NULL: not configured */
	bool auth;               /* SASL is started */
	struct spool_budget budget;
	struct digest_pool ids;
	struct listeners listeners; /* fds */
	struct tenure tenure;
	uint32_t uses;   /* connections so far */
	int64_t used_ms; /* when there was one last */
	struct watch *listener_watch;
	int epoll;
	struct watch control_watch;
	struct ipc control;
	struct conn *conns;
	struct conn **slots;
	uint32_t nslots, nconns, max_conns;
	struct arrival *arrivals; /* their header is not complete */
	struct arrival *departed; /* freed after this round */
	uint32_t narrivals;
	struct peer *peers;
	struct conn *queue, **queue_tail;
	struct fair fair;
	size_t together; /* transactions that a worker may take at a time, */
	struct str partition; /* when below here; with '/' at the end */
	uint64_t ask_serial;
	unsigned nworkers, nouts, nsending;
	int64_t timeout_ms, delivery_ms;
	int64_t session_ms; /* how long one may last; 0: no limit */
	int64_t drain_ms;   /* 0: not draining; else when to give up */
	int64_t gentle_ms;  /* until then a busy session goes on */
	bool accept_paused;
	struct conn *again; /* go on after this round of events */
	bool untidy;        /* a connection is dead */
	bool said_ready;
	struct buf scratch; /* records being written */
	struct buf input;   /* octets just received; of nobody for long */
};

/* conn.c */
struct conn *conn_new(
    struct front *, int fd, struct str peer, bool preauth, bool tls);
void conn_event(struct front *, struct conn *, uint32_t events);
/* Go on after an answer, a result, or new input: as far as it goes. */
void conn_run(struct front *, struct conn *);
/* The same, once, when the events of this round have been seen to. */
void conn_later(struct conn *);
void conn_run_later(struct front *);
void conn_close_session(
    struct front *, struct conn *, const char *status, const char *text);
void conn_tick(struct front *, struct conn *, int64_t now_ms);
void conn_die(struct conn *); /* freed after this round */
void conn_free(struct front *, struct conn *);

/* arrival.c */
struct arrival;
struct sockaddr_storage;
/* A connection of a listener that wants a header first; owns fd. */
void arrival_new(struct front *, int fd, const struct sockaddr_storage *,
    const struct listener *);
void arrival_event(struct front *, struct arrival *);
void arrival_tick(struct front *, int64_t now_ms);
/* All of them are sent away. */
void arrival_end(struct front *);
void arrival_free_departed(struct front *);

/* pool.c */
bool pool_add(struct front *, int sock, enum role, pid_t);
void pool_event(struct front *, struct peer *, uint32_t events);
void pool_ask(struct front *, struct conn *);
void pool_tick(struct front *, struct conn *, int64_t now_ms);
void pool_free_dead(struct front *);
bool pool_complete(const struct front *);
struct peer *pool_idle(struct front *, enum role); /* NULL: none is free */
/* false: it is gone; the caller says so with pool_died. */
bool pool_tell(
    struct front *, struct peer *, enum ipc_type, struct str payload, int fd);
/* Kill it; that it ended comes as an event. */
void pool_end(const struct peer *);
/* It ended, or cannot be talked to: it is ended, and what it had goes on
 * without it. */
void pool_died(struct front *, struct peer *);

/* run.c */
void run_deliver(struct front *, struct conn *); /* this transaction */
void run_schedule(struct front *); /* a worker or a transaction came */
void run_tick(struct front *, struct conn *, int64_t now_ms);
/* What a worker says about its run; false: it is about nothing here. */
bool run_record(struct front *, struct peer *, const struct ipc_record *);
/* This worker died; false: it had no transaction. */
bool run_died(struct front *, struct peer *);

/* state.c */
void state_dump(const struct front *);

/* front.c */
/* A connection whose peer is known begins. */
void front_admit(
    struct front *, int fd, struct str peer, bool preauth, bool tls);
/* One line, and that was it. */
void front_refuse(int fd, const char *status, const char *text);
bool front_watch(struct front *, int fd, uint32_t events, struct watch *);
/* With other events; what is true of them now is an event, too. */
void front_rewatch(struct front *, int fd, uint32_t events, struct watch *);

#endif
