/*
 * remember: knows when a duplicate is one, and what becomes of it when
 * tracking does not work: not a duplicate. Keeps nothing itself (track.h).
 *   RFC 7352 s. 3
 */
#include "actions/remember.h"

#include "actions/report.h"
#include "lib/arena.h"
#include "lib/log.h"

/* An id that a script asked for. */
struct remembered {
	struct remembered *next;
	struct track_key key;
	struct str note;
	uint64_t seconds; /* from the plan; 0: not in it, yet */
	bool reserved;    /* by this delivery; else it was seen before */
	bool last;
};

struct track_claim
remember_claim(const struct delivery *dy)
{
	return (struct track_claim){
		.owner = dy->txn->id,
		.now = dy->txn->start_us / 1000000,
	};
}

struct str
remember_without(struct str bytes, unsigned n)
{
	size_t i = 0;

	while (n > 0 && i < bytes.len) {
		while (i < bytes.len && bytes.p[i] != '\n')
			i++;
		i += i < bytes.len;
		if (i == bytes.len || (bytes.p[i] != ' ' && bytes.p[i] != '\t'))
			n--;
	}
	return str_from_offset(bytes, i);
}

struct digest
remember_octets(const struct delivery *dy)
{
	struct str octets = remember_without(dy->txn->bytes, OWN_FIELDS);

	return digest_of(&octets, 1);
}

static struct track_key
key_of(const struct delivery *dy, const struct plan_mark *mark)
{
	struct str parts[] = { mark->has_handle ? S("handle") : S(""),
		mark->handle, mark->id };

	return track_key_of(TRACK_DUPLICATE, dy->to->rcpt.account.user, parts,
	    sizeof(parts) / sizeof(parts[0]));
}

static struct remembered *
find(const struct delivery *dy, const struct track_key *key)
{
	struct remembered *r = dy->remembered;

	while (r != NULL && !digest_eq(&r->key.id, &key->id))
		r = r->next;
	return r;
}

static void
complain(const struct delivery *dy, const struct fail *why)
{
	log_warning("%s: id=%.*s user=%.*s", why->text, STR_ARG(dy->txn->id),
	    STR_ARG(dy->to->rcpt.account.user));
}

bool
remember_seen(struct delivery *dy, const struct plan_mark *mark)
{
	struct track_key key = key_of(dy, mark);
	struct track_claim claim = remember_claim(dy);
	struct remembered *r = find(dy, &key);
	enum track_state state;
	struct fail why;

	if (r != NULL)
		return !r->reserved;
	if (dy->tools->track == NULL)
		return false;
	if (!track_reserve(dy->tools->track, &key, &claim, &state, &why)) {
		complain(dy, &why);
		return false;
	}
	if (state == TRACK_HELD) {
		dy->undecided = true;
		return false;
	}
	r = ARENA_NEW(dy->arena, struct remembered);
	r->key = key;
	r->note = str_dup(dy->arena, mark->id);
	r->reserved = state == TRACK_FREE;
	r->next = dy->remembered;
	dy->remembered = r;
	return !r->reserved;
}

bool
remember_undecided(const struct delivery *dy, struct fail *why)
{
	if (!dy->undecided)
		return false;
	fail_temp(
	    why, "4.3.0", "a message with this id is just being delivered");
	return true;
}

void
remember_plan(struct delivery *dy, const struct plan *plan)
{
	for (const struct plan_mark *m = plan->marks; m != NULL; m = m->next) {
		struct track_key key = key_of(dy, m);
		struct remembered *r = find(dy, &key);

		if (r == NULL)
			continue;
		r->seconds = m->seconds;
		r->last = m->last;
	}
}

/* s. 3.3: what was seen before keeps its end, unless :last was said. */
static void
confirm(struct delivery *dy, const struct remembered *r)
{
	struct track_claim claim = remember_claim(dy);
	int64_t expires = claim.now + (int64_t)r->seconds;
	struct fail why;

	if (r->seconds == 0 || (!r->reserved && !r->last))
		return;
	if (!track_confirm(
		dy->tools->track, &r->key, &claim, expires, r->note, &why))
		complain(dy, &why);
}

void
remember_confirm(struct delivery *dy)
{
	for (const struct remembered *r = dy->remembered; r != NULL;
	     r = r->next)
		confirm(dy, r);
	dy->remembered = NULL;
}

void
remember_release(struct delivery *dy)
{
	struct track_claim claim = remember_claim(dy);
	struct fail why;

	for (const struct remembered *r = dy->remembered; r != NULL;
	     r = r->next)
		if (r->reserved &&
		    !track_release(dy->tools->track, &r->key, &claim, &why))
			complain(dy, &why);
	dy->remembered = NULL;
}
