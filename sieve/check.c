/*
 * check: knows how the rows of the command tables are to be read; no row by
 * name but "require". Looks at constants only through the rows' own
 * functions.
 */
#include "sieve/check.h"

#include "lib/arena.h"

enum { MAX_UNKNOWN = 200 }; /* nobody reads more */

struct check {
	struct arena *arena;
	struct diag *diag;
	const struct sieve_limits *limits;
	bool *enabled; /* by index of the extension */
	struct strlist *capabilities;
	struct strlist unknown;         /* names reported already */
	const struct tree_node *parent; /* in whose block we are */
};

static void check_node(struct check *, struct tree_node *, enum sieve_cmd_kind);

struct diag *
check_diag(struct check *c)
{
	return c->diag;
}

struct arena *
check_arena(struct check *c)
{
	return c->arena;
}

const struct sieve_limits *
check_limits(const struct check *c)
{
	return c->limits;
}

const struct tree_node *
check_parent(const struct check *c)
{
	return c->parent;
}

bool
check_enabled(const struct check *c, const struct sieve_ext *ext)
{
	for (size_t i = 0; i < ext_count(); i++)
		if (ext_at(i) == ext)
			return c->enabled[i];
	return false;
}

bool
check_enabled_at(const struct check *c, size_t i)
{
	return c->enabled[i];
}

const struct tree_arg *
tree_positional(const struct tree_node *node, size_t i)
{
	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		if (a->kind != TREE_TAG && !a->is_value && i-- == 0)
			return a;
	return NULL;
}

static const char *
group_of(const struct sieve_tag *tag)
{
	return tag->group != NULL ? tag->group : tag->name;
}

const struct tree_arg *
tree_tag(const struct tree_node *node, const char *group)
{
	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		if (a->tag != NULL && strcmp(group_of(a->tag), group) == 0)
			return a;
	return NULL;
}

const struct sieve_match_type *
tree_match_type(const struct tree_arg *tag)
{
	if (tag->tag->choose == NULL || tag->next == NULL || tag->next->n == 0)
		return tag->tag->match;
	return tag->tag->choose(tag->next->v[0].text);
}

/* --- hints ------------------------------------------------------------ */

struct str
check_hint_require(struct check *c, const struct sieve_ext *ext)
{
	return str_printf(c->arena, "add require \"%s\";", ext->name);
}

/* A candidate for "did you mean". */
struct near {
	struct str wanted;
	const char *best;
	unsigned distance;
};

static void
consider(struct near *near, const char *candidate)
{
	unsigned d;

	if (near->distance == 0)
		return;
	d = str_distance(near->wanted, str_c(candidate), near->distance - 1);
	if (d < near->distance) {
		near->best = candidate;
		near->distance = d;
	}
}

static struct near
near_init(struct check *c, struct str wanted)
{
	struct str s = wanted.len > 40 ? S("") : wanted;

	/* two slips at most, one in a short word */
	return (struct near){ .wanted = str_lower(c->arena, s),
		.distance = s.len > 3 ? 3 : 2 };
}

static struct str
hint_near(struct check *c, const struct near *near, const char *mark)
{
	if (near->best == NULL)
		return S("");
	return str_printf(c->arena, "did you mean %s%s?", mark, near->best);
}

/* --- commands and tests ----------------------------------------------- */

static bool
allowed(const struct check *c, const struct sieve_ext *ext)
{
	return c->limits->extra || !ext_is_extra(ext);
}

/* The row; *ext its extension. Enabled ones only, or only those that are not.
 */
static const struct sieve_cmd *
find_cmd(struct check *c, struct str name, enum sieve_cmd_kind kind,
    bool enabled, const struct sieve_ext **ext)
{
	for (size_t i = 0; i < ext_count(); i++) {
		*ext = ext_at(i);
		if (c->enabled[i] != enabled || !allowed(c, *ext))
			continue;
		for (const struct sieve_cmd *cmd = (*ext)->cmds;
		     cmd != NULL && cmd->name != NULL; cmd++)
			if (cmd->kind == kind &&
			    str_caseeq(str_c(cmd->name), name))
				return cmd;
	}
	return NULL;
}

