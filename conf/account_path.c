/*
 * account_path: from an account to directories: the top levels of partitions
 * and of sievedir, and paths with %-items. Must not know who exists.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "conf/back_end.h"
#include "conf/template.h"
#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

/* As Cyrus's dir_hash: one letter for each directory of names. */
static char
hash_letter(struct str name)
{
	char c = name.len > 0 ? ascii_lower(name.p[0]) : 'q';

	return ascii_is_alpha(c) ? c : 'q';
}

static void
add_level(struct buf *b, bool hashed, struct str name)
{
	if (b->len > 0)
		buf_addc(b, '/');
	if (hashed)
		buf_printf(b, "%c/", hash_letter(name));
	buf_adds(b, name);
}

/* account_name_ok bounds it far below PATH_MAX. */
struct place
place_on_partition(const struct conf *conf, struct arena *a,
    struct str partition, const struct account *acct)
{
	bool hashed = conf_bool(conf, SETTING_hashimapspool);
	struct place place = { .base = partition };
	struct buf b;

	buf_init(&b, 1024);
	if (acct->domain.len > 0)
		add_level(&b, hashed, acct->domain);
	add_level(&b, hashed, acct->local);
	place.below = str_dup(a, buf_str(&b));
	buf_free(&b);
	return place;
}

struct str
place_path(struct arena *a, struct place place)
{
	struct str parts[3] = { place.base,
		str_ends(place.base, S("/")) ? S("") : S("/"), place.below };

	return str_join(a, parts, 3);
}

/* --- is it there? -------------------------------------------------------- */

/*
 * With virtdomains PARTITION/example.org is a directory of accounts, and
 * somebody may write to the local part "example.org" of the default domain.
 * It is no account unless it is a Maildir.
 */
static int
open_mailbox(int dir, const char *path, bool maildir)
{
	int fd = fs_open_beneath(dir, path, O_RDONLY | O_DIRECTORY, 0);
	int cur, saved;

	if (fd < 0 || !maildir)
		return fd;
	cur = fs_open_beneath(fd, "cur", O_RDONLY | O_DIRECTORY, 0);
	if (cur >= 0) {
		io_close(&cur);
		return fd;
	}
	saved = errno;
	io_close(&fd);
	errno = saved;
	return -1;
}

/* One name below the base, and that no link: what most accounts are, known
 * with one call. Anything else is looked at with care. */
