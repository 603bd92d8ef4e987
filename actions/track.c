/*
 * track: knows how keys are made, when a record counts, and which database
 * is asked; not how records are kept.
 */
#include "actions/track.h"

#include "actions/track_backend.h"
#include "lib/arena.h"

struct track {
	const struct track_backend *backend;
	void *state;
};

static const char *const kind_names[] = {
	[TRACK_DUPLICATE] = "duplicate",
	[TRACK_VACATION] = "vacation",
	[TRACK_REDIRECT] = "redirect",
	[TRACK_NOTIFY] = "notify",
};

const char *
track_kind_name(enum track_kind kind)
{
	return kind < TRACK_KINDS ? kind_names[kind] : "all";
}

enum track_kind
track_kind_of(struct str name)
{
	enum track_kind kind = TRACK_DUPLICATE;

	while (kind < TRACK_KINDS && !str_eq(name, str_c(kind_names[kind])))
		kind++;
	return kind;
}

/* A length stands in front of each part. */
struct track_key
track_key_of(
    enum track_kind kind, struct str user, const struct str *parts, size_t n)
{
	struct track_key key = { .kind = kind, .user = user };
	struct digest part = { { 0 } };

	for (size_t i = 0; i < n; i++) {
		struct str v[2] = {
			str_from((const char *)part.octet, DIGEST_LEN), parts[i]
		};

		part = digest_of(v, 2);
	}
	key.id = part;
	return key;
}

enum track_state
track_state_of(
    bool confirmed, bool own, int64_t expires, const struct track_claim *claim)
{
	if (expires <= claim->now)
		return TRACK_FREE;
	if (confirmed)
		return TRACK_SEEN;
	return own || expires > claim->now + TRACK_HOLD ? TRACK_FREE
	                                                : TRACK_HELD;
}

bool
track_fits(const struct track_filter *filter, const struct track_record *r)
{
	return (filter->user.len == 0 || str_eq(filter->user, r->user)) &&
	       (filter->kind == TRACK_KINDS || filter->kind == r->kind) &&
	       (filter->expired == 0 || r->expires < filter->expired);
}

static struct track *
open_backend(struct arena *arena, const struct track_backend *backend,
    const struct conf *conf)
{
	struct track *t = ARENA_NEW(arena, struct track);

	*t = (struct track){ backend, backend->open(arena, conf) };
	return t;
}

/* In the order of the choices of tracking_backend. */
static const struct track_backend *const backends[] = {
	&track_sqlite,
	NULL,
};

struct track *
track_new(struct arena *arena, const struct conf *conf)
{
	const struct track_backend *backend =
	    backends[conf_enum(conf, SETTING_tracking_backend)];

	return backend == NULL ? NULL : open_backend(arena, backend, conf);
}

struct track *
track_new_memory(struct arena *arena)
{
	return open_backend(arena, &track_memory, NULL);
}

void
track_close(struct track *t)
{
	if (t != NULL)
		t->backend->close(t->state);
}

bool
track_reserve(struct track *t, const struct track_key *key,
    const struct track_claim *claim, enum track_state *out, struct fail *why)
{
	return t->backend->reserve(t->state, key, claim, out, why);
}

bool
track_confirm(struct track *t, const struct track_key *key,
    const struct track_claim *claim, int64_t expires, struct str note,
    struct fail *why)
{
	return t->backend->confirm(t->state, key, claim, expires,
	    str_sub(note, 0, TRACK_NOTE_MAX), why);
}

bool
track_release(struct track *t, const struct track_key *key,
    const struct track_claim *claim, struct fail *why)
{
	return t->backend->release(t->state, key, claim, why);
}

bool
track_each(struct track *t, const struct track_filter *filter,
    track_visit_fn *visit, void *ctx, struct fail *why)
{
	return t->backend->each(t->state, filter, visit, ctx, why);
}

bool
track_forget(struct track *t, const struct track_filter *filter, uint64_t *n,
    struct fail *why)
{
	return t->backend->forget(t->state, filter, n, why);
}

bool
track_import(struct track *t, const struct track_record *r, struct fail *why)
{
	struct track_key key = { r->kind, r->user, r->id };
	struct track_claim claim = { S("import"), 0 };

	return track_confirm(t, &key, &claim, r->expires, r->note, why);
}
