/*
 * account: who a recipient is and where their things are. Knows the layout
 * of the store's top levels and of sievedir, nothing of messages.
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
 * Look one up.
 *   local, domain  of the address, without +detail; case as it came. The
 *                  domain counts when virtdomains is not off and it is not
 *                  defaultdomain
 *   root           PARTITION/USER or PARTITION/DOMAIN/USER; with
 *                  hashimapspool PARTITION/u/USER or
 *                  PARTITION/d/DOMAIN/u/USER (first letters, or "q")
 *   fails          5.1.1 no such account (also for names that could leave
 *                  the store: "/", "..", control characters), 4.3.0 when
 *                  the store could not be asked
 * Blocking: called by ask, tools and the one-process mode only.
 */
bool account_find(const struct conf *, struct arena *, struct str local,
    struct str domain, struct account *out, struct fail *why);

/*
 * Where the active script of an account is looked for.
 */
struct account_script {
	struct str dir;  /* sievedir/U/USER; "" when a template is used */
	struct str link; /* in dir: "defaultbc" */
	struct str path; /* sieve_script_path with its %-items filled in;
	                    "" when the Cyrus layout is used; "" like dir
	                    when the account can have no script: %h and no
	                    such system user */
	int err;         /* errno when the home directory could not be found out
	                    now: the delivery is to be put off; else 0 */
};
void account_script(const struct conf *, struct arena *, const struct account *,
    struct account_script *out);

/* Can this be a user or domain name at all, as a path component? */
bool account_name_ok(struct str);

#endif
