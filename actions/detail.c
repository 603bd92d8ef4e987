/*
 * detail: the mailbox for user+detail. Knows what may be taken for what was
 * written; a sender makes no mailbox and gets no error for naming one.
 */
#include "actions/mailbox.h"

#include "lib/arena.h"
#include "lib/log.h"

/* lmtp_exclude_specialuse: not for mail from outside. */
static bool
is_excluded(struct delivery *dy, struct str mailbox)
{
	const struct store_lookup *lookup = dy->tools->store->lookup;
	const struct strlist *flags = dy->tools->excluded;
	struct store_account acct = store_account_of(dy);
	struct store_memo *memo = NULL;

	acct.memo = &memo;
	for (size_t i = 0; lookup != NULL && i < flags->n; i++) {
		struct str found = S("");
		struct fail why;

		/* whoever cannot tell does not let it in */
		if (!lookup->special_use(
			dy->arena, &acct, mailbox, flags->v[i], &found, &why) ||
		    found.len > 0)
			return true;
	}
	return false;
}

/* Levels of wanted that a mailbox has, all of them; 0: it is another. */
static size_t
levels_alike(struct str mailbox, struct str wanted)
{
	struct str is, want;
	size_t n = 0;

	while (str_cut(&mailbox, '/', &is)) {
		if (!str_cut(&wanted, '/', &want) || !mailbox_alike(is, want))
			return 0;
		n++;
	}
	return n;
}

/* The mailbox most like it, "" when none is: all levels alike, or the most
 * of those above. */
static struct str
most_alike(struct delivery *dy, struct str wanted)
{
	const struct store_lookup *lookup = dy->tools->store->lookup;
	struct store_account acct = store_account_of(dy);
	struct str best = S("");
	struct strlist names;
	struct fail ignored;
	size_t most = 0;

	if (lookup == NULL || !lookup->list(dy->arena, &acct, &names, &ignored))
		return best;
	for (size_t i = 0; i < names.n; i++) {
		size_t n = levels_alike(names.v[i], wanted);

		if (n > most) {
			most = n;
			best = names.v[i];
		}
	}
	return best;
}

/* A detail may hold what a log line must not: it is UTF-8 without control
 * characters once it is a name. */
static void
report(const struct delivery *dy, const char *what, struct str wanted,
    struct str mailbox)
{
	log_info("%s: id=%.*s user=%.*s detail=%.*s mailbox=%.*s", what,
	    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user),
	    STR_ARG(wanted), STR_ARG(mailbox));
}

static struct str
like_it(struct delivery *dy, struct str wanted)
{
	struct str mailbox = most_alike(dy, wanted);

	if (mailbox.len == 0)
		return S("");
	report(dy,
	    dy->tools->fuzzy ? "nearest mailbox taken"
			     : "no such mailbox, one is near",
	    wanted, mailbox);
	return dy->tools->fuzzy ? mailbox : S("");
}

struct str
mailbox_for_detail(struct delivery *dy)
{
	struct str detail = dy->to->rcpt.detail, mailbox;
	struct store_account acct = store_account_of(dy);
	struct fail ignored;
	bool there = false;

	if (detail.len == 0 ||
	    !mailbox_name(dy->arena, dy->tools->options->layout, detail,
		dy->tools->sep, &mailbox, &ignored) ||
	    str_eq(mailbox, S("INBOX")) ||
	    !dy->tools->store->exists(
		dy->arena, &acct, mailbox, &there, &ignored))
		return S("INBOX");
	if (!there)
		mailbox = like_it(dy, mailbox);
	if (mailbox.len == 0)
		return S("INBOX");
	if (!is_excluded(dy, mailbox))
		return mailbox;
	report(dy, "mailbox takes nothing by detail", detail, mailbox);
	return S("INBOX");
}
