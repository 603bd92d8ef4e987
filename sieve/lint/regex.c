/*
 * regex: regular expressions that match nothing, because something must come
 * in front of the beginning or behind the end. Only what is certain is said:
 * an atom that may be left out is as if it were not there.
 *   IEEE Std 1003.1 s. 9.4
 */
#include "sieve/lint/own.h"

enum { MAX_DEPTH = 100 }; /* as ere_translate */

/* What is known of a branch up to here. */
struct branch {
	bool taken; /* at least one octet was taken */
	bool ended; /* it had to be the end */
	bool never; /* it cannot match */
};

/* What a group may be: the best of its branches. */
struct group {
	struct branch here;
	bool some_can; /* a branch that can match was there */
	bool may_take_nothing;
	bool may_go_on; /* not ended */
};

struct scan {
	struct str in;
	size_t i;
	struct group stack[MAX_DEPTH];
	size_t depth;
};

static char
peek(const struct scan *s)
{
	return s->i < s->in.len ? s->in.p[s->i] : '\0';
}

static void
end_branch(struct group *g)
{
	if (!g->here.never) {
		g->some_can = true;
		g->may_take_nothing |= !g->here.taken;
		g->may_go_on |= !g->here.ended;
	}
	g->here = (struct branch){ 0 };
}

/* What behind an atom says that it may be left out; moves behind it. */
static bool
optional(struct scan *s)
{
	char c = peek(s);
	bool zero = false;

	for (; c != '\0' && strchr("*?+{", c) != NULL; c = peek(s)) {
		zero |= c == '*' || c == '?';
		s->i++;
		if (c != '{')
			continue;
		zero |= peek(s) == '0' || peek(s) == ',';
		while (s->i < s->in.len && s->in.p[s->i++] != '}')
			;
	}
	return zero;
}

/* An atom that takes an octet at least, unless it is left out. */
static void
take(struct scan *s)
{
	struct branch *b = &s->stack[s->depth].here;

	if (optional(s))
		return;
	b->never |= b->ended;
	b->taken = true;
}

/* Behind ")": what the group said counts for the branch it stands in. */
static void
close_group(struct scan *s)
{
	struct group g = s->stack[s->depth];
	struct branch *b;

	end_branch(&g);
	s->depth--;
	b = &s->stack[s->depth].here;
	if (optional(s))
		return;
	b->never |= !g.some_can || (b->ended && !g.may_take_nothing);
	b->taken |= !g.may_take_nothing;
	b->ended |= !g.may_go_on;
}

/* "[" and what is in it, to behind "]". */
static void
skip_bracket(struct scan *s)
{
	s->i++;
	if (peek(s) == '^')
		s->i++;
	if (peek(s) == ']')
		s->i++;
	for (; s->i < s->in.len && peek(s) != ']'; s->i++) {
		char mark = s->i + 1 < s->in.len ? s->in.p[s->i + 1] : '\0';

		if (peek(s) != '[' || strchr(":.=", mark) == NULL ||
		    mark == '\0')
			continue;
		for (s->i += 2;
		     s->i + 1 < s->in.len &&
		     !(s->in.p[s->i] == mark && s->in.p[s->i + 1] == ']');
		     s->i++)
			;
		s->i++;
	}
	s->i++;
}

static void
step(struct scan *s)
{
	struct group *g = &s->stack[s->depth];
	char c = peek(s);

	if (c == '[') {
		skip_bracket(s);
		take(s);
		return;
	}
	s->i += c == '\\' ? 2 : 1;
	if (c == '(') {
		s->stack[++s->depth] = (struct group){ 0 };
	} else if (c == ')' && s->depth > 0) {
		close_group(s);
	} else if (c == '|') {
		end_branch(g);
	} else if (c == '^') {
		g->here.never |= g->here.taken;
	} else if (c == '$') {
		g->here.ended = true;
	} else {
		take(s);
	}
}

/*
 * The octets in front of a group are not known inside of it: "a(^b)" is not
 * found, and neither is anything that needs more than one look.
 */
static bool
never_matches(struct str ere)
{
	struct scan s = { .in = ere };

	while (s.i < ere.len) {
		if (s.depth + 1 >= MAX_DEPTH)
			return false;
		step(&s);
	}
	end_branch(&s.stack[0]);
	return s.depth == 0 && !s.stack[0].some_can;
}

static void
look(struct lint *l, const struct tree_node *node)
{
	const struct tree_arg *type = tree_tag(node, "match-type");
	const struct tree_arg *keys = lint_keys(node);

	if (type == NULL || strcmp(type->tag->name, "regex") != 0)
		return;
	for (size_t i = 0; keys != NULL && i < keys->n; i++)
		if (!keys->v[i].refs && never_matches(keys->v[i].text))
			lint_warn(l, keys->v[i].at,
			    S("\"^\" is the beginning, \"$\" the end of the "
			      "value; write \\\\^ or \\\\$ for themselves"),
			    "nothing matches this regular expression");
}

static void
run(struct lint *l)
{
	lint_each(l, l->script, look);
}

const struct lint_check lint_never_matches = { "never-matches",
	"a regular expression that cannot match", run };
