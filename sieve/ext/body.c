/*
 * body: test what the body of the message holds. Knows which strings a part
 * gives; where parts are and how they are encoded is lib/mime's business.
 * Each string is made once per run. RFC 5173, whole; :text is :content "text"
 */
#include "lib/arena.h"
#include "lib/mime.h"
#include "sieve/ext.h"
#include "sieve/part.h"

enum {
	BODY_RAW = 1 << 0,
	BODY_CONTENT = 1 << 1,
	BODY_TEXT = 1 << 2,
};

/* The strings of one part: one, or for a multipart two. */
struct content {
	const struct mime_part *part;
	struct vm_value value[2];
	unsigned n;
	bool made;
};

struct body_cache {
	bool exists; /* there was an empty line behind the header */
	struct vm_value raw;
	bool raw_made;
	struct content *content;
	size_t ncontent;
};

/* --- strings ---------------------------------------------------------- */

static bool
is_type(const struct mime_part *p, const char *type, const char *subtype)
{
	return str_eq(p->type, str_c(type)) &&
	       str_eq(p->subtype, str_c(subtype));
}

static bool
is_message(const struct mime_part *p)
{
	return is_type(p, "message", "rfc822") ||
	       is_type(p, "message", "global");
}

/* s. 5.2: of a multipart what no part holds. One without delimiters is all
 * prologue. */
static void
make_multipart(struct sieve_vm *vm, struct content *c)
{
	const struct mime_part *p = c->part;
	struct str prologue = p->prologue.p != NULL ? p->prologue : p->body;

	c->value[c->n++].text = part_crlf(vm, vm->arena, prologue);
	if (p->epilogue.p != NULL)
		c->value[c->n++].text = part_crlf(vm, vm->arena, p->epilogue);
}

/* s. 5.2: of a message its header. An encoded one was not taken apart. */
static void
make_message(struct sieve_vm *vm, struct content *c)
{
	const struct mime_part *child = c->part->next;
	struct str header;

	if (child != NULL && child->parent == c->part) {
		header = child->header;
	} else {
		struct message *m =
		    message_open(vm->arena, part_text(vm, vm->arena, c->part),
			0, message_limits(vm->env->msg));

		header = message_bytes(m);
		header = str_sub(header, 0, header.len - message_body(m).len);
	}
	c->value[c->n++].text = part_crlf(vm, vm->arena, header);
}

static bool
make(struct sieve_vm *vm, struct content *c)
{
	if (c->made)
		return true;
	if (!vm_spend(vm, c->part->body.len))
		return false;
	c->made = true;
	if (str_eq(c->part->type, S("multipart")))
		make_multipart(vm, c);
	else if (is_message(c->part))
		make_message(vm, c);
	else
		c->value[c->n++].text = part_text(vm, vm->arena, c->part);
	return true;
}

/* --- the body --------------------------------------------------------- */

/* s. 4: without an empty line there is no body, not even an empty one. */
static bool
body_exists(const struct message *msg)
{
	struct str all = message_bytes(msg);

	return message_body(msg).len > 0 || str_eq(all, S("\n")) ||
	       str_eq(all, S("\r\n")) || str_ends(all, S("\n\n")) ||
	       str_ends(all, S("\n\r\n"));
}

static struct body_cache *
cache(struct sieve_vm *vm)
{
	if (vm->body == NULL) {
		vm->body = ARENA_NEW(vm->arena, struct body_cache);
		vm->body->exists = body_exists(vm->env->msg);
	}
	return vm->body;
}

static bool
find_parts(struct sieve_vm *vm)
{
	struct body_cache *b = cache(vm);
	const struct mime_part *parts, *p;

	if (b->content != NULL)
		return true;
	parts = part_all(vm);
	if (parts == NULL)
		return false;
	for (p = parts; p != NULL; p = p->next)
		b->ncontent++;
	b->content = ARENA_ARRAY(vm->arena, b->ncontent, struct content);
	b->ncontent = 0;
	for (p = parts; p != NULL; p = p->next)
		b->content[b->ncontent++].part = p;
	return true;
}

static bool
exec_raw(struct sieve_vm *vm, uint64_t m)
{
	struct body_cache *b = cache(vm);
	struct str body = message_body(vm->env->msg);

	if (!b->raw_made) {
		if (!vm_spend(vm, body.len))
			return false;
		b->raw.text = part_crlf(vm, vm->arena, body);
		b->raw_made = true;
	}
	return vm_match(vm, m, &b->raw);
}

/* s. 5.2: "", a type, or a type and a subtype; more or less matches none */
static bool
is_content(const struct mime_part *p, struct str wanted)
{
	struct str subtype = wanted, type;

	if (wanted.len == 0)
		return true;
	if (str_chr(wanted, '/') < 0)
		return str_caseeq(p->type, wanted);
	str_cut(&subtype, '/', &type);
	return str_caseeq(p->type, type) && str_caseeq(p->subtype, subtype);
}

static bool
is_wanted(struct sieve_vm *vm, const struct mime_part *p, const uint64_t *v,
    bool *out)
{
	const struct sieve_list *types = vm_list(vm, v[1]);

	*out = str_eq(p->type, S("text"));
	if ((v[0] & BODY_CONTENT) == 0)
		return true;
	*out = false;
	for (uint32_t i = 0; i < types->n && !*out; i++) {
		if (!vm_spend(vm, 16))
			return false;
		*out = is_content(p, vm_string(vm, types->v[i]));
	}
	return true;
}

static bool
match_content(struct sieve_vm *vm, struct content *c, uint64_t m)
{
	if (!make(vm, c))
		return false;
	for (unsigned i = 0; i < c->n && !vm->truth; i++)
		if (!vm_match(vm, m, &c->value[i]))
			return false;
	return true;
}

static bool
match_parts(struct sieve_vm *vm, const uint64_t *v)
{
	struct body_cache *b = cache(vm);

	if (!find_parts(vm))
		return false;
	for (size_t i = 0; i < b->ncontent && !vm->truth; i++) {
		bool wanted;

		if (!is_wanted(vm, b->content[i].part, v, &wanted) ||
		    (wanted && !match_content(vm, &b->content[i], v[2])))
			return false;
	}
	return true;
}

/* s. 6: what wildcards stood for is not remembered. */
static bool
exec_body(struct sieve_vm *vm, const uint64_t *v)
{
	bool ok;

	vm->truth = false;
	if (!cache(vm)->exists)
		return true;
	vm->no_captures = true;
	ok = (v[0] & BODY_RAW) != 0 ? exec_raw(vm, v[2]) : match_parts(vm, v);
	vm->no_captures = false;
	return ok;
}

static const struct sieve_op op_body = { "body", "fLm", exec_body,
	"T := the body, or its parts of a type L, matches m" };

static const struct sieve_tag tags[] = {
	{ .name = "raw",
	    .on = "body",
	    .group = "body-transform",
	    .flag = BODY_RAW },
	{ .name = "content",
	    .on = "body",
	    .group = "body-transform",
	    .arg = 'l',
	    .operand = 1,
	    .flag = BODY_CONTENT },
	{ .name = "text",
	    .on = "body",
	    .group = "body-transform",
	    .flag = BODY_TEXT },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "body",
	    .kind = SIEVE_TEST,
	    .op = &op_body,
	    .args = "key-list",
	    .classes = "@match" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_body,
	NULL,
};

const struct sieve_ext ext_body = {
	.name = "body",
	.rfc = "RFC 5173",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