static struct str
hint_cmd(struct check *c, struct str name, enum sieve_cmd_kind kind)
{
	static const char *const kinds[] = { "command", "test" };
	const struct sieve_ext *ext;
	struct near near = near_init(c, name);
	enum sieve_cmd_kind other =
	    kind == SIEVE_TEST ? SIEVE_COMMAND : SIEVE_TEST;

	if (find_cmd(c, name, kind, false, &ext) != NULL)
		return check_hint_require(c, ext);
	if (find_cmd(c, name, other, true, &ext) != NULL)
		return str_printf(c->arena, "\"%s\" is a %s",
		    diag_quote(c->diag, name), kinds[other]);
	for (size_t i = 0; i < ext_count(); i++)
		for (const struct sieve_cmd *cmd = ext_at(i)->cmds;
		     cmd != NULL && cmd->name != NULL; cmd++)
			if (cmd->kind == kind && c->enabled[i])
				consider(&near, cmd->name);
	return hint_near(c, &near, "");
}

/* Once per name: the second use teaches nothing. */
static void
unknown_cmd(
    struct check *c, const struct tree_node *node, enum sieve_cmd_kind kind)
{
	if (c->unknown.n >= MAX_UNKNOWN ||
	    strlist_casehas(&c->unknown, node->name))
		return;
	strlist_add(c->arena, &c->unknown, node->name);
	diag_add(c->diag, node->at, hint_cmd(c, node->name, kind),
	    "unknown %s \"%s\"", kind == SIEVE_TEST ? "test" : "command",
	    diag_quote(c->diag, node->name));
}

/* --- tags ------------------------------------------------------------- */

static bool
applies(const struct sieve_tag *tag, const struct sieve_cmd *cmd)
{
	return word_in(tag->on, cmd->name) || words_meet(tag->on, cmd->classes);
}

static const struct sieve_tag *
find_tag(struct check *c, const struct sieve_cmd *cmd, struct str name,
    bool enabled, const struct sieve_ext **ext)
{
	for (size_t i = 0; i < ext_count(); i++) {
		*ext = ext_at(i);
		if (c->enabled[i] != enabled)
			continue;
		for (const struct sieve_tag *t = (*ext)->tags;
		     t != NULL && t->name != NULL; t++)
			if (str_caseeq(str_c(t->name), name) && applies(t, cmd))
				return t;
	}
	return NULL;
}

static struct str
hint_tag(struct check *c, const struct sieve_cmd *cmd, struct str name)
{
	const struct sieve_ext *ext;
	struct near near = near_init(c, name);

	if (find_tag(c, cmd, name, false, &ext) != NULL)
		return check_hint_require(c, ext);
	for (size_t i = 0; i < ext_count(); i++)
		for (const struct sieve_tag *t = ext_at(i)->tags;
		     t != NULL && t->name != NULL; t++)
			if (c->enabled[i] && applies(t, cmd))
				consider(&near, t->name);
	return hint_near(c, &near, ":");
}

static const char *
kind_word(const struct sieve_cmd *cmd)
{
	return cmd->kind == SIEVE_TEST ? "test" : "command";
}

static bool
value_fits(const struct tree_arg *value, char type)
{
	if (value == NULL)
		return false;
	if (type == 'n')
		return value->kind == TREE_NUMBER;
	return value->kind == TREE_STRING ||
	       (type == 'l' && value->kind == TREE_LIST);
}

static const char *
type_word(char type)
{
	return type == 'n'   ? "a number"
	       : type == 's' ? "a string"
	                     : "a string list";
}

