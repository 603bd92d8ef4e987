/*
 * parse: knows the grammar of RFC 5228 s. 8.2 and how to go on after an
 * error; no command, test or tag by name.
 */
#include "sieve/parse.h"

#include "lib/arena.h"
#include "sieve/token.h"

struct parser {
	struct lexer lx;
	struct token tok;      /* the next one */
	struct place prev_end; /* right behind the one before */
	struct diag *diag;
	struct arena *arena;
	uint32_t nesting;
};

static struct tree_node *parse_commands(struct parser *, uint32_t depth);
static void parse_arguments(
    struct parser *, struct tree_node *, uint32_t depth);

static void
advance(struct parser *p)
{
	p->prev_end = lexer_place(&p->lx);
	lexer_next(&p->lx, &p->tok);
}

static bool
is(const struct parser *p, char punct)
{
	return p->tok.kind == TOKEN_PUNCT && p->tok.punct == punct;
}

static bool
accept(struct parser *p, char punct)
{
	if (!is(p, punct))
		return false;
	advance(p);
	return true;
}

/* Words for what stands here. */
static const char *
found(struct parser *p)
{
	static const char *const words[] = {
		[TOKEN_END] = "the end of the script",
		[TOKEN_NUMBER] = "a number",
		[TOKEN_STRING] = "a string",
	};
	struct buf b;
	struct str s;

	if (p->tok.kind < TOKEN_PUNCT && words[p->tok.kind] != NULL)
		return words[p->tok.kind];
	buf_init(&b, 200);
	if (p->tok.kind == TOKEN_PUNCT)
		buf_printf(&b, "'%c'", p->tok.punct);
	else
		buf_printf(&b, "%s\"%s\"",
		    p->tok.kind == TOKEN_TAG ? "the tag " : "",
		    diag_quote(p->diag, p->tok.text));
	s = str_dup(p->arena, buf_str(&b));
	buf_free(&b);
	return s.p;
}

/* A text that ended inside a string was reported where that began. */
static bool
silent(const struct parser *p)
{
	return p->tok.kind == TOKEN_END && p->lx.cut;
}

static void
expected(struct parser *p, const char *what)
{
	if (!silent(p))
		diag_add(p->diag, p->tok.at, S(""), "expected %s, found %s",
		    what, found(p));
}

/* Skip to where a command or block ends or begins, or to one of stop. */
static void
recover(struct parser *p, const char *stop)
{
	while (
	    p->tok.kind != TOKEN_END &&
	    !(p->tok.kind == TOKEN_PUNCT && strchr(stop, p->tok.punct) != NULL))
		advance(p);
}

static void
add_string(struct parser *p, struct tree_arg *arg, size_t *cap)
{
	if (arg->n == *cap) {
		size_t cap2 = *cap == 0 ? 4 : 2 * *cap;

		arg->v = arena_grow(p->arena, arg->v,
		    *cap * sizeof(struct tree_string),
		    cap2 * sizeof(struct tree_string));
		*cap = cap2;
	}
	arg->v[arg->n++] = (struct tree_string){ p->tok.text, p->tok.at };
	advance(p);
}

/* string-list = "[" string *("," string) "]" */
static bool
parse_list(struct parser *p, struct tree_arg *arg)
{
	size_t cap = 0;

	arg->kind = TREE_LIST;
	advance(p);
	do {
		if (p->tok.kind != TOKEN_STRING) {
			expected(p, "a string in the string list");
			recover(p, "];{}");
			accept(p, ']');
			return false;
		}
		add_string(p, arg, &cap);
	} while (accept(p, ','));
	if (accept(p, ']'))
		return true;
	expected(p, "',' or ']' in the string list");
	recover(p, "];{}");
	accept(p, ']');
	return false;
}

/* argument = string-list / number / tag */
static bool
parse_argument(struct parser *p, struct tree_node *node, struct tree_arg ***end)
{
	struct tree_arg *arg = ARENA_NEW(p->arena, struct tree_arg);
	size_t cap = 0;

	arg->at = p->tok.at;
	**end = arg;
	*end = &arg->next;
	if (is(p, '[')) {
		if (!parse_list(p, arg))
			node->broken = true;
	} else if (p->tok.kind == TOKEN_STRING) {
		arg->kind = TREE_STRING;
		add_string(p, arg, &cap);
	} else if (p->tok.kind == TOKEN_NUMBER) {
		arg->kind = TREE_NUMBER;
		arg->number = p->tok.number;
		advance(p);
	} else {
		arg->kind = TREE_TAG;
		arg->name = p->tok.text;
		advance(p);
	}
	return !node->broken;
}

static struct tree_node *
new_node(struct parser *p)
{
	struct tree_node *node = ARENA_NEW(p->arena, struct tree_node);

	node->name = p->tok.text;
	node->at = p->tok.at;
	advance(p);
	return node;
}

/* test = identifier arguments */
static struct tree_node *
parse_test(struct parser *p, struct tree_node *parent, uint32_t depth)
{
	struct tree_node *node;

	if (p->tok.kind != TOKEN_NAME) {
		expected(p, "a test");
		parent->broken = true;
		recover(p, ",);{}");
		return NULL;
	}
	if (depth > p->nesting) {
		diag_add(p->diag, p->tok.at, S(""),
		    "tests are nested deeper than the limit of %u", p->nesting);
		parent->broken = true;
		recover(p, ";{}");
		return NULL;
	}
	node = new_node(p);
	parse_arguments(p, node, depth);
	if (node->broken)
		parent->broken = true;
	return node;
}

