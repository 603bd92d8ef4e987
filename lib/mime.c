/*
 * mime: knows where parts begin and end. One pass over the lines with a
 * stack of open multiparts; a line is compared with their boundaries only if
 * it begins with "--".
 *   RFC 2046 s. 5.1 and 5.2
 */
#include "lib/mime.h"

#include "lib/arena.h"
#include "lib/message_private.h"
#include "lib/rfc5322.h"

/* A multipart or message/rfc822 whose end was not seen yet. */
struct frame {
	struct mime_part *part;
	struct str boundary; /* "": a message, or its end line was seen */
};

enum state {
	IN_HEADER,
	IN_BODY,
	IN_NOTHING, /* preamble, epilogue, or over a limit */
};

struct walk {
	struct arena *arena; /* the message's */
	const struct message_limits *limits;
	struct str bytes;
	struct frame *stack;
	uint32_t depth;            /* frames in use */
	uint32_t live;             /* of those, how many wait for a boundary */
	uint32_t count;            /* parts so far */
	struct mime_part *last;    /* newest in document order */
	struct mime_part *current; /* whose header or body is being read */
	enum state state;
	size_t start;    /* of current's header or body */
	size_t text_end; /* end of the line before, without its line end */
};

struct str
mime_header(const struct mime_part *part, struct str wanted)
{
	struct str name, value;
	size_t at = 0;

	for (;;) {
		enum rfc5322_item item =
		    rfc5322_next(part->header, &at, &name, &value);

		if (item == RFC5322_FIELD && str_caseeq(name, wanted))
			return value;
		if (item == RFC5322_BODY || item == RFC5322_END)
			return (struct str){ NULL, 0 };
	}
}

static enum mime_encoding
encoding_of(struct str raw)
{
	size_t i = rfc5322_skip_cfws(raw, 0);
	struct str rest = str_from_offset(raw, i);

	/* "base64;" and "base64 (comment)" are seen in mail */
	if (str_casestarts(rest, S("base64")))
		return MIME_BASE64;
	if (str_casestarts(rest, S("quoted-printable")))
		return MIME_QUOTED_PRINTABLE;
	return MIME_IDENTITY;
}

static bool
is_type(const struct mime_part *p, const char *type, const char *subtype)
{
	return p != NULL && str_eq(p->type, str_c(type)) &&
	       str_eq(p->subtype, str_c(subtype));
}

/* RFC 2045 s. 5.2 and RFC 2046 s. 5.1.5: what a part is when it is silent. */
static void
set_type(struct arena *a, struct mime_part *p)
{
	struct mime_value v =
	    mime_parse_value(a, mime_header(p, S("content-type")));
	struct str subtype = v.main;
	bool digest = is_type(p->parent, "multipart", "digest");

	if (!str_cut(&subtype, '/', &p->type) || subtype.len == 0) {
		p->type = digest ? S("message") : S("text");
		subtype = digest ? S("rfc822") : S("plain");
	}
	p->subtype = subtype;
	p->content_type = v;
	p->encoding =
	    encoding_of(mime_header(p, S("content-transfer-encoding")));
}

/* A new part below parent; NULL over a limit. */
static struct mime_part *
add_part(struct walk *w, struct mime_part *parent)
{
	struct mime_part *p;

	if (w->count >= w->limits->mime_parts ||
	    parent->depth >= w->limits->mime_depth)
		return NULL;
	p = ARENA_NEW(w->arena, struct mime_part);
	p->parent = parent;
	p->depth = parent->depth + 1;
	w->last->next = p;
	w->last = p;
	w->count++;
	return p;
}

/* Begin a part below parent whose header stands at offset at. */
static void
begin_part(struct walk *w, struct mime_part *parent, size_t at)
{
	w->current = add_part(w, parent);
	w->state = w->current != NULL ? IN_HEADER : IN_NOTHING;
	w->start = w->text_end = at;
}

static void
push(struct walk *w, struct mime_part *p, struct str boundary)
{
	/* add_part gave no part deeper than mime_depth, and only those that
	 * may have children get here: the stack cannot overflow. */
	w->stack[w->depth++] = (struct frame){ p, boundary };
	w->live += boundary.len > 0;
	w->current = NULL;
}

/* The header of current is complete, its body begins at offset at. */
static void
begin_body(struct walk *w, size_t at)
{
	struct mime_part *p = w->current;
	struct str boundary =
	    str_trim(mime_param(&p->content_type, S("boundary")));
	bool whole = p->encoding == MIME_IDENTITY;

	p->body = str_sub(w->bytes, at, at);
	w->state = IN_BODY;
	w->start = w->text_end = at;
	if (p->depth >= w->limits->mime_depth)
		return;
	if (str_eq(p->type, S("multipart")) && boundary.len > 0) {
		push(w, p, boundary);
		w->state = IN_NOTHING;
	} else if (whole && (is_type(p, "message", "rfc822") ||
				is_type(p, "message", "global"))) {
		push(w, p, S(""));
		begin_part(w, p, at);
	}
}