static const char *
arg_word(const struct tree_arg *arg)
{
	static const char *const words[] = {
		[TREE_NUMBER] = "a number",
		[TREE_STRING] = "a string",
		[TREE_LIST] = "a string list",
		[TREE_TAG] = "a tag",
	};

	return arg != NULL ? words[arg->kind] : "nothing";
}

/* Its value follows a tag at once. */
static void
take_value(struct check *c, struct tree_node *node, struct tree_arg *arg)
{
	struct tree_arg *value = arg->next;
	size_t errors = c->diag->errors->n;

	if (arg->tag->arg == 0)
		return;
	if (!value_fits(value, arg->tag->arg)) {
		diag_add(c->diag, value != NULL ? value->at : arg->at, S(""),
		    "tag \":%s\" must be followed by %s, found %s",
		    arg->tag->name, type_word(arg->tag->arg), arg_word(value));
		/* what stands there is taken as the value anyway */
		if (value != NULL && value->kind != TREE_TAG)
			value->is_value = true;
		else
			node->broken = true;
		return;
	}
	value->is_value = true;
	if (arg->tag->check != NULL)
		arg->tag->check(c, value);
	/* perhaps it was no value: what else is missing is then no news */
	node->broken |= c->diag->errors->n > errors;
}

/* RFC 5228 s. 2.6: no tag twice, no two of one group. */
static void
check_group(
    struct check *c, const struct tree_node *node, const struct tree_arg *arg)
{
	const struct tree_arg *first = tree_tag(node, group_of(arg->tag));

	if (first == arg)
		return;
	if (first->tag == arg->tag)
		diag_add(c->diag, arg->at, S(""),
		    "tag \":%s\" is given more than once", arg->tag->name);
	else
		diag_add(c->diag, arg->at, S(""),
		    "tag \":%s\" cannot be used together with \":%s\"",
		    arg->tag->name, first->tag->name);
}

static void
check_tag(struct check *c, struct tree_node *node, struct tree_arg *arg)
{
	const struct sieve_ext *ext;

	arg->tag = find_tag(c, node->cmd, arg->name, true, &ext);
	if (arg->tag == NULL) {
		diag_add(c->diag, arg->at, hint_tag(c, node->cmd, arg->name),
		    "unknown tagged argument \":%s\" for the %s %s",
		    diag_quote(c->diag, arg->name), node->cmd->name,
		    kind_word(node->cmd));
		node->broken = true;
		return;
	}
	/* looks back over all tags: not behind one that nobody knows */
	if (!node->broken)
		check_group(c, node, arg);
	take_value(c, node, arg);
}

static void
check_with(
    struct check *c, const struct tree_node *node, const struct tree_arg *arg)
{
	if (!node->broken && arg->tag != NULL && arg->tag->with != NULL &&
	    tree_tag(node, arg->tag->with) == NULL)
		diag_add(c->diag, arg->at, S(""),
		    "tag \":%s\" cannot be used without \":%s\"",
		    arg->tag->name, arg->tag->with);
}

/* RFC 5228 s. 2.6.2: tags come before positional arguments. */
static void
check_tags(struct check *c, struct tree_node *node)
{
	bool positional = false;

	for (struct tree_arg *a = node->args; a != NULL; a = a->next) {
		if (a->kind == TREE_TAG) {
			/* behind an unknown tag: perhaps that one's value */
			if (positional && !node->broken)
				diag_add(c->diag, a->at, S(""),
				    "tag \":%s\" must stand before the "
				    "positional arguments",
				    diag_quote(c->diag, a->name));
			check_tag(c, node, a);
		} else if (!a->is_value) {
			positional = true;
		}
	}
	for (struct tree_arg *a = node->args; a != NULL; a = a->next)
		check_with(c, node, a);
	if (node->cmd->needs != NULL && !node->broken &&
	    tree_tag(node, node->cmd->needs) == NULL)
		diag_add(c->diag, node->at, S(""),
		    "the %s %s needs one of the tags for its %s",
		    node->cmd->name, kind_word(node->cmd), node->cmd->needs);
}

