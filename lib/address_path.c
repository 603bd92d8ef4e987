/*
 * address_path: knows what MAIL FROM and RCPT TO may hold between the angle
 * brackets, and how a local part is written down. Stricter than header
 * fields: no comments, no white space.
 *   RFC 5321 s. 4.1.2 and 4.1.3, RFC 6531 s. 3.3
 */
#include "lib/address.h"

#include "lib/arena.h"
#include "lib/rfc5322.h"

enum {
	PATH_MAX_OCTETS = 512,  /* RFC 5321 s. 4.5.3.1.3 asks for 256 */
	LOCAL_MAX_OCTETS = 255, /* RFC 5321 s. 4.5.3.1.1 asks for 64 */
	DOMAIN_MAX_OCTETS = 255,
	LABEL_MAX_OCTETS = 63,
};

/* qtextSMTP and quoted-pairSMTP: printable, or UTF-8. */
static bool
is_printable(char c)
{
	return (unsigned char)c >= 32 && c != 127;
}

static bool
is_atext(char c)
{
	return rfc5322_is_atext(c) || (unsigned char)c >= 0x80;
}

static bool
is_dot_string(struct str s)
{
	bool want_atom = true;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' ? want_atom : !is_atext(s.p[i]))
			return false;
		want_atom = s.p[i] == '.';
	}
	return !want_atom;
}

struct str
address_quote_localpart(struct arena *a, struct str local)
{
	size_t n = 0;
	char *out;

	if (is_dot_string(local))
		return local;
	out = arena_alloc(a, 2 * local.len + 3);
	out[n++] = '"';
	for (size_t i = 0; i < local.len; i++) {
		char c = local.p[i];

		if (c == '"' || c == '\\')
			out[n++] = '\\';
		/* No parser here lets one in, and a line end must not get
		 * out, whoever made the local part. */
		out[n++] = is_printable(c) || c == '\t' ? c : '?';
	}
	out[n++] = '"';
	return str_from(out, n);
}

/* The content of the quoted-string at *i, which is left behind it. */
static bool
quoted_local(struct arena *a, struct str s, size_t *i, struct str *local)
{
	char *out = arena_alloc(a, s.len);
	size_t n = 0;

	for (++*i; *i < s.len; ++*i) {
		if (s.p[*i] == '"') {
			++*i;
			*local = str_from(out, n);
			return true;
		}
		if (s.p[*i] == '\\' && ++*i == s.len)
			return false;
		if (!is_printable(s.p[*i]))
			return false;
		out[n++] = s.p[*i];
	}
	return false;
}

/*
 * A Dot-string, or what senders take for one: dots at the ends and beside
 * each other are in use ("a..b@c"), and refusing them for ever would bounce
 * mail whose address everybody else carries. Written out it is quoted.
 */
static bool
dot_local(struct str s, size_t *i, struct str *local)
{
	size_t from = *i;

	while (*i < s.len && s.p[*i] != '@')
		++*i;
	*local = str_sub(s, from, *i);
	for (size_t k = 0; k < local->len; k++)
		if (local->p[k] != '.' && !is_atext(local->p[k]))
			return false;
	return local->len > 0;
}

static bool
label_ok(struct str label)
{
	/* Hyphens at the ends are no host names, and are seen in senders. */
	if (label.len == 0 || label.len > LABEL_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' &&
		    label.p[i] != '_' && (unsigned char)label.p[i] < 0x80)
			return false;
	return true;
}

/* dcontent: printable without brackets and backslash, and no blank. */
static bool
literal_ok(struct str s)
{
	if (s.len < 3 || s.p[0] != '[' || s.p[s.len - 1] != ']')
		return false;
	for (size_t i = 1; i < s.len - 1; i++)
		if (s.p[i] <= 32 || s.p[i] >= 127 || s.p[i] == '[' ||
		    s.p[i] == '\\' || s.p[i] == ']')
			return false;
	return true;
}

/* On success *s is without its trailing dot. */
static bool
domain_ok(struct str *s)
{
	struct str rest, label;

	if (s->len > DOMAIN_MAX_OCTETS)
		return false;
	if (str_starts(*s, S("[")))
		return literal_ok(*s);
	if (str_ends(*s, S(".")))
		s->len--;
	if (s->len == 0)
		return false;
	for (rest = *s; str_cut(&rest, '.', &label);)
		if (!label_ok(label))
			return false;
	return true;
}

/* A-d-l: "@a,@b:" in front. RFC 5321 s. 4.1.1.3: to be ignored. */
static bool
drop_route(struct str *path)
{
	struct str hops, hop;

	if (!str_starts(*path, S("@")))
		return true;
	/* A literal of IPv6 has colons of its own. */
	for (size_t i = 0, inside = 0; i < path->len; i++) {
		if (path->p[i] == '[' || path->p[i] == ']')
			inside = path->p[i] == '[';
		if (path->p[i] != ':' || inside)
			continue;
		hops = str_sub(*path, 0, i);
		*path = str_from_offset(*path, i + 1);
		while (str_cut(&hops, ',', &hop)) {
			struct str dom = str_from_offset(hop, 1);

			if (!str_starts(hop, S("@")) || !domain_ok(&dom))
				return false;
		}
		return path->len > 0;
	}
	return false;
}

static const char *
charset_fault(struct str path, bool utf8)
{
	if (str_has_ctl(path))
		return "control character in address";
	if (!utf8 && !str_is_ascii(path))
		return "non-ASCII address without SMTPUTF8";
	return str_is_utf8(path) ? NULL : "address is not UTF-8";
}

/* The parts of what is left when the route is gone; NULL, or the fault. */
static const char *
split(struct arena *a, struct str path, struct address *out)
{
	size_t i = 0;
	bool ok = str_starts(path, S("\""))
	              ? quoted_local(a, path, &i, &out->localpart)
	              : dot_local(path, &i, &out->localpart);

	if (!ok)
		return "malformed local part";
	if (out->localpart.len > LOCAL_MAX_OCTETS)
		return "local part is too long";
	/* A bare "" could not be told from the null path. */
	if (i == path.len)
		return out->localpart.len > 0 ? NULL : "malformed local part";
	if (path.p[i] != '@')
		return "garbage behind the local part";
	out->domain = str_from_offset(path, i + 1);
	return domain_ok(&out->domain) ? NULL : "malformed domain";
}

static const char *
parse(struct arena *a, struct str path, bool utf8, struct address *out)
{
	const char *fault;
	struct str local;

	if (path.len > PATH_MAX_OCTETS)
		return "address is too long";
	fault = charset_fault(path, utf8);
	if (fault != NULL || path.len == 0)
		return fault;
	if (!drop_route(&path))
		return "malformed source route";
	fault = split(a, path, out);
	if (fault != NULL)
		return fault;
	out->localpart = str_dup(a, out->localpart);
	out->domain = str_dup(a, out->domain);
	local = address_quote_localpart(a, out->localpart);
	out->text =
	    out->domain.len == 0
		? local
		: str_join(a, (struct str[]){ local, S("@"), out->domain }, 3);
	return NULL;
}

bool
address_parse_path(struct arena *a, struct str path, bool utf8,
    struct address *out, const char **why)
{
	const char *fault;

	*out = (struct address){ .valid = true };
	fault = parse(a, path, utf8, out);
	if (fault == NULL)
		return true;
	*out = (struct address){ .valid = false, .text = path };
	*why = fault;
	return false;
}
