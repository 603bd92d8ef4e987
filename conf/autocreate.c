/*
 * autocreate: may an account that nobody knows be made? Knows the options;
 * makes nothing.
 */
#include "conf/back_end.h"

/* Does one of the words name it? -joe: he does not. */
static bool
is_named(const struct strlist *users, const struct account *acct)
{
	bool named = false;

	for (size_t i = 0; i < users->n; i++) {
		struct str word = users->v[i];
		bool no = str_starts(word, S("-"));

		if (no)
			word = str_from_offset(word, 1);
		if (!str_eq(word, acct->user) && !str_caseeq(word, S("anyone")))
			continue;
		if (no)
			return false;
		named = true;
	}
	return named;
}

bool
autocreate_allows(const struct conf *conf, const struct account *acct)
{
	return conf_bool(conf, SETTING_autocreate_post) &&
	       !strlist_has(conf_list(conf, SETTING_admins), acct->user) &&
	       is_named(conf_list(conf, SETTING_autocreate_users), acct);
}