static struct str
comparator_name(const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "comparator");

	return tag != NULL && tag->next != NULL && tag->next->n == 1
	           ? tag->next->v[0].text
	           : S("i;ascii-casemap");
}

/* RFC 5228 s. 2.7.3: not every comparator can do substrings. */
static void
check_match(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "match-type");
	const struct sieve_match_type *type =
	    tag != NULL ? tree_match_type(tag) : NULL;
	const struct sieve_ext *owner;
	const struct sieve_comparator *cmp =
	    ext_comparator(comparator_name(node), &owner);

	if (type == NULL || cmp == NULL)
		return;
	if (type->substring && !cmp->substring)
		diag_add(c->diag, tag->at, S(""),
		    "match type \":%s\" cannot be used with comparator "
		    "\"%s\"",
		    type->name, cmp->name);
}

/* --- positional arguments --------------------------------------------- */

/* The type of the i-th positional argument: n s l; 0 behind the last. */
static char
positional_type(const struct sieve_cmd *cmd, size_t i)
{
	const char *sig = cmd->op != NULL ? cmd->op->sig : cmd->sig;

	for (; sig != NULL && *sig != '\0'; sig++)
		if (strchr("nslhm", *sig) != NULL && i-- == 0)
			return *sig == 'n' || *sig == 's' ? *sig : 'l';
	return 0;
}

static size_t
count_wanted(const struct sieve_cmd *cmd)
{
	size_t n = 0;

	while (positional_type(cmd, n) != 0)
		n++;
	return n;
}

static size_t
count_given(const struct tree_node *node)
{
	size_t n = 0;

	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		n += a->kind != TREE_TAG && !a->is_value;
	return n;
}

static void
choose_form(struct tree_node *node)
{
	const struct sieve_cmd *other = node->cmd->other;

	if (other != NULL && count_given(node) == count_wanted(other))
		node->cmd = other;
}

static void
check_positional(struct check *c, struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;
	size_t wanted = count_wanted(cmd), given = count_given(node);
	const struct tree_arg *extra = tree_positional(node, wanted);

	/* one too few or too many: which is which cannot be known */
	if (given != wanted) {
		diag_add(c->diag, extra != NULL ? extra->at : node->at, S(""),
		    "the %s %s requires %zu positional argument%s, found %zu",
		    cmd->name, kind_word(cmd), wanted, wanted == 1 ? "" : "s",
		    given);
		node->broken = true;
		return;
	}
	for (size_t i = 0; i < wanted; i++) {
		const struct tree_arg *a = tree_positional(node, i);
		char type = positional_type(cmd, i);

		if (!value_fits(a, type))
			diag_add(c->diag, a->at, S(""),
			    "the %s %s expects %s as argument %zu (%.*s), "
			    "found %s",
			    cmd->name, kind_word(cmd), type_word(type), i + 1,
			    STR_ARG(word_at(cmd->args, i)), arg_word(a));
	}
}

/* Index of the positional argument that holds keys; SIZE_MAX: none. */
static size_t
keys_index(const struct sieve_cmd *cmd)
{
	const char *sig = cmd->op != NULL ? cmd->op->sig : cmd->sig;
	size_t i = 0;

	for (; sig != NULL && *sig != '\0' && *sig != 'm'; sig++)
		i += strchr("nslh", *sig) != NULL;
	return sig != NULL && *sig == 'm' ? i : SIZE_MAX;
}

