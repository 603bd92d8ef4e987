/*
 * privilege: from root to the user of the mail store, for good: groups, then
 * gid, then uid, then see that it is so.
 */
#include "lmtp/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "lib/log.h"

static bool
find_ids(const struct conf *conf, uid_t *uid, gid_t *gid, const char **name)
{
	const char *user = conf_cstr(conf, SETTING_cyrus_user);
	const char *group = conf_cstr(conf, SETTING_cyrus_group);
	struct passwd *pw = getpwnam(user != NULL ? user : "cyrus");
	struct group *gr = group != NULL ? getgrnam(group) : NULL;

	if (pw == NULL || pw->pw_uid == 0) {
		log_error("started as root, and cyrus_user (%s) is %s",
		    user != NULL ? user : "default: cyrus",
		    pw == NULL ? "unknown" : "root, which is not allowed");
		return false;
	}
	if (group != NULL && gr == NULL) {
		log_error("cyrus_group %s is unknown", group);
		return false;
	}
	*uid = pw->pw_uid;
	*gid = gr != NULL ? gr->gr_gid : pw->pw_gid;
	*name = pw->pw_name;
	return true;
}

bool
privilege_drop(const struct conf *conf, int pid_fd)
{
	const char *name;
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0)
		return true;
	if (!find_ids(conf, &uid, &gid, &name))
		return false;
	if ((pid_fd >= 0 && fchown(pid_fd, uid, gid) != 0) ||
	    initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0) {
		log_error("become %s: %s", name, strerror(errno));
		return false;
	}
	if (setuid(0) == 0 || getuid() != uid || geteuid() != uid) {
		log_error("still root after dropping it");
		return false;
	}
	return true;
}
