/*
 * op: the operand letters: what values they may have and how they look.
 * Knows no operation by name.
 */
#include "sieve/op.h"

#include <assert.h>
#include <inttypes.h>

#include "sieve/ext.h"

static bool
any_number(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	(void)prog;
	(void)pc;
	(void)v;
	return true;
}

static bool
valid_flags(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	(void)prog;
	(void)pc;
	return v <= UINT32_MAX;
}

static bool
valid_string(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	(void)pc;
	return v < prog->nstrings;
}

static bool
valid_list(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	(void)pc;
	return v < prog->nlists;
}

static bool
valid_match(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	(void)pc;
	return v < prog->nmatches;
}

static bool
valid_part(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	(void)pc;
	return v < prog->nparts;
}

static bool
valid_jump(const struct sieve_program *prog, uint32_t pc, uint64_t v)
{
	return v > pc && v <= prog->ncode;
}

void
print_quoted(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\r')
			buf_adds(out, S("\\r"));
		else if (c == '\n')
			buf_adds(out, S("\\n"));
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '"');
}

static void
print_number(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	(void)prog;
	(void)op;
	buf_printf(out, " %" PRIu64, v);
}

static void
print_string(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	(void)op;
	buf_addc(out, ' ');
	print_quoted(out, prog->string[v]);
}

static void
print_list(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	const struct sieve_list *list = &prog->list[v];

	(void)op;
	buf_adds(out, S(" ["));
	for (uint32_t i = 0; i < list->n; i++) {
		if (i > 0)
			buf_adds(out, S(", "));
		print_quoted(out, prog->string[list->v[i]]);
	}
	buf_addc(out, ']');
}

/* A tag that was not given is not shown. */
static void
print_tag_string(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	if (v != 0)
		print_string(prog, op, v, out);
}

static void
print_tag_number(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	if (v != 0)
		print_number(prog, op, v, out);
}

static void
print_tag_list(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	if (v != 0)
		print_list(prog, op, v, out);
}

static void
print_match(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	const struct sieve_match *m = &prog->match[v];

	buf_printf(out, " :%s %s", m->type->name, m->comparator->name);
	print_list(prog, op, m->list, out);
}

static void
print_part(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	(void)op;
	buf_printf(out, " :%s", prog->part[v]->name);
}

static bool
has_word(const char *words, struct str word)
{
	struct str w;

	for (size_t i = 0; (w = word_at(words, i)).len > 0; i++)
		if (str_eq(w, word))
			return true;
	return false;
}

/* Of "header-mime": "header", whose tags it has. */
static struct str
command_of(const struct sieve_op *op)
{
	struct str rest = str_c(op->name), name;

	str_cut(&rest, '-', &name);
	return name;
}

/* Flags are shown as the tags that set them. */
static void
print_flags(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	struct str cmd = command_of(op);
	const struct sieve_ext *ext;

	(void)prog;
	for (size_t i = 0; (ext = ext_at(i)) != NULL; i++)
		for (const struct sieve_tag *t = ext->tags;
		     t != NULL && t->name != NULL; t++)
			if ((t->flag & v) != 0 && has_word(t->on, cmd))
				buf_printf(out, " :%s", t->name);
}

static void
print_jump(const struct sieve_program *prog, const struct sieve_op *op,
    uint64_t v, struct buf *out)
{
	(void)prog;
	(void)op;
	buf_printf(out, " -> %04" PRIu64, v);
}

static const struct operand_kind kinds[] = {
	{ 'n', "number", any_number, print_number },
	{ 's', "string", valid_string, print_string },
	{ 'l', "string list", valid_list, print_list },
	{ 'h', "header names", valid_list, print_list },
	{ 'm', "match", valid_match, print_match },
	{ 'p', "address part", valid_part, print_part },
	{ 'f', "flags", valid_flags, print_flags },
	{ 'j', "jump", valid_jump, print_jump },
	{ 'N', "tag number", any_number, print_tag_number },
	{ 'S', "tag string", valid_string, print_tag_string },
	{ 'L', "tag string list", valid_list, print_tag_list },
};

const struct operand_kind *
operand_kind(char letter)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].letter == letter)
			return &kinds[i];
	assert(!"signature letter is not in the table");
	return NULL;
}
