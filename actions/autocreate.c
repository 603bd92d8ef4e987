/*
 * autocreate: an account's first day: INBOX, folders, what they are for, a
 * script. Knows the autocreate options; when an account may be made is for
 * conf/ to say.
 */
#include "actions/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "conf/account.h"
#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/mailboxes.h"
#include "sieve/vm.h"

enum { SCRIPT_MAX = 64 << 20 };

/* --- folders ------------------------------------------------------------- */

/* What the configuration calls this folder; the account's file need not say
 * it again. */
static bool
make_folder(struct arena *a, const struct store_account *acct,
    struct str mailbox, bool subscribe, struct fail *why)
{
	struct store_options quiet = *acct->options;
	struct store_account account = { &quiet, acct->root };
	bool made;

	if (!subscribe)
		quiet.subscribe_dovecot = quiet.subscribe_courier = false;
	return mailboxes_create(a, &account, mailbox, S(""), &made, why);
}

static void
make_folders(
    struct arena *a, const struct conf *conf, const struct store_account *acct)
{
	struct strlist folders =
	    mailbox_setting(a, conf, SETTING_autocreate_inbox_folders);
	struct strlist shown =
	    mailbox_setting(a, conf, SETTING_autocreate_subscribe_folders);
	struct fail why;

	for (size_t i = 0; i < folders.n; i++)
		if (!make_folder(a, acct, folders.v[i],
			strlist_has(&shown, folders.v[i]), &why))
			log_warning("autocreate: %s: %s",
			    str_cstr(a, folders.v[i]), why.text);
}

/* --- the script ---------------------------------------------------------- */

/* Put it where scripts are looked for, unless something is there. */
static bool
put_file(const char *path, struct str text, struct fail *why)
{
	const char *slash = strrchr(path, '/');
	struct str dir = str_from(path, (size_t)(slash - path));
	char parent[4096];
	struct stat st;
	int fd;
	bool ok;

	if (dir.len == 0 || dir.len >= sizeof(parent))
		return fail_errno(why, EINVAL, "%s", path);
	memcpy(parent, dir.p, dir.len);
	parent[dir.len] = '\0';
	if (!fs_mkdir_p(parent, 0700, why))
		return false;
	fd = fs_open_dir(parent);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", parent);
	ok = fstatat(fd, slash + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	     fs_replace(fd, slash + 1, text, 0600, why);
	io_close(&fd);
	return ok;
}

/* A script with errors has no compiled form; deliveries say what is wrong. */
static bool
put_compiled(struct arena *a, int dirfd, struct str text, struct fail *why)
{
	struct sieve_errors errors = { 0 };
	struct sieve_program *prog = sieve_compile(a, text, NULL, &errors);
	struct buf b;
	bool ok;

	if (prog == NULL)
		return true;
	buf_init(&b, SCRIPT_MAX);
	sieve_save(prog, &b);
	ok = fs_replace(dirfd, "initial.bc", buf_str(&b), 0600, why);
	buf_free(&b);
	return ok;
}

/* dir/initial.script, and dir/LINK that names its compiled form. */
static bool
put_in_layout(struct arena *a, const struct account_script *where, bool compile,
    struct str text, struct fail *why)
{
	const char *dir = str_cstr(a, where->dir);
	const char *path = str_printf(a, "%s/initial.script", dir).p;
	const char *link = str_cstr(a, where->link);
	int fd;
	bool ok;

	if (!put_file(path, text, why))
		return false;
	fd = fs_open_dir(dir);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", dir);
	ok = !compile || put_compiled(a, fd, text, why);
	if (ok && symlinkat("initial.bc", fd, link) != 0 && errno != EEXIST)
		ok = fail_errno(why, errno, "activate %s", path);
	else if (ok && !fs_sync(fd))
		ok = fail_errno(why, errno, "sync %s", dir);
	io_close(&fd);
	return ok;
}

static bool
put_script(struct arena *a, const struct conf *conf, const struct account *acct,
    struct fail *why)
{
	const char *from = conf_cstr(conf, SETTING_autocreate_sieve_script);
	struct account_script where;
	struct str text;
	int fd;
	bool ok;

	if (from == NULL)
		return true;
	fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ok = fd >= 0 && fs_read_fd(fd, SCRIPT_MAX, a, &text, NULL);
	if (!ok)
		fail_errno(why, errno, "read %s", from);
	io_close(&fd);
	if (!ok)
		return false;
	account_script(conf, a, acct, &where);
	if (where.path.len > 0)
		return put_file(str_cstr(a, where.path), text, why);
	return where.dir.len == 0 ||
	       put_in_layout(a, &where,
		   conf_bool(conf, SETTING_autocreate_sieve_script_compile),
		   text, why);
}

/* --- all of it ----------------------------------------------------------- */

bool
autocreate(struct delivery *dy, const struct conf *conf, struct fail *why)
{
	const struct account *account = &dy->to->rcpt.account;
	struct store_account acct = store_account_of(dy);
	bool there = false, made;
	struct fail ignored;

	if (!account->create)
		return true;
	if (!dy->tools->store->exists(
		dy->scratch, &acct, S("INBOX"), &there, why))
		return false;
	if (there)
		return true;
	if (!mailboxes_create(
		dy->scratch, &acct, S("INBOX"), S(""), &made, why))
		return false;
	log_info("account made: user=%.*s mailbox=%.*s", STR_ARG(account->user),
	    STR_ARG(account->root));
	if (!mailboxes_subscribe(
		dy->scratch, &acct, S("INBOX"), true, &ignored))
		log_warning("autocreate: %s", ignored.text);
	make_folders(dy->scratch, conf, &acct);
	if (!put_script(dy->scratch, conf, account, &ignored))
		log_warning("autocreate_sieve_script: %s", ignored.text);
	return true;
}
