/*
 * txn: how a transaction is made, grows and ends. Knows no protocol.
 */
#include "lmtp/txn.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/digest.h"

struct txn *
txn_new(struct digest_pool *pool)
{
	struct arena *a = arena_new("transaction", 0);
	struct txn *t = ARENA_NEW(a, struct txn);

	t->arena = a;
	if (pool != NULL)
		digest_pool_id(pool, t->id, TXN_ID_LEN);
	else
		digest_random_id(t->id, TXN_ID_LEN);
	t->start_us = clock_wall_us();
	t->sender = S("");
	return t;
}

void
txn_free(struct txn *t)
{
	if (t == NULL)
		return;
	spool_free(t->spool);
	arena_free(t->arena);
}

uint32_t
txn_add_rcpt(struct txn *t, const struct address *addr)
{
	uint32_t n = t->nrcpt;

	/* nrcpt is the capacity whenever it is a power of two. */
	if ((n & (n - 1)) == 0)
		t->rcpt = arena_grow(t->arena, t->rcpt, n * sizeof(*t->rcpt),
		    (n == 0 ? 1 : 2 * (size_t)n) * sizeof(*t->rcpt));
	t->rcpt[n] = (struct txn_rcpt){ .addr = *addr, .pending = true };
	t->nrcpt++;
	return n;
}

void
txn_accept(struct txn *t, uint32_t i, const struct recipient *from)
{
	t->rcpt[i].pending = false;
	t->rcpt[i].accepted = true;
	t->naccepted++;
	t->rcpt[i].rcpt = (struct recipient){
		.address = str_dup(t->arena, from->address),
		.detail = str_dup(t->arena, from->detail),
		.account = account_dup(t->arena, &from->account),
	};
}

void
txn_refuse(struct txn *t, uint32_t i, const struct fail *why)
{
	t->rcpt[i].pending = false;
	t->rcpt[i].why = *why;
}
