/*
 * account: from a name to directories. Knows the top levels of partitions
 * and of sievedir; must not know what a message or a script is.
 */
#include "conf/account.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>

#include "conf/template.h"
#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

enum { VIRTDOMAINS_OFF }; /* the first choice of its row */

/* U+0080 to U+009F, the control characters of ISO 8859; s is UTF-8. */
static bool
has_c1(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if ((unsigned char)s.p[i] == 0xc2 &&
		    (unsigned char)s.p[i + 1] < 0xa0)
			return true;
	return false;
}

/* A name that begins with a dot would be "..", or a mailbox of another
 * account: Maildir++ keeps them as ".NAME". */
bool
account_name_ok(struct str s)
{
	if (s.len == 0 || s.len > 255 || s.p[0] == '.')
		return false;
	return str_chr(s, '/') < 0 && !str_has_ctl(s) && str_is_utf8(s) &&
	       !has_c1(s);
}

/* As Cyrus's dir_hash: one letter for each directory of names. */
static char
hash_letter(struct str name)
{
	char c = name.len > 0 ? ascii_lower(name.p[0]) : 'q';

	return ascii_is_alpha(c) ? c : 'q';
}

static void
identify(const struct conf *conf, struct arena *a, struct str local,
    struct str domain, struct account *out)
{
	bool fold = conf_bool(conf, SETTING_username_tolower) ||
	            conf_bool(conf, SETTING_lmtp_downcase_rcpt);
	struct str parts[3];

	*out = (struct account){ .domain = S("") };
	out->local = fold ? str_lower(a, local) : str_dup(a, local);
	if (conf_enum(conf, SETTING_virtdomains) != VIRTDOMAINS_OFF &&
	    !str_caseeq(domain, conf_str(conf, SETTING_defaultdomain)))
		out->domain = str_lower(a, domain);
	out->user = out->local;
	if (out->domain.len == 0)
		return;
	parts[0] = out->local;
	parts[1] = S("@");
	parts[2] = out->domain;
	out->user = str_join(a, parts, 3);
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

/* Below the partition; account_name_ok bounds it far below PATH_MAX. */
static struct str
path_below(const struct conf *conf, struct arena *a, const struct account *acct)
{
	bool hashed = conf_bool(conf, SETTING_hashimapspool);
	struct buf b;
	struct str path;

	buf_init(&b, 1024);
	if (acct->domain.len > 0)
		add_level(&b, hashed, acct->domain);
	add_level(&b, hashed, acct->local);
	path = str_dup(a, buf_str(&b));
	buf_free(&b);
	return path;
}

/*
 * With virtdomains PARTITION/example.org is a directory of accounts, and
 * somebody may write to the local part "example.org" of the default domain.
 * It is no account unless it is a Maildir.
 */
static int
open_account(const struct conf *conf, int dir, const char *path)
{
	int fd = fs_open_beneath(dir, path, O_RDONLY | O_DIRECTORY, 0);
	int cur, saved;

	if (fd < 0 || conf_enum(conf, SETTING_virtdomains) == VIRTDOMAINS_OFF)
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

/*
 * *found is set when true is returned. Only ENOENT below an existing
 * partition says that there is no such account: a partition that is not
 * mounted, a file or a link in the way are for an administrator to repair,
 * and must not bounce mail.
 */
static bool
look_in(const struct conf *conf, struct arena *a, struct str partition,
    struct str below, struct account *out, bool *found, struct fail *why)
{
	struct str parts[3] = { partition, S("/"), below };
	int dir = fs_open_dir(str_cstr(a, partition));
	int fd, err;

	if (dir < 0)
		return fail_errno(why, errno, "mail store");
	fd = open_account(conf, dir, str_cstr(a, below));
	err = errno;
	io_close(&dir);
	*found = fd >= 0;
	if (fd < 0 && err != ENOENT)
		return fail_errno(why, err, "mail store");
	if (fd >= 0) {
		out->root = str_join(a, parts, 3);
		out->partition = str_dup(a, partition);
	}
	io_close(&fd);
	return true;
}

static bool
look_everywhere(const struct conf *conf, struct arena *a, struct str below,
    struct account *out, bool *found, struct fail *why)
{
	struct str first = conf_default_partition(conf);
	const struct conf_partition *p;
	size_t n;

	*found = false;
	if (first.len == 0)
		return true;
	if (!look_in(conf, a, first, below, out, found, why))
		return false;
	p = conf_partitions(conf, &n);
	for (size_t i = 0; i < n && !*found; i++)
		if (!str_eq(p[i].path, first) &&
		    !look_in(conf, a, p[i].path, below, out, found, why))
			return false;
	return true;
}

bool
account_find(const struct conf *conf, struct arena *a, struct str local,
    struct str domain, struct account *out, struct fail *why)
{
	bool found = false;

	identify(conf, a, local, domain, out);
	if (account_name_ok(out->local) &&
	    (out->domain.len == 0 || account_name_ok(out->domain)) &&
	    !look_everywhere(
		conf, a, path_below(conf, a, out), out, &found, why))
		return false;
	return found || fail_perm(why, "5.1.1", "User unknown");
}

void
account_each_text(
    struct account *acct, void (*visit)(void *, struct str *), void *ctx)
{
	struct str *text[] = { &acct->user, &acct->local, &acct->domain,
		&acct->root, &acct->home, &acct->script, &acct->partition,
		&acct->disabled };

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		visit(ctx, text[i]);
}

static void
dup_text(void *ctx, struct str *text)
{
	*text = str_dup(ctx, *text);
}

struct account
account_dup(struct arena *a, const struct account *from)
{
	struct account copy = *from;

	account_each_text(&copy, dup_text, a);
	return copy;
}

/* --- scripts ------------------------------------------------------------ */

/*
 * The home directory of a system user; "" when there is no such user.
 * Returns 0 or errno.
 */
static int
home_of(struct arena *a, struct str name, struct str *home)
{
	struct passwd pw, *found = NULL;
	int err = ERANGE;

	*home = S("");
	for (size_t size = 1024; err == ERANGE && size <= 1 << 20; size *= 4) {
		char *text = arena_alloc(a, size);

		do
			err = getpwnam_r(
			    str_cstr(a, name), &pw, text, size, &found);
		while (err == EINTR);
	}
	/* These are ways of some systems to say "no such user". */
	if (found == NULL && (err == ENOENT || err == ESRCH))
		err = 0;
	if (err == 0 && found != NULL && found->pw_dir != NULL)
		*home = str_dup(a, str_c(found->pw_dir));
	return err;
}

static void
fill_template(const struct conf *conf, struct arena *a, struct str template,
    const struct account *acct, struct account_script *out)
{
	struct template_items items = {
		.user = acct->user,
		.local = acct->local,
		.domain = acct->domain,
	};

	if (items.domain.len == 0)
		items.domain = conf_str(conf, SETTING_defaultdomain);
	if (!account_name_ok(items.user) || !account_name_ok(items.local) ||
	    (template_uses(template, 'd') && !account_name_ok(items.domain)))
		return;
	if (template_uses(template, 'h')) {
		out->err = home_of(a, acct->local, &items.home);
		if (items.home.len == 0 || items.home.p[0] != '/')
			return;
	}
	out->path = template_expand(a, template, &items);
}

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
	buf_free(&b);
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
	};
	if (template.len > 0)
		fill_template(conf, a, template, acct, out);
	else
		cyrus_layout(conf, a, acct, out);
}
