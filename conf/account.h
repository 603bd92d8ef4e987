/*
 * account: who a recipient is and where their things are. Back ends say who
 * exists; settings say what their silence means. Knows directories, nothing
 * of messages.
 */
#ifndef TAMIS_CONF_ACCOUNT_H
#define TAMIS_CONF_ACCOUNT_H

#include "conf/conf.h"

struct account {
	struct str user;      /* "joe", or "joe@example.org" (virtdomains) */
	struct str local;     /* "joe" */
	struct str domain;    /* "" for the default domain */
	struct str root;      /* absolute path of the Maildir */
	struct str home;      /* absolute; "" when none is known */
	struct str script;    /* path of the active script when the back end
	                         names one; "" when settings say where it is */
	struct str partition; /* path root is below; "" when it is elsewhere */
	struct str disabled;  /* why it takes no mail, for the reply; "": it
	                         takes mail */
	struct str back_end;  /* who knew it: "store", "nss" ... */
	bool shared;          /* no person: the shared mailboxes */
	bool create;          /* the Maildir does not exist yet, and delivery is
	                         to make it: a back end that keeps no mail said
	                         that there is such an account */
	bool has_quota;       /* the back end limits it, as follows; else
	                         what other settings say */
	uint64_t quota_storage;  /* octets; 0: without limit */
	uint64_t quota_messages; /* 0: without limit */
};

/* Every text of an account, one after the other: the list of its fields for
 * those who copy one or send it elsewhere. */
void account_each_text(
    struct account *, void (*visit)(void *ctx, struct str *text), void *ctx);
/* A copy whose texts live in the arena. */
struct account account_dup(struct arena *, const struct account *);

/*
 * The back ends of a configuration, in its order, with what they keep
 * between look-ups: a list that was read, a connection.
 *   arena  of the process; conf must live as long
 * Never fails: a back end that is in trouble now says so at each look-up.
 */
struct accounts;
struct accounts *accounts_open(struct arena *, const struct conf *);
void accounts_close(struct accounts *); /* NULL is allowed */
const struct conf *accounts_conf(const struct accounts *);

/* From now on each look-up appends what it did and why, a line for each
 * step, to out; NULL: no more. */
void accounts_explain(struct accounts *, struct buf *out);

/* One more line for whoever listens; callers of look-ups have steps, too. */
void accounts_step(struct accounts *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* From begin to end several look-ups belong together: what was looked at for
 * one may be as old for the others. */
void accounts_begin(struct accounts *);
void accounts_end(struct accounts *);

/* What is wrong with the files that back ends read, line by line. */
struct conf_messages;
void accounts_check(
    struct arena *, const struct conf *, struct conf_messages *);

/*
 * Look one up.
 *   local, domain  of the address, without +detail; case as it came. The
 *                  domain counts when virtdomains is not off and it is not
 *                  defaultdomain
 *   out            its texts live in the arena. The first back end that
 *                  knows the account decides; one that is asked before and
 *                  cannot answer makes the look-up fail
 *   fails          5.1.1 no such account (also for names that could leave
 *                  the store: "/", "..", control characters), 4.3.0 when
 *                  it could not be found out
 * Blocking: called by ask, tools and the one-process mode only.
 */
bool account_find(struct accounts *, struct arena *, struct str local,
    struct str domain, struct account *out, struct fail *why);

/* The same by the name of an account, "joe" or "joe@example.org". */
bool account_find_user(struct accounts *, struct arena *, struct str user,
    struct account *out, struct fail *why);

/*
 * The pseudo account whose folders are the shared mailboxes: shared_mail_path,
 * else .shared on the default partition. It has no script and no quota.
 *   fails  5.1.1 there are no shared mailboxes, 4.3.0
 */
bool account_shared(
    struct accounts *, struct arena *, struct account *out, struct fail *why);

/*
 * May it use this service at all? user_deny.db of Cyrus.
 *   fails  4.2.1 with the text of the record; 4.3.0 could not find out
 */
bool account_allowed(struct accounts *, struct arena *, const struct account *,
    struct fail *why);

/*
 * Where the active script of an account is looked for. Asks nobody: what has
 * to be known about the account was found out by account_find.
 */
struct account_script {
	struct str dir;  /* sievedir/U/USER; "" when a path is used */
	struct str link; /* in dir: "defaultbc" */
	struct str path; /* of the active script, which may be a link; "" when
	                    the Cyrus layout is used; "" like dir when the
	                    account can have no script: it has no home */
	struct str scripts; /* directory of all scripts of the account: dir, or
	                       sieve_script_dir, or "sieve" beside path */
	struct str ending;  /* of their names there: ".script" or ".sieve" */
};
void account_script(const struct conf *, struct arena *, const struct account *,
    struct account_script *out);

/*
 * Scripts of the site that run for an account: the paths of a list setting
 * (sieve_before, sieve_after, sieve_default) with their %-items filled in,
 * in order. One whose items stand for nothing here is left out.
 */
void account_admin_scripts(const struct conf *, struct arena *,
    const struct account *, enum setting, struct strlist *out);

/* Can this be a user or domain name at all, as a path component? */
bool account_name_ok(struct str);

#endif
