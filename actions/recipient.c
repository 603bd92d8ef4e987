/*
 * recipient: takes an envelope address apart. Knows what '+' means; who
 * exists, and where, is conf/account's business.
 */
#include "actions/recipient.h"

#include "lib/arena.h"

/* RFC 5233 s. 4 leaves the separator open: ours is the first '+'. */
static void
split_detail(struct str localpart, struct str *local, struct str *detail)
{
	ssize_t plus = str_chr(localpart, '+');

	*local = localpart;
	*detail = S("");
	if (plus < 0)
		return;
	*local = str_sub(localpart, 0, (size_t)plus);
	*detail = str_from_offset(localpart, (size_t)plus + 1);
}

bool
recipient_find(const struct conf *conf, struct arena *arena,
    const struct recipient_query *q, struct recipient *out, struct fail *why)
{
	const struct address *addr = q->addr;
	struct str local, detail;

	split_detail(addr->localpart, &local, &detail);
	*out = (struct recipient){
		.address = str_dup(arena, addr->text),
		.detail = str_dup(arena, detail),
	};
	return account_find(
		   conf, arena, local, addr->domain, &out->account, why) &&
	       (q->quota == NULL ||
		   q->quota(conf, arena, &out->account, q->size, why));
}
