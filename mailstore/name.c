/*
 * name: which names a mailbox can have, and which directory each one is.
 * Knows Maildir++ naming; touches no file. Names go through here before
 * anything is opened, so nothing that could climb a path gets further.
 */
#include "lib/arena.h"
#include "lib/unicode.h"
#include "mailstore/mailstore.h"

enum {
	DIR_MAX_OCTETS = 255, /* NAME_MAX of all file systems we know */
	PATH_MAX_OCTETS = 1024,
};

/* "INBOX/x" and "INBOX.x" both mean x: namespace prefixes of IMAP servers. */
static struct str
skip_inbox(struct str name)
{
	while (name.len > 6 && str_casestarts(name, S("INBOX")) &&
	       (name.p[5] == '/' || name.p[5] == '.'))
		name = str_from_offset(name, 6);
	return name;
}

/* U+0080..U+009F: controls as well, in UTF-8 C2 80..C2 9F. */
static bool
has_c1(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if ((unsigned char)s.p[i] == 0xc2 &&
		    (unsigned char)s.p[i + 1] < 0xa0)
			return true;
	return false;
}

/* What stands beside the levels of LAYOUT_FS: a mailbox of that name would be
 * in the way, or could not be made. */
static bool
is_taken(struct str level)
{
	static const struct str whole[] = { STR("cur"), STR("new"), STR("tmp"),
		STR("subscriptions"), STR("maildirfolder"),
		STR("maildirsize") };
	static const struct str begin[] = { STR("."), STR("courierimap"),
		STR("dovecot-acl"), STR("dovecot-keywords"),
		STR("dovecot-shared"), STR("dovecot-uid"), STR("dovecot.index"),
		STR("dovecot.list"), STR("dovecot.mailbox"),
		STR("subscriptions."), STR("tamis-mailboxes") };

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (str_eq(level, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (str_starts(level, begin[i]))
			return true;
	return false;
}

static const char *
bad_level(struct str level, enum mailbox_layout layout, char sep)
{
	if (level.len == 0)
		return "empty level";
	if (str_eq(level, S(".")) || str_eq(level, S("..")))
		return "level \".\" or \"..\"";
	if (layout == LAYOUT_MAILDIRPP && str_chr(level, '.') >= 0)
		return "\".\" separates levels on disk";
	if (layout == LAYOUT_FS && is_taken(level))
		return "name of a file of Maildirs";
	if (sep != '/' && str_chr(level, '/') >= 0)
		return "\"/\" in a level";
	return NULL;
}

static const char *
bad_octets(struct str name)
{
	if (name.len == 0)
		return "empty";
	/* before anything walks it, and before it is printed */
	if (name.len > 4 * DIR_MAX_OCTETS)
		return "too long";
	if (!str_is_utf8(name))
		return "not UTF-8";
	if (str_has_ctl(name) || has_c1(name))
		return "control character";
	return NULL;
}

static const char *
bad_levels(struct str name, enum mailbox_layout layout, char sep)
{
	struct str rest = name, level;
	const char *bad = NULL;

	if (name.p[name.len - 1] == sep)
		return "empty level";
	while (bad == NULL && str_cut(&rest, sep, &level))
		bad = bad_level(level, layout, sep);
	return bad;
}

static struct str
with_slashes(struct arena *a, struct str name, char sep)
{
	char *p = arena_strndup(a, name.p, name.len);

	for (size_t i = 0; i < name.len; i++)
		if (p[i] == sep)
			p[i] = '/';
	return str_from(p, name.len);
}

static bool
refuse(struct fail *why, struct str name, const char *bad)
{
	struct str shown = S("?");

	if (str_is_utf8(name)) {
		shown = str_sub(name, 0, 100);
		while (!str_is_utf8(shown))
			shown.len--;
	}
	return fail_perm(
	    why, "5.1.3", "mailbox name \"%.*s\": %s", STR_ARG(shown), bad);
}

bool
mailbox_name(struct arena *a, enum mailbox_layout layout, struct str name,
    char sep, struct str *out, struct fail *why)
{
	const char *bad = bad_octets(name);
	struct str rest, dir;

	if (bad != NULL)
		return refuse(why, name, bad);
	rest = skip_inbox(name);
	if (str_caseeq(rest, S("INBOX"))) {
		*out = S("INBOX");
		return true;
	}
	bad =
	    rest.p[0] == '~' ? "leading \"~\"" : bad_levels(rest, layout, sep);
	if (bad != NULL)
		return refuse(why, name, bad);
	if (!unicode_nfc(a, rest, &rest))
		return refuse(why, name, "not UTF-8");
	rest = with_slashes(a, rest, sep);
	if (!mailbox_dir(a, layout, rest, &dir, why))
		return false;
	*out = rest;
	return true;
}

/* Letters of one case, and one sign for those that stand between words. */
static char
plain(char c)
{
	return c == '-' || c == '_' ? ' ' : ascii_lower(c);
}

bool
mailbox_alike(struct str x, struct str y)
{
	if (x.len != y.len)
		return false;
	for (size_t i = 0; i < x.len; i++)
		if (plain(x.p[i]) != plain(y.p[i]))
			return false;
	return true;
}

/* One component of a path for all levels. */
static bool
dir_maildirpp(struct arena *a, struct str name, struct str mutf7,
    struct str *out, struct fail *why)
{
	char *p;

	if (mutf7.len + 1 > DIR_MAX_OCTETS)
		return refuse(why, name, "too long");
	p = arena_alloc(a, mutf7.len + 2);
	p[0] = '.';
	for (size_t i = 0; i < mutf7.len; i++)
		p[i + 1] = mutf7.p[i] == '/' ? '.' : mutf7.p[i];
	*out = str_from(p, mutf7.len + 1);
	return true;
}

static bool
dir_fs(struct str name, struct str mutf7, struct str *out, struct fail *why)
{
	struct str rest = mutf7, level;

	if (mutf7.len > PATH_MAX_OCTETS)
		return refuse(why, name, "too long");
	while (str_cut(&rest, '/', &level))
		if (level.len > DIR_MAX_OCTETS)
			return refuse(why, name, "too long");
	*out = mutf7;
	return true;
}

bool
mailbox_dir(struct arena *a, enum mailbox_layout layout, struct str name,
    struct str *out, struct fail *why)
{
	struct str mutf7;

	if (str_eq(name, S("INBOX"))) {
		*out = S("");
		return true;
	}
	/* base64 never holds '/' here, ',' stands for it */
	if (!mutf7_encode(a, name, &mutf7))
		return refuse(why, name, "not UTF-8");
	if (layout == LAYOUT_FS)
		return dir_fs(name, mutf7, out, why);
	return dir_maildirpp(a, name, mutf7, out, why);
}
