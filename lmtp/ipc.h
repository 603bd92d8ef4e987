/*
 * ipc: records with at most one descriptor between two of our processes,
 * over a SOCK_SEQPACKET pair. A record of any size is cut into packets and
 * put together again. The front uses it without blocking, the others
 * blocking; the socket's O_NONBLOCK flag decides.
 */
#ifndef TAMIS_LMTP_IPC_H
#define TAMIS_LMTP_IPC_H

#include "lib/str.h"

enum ipc_type {
	IPC_PEER = 1,   /* supervisor -> front: a new child; fd: its socket */
	IPC_READY,      /* front -> supervisor: serving */
	IPC_DRAIN,      /* supervisor -> front: finish and exit; "gently":
	                   busy sessions have some seconds more;
	                   front -> supervisor: it does, -U or -T is over */
	IPC_CONNECTION, /* front -> supervisor: one was accepted */
	IPC_SOON,       /* front -> supervisor: the end of -U is near */
	IPC_DUMP,       /* supervisor -> front: log what you are doing */
	IPC_PING,       /* supervisor -> front -> supervisor */
	IPC_ASK,        /* front -> ask: look up recipients */
	IPC_ANSWER,     /* ask -> front */
	IPC_TXN,        /* front -> worker: a run of one transaction, or of
	                   several together; fd: spool, if any */
	IPC_RESULT,     /* worker -> front: one recipient is final */
	IPC_DONE,       /* worker -> front: the run is over */
	IPC_BACK,       /* worker -> front: one of several was not begun */
	IPC_LAST,       /* worker -> front: IPC_RESULT and IPC_DONE in one */
	IPC_SEND,       /* worker -> front -> out: hand over; fd: message */
	IPC_SENT,       /* out -> front -> worker */
	IPC_TYPE_COUNT, /* not a type */
};

struct ipc {
	int sock;       /* -1: closed */
	struct buf in;  /* packets of an unfinished record */
	int in_fd;      /* descriptor that came with it */
	struct buf out; /* packets that did not go out yet, length first */
	struct buf fds; /* for each queued packet the descriptor or -1 */
};

struct ipc_record {
	enum ipc_type type;
	struct str payload; /* valid until the next ipc_get */
	int fd;             /* -1, or the receiver's to close */
};

/* A connected pair, close-on-exec. false with errno. */
bool ipc_pair(int sock[2]);

void ipc_init(struct ipc *, int sock);
void ipc_close(struct ipc *);

/*
 * Queue a record and send what can be sent. fd is duplicated when it has to
 * wait, so the caller keeps its own.
 *   returns  false: the peer is gone
 */
bool ipc_put(struct ipc *, enum ipc_type, struct str payload, int fd);
bool ipc_flush(struct ipc *);
bool ipc_pending(const struct ipc *); /* something waits for EPOLLOUT */

/* 1: *out holds a record; 0: none yet (non-blocking); -1: the peer is gone
 * or sent something that is no record of ours */
int ipc_get(struct ipc *, struct ipc_record *out);

#endif
