/*
 * record: what the records between roles hold: one pair of functions for
 * each, so that writer and reader stand side by side.
 */
#ifndef TAMIS_LMTP_RECORD_H
#define TAMIS_LMTP_RECORD_H

#include "actions/deliver.h"
#include "lmtp/txn.h"
#include "lmtp/wire.h"

struct arena;

/* Which recipients of a transaction one run is for. */
struct run_choice {
	const uint32_t *index;
	size_t n;
	bool no_script;
	int64_t deadline_ms;
};

/*
 * IPC_TXN, a member of the run; several are put one after the other. The
 * bytes go inline when the spool is in memory, else by descriptor.
 */
bool record_put_txn(
    struct buf *, struct txn *, const struct run_choice *, struct fail *why);
/* The next member, for record_get_txn; false: there is none. */
bool record_next_txn(struct wire *, struct str *payload);
/*
 * Read it; slices point into payload, the recipients live in the arena.
 * fd: the spool; it is mapped, and the mapping is the caller's to munmap.
 */
bool record_get_txn(
    struct arena *, struct str payload, int fd, struct deliver_txn *out);

/* IPC_RESULT, IPC_LAST: for a recipient of the run's member */
void record_put_result(struct buf *, uint32_t member, uint32_t index,
    const struct deliver_result *);
bool record_get_result(struct str payload, uint32_t *member, uint32_t *index,
    struct deliver_result *out);

/* IPC_BACK */
void record_put_back(struct buf *, uint32_t member);
bool record_get_back(struct str payload, uint32_t *member);

/* IPC_ASK: all pending recipients of one session, how many is returned;
 * IPC_ANSWER: for one or several of them, one behind the other. */
uint32_t record_put_ask(struct buf *, uint64_t session, const struct txn *);
struct ask_item {
	uint32_t index;
	uint64_t size; /* of MAIL, or 0 */
	bool ignore_quota;
	struct address addr;
};
bool record_get_ask_head(struct wire *, uint64_t *session, uint32_t *n);
bool record_get_ask_item(struct wire *, struct ask_item *);
void record_put_answer(struct buf *, uint64_t session, uint32_t index,
    const struct recipient *, const struct fail *why);
bool record_get_answer(struct wire *, uint64_t *session, uint32_t *index,
    struct recipient *, struct fail *why, bool *accepted);

/* IPC_SEND: envelope and head; the message itself is the descriptor. */
void record_put_send(struct buf *, const struct out_message *);
bool record_get_send(struct arena *, struct str payload, struct out_message *);

/* IPC_SENT: a failure or none. */
void record_put_sent(struct buf *, const struct fail *why);
bool record_get_sent(struct str payload, struct fail *why);

/* IPC_PEER: what the new child is. */
enum role { ROLE_FRONT, ROLE_ASK, ROLE_WORKER, ROLE_OUT, ROLE_COUNT };
extern const char *const role_names[ROLE_COUNT];
void record_put_peer(struct buf *, enum role, pid_t);
bool record_get_peer(struct str payload, enum role *, pid_t *);

#endif
