/*
 * account_nss: an account is a system user, from wherever nsswitch.conf(5)
 * says. Knows getpwnam.
 */
#include <errno.h>
#include <pwd.h>

#include "conf/back_end.h"
#include "lib/arena.h"

/* *found is NULL when there is no such user. Returns 0 or errno. */
static int
look_up(
    struct arena *a, struct str name, struct passwd *pw, struct passwd **found)
{
	int err = ERANGE;

	*found = NULL;
	for (size_t size = 1024; err == ERANGE && size <= 1 << 20; size *= 4) {
		char *text = arena_alloc(a, size);

		do
			err = getpwnam_r(
			    str_cstr(a, name), pw, text, size, found);
		while (err == EINTR);
	}
	/* These are ways of some systems to say "no such user". */
	if (*found == NULL && (err == ENOENT || err == ESRCH))
		err = 0;
	return err;
}

int
nss_home(struct arena *a, struct str name, struct str *home)
{
	struct passwd pw, *found;
	int err = look_up(a, name, &pw, &found);

	*home = S("");
	if (err == 0 && found != NULL && path_ok(str_c(found->pw_dir)))
		*home = str_dup(a, str_c(found->pw_dir));
	return err;
}

/* System users have no domain; daemons get no mail. */
static bool
find(
    const struct look_up *l, struct account *out, bool *found, struct fail *why)
{
	int64_t min_uid = conf_int(l->conf, SETTING_account_min_uid);
	struct passwd pw, *user;
	int err;

	*found = false;
	if (out->domain.len > 0)
		return true;
	err = look_up(l->arena, out->local, &pw, &user);
	if (err != 0)
		return fail_errno(why, err, "system users");
	if (user == NULL)
		return true;
	if ((int64_t)user->pw_uid < min_uid) {
		accounts_step(l->accounts,
		    "nss: uid %lld is below account_min_uid",
		    (long long)user->pw_uid);
		return true;
	}
	if (path_ok(str_c(user->pw_dir)))
		out->home = str_dup(l->arena, str_c(user->pw_dir));
	*found = true;
	return true;
}

const struct back_end back_end_nss = {
	.name = "nss",
	.has_homes = true,
	.homes_exist = true,
	.find = find,
};
