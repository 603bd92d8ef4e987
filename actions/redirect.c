/*
 * redirect: hands a message to another address. Knows what must not be sent
 * on (loops) and how a redirected message looks; not how mail is sent.
 *   RFC 5228 s. 4.2 and 10
 */
#include "actions/action.h"
#include "actions/report.h"
#include "lib/address.h"
#include "lib/arena.h"

enum { RECEIVED_MAX = 50 };

#define MARK "X-Sieve-Redirected-From"

/* Local parts of one host are equal without regard to case, as they are
 * where a recipient is looked up. */
static bool
same_address(
    const struct delivery *dy, const struct address *a, const struct address *b)
{
	struct str da = a->domain, db = b->domain;

	if (da.len == 0)
		da = dy->tools->default_domain;
	if (db.len == 0)
		db = dy->tools->default_domain;
	return str_caseeq(a->localpart, b->localpart) && str_caseeq(da, db);
}

static bool
is_recipient(struct delivery *dy, struct str text)
{
	struct str own = dy->to->rcpt.address;
	struct address a, b;
	const char *why;

	if (str_caseeq(text, own))
		return true;
	return address_parse_path(dy->scratch, text, true, &a, &why) &&
	       address_parse_path(dy->scratch, own, true, &b, &why) &&
	       same_address(dy, &a, &b);
}

/* Did this recipient already send that message on? */
static bool
was_here(struct delivery *dy)
{
	uint32_t i = message_find(dy->msg, S(MARK));

	for (; i != MESSAGE_NONE; i = message_field(dy->msg, i)->next)
		if (is_recipient(dy, header_unfold(dy->scratch, dy->msg,
					 message_field(dy->msg, i))))
			return true;
	return false;
}

static uint32_t
count_received(const struct message *msg)
{
	uint32_t n = 0, i = message_find(msg, S("Received"));

	for (; i != MESSAGE_NONE; i = message_field(msg, i)->next)
		n++;
	return n;
}

static const char *
loop(struct delivery *dy)
{
	if (count_received(dy->msg) > RECEIVED_MAX)
		return "redirect: too many Received fields: a loop";
	if (was_here(dy))
		return "redirect: was redirected by this recipient before";
	return NULL;
}

static bool
settle(struct delivery *dy, struct effect *e, struct fail *why)
{
	const char *looped;
	struct address addr;

	if (!address_parse_one(dy->arena, e->target, &addr) ||
	    addr.domain.len == 0 || str_has_ctl(addr.text))
		return fail_perm(why, "5.1.3", "redirect: no address: %.*s",
		    STR_ARG(e->target));
	if (str_has_ctl(dy->to->rcpt.address))
		return fail_perm(why, "5.1.3",
		    "redirect: recipient cannot stand in a header");
	e->target = addr.text;
	if (is_recipient(dy, addr.text)) {
		store_as_keep(e, true);
		return e->action->settle(dy, e, why);
	}
	looped = loop(dy);
	if (looped != NULL) {
		report_warn(dy, e->line, 0, looped);
		store_as_keep(e, false);
	}
	return true;
}

/* It must be possible before anything of this recipient is committed. */
static bool
prepare(struct delivery *dy, struct effect *e, struct fail *why)
{
	(void)e;
	if (dy->tools->send == NULL)
		return fail_temp(why, "4.4.0", "redirect: no way to send mail");
	return true;
}

/* Our Return-Path says where the message ended; it does not end here. */
static struct str
without_return_path(struct str bytes)
{
	size_t i = 0;

	if (!str_casestarts(bytes, S("Return-Path:")))
		return bytes;
	do {
		while (i < bytes.len && bytes.p[i] != '\n')
			i++;
		i += i < bytes.len;
	} while (i < bytes.len && (bytes.p[i] == ' ' || bytes.p[i] == '\t'));
	return str_from_offset(bytes, i);
}

static struct str
content(struct arena *a, const struct delivery *dy, const struct effect *e)
{
	struct str part[2];

	if (e->edited == NULL)
		return without_return_path(dy->txn->bytes);
	part[0] = without_return_path(e->edited->msg.head);
	part[1] = e->edited->msg.bytes;
	return str_join(a, part, 2);
}

static bool
commit(struct delivery *dy, struct effect *e, struct fail *why)
{
	struct arena *a = arena_new("redirect", 0);
	struct str own = dy->to->rcpt.address;
	struct out_message m = {
		.sender = dy->txn->sender,
		.rcpts = { &e->target, 1 },
		.head = str_printf(dy->arena, MARK ": %.*s\n", STR_ARG(own)),
		.bytes = content(a, dy, e),
	};

	m.eightbit = !str_is_ascii(m.bytes) || !str_is_ascii(m.head);
	e->done = dy->tools->send(dy->tools->send_ctx, &m, why);
	arena_free(a);
	if (!e->done)
		fail_prepend(why, "redirect to %.*s", STR_ARG(e->target));
	return e->done;
}

static void
abort_redirect(struct delivery *dy, struct effect *e)
{
	(void)dy;
	(void)e;
}

const struct action action_redirect = {
	.name = "redirect",
	.irrevocable = true,
	.settle = settle,
	.prepare = prepare,
	.commit = commit,
	.abort = abort_redirect,
};
