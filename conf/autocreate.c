/*
 * autocreate: may an account that nobody knows be made? Knows the options;
 * makes nothing.
 */
#include <dirent.h>

#include "conf/back_end.h"
#include "lib/arena.h"

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

/*
 * With virtdomains PARTITION/example.org is a directory of accounts, and
 * somebody may write to the local part "example.org". An account that was
 * begun is empty, or has tmp, which is made first.
 */
bool
autocreate_in_the_way(struct arena *a, struct str root)
{
	DIR *d = opendir(str_cstr(a, root));
	struct dirent *e;
	bool other = false, begun = false;

	while (d != NULL && (e = readdir(d)) != NULL) {
		struct str name = str_c(e->d_name);

		begun |= str_eq(name, S("tmp"));
		other |= !str_starts(name, S("."));
	}
	if (d != NULL)
		closedir(d);
	return other && !begun;
}
