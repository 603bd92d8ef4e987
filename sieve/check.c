/*
 * check: knows how the rows of the command tables are to be read; no row by
 * name but "require". Looks at constants only through the rows' own
 * functions.
 */
#include "sieve/check_own.h"

#include <stdio.h>

#include "lib/arena.h"

enum { MAX_UNKNOWN = 200 }; /* nobody reads more */

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

struct strlist *
check_variables(struct check *c)
{
	return &c->variables;
}

struct strlist *
check_globals(struct check *c)
{
	return &c->globals;
}

static size_t
index_of(const struct sieve_ext *ext)
{
	size_t i = 0;

	while (ext_at(i) != ext)
		i++;
	return i;
}

void
check_note_use(struct check *c, const struct sieve_ext *ext)
{
	c->used[index_of(ext)] = true;
}

bool
check_enabled(struct check *c, const struct sieve_ext *ext)
{
	size_t i = index_of(ext);

	c->used[i] = true;
	return c->enabled[i];
}

/* Extensions that change how a script is read cannot come later. */
static bool
can_defer(const struct check *c, const struct sieve_ext *ext)
{
	return c->defers && ext->string == NULL && !ext->references;
}

bool
check_use(struct check *c, const struct sieve_ext *ext)
{
	if (check_enabled(c, ext))
		return true;
	if (!can_defer(c, ext))
		return false;
	if (!strlist_has(&c->node->needs, str_c(ext->name)))
		strlist_add(c->arena, &c->node->needs, str_c(ext->name));
	return true;
}

bool
check_defer(struct check *c, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	if (!c->defers)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->node->unavailable.len == 0)
		c->node->unavailable = str_dup(c->arena, str_c(text));
	return true;
}

bool
check_enabled_at(const struct check *c, size_t i)
{
	return c->enabled[i];
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
				near_consider(&near, cmd->name);
	return near_hint(c, &near, "");
}

/* Once per name: the second use teaches nothing. */
static void
unknown_cmd(
    struct check *c, const struct tree_node *node, enum sieve_cmd_kind kind)
{
	if (check_defer(c, "unknown %s \"%s\"",
		kind == SIEVE_TEST ? "test" : "command",
		diag_quote(c->diag, node->name)))
		return;
	if (c->unknown.n >= MAX_UNKNOWN ||
	    strlist_casehas(&c->unknown, node->name))
		return;
	strlist_add(c->arena, &c->unknown, node->name);
	diag_add(c->diag, node->at, hint_cmd(c, node->name, kind),
	    "unknown %s \"%s\"", kind == SIEVE_TEST ? "test" : "command",
	    diag_quote(c->diag, node->name));
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
	const struct sieve_ext *ext;
	struct str hint;

	if (!has_stray_test(node))
		return;
	hint = str_printf(c->arena, "missing semicolon after %s?", cmd->name);
	if (test != NULL &&
	    check_find_tag(c, cmd, test->name, true, &ext) != NULL)
		hint = str_printf(c->arena, "missing colon: write :%s",
		    diag_quote(c->diag, test->name));
	diag_add(c->diag, test != NULL ? test->at : node->at, hint,
	    "the %s %s takes no test", cmd->name, check_kind_word(cmd));
	node->broken = true;
}

static void
check_test_count(struct check *c, const struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;

	if (cmd->tests == SIEVE_TEST_LIST && !node->paren)
		diag_add(c->diag, node->at, S("write: (test, test)"),
		    "the %s %s needs a list of tests in parentheses", cmd->name,
		    check_kind_word(cmd));
	else if (cmd->tests == SIEVE_ONE_TEST && node->paren)
		diag_add(c->diag, node->at, S("use anyof or allof for a list"),
		    "the %s %s takes one test, not a list in parentheses",
		    cmd->name, check_kind_word(cmd));
	else if (cmd->tests == SIEVE_ONE_TEST && node->tests == NULL)
		diag_add(c->diag, node->at, S("such as: exists \"X-Spam\""),
		    "the %s %s needs a test", cmd->name, check_kind_word(cmd));
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
		diag_add(c->diag, node->at,
		    S("put what is to be done between { and }"),
		    "the %s %s needs a block: { ... }", cmd->name,
		    check_kind_word(cmd));
	else if (!cmd->block && node->has_block)
		diag_add(c->diag, node->at, S("it ends with ';'"),
		    "the %s %s takes no block", cmd->name,
		    check_kind_word(cmd));
}

/* One command or test, not what stands in its block. */
static void
check_node(struct check *c, struct tree_node *node, enum sieve_cmd_kind kind)
{
	const struct sieve_ext *ext;

	c->node = node;
	node->cmd = find_cmd(c, node->name, kind, true, &ext);
	if (node->cmd == NULL && c->defers) {
		node->cmd = find_cmd(c, node->name, kind, false, &ext);
		if (node->cmd != NULL && !check_use(c, ext))
			node->cmd = NULL;
	}
	if (node->cmd != NULL)
		check_note_use(c, ext);
	if (node->cmd == NULL) {
		unknown_cmd(c, node, kind);
		return;
	}
	if (node->broken)
		return;
	check_strings(c, node);
	check_stray_test(c, node);
	check_arguments(c, node);
	check_tests(c, node);
	if (kind == SIEVE_COMMAND && !has_stray_test(node))
		check_has_block(c, node);
	c->node = node;
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
	const struct tree_node *prev = NULL, *parent = c->parent;

	for (; node != NULL; prev = node, node = node->next) {
		node->parent = parent;
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
			near_consider(&near, ext_at(i)->name);
	return near_hint(c, &near, "");
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
		if (ext_at(i) == ext ||
		    (ext->implies != NULL && ext_at(i)->name != NULL &&
			strcmp(ext_at(i)->name, ext->implies) == 0))
			c->enabled[i] = true;
	c->defers |= ext->defers;
	if (!strlist_has(&c->capabilities, s->text))
		strlist_add(c->arena, &c->capabilities, s->text);
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

struct check_result
check_script(struct arena *arena, struct tree_node *script,
    const struct sieve_limits *limits, struct diag *diag)
{
	struct check c = { .arena = arena,
		.diag = diag,
		.limits = limits,
		.enabled = ARENA_ARRAY(arena, ext_count(), bool),
		.used = ARENA_ARRAY(arena, ext_count(), bool) };
	struct tree_node *rest;

	for (size_t i = 0; i < ext_count(); i++)
		c.enabled[i] = ext_at(i)->name == NULL;
	rest = check_requires(&c, script);
	check_late_requires(&c, rest);
	check_block(&c, rest);
	return (struct check_result){ c.capabilities, c.used };
}
