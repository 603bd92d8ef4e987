/*
 * mailstore: what a backend that keeps messages can do. A transaction
 * stores one message into many mailboxes in three steps, so that nothing is
 * visible before everything is prepared and nobody says 250 before it is on
 * disk:
 *
 *   stage    bytes in place and written out; no visible name
 *   publish  the name appears, whole, and never replaces another
 *   sync     file and directory are on disk; only now it is final
 *
 * RFC 3463 statuses are given with each function.
 */
#ifndef TAMIS_MAILSTORE_MAILSTORE_H
#define TAMIS_MAILSTORE_MAILSTORE_H

#include "lib/fail.h"
#include "lib/str.h"

struct arena;
struct clock_watch;
struct store_txn;
struct store_memo;
struct memory_log;

/* Where the mailbox A/B of an account is. */
enum mailbox_layout {
	LAYOUT_MAILDIRPP, /* root/.A.B */
	LAYOUT_FS,        /* root/A/B: Dovecot's LAYOUT=fs, mutt, mu */
};

/* "This mailbox is for": RFC 6154 */
struct special_use {
	struct str flag;    /* "\\Junk", in any case */
	struct str mailbox; /* canonical name */
};

/* Flags that are not IMAP's own. */
enum store_keywords {
	KEYWORDS_DOVECOT, /* letters; dovecot-keywords says which; 26 */
	KEYWORDS_COURIER, /* courierimapkeywords */
	KEYWORDS_NONE,    /* not at all */
};

enum store_order {
	STORE_AUTO,       /* ONE_COMMIT where that is proven, else STRICT */
	STORE_STRICT,     /* fsync file, link, fsync directory */
	STORE_WRITE_OUT,  /* write out, link, fsync file, fsync directory */
	STORE_ONE_COMMIT, /* write out all, link all, fsync the last file: for
	                     file systems whose journal keeps the order */
};

/* What was found out about file systems; lives in the arena. */
struct store_disks *store_disks_new(struct arena *);

struct store_options {
	enum store_order order;
	struct store_disks *disks; /* STORE_AUTO of store_maildir: what is
	                              remembered; NULL: ask each time */
	struct str hostname;       /* part of names */
	uint32_t file_mode; /* mask for new files: directory's mode & 0666 &
	                       this, and always 0600 */
	struct memory_log *memory; /* store_memory only: where it lists its
	                              copies (mailstore/memory.h), or NULL */
	const struct clock_watch *clock; /* whether times can be believed, to
	                                    sweep tmp/; NULL: never swept */
	enum mailbox_layout layout;
	enum store_keywords keywords;
	const struct special_use *uses; /* for accounts that have no own */
	size_t nuses;
	bool subscribe_dovecot; /* mailboxes that are made are subscribed in */
	bool subscribe_courier; /* these programs' files */
};

/* The mailboxes of one account, to ask about. */
struct store_account {
	const struct store_options *options;
	struct str root; /* absolute path of the user's Maildir */
	/* NULL: every question looks again. Else what was read to answer one
	 * stays there for the next ones: many questions cost little, and
	 * their answers fit together. Set it to NULL before the first; it
	 * lives in that one's arena. */
	struct store_memo **memo;
};

/* The message of a transaction: the bytes are final, trace lines included. */
struct store_message {
	struct str head; /* stands in front of bytes: a header that was
	                    edited; fd is -1 then */
	struct str bytes;
	int fd;          /* unnamed file holding exactly these bytes, open for
	                    reading and writing; -1: only memory */
	uint64_t wsize;  /* octets if each bare LF were CRLF: "W=" */
	int64_t time_us; /* start of the transaction: first part of names */
	struct str id;   /* transaction id, 1..64 of [A-Za-z0-9]: part of
	                    names, so a repeated transaction recognises its
	                    own files */
};

/* What an account may hold; see mailstore/quota.h. */
struct store_quota {
	bool known;      /* octets and messages are configured; else what
	                    maildirsize says is in force, if there is one */
	uint64_t octets; /* 0: without limit */
	uint64_t messages;
	bool strict;     /* never over; else one message may go over */
	bool ignore;     /* refuse nothing, but count */
	bool skip_trash; /* the mailbox Trash and \Deleted are not counted */
};

struct store_target {
	struct str root;      /* absolute path of the user's Maildir */
	struct str mailbox;   /* UTF-8, "INBOX" or names separated by '/' */
	uint32_t rcpt;        /* recipient's index in the transaction and */
	uint32_t seq;         /* number among this recipient's stores: both are
	                         part of the name */
	bool create;          /* make the mailbox when it does not exist */
	struct strlist flags; /* "\\Seen", "$SieveFailed", ... */
	const struct store_quota *quota; /* of the account; outlives the
	                                    transaction; NULL: not known */
	struct str use; /* special use of a mailbox that is made; "" */
};

/* What a backend tells about one stored copy. */
struct staged {
	struct store_txn *txn;
	struct str mailbox; /* where it goes: canonical name */
	struct str path;    /* file, known after publish; for people */
	bool published;
	bool final; /* on disk */
};

/*
 * Questions about an account's mailboxes; nothing is changed but what
 * mailbox_id may have to write. Mailboxes are canonical names; "" as an
 * answer: there is none. They fail 4.3.0 when the store cannot be asked.
 */
struct store_lookup {
	/* All mailboxes but INBOX, which is always there, in octet order. */
	bool (*list)(struct arena *, const struct store_account *,
	    struct strlist *out, struct fail *why);

