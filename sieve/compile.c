/*
 * compile: knows how arguments become operands and how jumps are joined; no
 * command by name. What it is given was checked.
 */
#include "sieve/compile.h"

#include <assert.h>

#include "lib/arena.h"
#include "sieve/check.h"

struct compile {
	struct arena *arena;
	struct sieve_program *prog;
	uint32_t code_cap, operand_cap, string_cap, list_cap, match_cap;
	uint32_t part_cap;
	uint32_t *slot; /* strings by hash, index + 1 */
	uint32_t nslots;
	struct compile_loop *loops;
};

/* --- growing tables --------------------------------------------------- */

/* The table, with room for one more. */
static void *
room(struct arena *arena, void *old, uint32_t n, uint32_t *cap, size_t size)
{
	uint32_t old_cap = *cap;

	if (n < *cap)
		return old;
	*cap = *cap == 0 ? 16 : 2 * *cap;
	return arena_grow(arena, old, old_cap * size, *cap * size);
}

static void
rehash(struct compile *c)
{
	c->nslots = c->nslots == 0 ? 64 : 2 * c->nslots;
	c->slot = ARENA_ARRAY(c->arena, c->nslots, uint32_t);
	for (uint32_t i = 0; i < c->prog->nstrings; i++) {
		uint64_t at =
		    str_hash(c->prog->string[i], false) + c->prog->refs[i];

		while (c->slot[at & (c->nslots - 1)] != 0)
			at++;
		c->slot[at & (c->nslots - 1)] = i + 1;
	}
}

static void
push_string(struct compile *c, struct str s, bool refs)
{
	struct sieve_program *prog = c->prog;
	uint32_t cap = c->string_cap;

	prog->string = room(c->arena, prog->string, prog->nstrings,
	    &c->string_cap, sizeof(struct str));
	prog->refs =
	    room(c->arena, prog->refs, prog->nstrings, &cap, sizeof(bool));
	prog->refs[prog->nstrings] = refs;
	prog->string[prog->nstrings++] = str_dup(c->arena, s);
}

/* Index of the string; equal strings have one index. The same text is
 * another string when it is to be expanded. */
static uint32_t
intern(struct compile *c, struct str s, bool refs)
{
	struct sieve_program *prog = c->prog;
	uint64_t at = str_hash(s, false) + refs;
	uint32_t *slot;

	for (;; at++) {
		slot = &c->slot[at & (c->nslots - 1)];
		if (*slot == 0)
			break;
		if (prog->refs[*slot - 1] == refs &&
		    str_eq(prog->string[*slot - 1], s))
			return *slot - 1;
	}
	push_string(c, s, refs);
	*slot = prog->nstrings;
	if (2 * prog->nstrings > c->nslots)
		rehash(c);
	return prog->nstrings - 1;
}

static uint32_t
add_list(struct compile *c, const struct tree_string *v, size_t n)
{
	struct sieve_program *prog = c->prog;
	struct sieve_list list = { ARENA_ARRAY(c->arena, n, uint32_t),
		(uint32_t)n };

	for (size_t i = 0; i < n; i++)
		list.v[i] = intern(c, v[i].text, v[i].refs);
	prog->list = room(c->arena, prog->list, prog->nlists, &c->list_cap,
	    sizeof(struct sieve_list));
	prog->list[prog->nlists] = list;
	return prog->nlists++;
}

static void
add_operand(struct compile *c, uint64_t v)
{
	struct sieve_program *prog = c->prog;

	prog->operand = room(c->arena, prog->operand, prog->noperands,
	    &c->operand_cap, sizeof(uint64_t));
	prog->operand[prog->noperands++] = v;
}

/* --- operands from arguments ------------------------------------------ */

/* Which positional argument is next, and which letter is being filled. */
struct cursor {
	const struct tree_node *node;
	size_t positional;
	uint8_t operand;
};

static const struct tree_arg *
next_positional(struct cursor *cur)
{
	const struct tree_arg *a =
	    tree_positional(cur->node, cur->positional++);

	assert(a != NULL);
	return a;
}

static uint64_t
from_number(struct compile *c, struct cursor *cur)
{
	(void)c;
	return next_positional(cur)->number;
}

static uint64_t
from_string(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *a = next_positional(cur);

	return intern(c, a->v[0].text, a->v[0].refs);
}

static uint64_t
from_list(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *a = next_positional(cur);

	return add_list(c, a->v, a->n);
}

static uint64_t
from_flags(struct compile *c, struct cursor *cur)
{
	uint64_t flags = 0;

	(void)c;
	for (const struct tree_arg *a = cur->node->args; a != NULL; a = a->next)
		if (a->tag != NULL)
			flags |= a->tag->flag;
	return flags;
}

static uint64_t
from_part(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *a = tree_tag(cur->node, "address-part");
	const struct sieve_part *part =
	    a != NULL ? a->tag->part : ext_part(S("all"));
	struct sieve_program *prog = c->prog;

	for (uint32_t i = 0; i < prog->nparts; i++)
		if (prog->part[i] == part)
			return i;
	prog->part = room(c->arena, prog->part, prog->nparts, &c->part_cap,
	    sizeof(struct sieve_part *));
	prog->part[prog->nparts] = part;
	return prog->nparts++;
}

