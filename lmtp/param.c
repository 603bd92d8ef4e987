/*
 * param: one row for each parameter; what a value may be is in its row's
 * function. Knows nothing of limits and transactions.
 */
#include "lmtp/param.h"

#include "lib/arena.h"

enum { ENVID_MAX = 100, ORCPT_MAX = 500 }; /* RFC 3461 s. 4.2, 4.4 */

/* Of either command: a row sets what belongs to its own. */
struct params {
	struct param_mail mail;
	struct param_rcpt rcpt;
};

struct param {
	struct str key;
	bool (*set)(struct str value, struct params *, struct fail *);
};

static bool
bad(struct fail *why, const char *text)
{
	return fail_code(why, 501, "5.5.4", "%s", text);
}

/* RFC 1870 s. 4: 1*20DIGIT, which may exceed 64 bits. */
static bool
set_size(struct str value, struct params *out, struct fail *why)
{
	if (value.len == 0 || value.len > 20)
		return bad(why, "SIZE= takes 1 to 20 digits");
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_digit(value.p[i]))
			return bad(why, "SIZE= takes 1 to 20 digits");
	if (!str_to_u64(value, &out->mail.size))
		out->mail.size = UINT64_MAX;
	return true;
}

static bool
set_body(struct str value, struct params *out, struct fail *why)
{
	out->mail.eightbit = str_caseeq(value, S("8BITMIME"));
	if (out->mail.eightbit || str_caseeq(value, S("7BIT")))
		return true;
	return bad(why, "BODY= takes 7BIT or 8BITMIME");
}

/* The octet that "+XX" at the start of s means, or -1. */
static int
hexchar(struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *high, *low;

	if (s.len < 3 || s.p[1] == '\0' || s.p[2] == '\0')
		return -1;
	high = strchr(digits, s.p[1]);
	low = strchr(digits, s.p[2]);
	if (high == NULL || low == NULL)
		return -1;
	return (int)((high - digits) * 16 + (low - digits));
}

/* RFC 3461 s. 4: what it hides must be as harmless as what it shows. */
static bool
is_xtext(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		int c;

		if (s.p[i] != '+')
			continue;
		c = hexchar(str_from_offset(s, i));
		if (c < 0x20 || c >= 0x7f)
			return false;
		i += 2;
	}
	return s.len > 0;
}

struct str
param_xtext(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		int c = s.p[i] == '+' ? hexchar(str_from_offset(s, i)) : -1;

		out[n++] = c < 0 ? s.p[i] : (char)c;
		i += c < 0 ? 0 : 2;
	}
	return str_from(out, n);
}

/* RFC 4954 s. 5 */
static bool
set_auth(struct str value, struct params *out, struct fail *why)
{
	if (!str_eq(value, S("<>")) && !is_xtext(value))
		return bad(why, "AUTH= takes <> or xtext");
	out->mail.auth = value;
	return true;
}

static bool
set_utf8(struct str value, struct params *out, struct fail *why)
{
	if (value.len > 0)
		return bad(why, "SMTPUTF8 takes no value");
	out->mail.utf8 = true;
	return true;
}

static bool
set_ret(struct str value, struct params *out, struct fail *why)
{
	if (str_caseeq(value, S("FULL")))
		out->mail.ret = S("FULL");
	else if (str_caseeq(value, S("HDRS")))
		out->mail.ret = S("HDRS");
	else
		return bad(why, "RET= takes FULL or HDRS");
	return true;
}

static bool
set_envid(struct str value, struct params *out, struct fail *why)
{
	if (value.len > ENVID_MAX || !is_xtext(value))
		return bad(why, "ENVID= takes 1 to 100 octets of xtext");
	out->mail.envid = value;
	return true;
}

static const struct notify_word {
	struct str word;
	enum param_notify bit;
} notify_words[] = {
	{ STR("NEVER"), NOTIFY_NEVER },
	{ STR("SUCCESS"), NOTIFY_SUCCESS },
	{ STR("FAILURE"), NOTIFY_FAILURE },
	{ STR("DELAY"), NOTIFY_DELAY },
};
enum { NOTIFY_WORDS = sizeof(notify_words) / sizeof(*notify_words) };

static unsigned
notify_bit(struct str word)
{
	for (size_t i = 0; i < NOTIFY_WORDS; i++)
		if (str_caseeq(word, notify_words[i].word))
			return notify_words[i].bit;
	return 0;
}

