/*
 * track_memory: records in a list, gone with the process. For tests, which
 * make few of them.
 */
#include "actions/track_backend.h"
#include "lib/arena.h"

struct entry {
	struct entry *next;
	struct track_record r;
	struct str owner;
};

struct memory {
	struct arena *arena;
	struct entry *first;
};

static void *
memory_open(struct arena *arena, const struct conf *conf)
{
	struct memory *m = ARENA_NEW(arena, struct memory);

	(void)conf;
	m->arena = arena;
	return m;
}

static struct entry **
find(struct memory *m, const struct track_key *key)
{
	struct entry **p = &m->first;

	while (*p != NULL &&
	       ((*p)->r.kind != key->kind || !str_eq((*p)->r.user, key->user) ||
		   !digest_eq(&(*p)->r.id, &key->id)))
		p = &(*p)->next;
	return p;
}

static void
put(struct memory *m, const struct track_key *key, struct str owner,
    bool confirmed, int64_t expires, struct str note)
{
	struct entry **p = find(m, key);

	if (*p == NULL)
		*p = ARENA_NEW(m->arena, struct entry);
	(*p)->owner = str_dup(m->arena, owner);
	(*p)->r = (struct track_record){
		.kind = key->kind,
		.confirmed = confirmed,
		.user = str_dup(m->arena, key->user),
		.id = key->id,
		.expires = expires,
		.note = str_dup(m->arena, note),
	};
}

static bool
memory_reserve(void *state, const struct track_key *key,
    const struct track_claim *claim, enum track_state *out, struct fail *why)
{
	struct memory *m = state;
	const struct entry *e = *find(m, key);

	(void)why;
	*out = TRACK_FREE;
	if (e != NULL)
		*out = track_state_of(e->r.confirmed,
		    str_eq(e->owner, claim->owner), e->r.expires, claim);
	if (*out == TRACK_FREE)
		put(m, key, claim->owner, false, claim->now + TRACK_HOLD,
		    S(""));
	return true;
}

static bool
memory_confirm(void *state, const struct track_key *key,
    const struct track_claim *claim, int64_t expires, struct str note,
    struct fail *why)
{
	(void)why;
	put(state, key, claim->owner, true, expires, note);
	return true;
}

static bool
memory_release(void *state, const struct track_key *key,
    const struct track_claim *claim, struct fail *why)
{
	struct entry **p = find(state, key);

	(void)why;
	if (*p != NULL && str_eq((*p)->owner, claim->owner))
		*p = (*p)->next;
	return true;
}

static bool
memory_each(void *state, const struct track_filter *filter,
    track_visit_fn *visit, void *ctx, struct fail *why)
{
	struct memory *m = state;
	const struct entry *e = m->first;

	(void)why;
	while (e != NULL && (!track_fits(filter, &e->r) || visit(ctx, &e->r)))
		e = e->next;
	return true;
}

static bool
memory_forget(void *state, const struct track_filter *filter, uint64_t *n,
    struct fail *why)
{
	struct memory *m = state;

	(void)why;
	*n = 0;
	for (struct entry **p = &m->first; *p != NULL;) {
		if (track_fits(filter, &(*p)->r)) {
			*p = (*p)->next;
			++*n;
		} else {
			p = &(*p)->next;
		}
	}
	return true;
}

static void
memory_close(void *state)
{
	(void)state;
}

const struct track_backend track_memory = {
	.name = "memory",
	.open = memory_open,
	.reserve = memory_reserve,
	.confirm = memory_confirm,
	.release = memory_release,
	.each = memory_each,
	.forget = memory_forget,
	.close = memory_close,
};
