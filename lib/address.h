/*
 * address: address lists in header fields, and paths in envelopes.
 * Iterative; bounded in addresses, comment depth and group depth.
 *   RFC 5322 s. 3.4 and 4.4, RFC 6854, RFC 5321 s. 4.1.2, RFC 6531
 */
#ifndef TAMIS_LIB_ADDRESS_H
#define TAMIS_LIB_ADDRESS_H

#include "lib/str.h"

struct arena;

struct address {
	struct str localpart; /* quotes and quoted-pairs undone; may be "" */
	struct str domain;    /* without trailing dot; "" when there is none;
	                         a literal keeps its brackets */
	struct str display;   /* phrase, quotes undone, not RFC 2047-decoded */
	struct str text;      /* canonical addr-spec: localpart quoted when
	                         it has to be, "@", domain */
	bool valid;           /* false: the source could not be parsed; then
	                         text holds it, trimmed, and the rest is "" */
};

struct address_list {
	struct address *v;
	size_t n;
	bool truncated; /* more than the limit of 10 000 stood there */
};

/*
 * Parse an (unfolded or folded) address-list field body. Group names are
 * skipped, group members are listed. Anything malformed yields an entry with
 * valid == false and parsing goes on behind the next comma.
 */
struct address_list address_parse_list(struct arena *, struct str value);

/* One addr-spec or "phrase <addr-spec>" and nothing else. RFC 5228 s. 2.4.2.3
 * (redirect). false: not exactly one valid address. */
bool address_parse_one(struct arena *, struct str text, struct address *out);

/*
 * A Path of RFC 5321 s. 4.1.2 without its angle brackets: source routes are
 * dropped, "" is the null path (reverse paths only), a bare local part is
 * accepted (LMTP clients send it), "postmaster" too; a domain may hold
 * underscores; literals in brackets are checked for balance and characters.
 *
 *   utf8    accept non-ASCII UTF-8 (SMTPUTF8)
 *   returns false when it is no path; *why is then static text
 */
bool address_parse_path(struct arena *, struct str path, bool utf8,
    struct address *out, const char **why);

/* localpart as it must stand in an addr-spec, quoted if needed */
struct str address_quote_localpart(struct arena *, struct str localpart);

#endif