/* Not every string is a key for every match type. */
static void
check_keys(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "match-type");
	const struct sieve_match_type *type =
	    tag != NULL ? tree_match_type(tag) : NULL;
	const struct tree_arg *keys;
	struct str error;

	if (type == NULL || type->key_ok == NULL ||
	    keys_index(node->cmd) == SIZE_MAX)
		return;
	keys = tree_positional(node, keys_index(node->cmd));
	for (size_t i = 0; keys != NULL && i < keys->n; i++)
		if (!keys->v[i].refs &&
		    !type->key_ok(c->arena, keys->v[i].text, &error))
			diag_add(c->diag, keys->v[i].at, S(""),
			    "\"%s\" is no key for :%s: %.*s",
			    diag_quote(c->diag, keys->v[i].text), type->name,
			    STR_ARG(error));
}

/* --- tests and blocks ------------------------------------------------- */

/*
 * What a missing ';' or ':' makes: the next command, or the tag, is taken for
 * a test. What then seems to be missing here as well is not another mistake.
 */
static bool
has_stray_test(const struct tree_node *node)
{
	return node->cmd->tests == SIEVE_NO_TEST &&
	       (node->tests != NULL || node->paren);
}

static void
check_stray_test(struct check *c, struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;
	const struct tree_node *test = node->tests;
	struct str hint = STR("a ';' may be missing before it");
	const struct sieve_ext *ext;

	if (!has_stray_test(node))
		return;
	if (test != NULL && find_tag(c, cmd, test->name, true, &ext) != NULL)
		hint = str_printf(c->arena, "missing colon: write :%s",
		    diag_quote(c->diag, test->name));
	diag_add(c->diag, test != NULL ? test->at : node->at, hint,
	    "the %s %s takes no test", cmd->name, kind_word(cmd));
	node->broken = true;
}

static void
check_test_count(struct check *c, const struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;

	if (cmd->tests == SIEVE_TEST_LIST && !node->paren)
		diag_add(c->diag, node->at, S("write: (test, test)"),
		    "the %s %s needs a list of tests in parentheses", cmd->name,
		    kind_word(cmd));
	else if (cmd->tests == SIEVE_ONE_TEST && node->paren)
		diag_add(c->diag, node->at, S("use anyof or allof for a list"),
		    "the %s %s takes one test, not a list in parentheses",
		    cmd->name, kind_word(cmd));
	else if (cmd->tests == SIEVE_ONE_TEST && node->tests == NULL)
		diag_add(c->diag, node->at, S(""), "the %s %s needs a test",
		    cmd->name, kind_word(cmd));
}

static void
check_tests(struct check *c, struct tree_node *node)
{
	check_test_count(c, node);
	if (node->cmd->tests == SIEVE_NO_TEST)
		return;
	for (struct tree_node *t = node->tests; t != NULL; t = t->next)
		check_node(c, t, SIEVE_TEST);
}

static void
check_has_block(struct check *c, const struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;

	if (cmd->block && !node->has_block)
		diag_add(c->diag, node->at, S(""),
		    "the %s %s needs a block: { ... }", cmd->name,
		    kind_word(cmd));
	else if (!cmd->block && node->has_block)
		diag_add(c->diag, node->at, S("it ends with ';'"),
		    "the %s %s takes no block", cmd->name, kind_word(cmd));
}

/* One command or test, not what stands in its block. */
static void
check_node(struct check *c, struct tree_node *node, enum sieve_cmd_kind kind)
{
	const struct sieve_ext *ext;

	node->cmd = find_cmd(c, node->name, kind, true, &ext);
	if (node->cmd == NULL) {
		unknown_cmd(c, node, kind);
		return;
	}
	if (node->broken)
		return;
	check_strings(c, node);
	check_stray_test(c, node);
	check_tags(c, node);
	check_match(c, node);
	choose_form(node);
	if (!node->broken) {
		check_positional(c, node);
		check_keys(c, node);
	}
	check_tests(c, node);
	if (kind == SIEVE_COMMAND && !has_stray_test(node))
		check_has_block(c, node);
	if (node->cmd->check != NULL && !node->broken)
		node->cmd->check(c, node);
}

