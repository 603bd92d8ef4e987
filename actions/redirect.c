/*
 * redirect: hands a message to another address, once however often it comes.
 * Knows what must not be sent on (loops) and how a redirected message looks;
 * not how mail is sent.
 *   RFC 5228 s. 4.2 and 10
 */
#include "actions/action.h"
#include "actions/remember.h"
#include "actions/report.h"
#include "lib/address.h"
#include "lib/arena.h"
#include "lib/log.h"

enum {
	RECEIVED_MAX = 50,
	RETRY_SECONDS = 5 * 24 * 60 * 60, /* as long as an MTA tries: RFC 5321
	                                     s. 4.5.4.1 */
};

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
	bool there = str_casestarts(bytes, S("Return-Path:"));

	return remember_without(bytes, there ? 1 : 0);
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

/* A Message-ID alone would be anybody's to choose. */
static struct track_key
key_of(const struct delivery *dy, const struct effect *e)
{
	struct digest octets = remember_octets(dy);
	struct str parts[] = { dy->txn->sender,
		str_from((const char *)octets.octet, DIGEST_LEN),
		dy->to->rcpt.address, e->target };

	return track_key_of(TRACK_REDIRECT, dy->to->rcpt.account.user, parts,
	    sizeof(parts) / sizeof(parts[0]));
}

static bool
hand_over(struct delivery *dy, struct effect *e, struct fail *why)
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
complain(const struct delivery *dy, const struct fail *why)
{
	log_warning("%s: id=%.*s user=%.*s", why->text, STR_ARG(dy->txn->id),
	    STR_ARG(dy->to->rcpt.account.user));
}

/* It went out: that it cannot be noted is no reason to send it again. */
static void
note(struct delivery *dy, const struct effect *e, const struct track_key *key)
{
	struct track_claim claim = remember_claim(dy);
	struct fail why;

	if (!track_confirm(dy->tools->track, key, &claim,
		claim.now + RETRY_SECONDS, e->target, &why))
		complain(dy, &why);
}

static bool
hand_over_once(struct delivery *dy, struct effect *e, struct fail *why)
{
	struct track_key key = key_of(dy, e);
	struct track_claim claim = remember_claim(dy);
	enum track_state state;
	struct fail ignored;

	if (!track_reserve(dy->tools->track, &key, &claim, &state, why))
		return fail_prepend(why, "redirect");
	if (state == TRACK_HELD)
		return fail_temp(why, "4.4.5",
		    "redirect: the same message is just being handed over");
	if (state == TRACK_SEEN) {
		log_notice(
		    "redirected by an earlier attempt: id=%.*s user=%.*s "
		    "to=%.*s",
		    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user),
		    STR_ARG(e->target));
		e->done = true;
		return true;
	}
	if (hand_over(dy, e, why)) {
		note(dy, e, &key);
		return true;
	}
	if (!track_release(dy->tools->track, &key, &claim, &ignored))
		complain(dy, &ignored);
	return false;
}

static bool
commit(struct delivery *dy, struct effect *e, struct fail *why)
{
	return dy->tools->track == NULL ? hand_over(dy, e, why)
	                                : hand_over_once(dy, e, why);
}

const struct action action_redirect = {
	.name = "redirect",
	.irrevocable = true,
	.merges = true,
	.settle = settle,
	.prepare = prepare,
	.commit = commit,
};