/* RFC 3461 s. 4.1: NEVER stands alone. */
static bool
set_notify(struct str value, struct params *out, struct fail *why)
{
	unsigned all = 0, bit = 1;
	size_t n = 0;

	for (size_t at = 0; at <= value.len && bit != 0; n++) {
		struct str rest = str_from_offset(value, at);
		ssize_t comma = str_chr(rest, ',');
		size_t len = comma < 0 ? rest.len : (size_t)comma;

		bit = notify_bit(str_sub(rest, 0, len));
		all |= bit;
		at += len + 1;
	}
	if (bit == 0 || ((all & NOTIFY_NEVER) != 0 && n > 1))
		return bad(why,
		    "NOTIFY= takes NEVER or a list of SUCCESS, FAILURE, DELAY");
	out->rcpt.notify = all;
	return true;
}

struct str
param_notify_text(struct arena *a, unsigned notify)
{
	struct str piece[2 * NOTIFY_WORDS];
	size_t n = 0;

	for (size_t i = 0; i < NOTIFY_WORDS; i++) {
		if ((notify & notify_words[i].bit) == 0)
			continue;
		if (n > 0)
			piece[n++] = S(",");
		piece[n++] = notify_words[i].word;
	}
	return str_join(a, piece, n);
}

static bool
is_atom(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.len > 0;
}

/* RFC 3461 s. 4.2; RFC 6533 s. 3 */
static bool
set_orcpt(struct str value, struct params *out, struct fail *why)
{
	ssize_t semicolon = str_chr(value, ';');

	if (semicolon < 0 || value.len > ORCPT_MAX ||
	    !is_atom(str_sub(value, 0, (size_t)semicolon)) ||
	    !is_xtext(str_from_offset(value, (size_t)semicolon + 1)))
		return bad(why, "ORCPT= takes type;xtext");
	out->rcpt.orcpt = value;
	return true;
}

static bool
set_ignore_quota(struct str value, struct params *out, struct fail *why)
{
	if (value.len > 0)
		return bad(why, "IGNOREQUOTA takes no value");
	out->rcpt.ignore_quota = true;
	return true;
}

static const struct param mail_params[] = {
	{ .key = STR("SIZE"), .set = set_size },
	{ .key = STR("BODY"), .set = set_body },
	{ .key = STR("AUTH"), .set = set_auth },
	{ .key = STR("SMTPUTF8"), .set = set_utf8 },
	{ .key = STR("RET"), .set = set_ret },
	{ .key = STR("ENVID"), .set = set_envid },
	{ .key = { NULL, 0 } },
};

static const struct param rcpt_params[] = {
	{ .key = STR("IGNOREQUOTA"), .set = set_ignore_quota },
	{ .key = STR("NOTIFY"), .set = set_notify },
	{ .key = STR("ORCPT"), .set = set_orcpt },
	{ .key = { NULL, 0 } },
};

/* esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-") */
static bool
is_keyword(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && (i == 0 || s.p[i] != '-'))
			return false;
	return s.len > 0;
}

/* esmtp-value = 1*(%d33-60 / %d62-126); RFC 6531 s. 3.3 adds UTF-8 */
static bool
is_value(struct str s, bool utf8)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 33 || c == 127 || c == '=' || (c > 127 && !utf8))
			return false;
	}
	return s.len > 0 && (!utf8 || str_is_utf8(s));
}

static const struct param *
find(const struct param *table, struct str key)
{
	for (; table->key.len > 0; table++)
		if (str_caseeq(table->key, key))
			return table;
	return NULL;
}

static bool
parse_one(const struct param *table, struct str text, bool utf8, unsigned *seen,
    struct params *out, struct fail *why)
{
	ssize_t eq = str_chr(text, '=');
	struct str key = eq < 0 ? text : str_sub(text, 0, (size_t)eq);
	struct str value = eq < 0 ? S("") : str_from_offset(text, key.len + 1);
	const struct param *row;
	unsigned bit;

	if (!is_keyword(key) || (eq >= 0 && !is_value(value, utf8)))
		return bad(why, "syntax error in a parameter");
	row = find(table, key);
	if (row == NULL)
		return fail_code(
		    why, 555, "5.5.4", "parameter %.*s unknown", STR_ARG(key));
	bit = 1U << (row - table);
	if (*seen & bit)
		return bad(why, "a parameter is given twice");
	*seen |= bit;
	return row->set(value, out, why);
}

static bool
parse(const struct param *table, struct str text, bool utf8, struct params *out,
    struct fail *why)
{
	struct str one;
	unsigned seen = 0;

	while (str_cut(&text, ' ', &one))
		if (one.len > 0 &&
		    !parse_one(table, one, utf8, &seen, out, why))
			return false;
	return true;
}

bool
param_parse_mail(struct str text, struct param_mail *out, struct fail *why)
{
	struct params all = { 0 };
	bool ok = parse(mail_params, text, false, &all, why);

	*out = all.mail;
	return ok;
}

bool
param_parse_rcpt(
    struct str text, bool utf8, struct param_rcpt *out, struct fail *why)
{
	struct params all = { 0 };
	bool ok = parse(rcpt_params, text, utf8, &all, why);

	*out = all.rcpt;
	return ok;
}
