/*
 * recipient: takes an envelope address apart. Knows what '+' means; who
 * exists, and where, is conf/account's business.
 */
#include "actions/recipient.h"

#include "actions/mailbox.h"
#include "lib/arena.h"
#include "lib/log.h"
#include "mailstore/mailstore.h"

/* RFC 5233 s. 4 leaves the separator open: ours is the first '+'. */
static void
split_detail(struct str localpart, struct str *local, struct str *detail)
{
	ssize_t plus = str_chr(localpart, '+');

	*local = localpart;
	*detail = S("");
	if (plus < 0)
		return;
	*local = str_sub(localpart, 0, (size_t)plus);
	*detail = str_from_offset(localpart, (size_t)plus + 1);
}

/* --- shared mailboxes -------------------------------------------------------
 */

static bool
is_postuser(const struct conf *conf, struct str local, struct str detail)
{
	struct str name = conf_str(conf, SETTING_postuser);

	return detail.len > 0 && (conf_bool(conf, SETTING_lmtp_downcase_rcpt)
					 ? str_caseeq(local, name)
					 : str_eq(local, name));
}

/* Any that exists takes mail; none is made by sending to it. */
static bool
find_shared(struct accounts *accounts, struct arena *a, struct str name,
    struct account *out, struct fail *why)
{
	const struct conf *conf = accounts_conf(accounts);
	struct store_options options = store_options_of(a, conf);
	struct store_account box = { .options = &options };
	struct fail ignored;
	struct str mailbox;
	bool there = false;

	if (!account_shared(accounts, a, out, why))
		return false;
	box.root = out->root;
	if (mailbox_name(a, options.layout, name, mailbox_separator(conf),
		&mailbox, &ignored) &&
	    !str_eq(mailbox, S("INBOX")) &&
	    !store_maildir.exists(a, &box, mailbox, &there, why))
		return false;
	accounts_step(accounts, "shared mailbox %.*s: %s", STR_ARG(name),
	    there ? "is there" : "is not there");
	return there || fail_perm(why, "5.1.1", "User unknown");
}

/* --- persons ---------------------------------------------------------------
 */

static bool
is_unknown(const struct fail *why)
{
	return why->class == FAIL_PERM && strcmp(why->status, "5.1.1") == 0;
}

/*
 * Only for who does not exist: what cannot be found out now, or has no room
 * now, may be there later, and is nobody else's mail.
 */
static bool
find_catchall(struct accounts *accounts, struct arena *a, struct recipient *out,
    struct fail *why)
{
	struct str user =
	    conf_str(accounts_conf(accounts), SETTING_lmtp_catchall_mailbox);

	if (user.len == 0)
		return false;
	accounts_step(accounts, "lmtp_catchall_mailbox: %.*s", STR_ARG(user));
	if (account_find_user(accounts, a, user, &out->account, why)) {
		out->detail = S("");
		return true;
	}
	if (is_unknown(why))
		log_warning("lmtp_catchall_mailbox: there is no account %.*s",
		    STR_ARG(user));
	return false;
}

static bool
check_disabled(
    const struct conf *conf, const struct account *acct, struct fail *why)
{
	const char *text = acct->disabled.p;
	int n = (int)acct->disabled.len;

	if (n == 0)
		return true;
	return conf_bool(conf, SETTING_lmtp_disabled_perm_failure)
	           ? fail_perm(why, "5.2.1", "%.*s", n, text)
	           : fail_temp(why, "4.2.1", "%.*s", n, text);
}

/* The account is there: may mail come in? */
static bool
may_receive(struct accounts *accounts, struct arena *a,
    const struct recipient_query *q, const struct account *acct,
    struct fail *why)
{
	const struct conf *conf = accounts_conf(accounts);

	if (acct->shared)
		return true;
	if (!account_allowed(accounts, a, acct, why))
		return false;
	if (!check_disabled(conf, acct, why)) {
		accounts_step(accounts, "disabled: %s", why->text);
		return false;
	}
	if (q->quota == NULL || q->quota(conf, a, acct, q->size, why))
		return true;
	accounts_step(accounts, "quota: %s", why->text);
	return false;
}

bool
recipient_find(struct accounts *accounts, struct arena *arena,
    const struct recipient_query *q, struct recipient *out, struct fail *why)
{
	const struct address *addr = q->addr;
	struct str local, detail;
	bool found;

	split_detail(addr->localpart, &local, &detail);
	*out = (struct recipient){
		.address = str_dup(arena, addr->text),
		.detail = str_dup(arena, detail),
	};
	accounts_step(accounts, "address: local part %.*s, detail %.*s",
	    STR_ARG(local), detail.len > 0 ? (int)detail.len : 4,
	    detail.len > 0 ? detail.p : "none");
	if (is_postuser(accounts_conf(accounts), local, detail))
		found =
		    find_shared(accounts, arena, detail, &out->account, why);
	else
		found = account_find(accounts, arena, local, addr->domain,
			    &out->account, why) ||
		        (is_unknown(why) &&
			    find_catchall(accounts, arena, out, why));
	return found && may_receive(accounts, arena, q, &out->account, why);
}
