/*
 * compose: messages that are written here: responses, notifications,
 * refusals. Lines end in LF; what comes from scripts and messages is checked
 * and encoded, so that no value becomes another field or another line.
 *   RFC 5322, RFC 2045, RFC 2047
 */
#ifndef TAMIS_ACTIONS_COMPOSE_H
#define TAMIS_ACTIONS_COMPOSE_H

#include "actions/action.h"

struct compose {
	struct arena *arena;
	struct buf bytes;
};

enum { COMPOSE_MAX = 16 * 1024 * 1024 };

void compose_begin(struct compose *, struct arena *);

/* A field: value in UTF-8; control characters become blanks, what is not
 * ASCII is encoded, long lines are folded. An empty value: no field. */
void compose_field(struct compose *, struct str name, struct str value);

/* From, To, Cc: addresses, of which only phrases are encoded. */
void compose_addresses(struct compose *, struct str name, struct str list);

/* The same for one. */
struct address;
void compose_address(struct compose *, struct str name, const struct address *);

/* Date, Message-ID and, when the message is an answer to dy's, In-Reply-To
 * and References. RFC 5322 s. 3.6.4
 *   what  part of the Message-ID: a letter for each kind */
void compose_standard(struct compose *, const struct delivery *,
    const struct effect *, char what);

/* The rest: an empty line and text as text/plain in UTF-8. */
void compose_text(struct compose *, struct str text);
/* The same as a part of a multipart. */
void compose_part(struct compose *, struct str text);

/* The rest: a MIME entity with its own header. RFC 5230 s. 4.3 */
void compose_entity(struct compose *, struct str entity);

/* Octets as they are, CRLF made LF. */
void compose_lines(struct compose *, struct str text);

/* The message, in the arena. */
struct str compose_end(struct compose *);

/* Decoded value of the message's first field of that name; "" */
struct str compose_header_of(const struct delivery *, struct str name);

/* One line of at most 256 characters; what is cut ends in an ellipsis. */
struct str compose_short(struct arena *, struct str text);

/* "bob@example.org": with a domain, also when it came without; with or
 * without +detail. */
struct str compose_owner(struct delivery *, bool detail);

#endif
