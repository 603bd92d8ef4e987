/*
 * sending: knows the order of remembering, sending and keeping a copy, and
 * that whoever waits for the delivery has its result already. RFC 8580
 */
#include "actions/sending.h"

#include "actions/remember.h"
#include "lib/arena.h"
#include "lib/log.h"

static void
say(const struct delivery *dy, const struct effect *e, const char *what,
    const char *text)
{
	log_notice("%s: %s id=%.*s user=%.*s to=<%.*s> line=%u", what, text,
	    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user),
	    STR_ARG(dy->txn->sender), e->line);
}

static void
complain(const struct delivery *dy, const struct effect *e, const char *what,
    const char *text)
{
	log_warning("%s not sent: %s id=%.*s user=%.*s line=%u", what, text,
	    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user), e->line);
}

void
sending_not(const struct delivery *dy, const struct effect *e, const char *what,
    const char *why)
{
	log_info("%s not sent: %s id=%.*s user=%.*s line=%u", what, why,
	    STR_ARG(dy->txn->id), STR_ARG(dy->to->rcpt.account.user), e->line);
}

const struct plan_fcc *
sending_keep_fcc(struct delivery *dy, const struct plan_fcc *fcc)
{
	struct plan_fcc *copy;

	if (fcc == NULL)
		return NULL;
	copy = ARENA_NEW(dy->arena, struct plan_fcc);
	copy->mailbox = str_dup(dy->arena, fcc->mailbox);
	copy->specialuse = str_dup(dy->arena, fcc->specialuse);
	copy->flags = fcc->flags;
	for (size_t i = 0; i < fcc->imapflags.n; i++)
		strlist_add(dy->arena, &copy->imapflags,
		    str_dup(dy->arena, fcc->imapflags.v[i]));
	return copy;
}

/* --- a copy ------------------------------------------------------------- */

static uint64_t
wire_size(struct str bytes)
{
	uint64_t n = bytes.len;

	for (size_t i = 0; i < bytes.len; i++)
		n += bytes.p[i] == '\n';
	return n;
}

static bool
store_in(struct delivery *dy, const struct effect *e,
    const struct store_message *msg, const struct plan_fcc *fcc,
    struct str mailbox, struct fail *why)
{
	const struct store *store = dy->tools->store;
	struct arena *a = arena_new("copy", 0);
	struct store_txn *txn = store->begin(a, dy->tools->options, msg, NULL);
	struct store_target target = {
		.root = dy->to->rcpt.account.root,
		.mailbox = mailbox,
		.rcpt = dy->to->index,
		.seq = e->seq,
		.create = (fcc->flags & PLAN_CREATE) != 0 || dy->tools->create,
		.flags = fcc->imapflags,
		.use = fcc->specialuse,
		.quota = &dy->quota,
	};
	struct staged *staged;
	bool ok = store->stage(txn, &target, &staged, why) &&
	          store->publish(staged, why) && store->sync(staged, why);

	store->end(txn);
	arena_free(a);
	return ok;
}

/* RFC 8580 s. 3: what was sent is not taken back when there can be no copy;
 * one whose mailbox is not there goes where the user looks. */
static void
keep_copy(struct delivery *dy, const struct effect *e, const struct sending *s)
{
	struct store_message msg = {
		.bytes = s->bytes,
		.fd = -1,
		.wsize = wire_size(s->bytes),
		.time_us = dy->txn->start_us,
		.id = dy->txn->id,
	};
	struct str mailbox;
	struct fail why;

	if (!mailbox_name(dy->arena, dy->tools->options->layout,
		s->fcc->mailbox, dy->tools->sep, &mailbox, &why) ||
	    !store_in(dy, e, &msg, s->fcc, mailbox, &why)) {
		log_warning("%s: copy for %.*s: %s id=%.*s user=%.*s", s->what,
		    STR_ARG(s->fcc->mailbox), why.text, STR_ARG(dy->txn->id),
		    STR_ARG(dy->to->rcpt.account.user));
		if (why.class == FAIL_PERM &&
		    !store_in(dy, e, &msg, s->fcc, S("INBOX"), &why))
			log_warning(
			    "%s: copy for INBOX: %s", s->what, why.text);
	}
}

/* --- once --------------------------------------------------------------- */

/* May it go? It is remembered then: a crash in between costs one response,
 * which is better than a second one. */
static bool
remember(struct delivery *dy, const struct effect *e, const struct sending *s)
{
	struct track_claim claim = remember_claim(dy);
	struct track *track = dy->tools->track;
	enum track_state state;
	struct fail why;

	if (s->seconds == 0)
		return true;
	if (track == NULL) {
		complain(dy, e, s->what, "tracking_backend is off");
		return false;
	}
	if (!track_reserve(track, &s->key, &claim, &state, &why) ||
	    (state == TRACK_FREE &&
		!track_confirm(track, &s->key, &claim,
		    claim.now + (int64_t)s->seconds, s->note, &why))) {
		complain(dy, e, s->what, why.text);
		return false;
	}
	if (state != TRACK_FREE)
		sending_not(dy, e, s->what, "was sent before");
	return state == TRACK_FREE;
}

static void
forget(struct delivery *dy, const struct effect *e, const struct sending *s)
{
	struct track_claim claim = remember_claim(dy);
	struct fail why;

	if (s->seconds > 0 &&
	    !track_release(dy->tools->track, &s->key, &claim, &why))
		complain(dy, e, s->what, why.text);
}

void
sending_after(struct delivery *dy, struct effect *e)
{
	const struct sending *s = e->sending;
	struct out_message m = {
		.sender = s->sender,
		.rcpts = s->rcpts,
		.bytes = s->bytes,
		.eightbit = !str_is_ascii(s->bytes),
	};
	struct fail why;

	if (!remember(dy, e, s))
		return;
	if (dy->tools->send == NULL)
		fail_temp(&why, "4.4.0", "no way to send mail");
	else
		e->done = dy->tools->send(dy->tools->send_ctx, &m, &why);
	if (!e->done) {
		complain(dy, e, s->what, why.text);
		forget(dy, e, s);
		return;
	}
	say(dy, e, s->what, "sent");
	if (s->fcc != NULL)
		keep_copy(dy, e, s);
}
