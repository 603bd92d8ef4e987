/*
 * param: one row for each parameter; what a value may be is in its row's
 * function. Knows nothing of limits and transactions.
 */
#include "lmtp/param.h"

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

static bool
is_upper_hex(char c)
{
	return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

/* RFC 3461 s. 4 */
static bool
is_xtext(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '+')
			continue;
		if (s.len - i < 3 || !is_upper_hex(s.p[i + 1]) ||
		    !is_upper_hex(s.p[i + 2]))
			return false;
		i += 2;
	}
	return s.len > 0;
}

/* RFC 4954 s. 5: must be understood by who offers AUTH; we only check it. */
static bool
set_auth(struct str value, struct params *out, struct fail *why)
{
	(void)out;
	if (str_eq(value, S("<>")) || is_xtext(value))
		return true;
	return bad(why, "AUTH= takes <> or xtext");
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
	{ .key = { NULL, 0 } },
};

static const struct param rcpt_params[] = {
	{ .key = STR("IGNOREQUOTA"), .set = set_ignore_quota },
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

/* esmtp-value = 1*(%d33-60 / %d62-126) */
static bool
is_value(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == '=')
			return false;
	return s.len > 0;
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
parse_one(const struct param *table, struct str text, unsigned *seen,
    struct params *out, struct fail *why)
{
	ssize_t eq = str_chr(text, '=');
	struct str key = eq < 0 ? text : str_sub(text, 0, (size_t)eq);
	struct str value = eq < 0 ? S("") : str_from_offset(text, key.len + 1);
	const struct param *row;
	unsigned bit;

	if (!is_keyword(key) || (eq >= 0 && !is_value(value)))
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
parse(const struct param *table, struct str text, struct params *out,
    struct fail *why)
{
	struct str one;
	unsigned seen = 0;

	while (str_cut(&text, ' ', &one))
		if (one.len > 0 && !parse_one(table, one, &seen, out, why))
			return false;
	return true;
}

bool
param_parse_mail(struct str text, struct param_mail *out, struct fail *why)
{
	struct params all = { 0 };
	bool ok = parse(mail_params, text, &all, why);

	*out = all.mail;
	return ok;
}

bool
param_parse_rcpt(struct str text, struct param_rcpt *out, struct fail *why)
{
	struct params all = { 0 };
	bool ok = parse(rcpt_params, text, &all, why);

	*out = all.rcpt;
	return ok;
}
