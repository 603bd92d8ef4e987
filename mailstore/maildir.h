/*
 * maildir: what the files of the Maildir backend share, and nobody else
 * includes (but their tests). A transaction has boxes (mailbox directories,
 * maildir_dir.c) and files (inodes with the message, maildir_file.c);
 * maildir.c puts names of files into boxes.
 */
#ifndef TAMIS_MAILSTORE_MAILDIR_H
#define TAMIS_MAILSTORE_MAILDIR_H

#include <sys/stat.h>

#include "mailstore/mailstore.h"

enum maildir_which { MAILDIR_NEW, MAILDIR_CUR, MAILDIR_NSUBS };

/* One file system as the transactions that are synced together see it. */
struct maildir_disk {
	struct maildir_disk *next;
	dev_t dev;
	enum store_order order; /* never AUTO */
	int fd;      /* ONE_COMMIT: the file that was named last; -1: none since
	                the last sync */
	bool failed; /* a sync failed: nothing of these is ever final again */
	struct fail why;
};

/* new/ or cur/ of a mailbox: stays open until the transaction ends. */
struct maildir_sub {
	int fd;                    /* -1: not needed yet */
	struct maildir_disk *disk; /* these three are what decides which inode
	                              fits */
	mode_t mode; /* of a message in here, permission bits only */
	gid_t gid;   /* ditto; MAILDIR_ANY_GID: whatever it gets */
	bool dirty;  /* a name appeared since the last sync */
	bool failed; /* a sync failed: no name in here is ever final again */
	struct fail why;
};
#define MAILDIR_ANY_GID ((gid_t)-1)

struct maildir_box {
	struct maildir_box *next;
	struct str root; /* absolute, without trailing '/' */
	struct str dir;  /* "" or ".A.B", by name */
	struct str real; /* the one that stands for it on disk */
	int fd;          /* the directory itself: open during stage only */
	bool used;       /* a copy was staged: the next has its own inode */
	bool made;       /* by this transaction; nobody was told yet */
	int tmp_fd;      /* tmp/, when it is to be swept in the end, or -1 */
	struct maildir_sub sub[MAILDIR_NSUBS];
};

enum maildir_state { MAILDIR_WRITTEN, MAILDIR_SYNCED, MAILDIR_FAILED };

/* One inode that holds the message. */
struct maildir_file {
	struct maildir_file *next;
	int fd;
	bool ours;    /* to be closed; false: the spool file */
	bool shared;  /* other mailboxes may link it */
	bool adopted; /* an earlier run named it: in what state is not known */
	struct maildir_disk *disk;
	mode_t mode;
	gid_t gid;
	enum maildir_state state;
	struct fail why; /* when FAILED */
	int tmp_fd;      /* tmp/ where it has a name to remove, or -1 */
	const char *tmp_name;
};

struct maildir_quota;

struct store_txn {
	struct arena *arena;
	const struct store_options *options;
	const struct store_message *message;
	struct maildir_box *boxes;
	struct maildir_file *files;
	struct maildir_copy *copies;
	struct maildir_quota *quotas;
	struct store_txn *with;     /* synced together with this one, or NULL */
	struct maildir_disk *disks; /* of all that are: the first one has it */
	struct maildir_file *spool; /* message->fd, when it is one of them */
	int64_t lock_budget_ms;     /* what may still be waited for locks */
};

/* --- maildir_disk.c: what one sync brings to disk ----------------------- */

/* The file system of an open file or directory, whose device this is. */
struct maildir_disk *maildir_disk(struct store_txn *, dev_t, int fd);

/* This file got a name; it stays open until the transaction ends. */
void maildir_disk_named(struct maildir_disk *, int fd);

/* ONE_COMMIT: all names and their files are on disk. Tried once. */
bool maildir_disk_sync(struct maildir_disk *, struct fail *why);

/* --- maildir_dir.c: opening and creating mailboxes ---------------------- */

/* The entry of a mailbox in this transaction; opens nothing. */
struct maildir_box *maildir_box(
    struct store_txn *, struct str root, struct str dir);

/*
 * Open the mailbox directory, box->fd, unless it is open.
 *   create  make it (with cur, new, tmp) when it does not exist
 *   fails   5.1.1 no such mailbox; a missing root is 4.3.0, because a
 *           partition that is not mounted looks the same
 */
bool maildir_box_open(
    struct store_txn *, struct maildir_box *, bool create, struct fail *why);

/* Open box->sub[which] unless it is open; makes it when it is missing. */
bool maildir_sub_open(struct store_txn *, struct maildir_box *,
    enum maildir_which, bool create, struct fail *why);

