/*
 * mailto: knows the syntax of mailto URIs and which header fields they may
 * ask for; not what becomes of them. RFC 6068, RFC 5436
 */
#include "sieve/mailto.h"

#include "lib/address.h"
#include "lib/arena.h"
#include "lib/rfc5322.h"

static const struct str scheme = STR("mailto:");

bool
is_mailto(struct str uri)
{
	return str_casestarts(uri, scheme);
}

/* --- characters -------------------------------------------------------- */

/* RFC 3986 s. 3.4: what a query may hold as it is. RFC 6068 forbids some of
 * them, but they can be taken for nothing else here. */
static bool
is_plain(char c)
{
	return ascii_is_alnum(c) ||
	       (c != '\0' && strchr("-._~!$'()*+,;:@/?", c) != NULL);
}

/* Undo percent-encoding. */
static bool
decode(struct arena *arena, struct str in, struct str *out, const char **error)
{
	char *p = arena_alloc(arena, in.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		int hi = i + 2 < in.len ? ascii_hex_value(in.p[i + 1]) : -1;
		int lo = i + 2 < in.len ? ascii_hex_value(in.p[i + 2]) : -1;

		if (in.p[i] != '%') {
			if (!is_plain(in.p[i])) {
				*error = "a character must be percent-encoded";
				return false;
			}
			p[n++] = in.p[i];
			continue;
		}
		if (hi < 0 || lo < 0) {
			*error = "\"%\" is not followed by two hex digits";
			return false;
		}
		p[n++] = (char)(16 * hi + lo);
		i += 2;
	}
	*out = str_from(p, n);
	if (str_is_utf8(*out) && memchr(p, '\0', n) == NULL)
		return true;
	*error = "what is percent-encoded is not UTF-8 text";
	return false;
}

/* --- recipients -------------------------------------------------------- */

static bool
add_rcpt(struct arena *arena, struct mailto *m, struct strlist *list,
    const struct address *addr, const char **error)
{
	if (!addr->valid || addr->domain.len == 0) {
		*error = "a recipient is not a valid address";
		return false;
	}
	if (!strlist_has(&m->rcpts, addr->text)) {
		if (m->rcpts.n >= MAILTO_RCPTS) {
			*error = "there are too many recipients";
			return false;
		}
		strlist_add(arena, &m->rcpts, addr->text);
		strlist_add(arena, list, addr->text);
	}
	return true;
}

/* What stands in front of the headers. Commas separate, before anything is
 * decoded; no blanks, no comments, no names. */
static bool
parse_path(
    struct arena *arena, struct str path, struct mailto *m, const char **error)
{
	struct str part, text;

	if (path.len > 0 && path.p[path.len - 1] == ',') {
		*error = "a recipient is missing";
		return false;
	}
	while (path.len > 0 && str_cut(&path, ',', &part)) {
		struct address addr;
		const char *ignored;

		if (!decode(arena, part, &text, error))
			return false;
		if (str_starts(text, S("@")) ||
		    !address_parse_path(arena, text, true, &addr, &ignored))
			addr.valid = false;
		if (!add_rcpt(arena, m, &m->to, &addr, error))
			return false;
	}
	return true;
}

static bool
parse_list(struct arena *arena, struct str value, struct mailto *m,
    struct strlist *list, const char **error)
{
	struct address_list addrs = address_parse_list(arena, value);

	for (size_t i = 0; i < addrs.n; i++)
		if (!add_rcpt(arena, m, list, &addrs.v[i], error))
			return false;
	return true;
}

/* --- header fields ----------------------------------------------------- */

/* A '*' at the end stands for anything. */
static const char *const left_out[] = {
	"apparently-to",
	"auto-submitted",
	"bcc",
	"content-*",
	"date",
	"delivered-to",
	"dkim-signature",
	"from",
	"in-reply-to",
	"message-id",
	"mime-version",
	"received",
	"references",
	"reply-to",
	"resent-*",
	"return-path",
	"sender",
	"x-sieve*",
};

static bool
is_left_out(struct str name)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		struct str s = str_c(left_out[i]);

		if (s.p[s.len - 1] == '*'
			? str_casestarts(name, str_sub(s, 0, s.len - 1))
			: str_caseeq(name, s))
			return true;
	}
	return false;
}

static bool
take_header(
    struct mailto *m, struct str name, struct str value, const char **error)
{
	if (is_left_out(name))
		return true;
	if (m->nheaders == MAILTO_HEADERS) {
		*error = "there are too many header fields";
		return false;
	}
	m->header[m->nheaders++] = (struct mailto_header){ name, value };
	return true;
}

static bool
take_field(struct arena *arena, struct mailto *m, struct str name,
    struct str value, const char **error)
{
	if (str_caseeq(name, S("body"))) {
		m->body = value;
		return true;
	}
	if (str_has_ctl(value)) {
		*error = "a header field holds control characters";
		return false;
	}
	if (str_caseeq(name, S("to")))
		return parse_list(arena, value, m, &m->to, error);
	if (str_caseeq(name, S("cc")))
		return parse_list(arena, value, m, &m->cc, error);
	if (!str_caseeq(name, S("subject")))
		return take_header(m, name, value, error);
	m->subject = value;
	return true;
}

static bool
parse_field(
    struct arena *arena, struct str field, struct mailto *m, const char **error)
{
	ssize_t eq = str_chr(field, '=');
	struct str name, value;

	if (eq < 0) {
		*error = "a header field has no \"=\"";
		return false;
	}
	if (!decode(arena, str_sub(field, 0, (size_t)eq), &name, error) ||
	    !decode(
		arena, str_from_offset(field, (size_t)eq + 1), &value, error))
		return false;
	if (!rfc5322_is_field_name(name)) {
		*error = "this is not the name of a header field";
		return false;
	}
	return take_field(arena, m, name, value, error);
}

static bool
parse_fields(struct arena *arena, struct str fields, struct mailto *m,
    const char **error)
{
	struct str field;

	if (fields.len == 0 || fields.p[fields.len - 1] == '&') {
		*error = "a header field is missing";
		return false;
	}
	while (str_cut(&fields, '&', &field))
		if (!parse_field(arena, field, m, error))
			return false;
	return true;
}

bool
mailto_parse(
    struct arena *arena, struct str uri, struct mailto *out, const char **error)
{
	struct str rest = str_from_offset(uri, scheme.len), path = { NULL, 0 };
	ssize_t query, fragment = str_chr(rest, '#');

	*out = (struct mailto){ .nheaders = 0 };
	if (!is_mailto(uri)) {
		*error = "this is no mailto URI";
		return false;
	}
	if (fragment >= 0)
		rest = str_sub(rest, 0, (size_t)fragment);
	query = str_chr(rest, '?');
	path = query < 0 ? rest : str_sub(rest, 0, (size_t)query);
	if (!parse_path(arena, path, out, error))
		return false;
	return query < 0 ||
	       parse_fields(
		   arena, str_from_offset(rest, (size_t)query + 1), out, error);
}
