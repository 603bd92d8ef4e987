/*
 * wire: the octets of a record between roles. The peer is our own code, but
 * one that parses mail: lengths are checked, and a bad record is a dead
 * peer, never a crash here.
 */
#include "lmtp/wire.h"

void
wire_put_u32(struct buf *b, uint32_t v)
{
	buf_add(b, &v, sizeof(v));
}

void
wire_put_u64(struct buf *b, uint64_t v)
{
	buf_add(b, &v, sizeof(v));
}

void
wire_put_str(struct buf *b, struct str s)
{
	wire_put_u32(b, (uint32_t)s.len);
	buf_adds(b, s);
}

void
wire_put_fail(struct buf *b, const struct fail *f)
{
	wire_put_u32(b, f != NULL ? f->class : FAIL_NONE);
	if (f == NULL)
		return;
	wire_put_u32(b, (uint32_t)f->code);
	wire_put_u32(b, (uint32_t)f->sys);
	wire_put_str(b, str_c(f->status));
	wire_put_str(b, str_c(f->text));
}

static struct str
take(struct wire *w, size_t n)
{
	struct str s = { NULL, 0 };

	if (w->bad || w->rest.len < n) {
		w->bad = true;
		return s;
	}
	s = str_sub(w->rest, 0, n);
	w->rest = str_from_offset(w->rest, n);
	return s;
}

uint32_t
wire_u32(struct wire *w)
{
	struct str s = take(w, sizeof(uint32_t));
	uint32_t v = 0;

	if (s.len == sizeof(v))
		memcpy(&v, s.p, sizeof(v));
	return v;
}

uint64_t
wire_u64(struct wire *w)
{
	struct str s = take(w, sizeof(uint64_t));
	uint64_t v = 0;

	if (s.len == sizeof(v))
		memcpy(&v, s.p, sizeof(v));
	return v;
}

struct str
wire_str(struct wire *w)
{
	uint32_t len = wire_u32(w);

	return take(w, len);
}

static void
copy_text(char *to, size_t size, struct str s)
{
	size_t n = s.len < size - 1 ? s.len : size - 1;

	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

bool
wire_fail(struct wire *w, struct fail *out)
{
	uint32_t class = wire_u32(w);

	fail_clear(out);
	if (class == FAIL_NONE)
		return false;
	out->class = class == FAIL_PERM ? FAIL_PERM : FAIL_TEMP;
	out->code = (int)wire_u32(w);
	out->sys = (int)wire_u32(w);
	copy_text(out->status, sizeof(out->status), wire_str(w));
	copy_text(out->text, sizeof(out->text), wire_str(w));
	/* A reply code the peer cannot have meant would desynchronise the
	 * client: fall back to "try again". */
	if (w->bad || out->code < 400 || out->code > 599 ||
	    out->status[0] != '0' + out->code / 100)
		fail_temp(out, "4.3.0", "internal error");
	return true;
}
