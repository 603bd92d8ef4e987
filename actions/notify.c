/*
 * notify: knows what a notification by mail looks like and when there is
 * none; not how it is sent.
 *   RFC 5435, RFC 5436
 */
#include "config.h"

#include "actions/compose.h"
#include "actions/remember.h"
#include "actions/sending.h"
#include "lib/address.h"
#include "lib/arena.h"
#include "sieve/mailto.h"

enum { RETRY_SECONDS = 5 * 24 * 60 * 60 }; /* see redirect.c */

/* RFC 5436 s. 2.7: what was made by a program causes no notification. */
static bool
is_automatic(const struct delivery *dy)
{
	struct str value = compose_header_of(dy, S("Auto-Submitted"));

	return value.len > 0 && !str_caseeq(str_sub(value, 0, 2), S("no"));
}

static struct str
joined(struct arena *a, const struct strlist *list)
{
	struct str s = S("");

	for (size_t i = 0; i < list->n; i++)
		s = str_printf(a, "%.*s%s%.*s", STR_ARG(s), i > 0 ? ", " : "",
		    STR_ARG(list->v[i]));
	return s;
}

static struct str
subject_of(const struct delivery *dy, const struct plan_notify *n)
{
	if (n->message.p != NULL)
		return compose_short(dy->scratch, n->message);
	if (n->mailto->subject.p != NULL)
		return n->mailto->subject;
	return compose_header_of(dy, S("Subject"));
}

/* Not standardised, and what readers look at: RFC 5436 s. 2.4 */
static void
add_importance(struct compose *c, unsigned importance)
{
	if (importance == 1)
		compose_field(c, S("Importance"), S("High"));
	else if (importance == 3)
		compose_field(c, S("Importance"), S("Low"));
}

static void
add_body(
    struct compose *c, const struct delivery *dy, const struct plan_notify *n)
{
	struct str from = compose_header_of(dy, S("From"));
	struct str subject = compose_header_of(dy, S("Subject"));

	if (n->mailto->body.p != NULL)
		compose_text(c, n->mailto->body);
	else
		compose_text(c,
		    str_printf(c->arena,
			"A message has arrived.\n\nFrom: %.*s\nSubject: %.*s\n",
			STR_ARG(from), STR_ARG(subject)));
}

static struct str
compose(struct delivery *dy, const struct effect *e,
    const struct plan_notify *n, struct str from)
{
	const struct mailto *to = n->mailto;
	struct compose c;

	compose_begin(&c, dy->arena);
	compose_field(&c, S("Auto-Submitted"),
	    str_printf(c.arena, "auto-notified; owner-email=\"%.*s\"",
		STR_ARG(compose_owner(dy, false))));
	compose_field(&c, S("X-Sieve"), S(PACKAGE_STRING));
	compose_addresses(&c, S("From"), from);
	compose_addresses(&c, S("To"), joined(c.arena, &to->to));
	compose_addresses(&c, S("Cc"), joined(c.arena, &to->cc));
	compose_field(&c, S("Subject"), subject_of(dy, n));
	compose_standard(&c, dy, e, 'n');
	add_importance(&c, n->importance);
	for (size_t i = 0; i < to->nheaders; i++)
		compose_field(&c, to->header[i].name, to->header[i].value);
	add_body(&c, dy, n);
	return compose_end(&c);
}

/* RFC 5436 s. 2.7: null for null, so that bounces make no loops. */
static struct str
sender_of(struct delivery *dy, struct str from)
{
	struct address addr;

	if (dy->txn->sender.len == 0)
		return S("");
	return address_parse_one(dy->arena, from, &addr)
	           ? addr.text
	           : compose_owner(dy, false);
}

static struct track_key
key_of(struct delivery *dy, const struct effect *e, struct str message)
{
	struct digest octets = remember_octets(dy);
	struct str parts[] = { S("notify"), dy->txn->sender,
		str_from((const char *)octets.octet, DIGEST_LEN),
		dy->to->rcpt.address, e->target, message };

	return track_key_of(TRACK_NOTIFY, dy->to->rcpt.account.user, parts,
	    sizeof(parts) / sizeof(parts[0]));
}

static struct sending *
notification(
    struct delivery *dy, const struct effect *e, const struct plan_notify *n)
{
	struct str from =
	    n->from.p != NULL ? n->from : compose_owner(dy, false);
	struct sending *s = ARENA_NEW(dy->arena, struct sending);

	*s = (struct sending){
		.what = "notification",
		.sender = str_dup(dy->arena, sender_of(dy, from)),
		.bytes = compose(dy, e, n, from),
		.key = key_of(dy, e, n->message),
		.seconds = dy->tools->track != NULL ? RETRY_SECONDS : 0,
		.note = e->target,
		.fcc = sending_keep_fcc(dy, n->fcc),
	};
	for (size_t i = 0; i < n->mailto->rcpts.n; i++)
		strlist_add(dy->arena, &s->rcpts,
		    str_dup(dy->arena, n->mailto->rcpts.v[i]));
	return s;
}

static bool
settle(struct delivery *dy, struct effect *e, struct fail *why)
{
	const struct plan_notify *n = e->intent->notify;

	(void)why;
	if (n->mailto == NULL)
		sending_not(dy, e, "notification", "no such method");
	else if (n->mailto->rcpts.n == 0)
		sending_not(dy, e, "notification", "it is for nobody");
	else if (is_automatic(dy))
		sending_not(dy, e, "notification",
		    "the message was submitted automatically");
	else
		e->sending = notification(dy, e, n);
	return true;
}

const struct action action_notify = {
	.name = "notify",
	.settle = settle,
	.after = sending_after,
};
