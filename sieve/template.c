/*
 * template: the grammar of references to variables. What does not match it
 * is text. RFC 5229 s. 3
 */
#include "sieve/template.h"

#include "lib/arena.h"

/* End of the identifier or number at s[i]; i when there is none. */
static size_t
word_end(struct str s, size_t i, bool *number)
{
	size_t end = i;

	*number = i < s.len && ascii_is_digit(s.p[i]);
	while (end < s.len &&
	       (ascii_is_digit(s.p[end]) ||
		   (!*number && (ascii_is_alpha(s.p[end]) || s.p[end] == '_'))))
		end++;
	return end;
}

bool
template_is_name(struct str s)
{
	bool number;

	return s.len > 0 && word_end(s, 0, &number) == s.len && !number;
}

static uint32_t
index_of(struct str digits)
{
	uint64_t v;

	while (digits.len > 1 && digits.p[0] == '0')
		digits = str_from_offset(digits, 1);
	return str_to_u64(digits, &v) && v < UINT32_MAX ? (uint32_t)v
	                                                : UINT32_MAX;
}

/* s[i] is behind "${"; false: not a reference. *end: behind "}", or where
 * to look on. */
static bool
parse_ref(struct str s, size_t i, struct template_part *out, size_t *end)
{
	bool number, more;
	size_t first, to;

	*end = i;
	first = to = word_end(s, i, &number);
	if (first == i)
		return false;
	while (!number && to < s.len && s.p[to] == '.') {
		size_t next = word_end(s, to + 1, &more);

		*end = next;
		if (next == to + 1)
			return false;
		to = next;
	}
	*end = to;
	if (to >= s.len || s.p[to] != '}')
		return false;
	*end = to + 1;
	*out = (struct template_part){ .kind = TEMPLATE_VARIABLE };
	if (number) {
		out->kind = TEMPLATE_MATCH;
		out->index = index_of(str_sub(s, i, to));
	} else if (first == to) {
		out->name = str_sub(s, i, to);
	} else {
		out->ns = str_sub(s, i, first);
		out->name = str_sub(s, first + 1, to);
	}
	return true;
}

bool
template_find(struct str s, struct template_part *out, size_t *from, size_t *to)
{
	size_t at = 0;

	for (;;) {
		ssize_t found = str_find(str_from_offset(s, at), S("${"));

		if (found < 0)
			return false;
		*from = at + (size_t)found;
		if (parse_ref(s, *from + 2, out, to))
			return true;
		at = *to;
	}
}

static struct template_part *
next_part(struct arena *arena, struct template *t, size_t *cap)
{
	if (t->n == *cap) {
		size_t cap2 = *cap == 0 ? 4 : 2 * *cap;

		t->v =
		    arena_grow(arena, t->v, *cap * sizeof(struct template_part),
			cap2 * sizeof(struct template_part));
		*cap = cap2;
	}
	return &t->v[t->n++];
}

void
template_parse(struct arena *arena, struct str s, struct template *out)
{
	struct template_part ref;
	size_t cap = 0, from, to;

	*out = (struct template){ 0 };
	while (template_find(s, &ref, &from, &to)) {
		if (from > 0)
			*next_part(arena, out, &cap) =
			    (struct template_part){ .text =
							str_sub(s, 0, from) };
		*next_part(arena, out, &cap) = ref;
		s = str_from_offset(s, to);
	}
	if (s.len > 0)
		*next_part(arena, out, &cap) =
		    (struct template_part){ .text = s };
}
