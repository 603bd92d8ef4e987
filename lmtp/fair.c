/*
 * fair: counts runs per mailbox. Knows no queue and no worker.
 */
#include "lmtp/fair.h"

#include <assert.h>

static uint32_t
bucket(const struct txn_rcpt *r)
{
	return (uint32_t)(str_hash(r->rcpt.account.root, false) % FAIR_BUCKETS);
}

bool
fair_has_room(const struct fair *f, const struct txn_rcpt *r)
{
	return f->running[bucket(r)] < f->limit;
}

void
fair_begin(struct fair *f, struct txn_rcpt *r)
{
	assert(!r->counted);
	r->counted = true;
	f->running[bucket(r)]++;
}

void
fair_end(struct fair *f, struct txn_rcpt *r)
{
	if (!r->counted)
		return;
	r->counted = false;
	assert(f->running[bucket(r)] > 0);
	f->running[bucket(r)]--;
}

void
fair_end_all(struct fair *f, struct txn *t)
{
	for (uint32_t i = 0; i < t->nrcpt; i++)
		fair_end(f, &t->rcpt[i]);
}
