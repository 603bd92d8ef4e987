/*
 * mime: the tree of parts of a message, made when a test first asks for it.
 * Iterative; depth and number of parts are bounded by message_limits, what
 * lies beyond is opaque.
 *   RFC 2045, 2046, 2231, 2183
 */
#ifndef TAMIS_LIB_MIME_H
#define TAMIS_LIB_MIME_H

#include "lib/message.h"

struct mime_param {
	struct str name;  /* lower case, RFC 2231 sections joined */
	struct str value; /* decoded to UTF-8 where it says its charset */
};

/* A structured field such as Content-Type or Content-Disposition. */
struct mime_value {
	struct str main; /* "text/plain", "attachment"; lower case */
	struct mime_param *params;
	size_t nparams; /* at most 100 */
};

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary, and what is unknown */
	MIME_BASE64,
	MIME_QUOTED_PRINTABLE,
};

struct mime_part {
	struct mime_part *next;   /* in document order, depth first */
	struct mime_part *parent; /* NULL for the message itself */
	uint32_t depth;           /* 0 for the message itself */
	struct str header;        /* raw header octets */
	struct str body;          /* raw body octets, before decoding */
	struct str prologue; /* of a multipart, in front of its first and */
	struct str epilogue; /* behind its last delimiter; p NULL when
	                        that delimiter is not there */
	struct str type, subtype; /* lower case; "text" "plain" by default */
	enum mime_encoding encoding;
	struct mime_value content_type;
};

/*
 * The parts, the message itself first. Never NULL; cached per message, so
 * they live as long as the message; the arena is used for scratch only.
 */
const struct mime_part *mime_parts(struct arena *, const struct message *);

/* Parse one structured field body. Never fails; garbage gives main "". */
struct mime_value mime_parse_value(struct arena *, struct str raw);
struct str mime_param(const struct mime_value *, struct str name);

/* Raw value of the first field of that name in a part; p NULL when absent. */
struct str mime_header(const struct mime_part *, struct str name);

/*
 * Decode base64 or quoted-printable. Garbage is skipped as mail readers do.
 *   max  octets at most
 */
struct str mime_decode(
    struct arena *, struct str raw, enum mime_encoding, size_t max);

/* Decoded body, converted to UTF-8 for text/ types; at most max octets. */
struct str mime_text(struct arena *, const struct mime_part *, size_t max);

#endif