/* elsif and else: RFC 5228 s. 3.1 */
static void
check_follows(
    struct check *c, const struct tree_node *prev, const struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;

	if (cmd == NULL || cmd->follows == NULL ||
	    (prev != NULL && prev->cmd == NULL))
		return;
	if (prev == NULL || !word_in(cmd->follows, prev->cmd->name))
		diag_add(c->diag, node->at, S(""),
		    "\"%s\" must follow \"%.*s\" or \"%.*s\" at once",
		    cmd->name, STR_ARG(word_at(cmd->follows, 0)),
		    STR_ARG(word_at(cmd->follows, 1)));
}

/* Recursion is as deep as the parser allowed. */
static void
check_block(struct check *c, struct tree_node *node)
{
	const struct tree_node *prev = NULL;

	const struct tree_node *parent = c->parent;

	for (; node != NULL; prev = node, node = node->next) {
		check_node(c, node, SIEVE_COMMAND);
		check_follows(c, prev, node);
		c->parent = node;
		check_block(c, node->block);
		c->parent = parent;
	}
}

/* --- require ---------------------------------------------------------- */

static struct str
hint_capability(struct check *c, struct str name)
{
	struct near near = near_init(c, name);

	for (size_t i = 0; i < ext_count(); i++)
		if (ext_at(i)->name != NULL && allowed(c, ext_at(i)))
			consider(&near, ext_at(i)->name);
	return hint_near(c, &near, "");
}

static void
enable(struct check *c, const struct tree_string *s)
{
	const struct sieve_ext *ext = ext_by_capability(s->text);

	if (ext == NULL || !allowed(c, ext)) {
		diag_add(c->diag, s->at, hint_capability(c, s->text),
		    "unknown capability \"%s\"", diag_quote(c->diag, s->text));
		return;
	}
	for (size_t i = 0; i < ext_count(); i++)
		if (ext_at(i) == ext)
			c->enabled[i] = true;
	if (!strlist_has(c->capabilities, s->text))
		strlist_add(c->arena, c->capabilities, s->text);
}

static void
enable_all(struct check *c, const struct tree_node *require)
{
	size_t n = require->args != NULL ? require->args->n : 0;

	for (size_t i = 0; i < n; i++)
		enable(c, &require->args->v[i]);
}

/*
 * RFC 5228 s. 3.2. The commands in front are read for what they enable;
 * that they are well formed is checked with all others, and no extension
 * may touch their strings (s. 6).
 */
static struct tree_node *
check_requires(struct check *c, struct tree_node *node)
{
	for (; node != NULL && str_caseeq(node->name, S("require"));
	     node = node->next) {
		struct tree_node *next = node->next;

		enable_all(c, node);
		node->next = NULL;
		check_block(c, node);
		node->next = next;
	}
	return node;
}

/* What it names counts all the same: one mistake is one error. */
static void
late_require(struct check *c, const struct tree_node *node)
{
	enable_all(c, node);
	diag_add(c->diag, node->at, S("move it to the top of the script"),
	    "\"require\" must stand before all other commands");
}

/* Also in blocks; the depth is bounded by the parser. */
static void
check_late_requires(struct check *c, const struct tree_node *node)
{
	for (; node != NULL; node = node->next) {
		if (str_caseeq(node->name, S("require")))
			late_require(c, node);
		check_late_requires(c, node->block);
	}
}

void
check_script(struct arena *arena, struct tree_node *script,
    const struct sieve_limits *limits, struct diag *diag,
    struct strlist *capabilities)
{
	struct check c = { .arena = arena,
		.diag = diag,
		.limits = limits,
		.enabled = ARENA_ARRAY(arena, ext_count(), bool),
		.capabilities = capabilities };
	struct tree_node *rest;

	for (size_t i = 0; i < ext_count(); i++)
		c.enabled[i] = ext_at(i)->name == NULL;
	rest = check_requires(&c, script);
	check_late_requires(&c, rest);
	check_block(&c, rest);
}
