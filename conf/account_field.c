/*
 * account_field: what extra fields of an account mean: those of Dovecot's
 * user databases, and a few of ours. One row for each. Must not know where
 * they came from.
 */
#include "conf/back_end.h"
#include "lib/arena.h"

enum { TEXT_OCTETS = 200 }; /* of a reply */

struct field_call {
	const struct conf *conf;
	struct arena *arena;
	struct account *acct;
	struct str value;
	struct str *why;
};

static bool
bad(const struct field_call *c, const char *text)
{
	*c->why = str_c(text);
	return false;
}

/* --- sizes --------------------------------------------------------------- */

/* digits and b, k, M, G or T; a bare number counts units. */
static bool
size_of(struct str s, uint64_t unit, uint64_t *out)
{
	static const struct str letters = STR("bkmgt");
	ssize_t power;
	uint64_t n;

	if (str_ends(s, S("iB")) || str_ends(s, S("B")))
		s.len -= str_ends(s, S("iB"))
		             ? 2
		             : s.len > 1 && !ascii_is_digit(s.p[s.len - 2]);
	if (s.len > 0 && !ascii_is_digit(s.p[s.len - 1])) {
		power = str_chr(letters, ascii_lower(s.p[s.len - 1]));
		if (power < 0)
			return false;
		unit = (uint64_t)1 << 10 * power;
		s.len--;
	}
	return str_to_u64(s, &n) && !__builtin_mul_overflow(n, unit, out);
}

static bool
is_unlimited(struct str s)
{
	return str_eq(s, S("unlimited"));
}

/* "1G" or "1G,1000": octets, messages */
static bool
set_quota(const struct field_call *c)
{
	struct str rest = c->value, size = S("");
	uint64_t storage, messages = 0;

	str_cut(&rest, ',', &size);
	if (!size_of(size, 1, &storage) ||
	    (rest.len > 0 && !str_to_u64(rest, &messages)))
		return bad(c, "is no quota such as 1G or 1G,1000");
	c->acct->has_quota = true;
	c->acct->quota_storage = storage;
	c->acct->quota_messages = messages;
	return true;
}

static bool
set_limit(const struct field_call *c, struct str limit)
{
	struct str name = S(""), value = limit;
	uint64_t n;

	str_cut(&value, '=', &name);
	if (str_eq(name, S("storage")) || str_eq(name, S("bytes"))) {
		if (!size_of(value, name.p[0] == 's' ? 1024 : 1, &n))
			return bad(c, "has a limit that is no size");
		c->acct->quota_storage = n;
	} else if (str_eq(name, S("messages"))) {
		if (!str_to_u64(value, &n))
			return bad(c, "has a limit that is no number");
		c->acct->quota_messages = n;
	}
	c->acct->has_quota = true;
	return true;
}

/* "*:storage=1G:messages=1000"; rules for single mailboxes are not ours. */
static bool
set_quota_rule(const struct field_call *c)
{
	struct str rest = c->value, mailbox = S(""), limit;

	str_cut(&rest, ':', &mailbox);
	if (!str_eq(mailbox, S("*")) && !str_eq(mailbox, S("?")))
		return true;
	while (str_cut(&rest, ':', &limit))
		if (!str_eq(limit, S("ignore")) && !set_limit(c, limit))
			return false;
	return true;
}

static bool
set_quota_storage(const struct field_call *c)
{
	uint64_t n = 0;

	if (!is_unlimited(c->value) && !size_of(c->value, 1, &n))
		return bad(c, "is no size");
	c->acct->has_quota = true;
	c->acct->quota_storage = n;
	return true;
}

static bool
set_quota_messages(const struct field_call *c)
{
	uint64_t n = 0;

	if (!is_unlimited(c->value) && !str_to_u64(c->value, &n))
		return bad(c, "is no number");
	c->acct->has_quota = true;
	c->acct->quota_messages = n;
	return true;
}

/* --- paths --------------------------------------------------------------- */

static bool
set_path(const struct field_call *c, struct str text, struct str *out)
{
	*out = path_of_account(c->conf, c->arena, text, c->acct);
	return out->len > 0 ||
	       bad(c, "is no absolute path, or one with a home that is not "
		      "known");
}

