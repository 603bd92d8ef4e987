/*
 * reject: knows how a refusal reaches the sender: as the reply to this very
 * delivery when that can say it, which is the way that sends no mail to
 * people who wrote none; else as a disposition notification.
 *   RFC 5429, RFC 8098
 */
#include "actions/compose.h"
#include "actions/remember.h"
#include "actions/sending.h"
#include "lib/address.h"
#include "lib/arena.h"

enum {
	REASON_MAX = 64 * 1024,
	RETRY_SECONDS = 5 * 24 * 60 * 60, /* see redirect.c */
};

/* A message that was made by a program gets no other in return. */
static bool
is_automatic(const struct delivery *dy)
{
	struct str value = compose_header_of(dy, S("Auto-Submitted"));

	return value.len > 0 && !str_caseeq(value, S("no"));
}

/* RFC 5429 s. 2.2: ereject is for this; reject wants the exact words. */
static bool
by_reply(const struct delivery *dy, const struct plan_refuse *refuse)
{
	return refuse->ereject || dy->txn->sender.len == 0 ||
	       dy->tools->send == NULL || is_automatic(dy) ||
	       (dy->tools->refuse_in_reply && str_is_ascii(refuse->reason));
}

/* --- the notification: RFC 8098 s. 3 -------------------------------------- */

static void
add_boundary(struct compose *c, struct str boundary, const char *end)
{
	buf_printf(&c->bytes, "\n--%.*s%s\n", STR_ARG(boundary), end);
}

static void
add_disposition(struct compose *c, struct delivery *dy, struct str owner)
{
	struct str id = compose_header_of(dy, S("Message-ID"));

	buf_adds(
	    &c->bytes, S("Content-Type: message/disposition-notification\n\n"));
	buf_printf(&c->bytes, "Reporting-UA: %.*s; Tamis\n",
	    STR_ARG(dy->tools->options->hostname));
	compose_field(c, S("Final-Recipient"),
	    str_printf(c->arena, "rfc822; %.*s", STR_ARG(owner)));
	compose_field(c, S("Original-Message-ID"), id);
	buf_adds(&c->bytes,
	    S("Disposition: automatic-action/MDN-sent-automatically; "
	      "deleted\n"));
}

static struct str
compose(struct delivery *dy, const struct effect *e, struct str reason)
{
	struct str owner = compose_owner(dy, true);
	struct str subject = compose_header_of(dy, S("Subject"));
	struct str boundary = str_printf(
	    dy->arena, "=_tamis-%.*s-%u", STR_ARG(dy->txn->id), dy->to->index);
	struct compose c;

	compose_begin(&c, dy->arena);
	compose_addresses(&c, S("From"),
	    str_printf(c.arena, "Postmaster <postmaster%.*s>",
		STR_ARG(str_from_offset(owner, (size_t)str_rchr(owner, '@')))));
	compose_field(&c, S("To"), dy->txn->sender);
	compose_field(&c, S("Subject"),
	    str_printf(c.arena, "Rejected: %.*s", STR_ARG(subject)));
	compose_standard(&c, dy, e, 'r');
	compose_field(&c, S("Auto-Submitted"), S("auto-replied (rejected)"));
	compose_field(&c, S("MIME-Version"), S("1.0"));
	buf_printf(&c.bytes,
	    "Content-Type: multipart/report;\n"
	    "\treport-type=disposition-notification;\n\tboundary=\"%.*s\"\n",
	    STR_ARG(boundary));
	add_boundary(&c, boundary, "");
	compose_part(&c, reason);
	add_boundary(&c, boundary, "");
	add_disposition(&c, dy, owner);
	add_boundary(&c, boundary, "");
	buf_adds(&c.bytes, S("Content-Type: text/rfc822-headers\n\n"));
	compose_lines(
	    &c, remember_without(message_header(dy->msg), OWN_FIELDS));
	add_boundary(&c, boundary, "--");
	return compose_end(&c);
}

static struct sending *
notification(struct delivery *dy, const struct effect *e, struct str reason)
{
	struct sending *s = ARENA_NEW(dy->arena, struct sending);
	struct digest octets = remember_octets(dy);
	struct str parts[] = { S("reject"), dy->txn->sender,
		str_from((const char *)octets.octet, DIGEST_LEN),
		dy->to->rcpt.address };

	*s = (struct sending){
		.what = "rejection",
		.sender = S(""),
		.bytes = compose(dy, e, reason),
		.key = track_key_of(TRACK_NOTIFY, dy->to->rcpt.account.user,
		    parts, sizeof(parts) / sizeof(parts[0])),
		.seconds = dy->tools->track != NULL ? RETRY_SECONDS : 0,
		.note = dy->txn->sender,
	};
	strlist_add(dy->arena, &s->rcpts, dy->txn->sender);
	return s;
}

static bool
settle(struct delivery *dy, struct effect *e, struct fail *why)
{
	const struct plan_refuse *refuse = e->intent->refuse;
	struct str reason = str_sub(refuse->reason, 0, REASON_MAX);

	(void)why;
	if (by_reply(dy, refuse))
		dy->refusal =
		    reason.len > 0 ? str_dup(dy->arena, reason) : S("refused");
	else
		e->sending = notification(dy, e, reason);
	return true;
}

const struct action action_refuse = {
	.name = "reject",
	.settle = settle,
	.after = sending_after,
};