	/*
	 * The existing mailbox with this special use. RFC 8579, RFC 6154
	 *   mailbox  "": any; else only whether this one has it
	 */
	bool (*special_use)(struct arena *, const struct store_account *,
	    struct str mailbox, struct str flag, struct str *out,
	    struct fail *why);

	/* The existing mailbox with this id. RFC 9042, RFC 8474 */
	bool (*mailbox_by_id)(struct arena *, const struct store_account *,
	    struct str id, struct str *out, struct fail *why);

	/* The id of a mailbox, made when it has none; "": no mailbox. */
	bool (*mailbox_id)(struct arena *, const struct store_account *,
	    struct str mailbox, struct str *out, struct fail *why);

	/*
	 * The value of an annotation. RFC 5464, RFC 5490
	 *   mailbox     "": of the server
	 *   annotation  "/private/comment", in any case
	 *   *found      false: there is none, which is not an empty value
	 */
	bool (*metadata)(struct arena *, const struct store_account *,
	    struct str mailbox, struct str annotation, struct str *value,
	    bool *found, struct fail *why);
};

struct store {
	const char *name;
	const struct store_lookup *lookup; /* NULL: it answers none of these */

	/*
	 * options and message must outlive the transaction.
	 *   with  an open transaction: what both publish is brought to disk
	 *         together, and it is ended after this one; NULL: none
	 */
	struct store_txn *(*begin)(struct arena *, const struct store_options *,
	    const struct store_message *, struct store_txn *with);

	/* Does that mailbox exist? fails 4.3.0; a name that can be no mailbox
	 * does not exist */
	bool (*exists)(struct arena *, const struct store_account *,
	    struct str mailbox, bool *out, struct fail *why);

	/*
	 * Prepare one copy. fails: 5.1.1 no such mailbox (create is false;
	 * never said of a missing root, which may be a partition that is not
	 * mounted: 4.3.0), 5.1.3 no mailbox name, 4.3.1 no space, 4.3.2 out
	 * of descriptors (one stays open for each mailbox), 4.2.2 the
	 * account is over its quota, 4.3.0 other.
	 * Nothing is visible then, and nothing is left but an empty mailbox
	 * that create made. A keyword that cannot be kept is left out and
	 * logged.
	 */
	bool (*stage)(struct store_txn *, const struct store_target *,
	    struct staged **out, struct fail *why);

	/*
	 * Make the name visible. A file of that name that is already there
	 * was published by an earlier run of this very transaction: success,
	 * if it is a regular file of the same size; else 4.3.0.
	 */
	bool (*publish)(struct staged *, struct fail *why);

	/*
	 * Bring one published copy to disk; called for each after all were
	 * published, those of the transactions begun with this one too. The
	 * file is synced once for all copies that share it, a
	 * directory once for all names that appeared in it since; with
	 * STORE_ONE_COMMIT all of one file system by one call. A failed sync
	 * is never tried again: every copy that shares the file, the directory
	 * or that call fails. After a failure the name has been removed again
	 * and the removal synced as far as possible.
	 */
	bool (*sync)(struct staged *, struct fail *why);

	/* Undo: remove what was staged, published or final. Idempotent. */
	void (*discard)(struct staged *);

	/* Close everything; what was staged and not published disappears. */
	void (*end)(struct store_txn *);
};

/* Does one sync bring several transactions of store_maildir to disk?
 *   fd  a directory of that file system */
bool store_maildir_commits_together(enum store_order, int fd);

extern const struct store store_maildir;
extern const struct store store_memory; /* tests, dry runs: keeps copies */
extern const struct store store_null;   /* accepts and forgets */

/* --- names (name.c): the one place that checks and maps them ------------ */

/*
 * Check and canonicalise a mailbox name: UTF-8, "INBOX" in any case,
 * "INBOX/x" and "INBOX.x" as "x", separator '/'. No empty level, no '.' in a
 * level (it separates levels on disk) nor '/', no control character (C1
 * neither), no leading '~', at most 255 octets on disk, all levels together.
 * LAYOUT_FS: '.' may be in a level but not at its beginning, 255 octets are
 * for each level, and cur, new, tmp and what readers of Maildirs call their
 * files are no levels.
 * Characters are normalised (NFC, as by Dovecot): a name that is spelled with
 * combining characters is the same name. Without libunistring they are not.
 * The result given again, with sep '/', is itself.
 *   sep    the separator scripts use: '/' or '.'
 *   fails  5.1.3 with the reason
 */
bool mailbox_name(struct arena *, enum mailbox_layout, struct str name,
    char sep, struct str *out, struct fail *why);

/* Do two names differ at most in the case of ASCII letters and in blanks,
 * hyphens and underscores? */
bool mailbox_alike(struct str, struct str);

/* Directory of a canonical name below the root: "" for INBOX; for "A/B"
 * ".A.B" or "A/B"; modified UTF-7 (RFC 3501 s. 5.1.3). fails 5.1.3 */
bool mailbox_dir(struct arena *, enum mailbox_layout, struct str name,
    struct str *out, struct fail *why);

/*
 * Modified UTF-7 both ways. false: not UTF-8, or not the one form that the
 * encoder would give (RFC 3501 s. 5.1.3).
 */
bool mutf7_encode(struct arena *, struct str utf8, struct str *out);
bool mutf7_decode(struct arena *, struct str mutf7, struct str *out);

#endif
