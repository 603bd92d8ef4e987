/*
 * message: a mail message as octets that never change, with an index of its
 * header fields. Nothing is decoded before somebody asks; bodies are not
 * looked at here (see mime.h). Lines may end in LF or CRLF, mixed too.
 *   RFC 5322 s. 2, RFC 7103 (malformed headers)
 */
#ifndef TAMIS_LIB_MESSAGE_H
#define TAMIS_LIB_MESSAGE_H

#include "lib/str.h"

struct arena;
struct message;

/* Over a limit the rest is not seen by tests; the message is delivered. */
struct message_limits {
	uint32_t fields;     /* header fields indexed, default 2000 */
	size_t header_bytes; /* octets of header indexed, default 1 MiB */
	size_t value_bytes;  /* of one unfolded value, default 64 KiB */
	uint32_t mime_depth; /* nested multiparts, default 32 */
	uint32_t mime_parts; /* in all, default 1000 */
};
extern const struct message_limits message_limits_default;

struct header_field {
	struct str name;  /* as written, without blanks before the colon */
	struct str value; /* raw: after the colon, folds kept, last line end
	                     cut; may hold any octet */
	uint32_t next;    /* index of the next field of this name, or
	                     MESSAGE_NONE */
};
enum { MESSAGE_NONE = UINT32_MAX };

/*
 * Index the header of a message.
 *
 *   bytes   the message as it is stored, trace lines included; must outlive
 *           the arena
 *   octets  what RFC 5228 s. 5.9 "size" means: octets received, lines ended
 *           by CRLF, our trace lines not counted. 0: computed from bytes.
 *   limits  NULL: message_limits_default
 *
 * Never fails: a line without a colon in the header ends nothing and is
 * skipped (with its continuation lines); a missing empty line makes the
 * whole message header.
 */
struct message *message_open(struct arena *, struct str bytes, uint64_t octets,
    const struct message_limits *limits);

struct str message_bytes(const struct message *);
uint64_t message_octets(const struct message *);
/* All fields as they stand there, without the empty line. */
struct str message_header(const struct message *);
/* What follows the first empty line; empty when there is none. */
struct str message_body(const struct message *);
const struct message_limits *message_limits(const struct message *);
/* true when a limit cut the index short */
bool message_truncated(const struct message *);

uint32_t message_nfields(const struct message *);
const struct header_field *message_field(const struct message *, uint32_t i);

/*
 * First field of that name (ASCII case ignored), in order of appearance;
 * MESSAGE_NONE. Follow header_field.next for the others. O(1).
 */
uint32_t message_find(const struct message *, struct str name);

/* The same for who asks often: the hash of a name, never 0, and a look-up
 * with it. */
uint32_t message_name_hash(struct str name);
uint32_t message_find_hashed(
    const struct message *, struct str name, uint32_t hash);

/*
 * Unfolded value: every line end that is followed by a blank is removed,
 * leading and trailing white space too; octets are otherwise untouched. Cut
 * at limits->value_bytes. RFC 5322 s. 2.2.3, RFC 5228 s. 2.4.2.2
 */
struct str header_unfold(
    struct arena *, const struct message *, const struct header_field *);

/*
 * The value as RFC 5228 s. 2.7.2 wants it: unfolded, RFC 2047 encoded-words
 * converted to UTF-8. What cannot be decoded stays as it was written.
 */
struct str header_decode(
    struct arena *, const struct message *, const struct header_field *);

#endif
