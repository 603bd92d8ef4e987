/*
 * message_private: the inside of struct message, for message.c and mime.c.
 */
#ifndef TAMIS_LIB_MESSAGE_PRIVATE_H
#define TAMIS_LIB_MESSAGE_PRIVATE_H

#include "lib/message.h"

struct mime_part;

/* Found out when first asked for; the message itself never changes. */
struct message_cache {
	struct mime_part *parts; /* NULL: nobody asked yet */
	uint64_t octets;         /* 0: not counted yet */
};

struct message_slot {
	uint32_t hash;
	uint32_t first; /* index of the first field; MESSAGE_NONE: free */
	uint32_t last;
};

struct message {
	struct arena *arena;
	struct str bytes;
	struct str header; /* without the empty line */
	struct str body;
	struct message_limits limits;
	struct header_field *fields;
	uint32_t nfields;
	bool truncated;
	struct message_slot *slots; /* open addressing, linear probing */
	uint32_t mask;
	struct message_cache *cache;
};

#endif