static bool
set_home(const struct field_call *c)
{
	/* Virtual users may have none; Dovecot then passes it on empty. */
	return c->value.len == 0 || set_path(c, c->value, &c->acct->home);
}

/* "maildir:~/Maildir:INDEX=/var/index" */
static bool
set_mail(const struct field_call *c)
{
	struct str rest = c->value, path = S(""), option;

	if (str_starts(rest, S("maildir:")))
		rest = str_from_offset(rest, sizeof("maildir:") - 1);
	else if (!str_starts(rest, S("/")) && !str_starts(rest, S("~/")) &&
		 !str_starts(rest, S("%h/")))
		return bad(c, "is no Maildir");
	str_cut(&rest, ':', &path);
	while (str_cut(&rest, ':', &option))
		if (str_starts(option, S("LAYOUT=")) ||
		    str_starts(option, S("INBOX=")))
			return bad(c, "has LAYOUT= or INBOX=, which are not "
				      "supported");
	return set_path(c, path, &c->acct->root);
}

static bool
set_mail_driver(const struct field_call *c)
{
	return str_eq(c->value, S("maildir")) || bad(c, "is not maildir");
}

static bool
set_mail_path(const struct field_call *c)
{
	return set_path(c, c->value, &c->acct->root);
}

static bool
set_script(const struct field_call *c)
{
	return set_path(c, c->value, &c->acct->script);
}

/* "~/.dovecot.sieve", or "file:~/sieve;active=~/.dovecot.sieve" */
static bool
set_sieve(const struct field_call *c)
{
	struct str rest = c->value, part;

	if (!str_starts(rest, S("file:")))
		return str_chr(rest, ':') >= 0 || set_script(c);
	while (str_cut(&rest, ';', &part))
		if (str_starts(part, S("active=")))
			return set_path(
			    c, str_from_offset(part, 7), &c->acct->script);
	return set_path(c, S("~/.dovecot.sieve"), &c->acct->script);
}

static bool
set_partition(const struct field_call *c)
{
	c->acct->partition = conf_partition(c->conf, c->value);
	return c->acct->partition.len > 0 ||
	       bad(c, "is no partition of the configuration");
}

/* --- disabled --------------------------------------------------------------
 */

/* "%20" and the like, because fields end at blanks. */
static struct str
without_percents(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '%' && i + 2 < s.len) {
			high = ascii_hex_value(s.p[i + 1]);
			low = ascii_hex_value(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0)
			i += 2;
		out[n++] =
		    high >= 0 && low >= 0 ? (char)(high * 16 + low) : s.p[i];
	}
	return str_from(out, n);
}

static bool
is_one_of(struct str s, const char *words)
{
	struct str rest = str_c(words), word;

	while (str_cut(&rest, ' ', &word))
		if (str_caseeq(s, word))
			return true;
	return false;
}

static bool
set_disabled(const struct field_call *c)
{
	struct str text = without_percents(c->arena, c->value);

	if (text.len > TEXT_OCTETS || str_has_ctl(text) || !str_is_utf8(text))
		return bad(c, "is no text for a reply");
	c->acct->disabled = text;
	if (is_one_of(text, "no n 0 false off"))
		c->acct->disabled = S("");
	else if (text.len == 0 || is_one_of(text, "yes y 1 true on"))
		c->acct->disabled = S("Mailbox disabled");
	return true;
}

/* --- the table --------------------------------------------------------------
 */

static const struct {
	const char *name;
	bool (*set)(const struct field_call *);
} fields[] = {
	{ "home", set_home },
	{ "mail", set_mail },
	{ "mail_driver", set_mail_driver },
	{ "mail_path", set_mail_path },
	{ "sieve", set_sieve },
	{ "quota_rule", set_quota_rule },
	{ "quota_storage_size", set_quota_storage },
	{ "quota_message_count", set_quota_messages },
	/* ours */
	{ "disabled", set_disabled },
	{ "quota", set_quota },
	{ "script", set_script },
	{ "partition", set_partition },
};

bool
account_field(const struct conf *conf, struct arena *a, struct account *acct,
    struct str name, struct str value, struct str *why)
{
	struct field_call call = { conf, a, acct, value, why };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(name, str_c(fields[i].name)))
			return fields[i].set(&call);
	return true;
}