static bool
is_plain_directory(struct arena *a, struct place place)
{
	struct stat st;

	return str_chr(place.below, '/') < 0 &&
	       fstatat(AT_FDCWD, str_cstr(a, place_path(a, place)), &st,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/*
 * Only ENOENT below an existing base says that it is not there: a partition
 * that is not mounted, a file or a link in the way are for an administrator
 * to repair, and must not bounce mail.
 */
bool
place_exists(struct arena *a, struct place place, bool maildir, bool *found,
    struct fail *why)
{
	int dir, fd, err;

	*found = !maildir && is_plain_directory(a, place);
	if (*found)
		return true;
	dir = fs_open_dir(str_cstr(a, place.base));
	if (dir < 0)
		return fail_errno(why, errno, "mail store");
	fd = open_mailbox(dir, str_cstr(a, place.below), maildir);
	err = errno;
	io_close(&dir);
	*found = fd >= 0;
	io_close(&fd);
	return *found || err == ENOENT || fail_errno(why, err, "mail store");
}

bool
path_exists(struct arena *a, struct str path, bool *found, struct fail *why)
{
	int fd = open(
	    str_cstr(a, path), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	*found = fd >= 0;
	if (fd < 0 && errno != ENOENT)
		return fail_errno(why, errno, "mail store");
	io_close(&fd);
	return true;
}

/* --- paths with %-items ----------------------------------------------------
 */

bool
path_ok(struct str path)
{
	struct str rest = path, part;

	if (!str_starts(path, S("/")) || path.len >= PATH_MAX ||
	    str_has_ctl(path))
		return false;
	while (str_cut(&rest, '/', &part))
		if (str_eq(part, S(".")) || str_eq(part, S("..")))
			return false;
	return true;
}

/* false: a name that it uses could lead elsewhere, or there is no home. */
static bool
items_of(const struct conf *conf, struct str template,
    const struct account *acct, struct template_items *items)
{
	*items = (struct template_items){
		.user = acct->user,
		.local = acct->local,
		.domain = acct->domain,
		.home = acct->home,
	};
	if (items->domain.len == 0)
		items->domain = conf_str(conf, SETTING_defaultdomain);
	if (!account_name_ok(items->user) || !account_name_ok(items->local))
		return false;
	if (template_uses(template, 'd') && !account_name_ok(items->domain))
		return false;
	return !template_uses(template, 'h') || path_ok(items->home);
}

struct str
path_of_account(const struct conf *conf, struct arena *a, struct str text,
    const struct account *acct)
{
	struct template_items items;
	struct str path, parts[2] = { S("%h/") };
	const char *why;

	if (str_starts(text, S("~/"))) {
		parts[1] = str_from_offset(text, 2);
		text = str_join(a, parts, 2);
	}
	if (!template_check(text, &why) || !items_of(conf, text, acct, &items))
		return S("");
	path = template_expand(a, text, &items);
	return path_ok(path) ? path : S("");
}

/* Offset of what comes behind the part of a template that is the same for
 * everybody, or that is the home. */
static size_t varying_part(struct str template)
{
	ssize_t percent = str_chr(template, '%');
	ssize_t slash;

	if (str_starts(template, S("%h/")))
		return 3;
	slash = str_rchr(
	    str_sub(template, 0, percent < 0 ? template.len : (size_t)percent),
	    '/');
	return (size_t)(slash + 1);
}

bool
place_by_template(const struct conf *conf, struct arena *a,
    const struct account *acct, struct place *out, struct fail *why)
{
	struct str template = conf_str(conf, SETTING_account_mail_path);
	size_t at = varying_part(template);
	struct str base = str_sub(template, 0, at > 1 ? at - 1 : 1);
	struct str path = path_of_account(conf, a, template, acct);

	out->base = path_of_account(conf, a, base, acct);
	if (path.len <= out->base.len || out->base.len == 0)
		return fail_temp(why, "4.3.0",
		    "account_mail_path gives no path for this account");
	out->below = str_from_offset(path, out->base.len);
	while (out->below.len > 1 && out->below.p[0] == '/')
		out->below = str_from_offset(out->below, 1);
	return true;
}

/* --- scripts ----------------------------------------------------------------
 */

static void
cyrus_layout(const struct conf *conf, struct arena *a,
    const struct account *acct, struct account_script *out)
{
	struct str sievedir = conf_str(conf, SETTING_sievedir);
	struct buf b;

	if (!account_name_ok(acct->local) ||
	    (acct->domain.len > 0 && !account_name_ok(acct->domain)))
		return;
	buf_init(&b, sievedir.len + 1024);
	buf_adds(&b, sievedir);
	if (acct->domain.len > 0) {
		buf_adds(&b, S("/domain"));
		add_level(&b, true, acct->domain);
	}
	add_level(&b, true, acct->local);
	out->dir = str_dup(a, buf_str(&b));
	out->link = S("defaultbc");
	out->scripts = out->dir;
	out->ending = S(".script");
	buf_free(&b);
}

/* As Pigeonhole has it: ~/.dovecot.sieve is a link into ~/sieve. */
static void
path_layout(const struct conf *conf, struct arena *a,
    const struct account *acct, struct str path, struct account_script *out)
{
	struct str dir = conf_str(conf, SETTING_sieve_script_dir);
	ssize_t slash = str_rchr(path, '/');

	out->path = path;
	out->ending = S(".sieve");
	if (dir.len > 0)
		out->scripts = path_of_account(conf, a, dir, acct);
	else if (slash >= 0)
		out->scripts = str_printf(
		    a, "%.*s/sieve", STR_ARG(str_sub(path, 0, (size_t)slash)));
}

void
account_script(const struct conf *conf, struct arena *a,
    const struct account *acct, struct account_script *out)
{
	struct str template = conf_str(conf, SETTING_sieve_script_path);

	*out = (struct account_script){
		.dir = S(""),
		.link = S(""),
		.path = S(""),
		.scripts = S(""),
		.ending = S(""),
	};
	if (acct->shared)
		return;
	if (acct->script.len > 0)
		path_layout(conf, a, acct, acct->script, out);
	else if (template.len > 0)
		path_layout(conf, a, acct,
		    path_of_account(conf, a, template, acct), out);
	else
		cyrus_layout(conf, a, acct, out);
}

void
account_admin_scripts(const struct conf *conf, struct arena *a,
    const struct account *acct, enum setting id, struct strlist *out)
{
	const struct strlist *templates = conf_list(conf, id);

	for (size_t i = 0; i < templates->n && !acct->shared; i++) {
		struct str path =
		    path_of_account(conf, a, templates->v[i], acct);

		if (path.len > 0)
			strlist_add(a, out, path);
	}
}
