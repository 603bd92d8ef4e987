/*
 * back_end: what a source of accounts can do; for the files of conf/ only.
 * A new one is a file account_NAME.c, a row in account.c's table, and its
 * name in the text of account_backends.
 */
#ifndef TAMIS_CONF_BACK_END_H
#define TAMIS_CONF_BACK_END_H

#include "conf/account.h"
#include "conf/message.h"

/* One look-up in one back end. */
struct look_up {
	struct accounts *accounts; /* for accounts_step */
	const struct conf *conf;
	struct arena *arena;
	void *state; /* what open returned */
};

struct back_end {
	const char *name;

	bool has_mail;    /* it sets out->root; of the others, settings and
	                     out->partition say where the Maildir is */
	bool has_homes;   /* an account whose home it does not name has none;
	                     with the others it is that of the system user */
	bool homes_exist; /* a home it names and that is not there is on a
	                     file system that is not mounted */

	/* What it keeps; NULL: it needs nothing. */
	void *(*open)(struct arena *, const struct conf *);
	void (*close)(void *state);

	/*
	 * Is there such an account?
	 *   out     user, local and domain are filled in on entry, the rest
	 *           is "": to be filled in as far as it is known
	 *   *found  set when true is returned
	 *   fails   4.3.0
	 */
	bool (*find)(const struct look_up *, struct account *out, bool *found,
	    struct fail *why);

	/* Complain about what it reads; NULL: there is nothing. */
	void (*check)(
	    struct arena *, const struct conf *, struct conf_messages *);
};

extern const struct back_end back_end_store, back_end_passwd, back_end_nss,
    back_end_dovecot;

/* Is there a back end of that name? */
bool back_end_known(struct str name);

/* "joe@example.org" taken apart by the rules for domains; false: it can be
 * no account. */
bool account_split(
    const struct conf *, struct arena *, struct str user, struct account *out);

/* autocreate.c: may this account, which no back end knows, be made? */
bool autocreate_allows(const struct conf *, const struct account *);
/* Is there something else where its Maildir would be? */
bool autocreate_in_the_way(struct arena *, struct str root);

/* --- directories (account_path.c) ---------------------------------------- */

/* A Maildir: base must exist, or a file system is not mounted. */
struct place {
	struct str base;  /* absolute */
	struct str below; /* never empty */
};

/* By the layout of partitions. */
struct place place_on_partition(const struct conf *, struct arena *,
    struct str partition, const struct account *);
/*
 * By account_mail_path; acct->home is needed when it has %h.
 *   fails  4.3.0 no path can be made of this account
 */
bool place_by_template(const struct conf *, struct arena *,
    const struct account *, struct place *out, struct fail *why);
struct str place_path(struct arena *, struct place);

/*
 * Is it there?
 *   maildir  only one that holds cur
 *   fails    4.3.0: base is missing, a link or a file is in the way
 */
bool place_exists(
    struct arena *, struct place, bool maildir, bool *found, struct fail *why);
/* The same for a path that may be missing as a whole, and may go through
 * links up to its last component. */
bool path_exists(
    struct arena *, struct str path, bool *found, struct fail *why);

/* Absolute, without "." and ".." and control characters, not too long. */
bool path_ok(struct str);

/* %-items and "~/" filled in; "" when that does not give a path_ok. */
struct str path_of_account(const struct conf *, struct arena *, struct str text,
    const struct account *);

/* The home directory by NSS; "" when there is no such user, or when it is no
 * path_ok. Returns 0 or errno. */
int nss_home(struct arena *, struct str name, struct str *home);

/* --- fields (account_field.c) -------------------------------------------- */

/*
 * Apply one field of an account: home, mail, quota_rule, disabled ...
 * Names nobody knows are ignored, as Dovecot does.
 *   why  set when false is returned: text for a message
 */
bool account_field(const struct conf *, struct arena *, struct account *,
    struct str name, struct str value, struct str *why);

#endif
