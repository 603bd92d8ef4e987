/*
 * target: where mail is sent to, stored, or answered from: redirects to the
 * owner, names of mailboxes the store refuses, vacation that knows one
 * address only.
 */
#include "lib/address.h"
#include "lib/arena.h"
#include "sieve/lint/own.h"

/* --- redirect to self ----------------------------------------------------- */

/* Domains have no case; that of a localpart seldom matters. RFC 5321 s. 2.4 */
static bool
is_owner(struct lint *l, struct str addr)
{
	return strlist_casehas(&l->asked->owner, addr);
}

static void
look_redirect(struct lint *l, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);
	struct address addr;

	if (!lint_is(node, "redirect") || a == NULL || a->n != 1 ||
	    a->v[0].refs || !address_parse_one(l->arena, a->v[0].text, &addr) ||
	    !is_owner(l, addr.text))
		return;
	lint_warn(l, a->v[0].at, S("use keep"),
	    "the message is redirected to where it came to");
}

static void
run_redirect(struct lint *l)
{
	if (l->asked->owner.n > 0)
		lint_each(l, l->script, look_redirect);
}

/* --- mailbox names -------------------------------------------------------- */

static void
look_names(struct lint *l, const struct tree_arg *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct str hint = STR("");
		const char *bad;

		if (a->v[i].refs)
			continue;
		bad = l->asked->mailbox(
		    l->asked->ctx, l->arena, a->v[i].text, &hint);
		if (bad != NULL)
			lint_warn(l, a->v[i].at, hint, "%s", bad);
	}
}

/* The tables name what is the name of a mailbox. */
static void
look_mailbox(struct lint *l, const struct tree_node *node)
{
	const struct tree_arg *a;

	for (size_t i = 0; node->cmd != NULL; i++) {
		a = tree_positional(node, i);
		if (a == NULL)
			break;
		if (str_starts(word_at(node->cmd->args, i), S("mailbox")))
			look_names(l, a);
	}
	for (a = node->args; a != NULL; a = a->next)
		if (a->tag != NULL && a->next != NULL && a->next->is_value &&
		    (strcmp(a->tag->name, "fcc") == 0 ||
			strcmp(a->tag->name, "mailbox") == 0))
			look_names(l, a->next);
}

static void
run_mailbox(struct lint *l)
{
	if (l->asked->mailbox != NULL)
		lint_each(l, l->script, look_mailbox);
}

/* --- vacation ------------------------------------------------------------- */

static void
look_vacation(struct lint *l, const struct tree_node *node)
{
	if (lint_is(node, "vacation") && tree_tag(node, "addresses") == NULL)
		lint_warn(l, node->at,
		    S("add :addresses with your other addresses"),
		    "mail to an alias of yours is not answered");
}

static void
run_vacation(struct lint *l)
{
	lint_each(l, l->script, look_vacation);
}

const struct lint_check lint_redirect_to_self = { "redirect-to-self",
	"a redirect to an address of the owner (--to)", run_redirect };
const struct lint_check lint_mailbox_name = { "mailbox-name",
	"a mailbox name that the store refuses or reads in another way",
	run_mailbox };
const struct lint_check lint_vacation_addresses = { "vacation-addresses",
	"vacation without :addresses", run_vacation };