/* test-list = "(" test *("," test) ")" */
static void
parse_test_list(struct parser *p, struct tree_node *node, uint32_t depth)
{
	struct tree_node **end = &node->tests;

	node->paren = true;
	advance(p);
	do {
		*end = parse_test(p, node, depth);
		if (*end != NULL)
			end = &(*end)->next;
	} while (accept(p, ','));
	if (accept(p, ')'))
		return;
	if (!node->broken)
		expected(p, "',' or ')' in the test list");
	node->broken = true;
	recover(p, ");{}");
	accept(p, ')');
}

static bool
starts_argument(const struct parser *p)
{
	return p->tok.kind == TOKEN_STRING || p->tok.kind == TOKEN_NUMBER ||
	       p->tok.kind == TOKEN_TAG || is(p, '[');
}

/* arguments = *argument [ test / test-list ] */
static void
parse_arguments(struct parser *p, struct tree_node *node, uint32_t depth)
{
	struct tree_arg **end = &node->args;

	while (starts_argument(p))
		if (!parse_argument(p, node, &end))
			break;
	if (is(p, '('))
		parse_test_list(p, node, depth + 1);
	else if (p->tok.kind == TOKEN_NAME)
		node->tests = parse_test(p, node, depth + 1);
}

/* Too deep: what stands in the block is skipped without recursion. */
static void
skip_block(struct parser *p)
{
	size_t depth = 1;

	while (p->tok.kind != TOKEN_END && depth > 0) {
		if (is(p, '{'))
			depth++;
		else if (is(p, '}'))
			depth--;
		advance(p);
	}
}

/* block = "{" commands "}" */
static void
parse_block(struct parser *p, struct tree_node *node, uint32_t depth)
{
	struct place at = p->tok.at;

	node->has_block = true;
	advance(p);
	if (depth > p->nesting) {
		diag_add(p->diag, at, S(""),
		    "blocks are nested deeper than the limit of %u",
		    p->nesting);
		skip_block(p);
		return;
	}
	node->block = parse_commands(p, depth);
	if (!accept(p, '}') && !silent(p))
		diag_add(p->diag, at, S("add '}' where it ends"),
		    "block is not closed: '}' is missing");
}

/* What ends a command; node->broken when it had to be searched. */
static void
parse_command_end(struct parser *p, struct tree_node *node, uint32_t depth)
{
	if (accept(p, ';'))
		return;
	if (!is(p, '{') && !silent(p)) {
		if (!node->broken)
			diag_add(p->diag, p->prev_end, S(""),
			    "missing semicolon: expected ';' or a block "
			    "after \"%s\", found %s",
			    diag_quote(p->diag, node->name), found(p));
		node->broken = true;
		recover(p, ";{}");
		if (accept(p, ';'))
			return;
	}
	if (is(p, '{'))
		parse_block(p, node, depth + 1);
}

/* command = identifier arguments (";" / block) */
static struct tree_node *
parse_command(struct parser *p, uint32_t depth)
{
	struct tree_node *node = new_node(p);

	parse_arguments(p, node, 0);
	parse_command_end(p, node, depth);
	return node;
}

/*
 * A block that belongs to no command is read up to its end, or that would be
 * the next error. Most often a ';' cut it off from the command before it.
 */
static void
parse_stray_block(struct parser *p, struct tree_node *before, uint32_t depth)
{
	struct tree_node *node = ARENA_NEW(p->arena, struct tree_node);

	if (before != NULL && !before->has_block) {
		diag_add(p->diag, p->tok.at, S("remove the ';' in front of it"),
		    "expected a command, found '{'");
		before->broken = true;
		node = before;
	} else {
		expected(p, "a command");
	}
	parse_block(p, node, depth + 1);
}

/* Something that cannot start a command. before: the one that ended, NULL */
static void
parse_junk(struct parser *p, struct tree_node *before, uint32_t depth)
{
	bool empty = is(p, ';');

	if (is(p, '{')) {
		parse_stray_block(p, before, depth);
		return;
	}
	expected(p, "a command");
	advance(p);
	if (empty || p->tok.kind == TOKEN_NAME)
		return;
	recover(p, ";{}");
	accept(p, ';');
}

/* commands = *command; ends before "}" or at the end of the text */
static struct tree_node *
parse_commands(struct parser *p, uint32_t depth)
{
	struct tree_node *first = NULL, **end = &first, *last = NULL;

	while (p->tok.kind != TOKEN_END) {
		if (is(p, '}')) {
			if (depth > 0)
				break;
			diag_add(p->diag, p->tok.at, S(""),
			    "'}' without a '{' before it");
			advance(p);
		} else if (p->tok.kind != TOKEN_NAME) {
			parse_junk(p, last, depth);
			last = NULL;
		} else {
			*end = last = parse_command(p, depth);
			end = &last->next;
		}
	}
	return first;
}

struct tree_node *
parse_script(struct arena *arena, struct str text,
    const struct sieve_limits *limits, struct diag *diag)
{
	struct parser p = {
		.diag = diag, .arena = arena, .nesting = limits->nesting
	};

	if (!lexer_init(&p.lx, arena, diag, limits, text))
		return NULL;
	advance(&p);
	return parse_commands(&p, 0);
}