/* On disk, if anything changed since the last call. */
bool maildir_sub_sync(struct maildir_sub *, struct fail *why);

bool maildir_exists(struct arena *, const struct store_account *,
    struct str dir, bool *out, struct fail *);

/* unlinkat(2) of a file; true when there is no such name afterwards. */
bool maildir_remove(int dirfd, const char *name);

/* The account's directory; -1 with errno. */
int maildir_root(struct arena *, struct str root);

/* Permissions below a directory: modes of files, group to hand down. */
gid_t maildir_gid(const struct stat *dir);
/* Give fd this mode and group; it has the mode "has" now. */
bool maildir_set_perms(int fd, mode_t has, mode_t mode, gid_t gid);

/* --- maildir_sweep.c: what was left in tmp/ ------------------------------ */

/* Old enough that no delivery can need it. */
bool maildir_tmp_is_old(const struct stat *, int64_t now_s);
/* Remove those, 1000 entries at most; returns how many. */
unsigned maildir_sweep(int tmp, int64_t now_s);
/* May it be this transaction's turn to look whether that is due? */
bool maildir_sweep_turn(const struct store_txn *);
/* Is it this transaction that does so, after all results are out? */
void maildir_sweep_plan(struct store_txn *, struct maildir_box *);
void maildir_sweep_end(struct maildir_box *);

/* --- maildir_scan.c: which mailboxes there are -------------------------- */

struct maildir_found {
	struct str name; /* canonical */
	struct str dir;  /* below the root */
};

/* All but INBOX, by name; two directories may stand for one name, in two
 * Unicode forms. false with errno */
bool maildir_scan(struct arena *, enum mailbox_layout, int rootfd,
    struct maildir_found **out, size_t *n);

/* *dir does not exist: is there another that stands for the same name, made
 * by a program that does not normalise? It takes its place then. */
bool maildir_find_dir(
    struct arena *, enum mailbox_layout, int rootfd, struct str *dir);

/* --- maildir_lookup.c: answers ------------------------------------------ */

extern const struct store_lookup maildir_lookup;

/* --- maildir_file.c: inodes --------------------------------------------- */

/*
 * A file with the message that can be linked into this directory: the one
 * that is there already or a new one, written out (and synced, when the
 * order is strict).
 *   shared  false: one that no other mailbox links
 */
bool maildir_file_get(struct store_txn *, struct maildir_box *,
    const struct maildir_sub *, bool shared, struct maildir_file **out,
    struct fail *why);

/* Write a new one with a name in tmp/ of the box: for file systems that
 * have no unnamed files. */
bool maildir_file_named(struct store_txn *, struct maildir_box *,
    const struct maildir_sub *, struct maildir_file **out, struct fail *why);

/* The file that an earlier run left under this name; 4.3.0 when it cannot
 * be that. */
bool maildir_file_adopt(struct store_txn *, const struct maildir_sub *,
    const char *name, struct maildir_file **out, struct fail *why);

/* On disk. Tried once: a failure is for ever, fsync tells it only once. */
bool maildir_file_sync(struct maildir_file *, struct fail *why);
void maildir_file_close(struct maildir_file *);

/* --- maildir_quota.c: how full the account is ---------------------------- */

/*
 * Is there room for one copy? Takes it until it is released; *out is what to
 * release it with.
 *   sub, name  where it is going to be: what is there already is not refused
 *   fails      4.2.2
 */
bool maildir_quota_take(struct store_txn *, const struct maildir_box *,
    const struct store_target *, const struct maildir_sub *sub,
    const char *name, struct maildir_quota **out, struct fail *why);

/* A copy is on disk. */
void maildir_quota_stored(struct store_txn *, struct maildir_quota *);
/* It will not be, or (stored) is no longer. */
void maildir_quota_release(
    struct store_txn *, struct maildir_quota *, bool stored);
void maildir_quota_end(struct store_txn *);

/* --- maildir_keyword.c: dovecot-keywords -------------------------------- */

enum { MAILDIR_NKEYWORDS = 26 };

/*
 * Letters for keywords, as bits (1 << 0 is 'a'). Never fails: a keyword that
 * gets no letter is left out, and logged. box->fd is open.
 */
uint32_t maildir_keywords(
    struct store_txn *, struct maildir_box *, const struct strlist *names);

/* Keep them as Courier does: for one message in a file of its own, which
 * Courier removes when the message is gone. Never fails: what cannot be kept
 * is logged. */
void maildir_keyword_file(struct store_txn *, struct maildir_box *,
    const char *message, const struct strlist *names);

#endif