static void
end_header(struct walk *w, size_t at)
{
	w->current->header = str_sub(w->bytes, w->start, at);
	set_type(w->arena, w->current);
}

/* From its begin to end, if that is behind it; the slice so far only marks
 * the begin. */
static struct str
up_to(const struct walk *w, struct str begin, size_t end)
{
	size_t start = (size_t)(begin.p - w->bytes.p);

	return str_sub(w->bytes, start, end > start ? end : start);
}

static void
end_body(struct walk *w, struct mime_part *p, size_t end)
{
	p->body = up_to(w, p->body, end);
	if (p->epilogue.p != NULL)
		p->epilogue = up_to(w, p->epilogue, end);
}

/* Whatever is being read ends at offset end, open frames above keep too. */
static void
close_above(struct walk *w, uint32_t keep, size_t end)
{
	if (w->state == IN_HEADER) {
		end_header(w, end);
		w->current->body = str_sub(w->bytes, end, end);
	} else if (w->state == IN_BODY) {
		end_body(w, w->current, end);
	}
	for (; w->depth > keep; w->depth--) {
		struct frame *f = &w->stack[w->depth - 1];

		end_body(w, f->part, end);
		w->live -= f->boundary.len > 0;
	}
	w->current = NULL;
	w->state = IN_NOTHING;
}

/* Is line "--boundary" or "--boundary--"? Blanks at its end are gone. */
static bool
is_delimiter(struct str line, struct str boundary, bool *last)
{
	if (boundary.len == 0 || line.len < boundary.len + 2)
		return false;
	*last = line.len == boundary.len + 4;
	if (!*last && line.len != boundary.len + 2)
		return false;
	return str_eq(str_sub(line, 2, boundary.len + 2), boundary) &&
	       (!*last || str_ends(line, S("--")));
}

/* A line that begins with "--" and has its line end at end and next. */
static bool
at_delimiter(struct walk *w, struct str line, size_t end, size_t next)
{
	bool last;

	while (line.len > 0 && strchr(" \t\r\n", line.p[line.len - 1]) &&
	       line.p[line.len - 1] != '\0')
		line.len--;
	for (uint32_t k = w->depth; k > 0; k--) {
		struct frame *f = &w->stack[k - 1];

		if (!is_delimiter(line, f->boundary, &last))
			continue;
		close_above(w, k, w->text_end);
		if (f->part->prologue.p == NULL)
			f->part->prologue =
			    up_to(w, f->part->body, w->text_end);
		w->text_end = end;
		if (last) {
			f->part->epilogue = str_sub(w->bytes, next, next);
			f->boundary.len = 0;
			w->live--;
		} else {
			begin_part(w, f->part, next);
		}
		return true;
	}
	return false;
}

static bool
is_empty_line(struct str line)
{
	return str_eq(line, S("\n")) || str_eq(line, S("\r\n"));
}

static void
read_lines(struct walk *w, size_t at)
{
	struct str all = w->bytes;

	while (at < all.len && (w->live > 0 || w->state == IN_HEADER)) {
		const char *lf = memchr(all.p + at, '\n', all.len - at);
		size_t next = lf != NULL ? (size_t)(lf - all.p) + 1 : all.len;
		struct str line = str_sub(all, at, next);
		size_t end = next - (lf != NULL) - str_ends(line, S("\r\n"));

		if (line.len > 1 && line.p[0] == '-' && line.p[1] == '-' &&
		    w->live > 0 && at_delimiter(w, line, end, next)) {
			at = next;
			continue;
		}
		if (w->state == IN_HEADER && is_empty_line(line)) {
			end_header(w, at);
			begin_body(w, next);
		} else {
			w->text_end = end;
		}
		at = next;
	}
}

static struct mime_part *
walk_message(struct arena *scratch, const struct message *m)
{
	struct mime_part *root = ARENA_NEW(m->arena, struct mime_part);
	struct walk w = {
		.arena = m->arena,
		.limits = &m->limits,
		.bytes = m->bytes,
		.count = 1,
		.last = root,
		.current = root,
	};
	size_t body = (size_t)(m->body.p - m->bytes.p);

	w.stack = ARENA_ARRAY(
	    scratch, (size_t)m->limits.mime_depth + 1, struct frame);
	root->header = m->header;
	set_type(w.arena, root);
	begin_body(&w, body);
	read_lines(&w, body);
	close_above(&w, 0, m->bytes.len);
	return root;
}

const struct mime_part *
mime_parts(struct arena *scratch, const struct message *m)
{
	if (m->cache->parts == NULL)
		m->cache->parts = walk_message(scratch, m);
	return m->cache->parts;
}
