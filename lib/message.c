/*
 * message: knows how the fields of a header are found again by name. Decodes
 * nothing itself and does not look into bodies.
 *   RFC 5322 s. 2.2, RFC 7103
 */
#include "lib/message.h"

#include <assert.h>

#include "lib/arena.h"
#include "lib/charset.h"
#include "lib/message_private.h"
#include "lib/rfc5322.h"

const struct message_limits message_limits_default = {
	.fields = 2000,
	.header_bytes = 1 << 20,
	.value_bytes = 64 << 10,
	.mime_depth = 32,
	.mime_parts = 1000,
};

static void
add_field(struct message *m, uint32_t *cap, struct str name, struct str value)
{
	if (m->nfields == *cap) {
		uint32_t want = *cap == 0 ? 32 : *cap * 2;

		m->fields = arena_grow(m->arena, m->fields,
		    *cap * sizeof(*m->fields), want * sizeof(*m->fields));
		*cap = want;
	}
	m->fields[m->nfields++] = (struct header_field){
		.name = name,
		.value = value,
		.next = MESSAGE_NONE,
	};
}

/*
 * One pass over the header. Behind a limit it goes on without indexing: the
 * body begins where it begins, however long the header is.
 */
static void
read_header(struct message *m)
{
	struct str name, value;
	enum rfc5322_item item;
	size_t at = 0, start;
	uint32_t cap = 0;

	for (;;) {
		start = at;
		item = rfc5322_next(m->bytes, &at, &name, &value);
		if (item == RFC5322_BODY || item == RFC5322_END)
			break;
		if (item == RFC5322_JUNK)
			continue;
		if (at > m->limits.header_bytes ||
		    m->nfields >= m->limits.fields)
			m->truncated = true;
		if (!m->truncated)
			add_field(m, &cap, name, value);
	}
	m->header = str_sub(m->bytes, 0, start);
	m->body = str_from_offset(m->bytes, at);
}

static struct message_slot *
slot_for(const struct message *m, struct str name, uint32_t hash)
{
	uint32_t i = hash & m->mask;

	/* At most half of the slots are taken, so a free one ends this. */
	for (;; i = (i + 1) & m->mask) {
		struct message_slot *slot = &m->slots[i];

		if (slot->first == MESSAGE_NONE ||
		    (slot->hash == hash &&
			str_caseeq(m->fields[slot->first].name, name)))
			return slot;
	}
}

static void
index_fields(struct message *m)
{
	uint32_t n = 16;

	while (n / 2 < m->nfields)
		n *= 2;
	m->mask = n - 1;
	m->slots = ARENA_ARRAY(m->arena, n, struct message_slot);
	for (uint32_t i = 0; i < n; i++)
		m->slots[i].first = MESSAGE_NONE;
	for (uint32_t i = 0; i < m->nfields; i++) {
		uint32_t hash = message_name_hash(m->fields[i].name);
		struct message_slot *slot =
		    slot_for(m, m->fields[i].name, hash);

		slot->hash = hash;
		if (slot->first == MESSAGE_NONE)
			slot->first = i;
		else
			m->fields[slot->last].next = i;
		slot->last = i;
	}
}

struct message *
message_open(struct arena *a, struct str bytes, uint64_t octets,
    const struct message_limits *limits)
{
	struct message *m = ARENA_NEW(a, struct message);

	m->arena = a;
	m->bytes = bytes.p != NULL ? bytes : S("");
	m->limits = limits != NULL ? *limits : message_limits_default;
	m->cache = ARENA_NEW(a, struct message_cache);
	m->cache->octets = octets;
	read_header(m);
	index_fields(m);
	return m;
}

struct str
message_bytes(const struct message *m)
{
	return m->bytes;
}

/* Octets as they were before a CRLF became a bare LF. */
static uint64_t
count_octets(struct str s)
{
	uint64_t n = s.len;
	size_t i = 0;

	while (i < s.len) {
		const char *lf = memchr(s.p + i, '\n', s.len - i);

		if (lf == NULL)
			break;
		if (lf == s.p || lf[-1] != '\r')
			n++;
		i = (size_t)(lf - s.p) + 1;
	}
	return n;
}

uint64_t
message_octets(const struct message *m)
{
	if (m->cache->octets == 0)
		m->cache->octets = count_octets(m->bytes);
	return m->cache->octets;
}

struct str
message_header(const struct message *m)
{
	return m->header;
}

struct str
message_body(const struct message *m)
{
	return m->body;
}

const struct message_limits *
message_limits(const struct message *m)
{
	return &m->limits;
}

bool
message_truncated(const struct message *m)
{
	return m->truncated;
}

uint32_t
message_nfields(const struct message *m)
{
	return m->nfields;
}

const struct header_field *
message_field(const struct message *m, uint32_t i)
{
	assert(i < m->nfields);
	return &m->fields[i];
}

uint32_t
message_name_hash(struct str name)
{
	uint32_t hash = (uint32_t)str_hash(name, true);

	return hash != 0 ? hash : 1;
}

uint32_t
message_find_hashed(const struct message *m, struct str name, uint32_t hash)
{
	return slot_for(m, name, hash)->first;
}

uint32_t
message_find(const struct message *m, struct str name)
{
	return slot_for(m, name, message_name_hash(name))->first;
}

/* Offset of the line end at i or behind it: the CR of a CRLF, or the LF. */
static size_t
find_fold(struct str s, size_t i, size_t *behind)
{
	const char *lf = memchr(s.p + i, '\n', s.len - i);
	size_t at;

	if (lf == NULL)
		return *behind = s.len;
	at = (size_t)(lf - s.p);
	*behind = at + 1;
	return at > i && s.p[at - 1] == '\r' ? at - 1 : at;
}

static struct str
remove_folds(struct arena *a, struct str s, size_t max)
{
	size_t cap = s.len < max ? s.len : max, len = 0;
	char *out = arena_alloc(a, cap + 1);

	for (size_t i = 0; i < s.len && len < cap;) {
		size_t behind, n = find_fold(s, i, &behind) - i;

		if (n > cap - len)
			n = cap - len;
		memcpy(out + len, s.p + i, n);
		len += n;
		i = behind;
	}
	return str_from(out, len);
}

struct str
header_unfold(
    struct arena *a, const struct message *m, const struct header_field *field)
{
	struct str s = str_trim(field->value);

	if (str_chr(s, '\n') < 0)
		return str_sub(s, 0, m->limits.value_bytes);
	return remove_folds(a, s, m->limits.value_bytes);
}

struct str
header_decode(
    struct arena *a, const struct message *m, const struct header_field *field)
{
	struct str s = header_unfold(a, m, field);

	if (str_find(s, S("=?")) < 0)
		return s;
	return charset_decode_words(a, s, m->limits.value_bytes);
}
