/*
 * quota: which limits an account has, and how it is said that they are
 * reached. Knows settings; nothing of files.
 */
#include "mailstore/quota.h"

#include "actions/action.h"
#include "actions/recipient.h"

static uint64_t
limit(const struct conf *conf, enum setting setting)
{
	int64_t n = conf_int(conf, setting);

	return n > 0 ? (uint64_t)n : 0;
}

struct store_quota
quota_of(const struct conf *conf, const struct account *acct)
{
	struct store_quota q = {
		.known = acct->has_quota,
		.octets = acct->quota_storage,
		.messages = acct->quota_messages,
		.strict = conf_bool(conf, SETTING_lmtp_strict_quota),
		.skip_trash = !conf_bool(conf, SETTING_maildir_quota_trash),
	};

	if (!q.known) {
		q.octets = limit(conf, SETTING_autocreate_quota);
		q.messages = limit(conf, SETTING_autocreate_quota_messages);
		q.known = q.octets > 0 || q.messages > 0;
	}
	return q;
}

bool
quota_say(const struct conf *conf, struct fail *why)
{
	struct fail was = *why;

	if (!quota_is_full(why) ||
	    !conf_bool(conf, SETTING_lmtp_over_quota_perm_failure))
		return false;
	return fail_perm(why, "5.2.2", "%s", was.text);
}

bool
recipient_has_room(const struct conf *conf, struct arena *a,
    const struct account *acct, uint64_t size, struct fail *why)
{
	struct store_quota q = quota_of(conf, acct);

	return quota_has_room(a, acct->root, &q, size, why) ||
	       quota_say(conf, why);
}