static uint64_t
from_match(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *type = tree_tag(cur->node, "match-type");
	const struct tree_arg *cmp = tree_tag(cur->node, "comparator");
	const struct sieve_ext *owner;
	struct sieve_program *prog = c->prog;
	struct sieve_match m = {
		.comparator = cmp != NULL
		                  ? ext_comparator(cmp->next->v[0].text, &owner)
		                  : &comparator_casemap,
		.type = type != NULL ? tree_match_type(type) : &match_is,
		.list = (uint32_t)from_list(c, cur),
	};

	prog->match = room(c->arena, prog->match, prog->nmatches, &c->match_cap,
	    sizeof(struct sieve_match));
	prog->match[prog->nmatches] = m;
	return prog->nmatches++;
}

/* The value of the tag that fills this letter, or NULL. */
static const struct tree_arg *
tag_value(const struct cursor *cur)
{
	for (const struct tree_arg *a = cur->node->args; a != NULL; a = a->next)
		if (a->tag != NULL && a->tag->arg != 0 &&
		    a->tag->operand == cur->operand && a->tag->operand != 0)
			return a->next;
	return NULL;
}

static uint64_t
from_tag_number(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *a = tag_value(cur);

	(void)c;
	return a != NULL ? a->number : 0;
}

static uint64_t
from_tag_string(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *a = tag_value(cur);

	return a != NULL ? intern(c, a->v[0].text, a->v[0].refs) : 0;
}

static uint64_t
from_tag_list(struct compile *c, struct cursor *cur)
{
	const struct tree_arg *a = tag_value(cur);

	return a != NULL ? add_list(c, a->v, a->n) : 0;
}

static uint64_t
from_nothing(struct compile *c, struct cursor *cur)
{
	(void)c;
	(void)cur;
	return JUMPS_NONE;
}

static const struct {
	char letter;
	uint64_t (*make)(struct compile *, struct cursor *);
} makers[] = {
	{ 'n', from_number },
	{ 's', from_string },
	{ 'l', from_list },
	{ 'h', from_list },
	{ 'm', from_match },
	{ 'p', from_part },
	{ 'f', from_flags },
	{ 'j', from_nothing },
	{ 'N', from_tag_number },
	{ 'S', from_tag_string },
	{ 'L', from_tag_list },
};

static uint64_t
make_operand(struct compile *c, char letter, struct cursor *cur)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (makers[i].letter == letter)
			return makers[i].make(c, cur);
	assert(!"signature letter is not in the table");
	return 0;
}

/* --- instructions ----------------------------------------------------- */

static void
add_insn(
    struct compile *c, const struct tree_node *node, const struct sieve_op *op)
{
	struct sieve_program *prog = c->prog;

	prog->code = room(c->arena, prog->code, prog->ncode, &c->code_cap,
	    sizeof(struct sieve_insn));
	prog->code[prog->ncode++] = (struct sieve_insn){
		.op = op,
		.line = node->at.line,
		.column = node->at.column,
		.at = prog->noperands,
	};
}

void
compile_string_op(struct compile *c, const struct tree_node *node,
    const struct sieve_op *op, struct str s)
{
	add_insn(c, node, op);
	add_operand(c, intern(c, s, false));
}

void
compile_op(
    struct compile *c, const struct tree_node *node, const struct sieve_op *op)
{
	struct cursor cur = { .node = node };

	add_insn(c, node, op);
	for (; op->sig[cur.operand] != '\0'; cur.operand++)
		add_operand(c, make_operand(c, op->sig[cur.operand], &cur));
}

/* A jump op has one operand; *jumps is 1 + the operand of the last one. */
void
compile_jump(struct compile *c, const struct tree_node *node,
    const struct sieve_op *op, uint32_t *jumps)
{
	compile_op(c, node, op);
	c->prog->operand[c->prog->noperands - 1] = *jumps;
	*jumps = c->prog->noperands;
}

void
compile_land(struct compile *c, uint32_t *jumps)
{
	while (*jumps != JUMPS_NONE) {
		uint64_t *operand = &c->prog->operand[*jumps - 1];

		*jumps = (uint32_t)*operand;
		*operand = c->prog->ncode;
	}
}

struct compile_loop **
compile_loops(struct compile *c)
{
	return &c->loops;
}

/* A tag may choose another one. */
static const struct sieve_op *
op_of(const struct tree_node *node)
{
	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		if (a->tag != NULL && a->tag->op != NULL)
			return a->tag->op;
	return node->cmd->op;
}

void
compile_node(struct compile *c, const struct tree_node *node)
{
	for (size_t i = 0; i < node->needs.n; i++)
		compile_string_op(c, node, &op_need, node->needs.v[i]);
	if (node->cmd == NULL || node->unavailable.len > 0)
		compile_string_op(c, node, &op_unavailable, node->unavailable);
	else if (node->cmd->emit != NULL)
		node->cmd->emit(c, node);
	else
		compile_op(c, node, op_of(node));
}

/* What follows another command (elsif, else) was emitted with that one. */
void
compile_block(struct compile *c, const struct tree_node *node)
{
	for (; node != NULL; node = node->next)
		if (node->cmd == NULL || node->cmd->follows == NULL)
			compile_node(c, node);
}

struct sieve_program *
compile_script(struct arena *arena, const struct tree_node *script)
{
	struct compile c = { .arena = arena,
		.prog = ARENA_NEW(arena, struct sieve_program) };

	rehash(&c);
	intern(&c, S(""), false);
	add_list(&c, NULL, 0);
	compile_block(&c, script);
	return c.prog;
}
