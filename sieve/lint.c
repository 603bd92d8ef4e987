/*
 * lint: runs the checks of sieve/lint over a script that has no errors, and
 * what they share. Knows the tree; no command by name but if and its kin.
 */
#include "sieve/lint.h"

#include "lib/arena.h"
#include "sieve/lint/own.h"
#include "sieve/parse.h"

#define X(name) &lint_##name,
static const struct lint_check *const checks[] = { LINT_CHECKS(X) };
#undef X
enum { NCHECKS = sizeof(checks) / sizeof(checks[0]) };

const char *
sieve_warning(size_t i, const char **doc)
{
	if (i >= NCHECKS)
		return NULL;
	*doc = checks[i]->doc;
	return checks[i]->name;
}

/* --- for the checks ---------------------------------------------------- */

void
lint_warn(
    struct lint *l, struct place at, struct str hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l->diag, at, hint, fmt, ap);
	va_end(ap);
}

void
lint_each(struct lint *l, const struct tree_node *node,
    void (*visit)(struct lint *, const struct tree_node *))
{
	for (; node != NULL; node = node->next) {
		visit(l, node);
		lint_each(l, node->tests, visit);
		lint_each(l, node->block, visit);
	}
}

void
lint_blocks(struct lint *l, const struct tree_node *first,
    void (*visit)(struct lint *, const struct tree_node *))
{
	visit(l, first);
	for (; first != NULL; first = first->next)
		if (first->block != NULL)
			lint_blocks(l, first->block, visit);
}

bool
lint_is(const struct tree_node *node, const char *name)
{
	return node->cmd != NULL && strcmp(node->cmd->name, name) == 0;
}

bool
lint_goes_on(const struct tree_node *node)
{
	return node != NULL && node->cmd != NULL && node->cmd->follows != NULL;
}

const struct tree_arg *
lint_keys(const struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;
	const char *sig;
	size_t i = 0;

	if (cmd == NULL || cmd->kind != SIEVE_TEST)
		return NULL;
	sig = cmd->op != NULL ? cmd->op->sig : cmd->sig;
	for (; sig != NULL && *sig != '\0' && *sig != 'm'; sig++)
		i += strchr("nslh", *sig) != NULL;
	return sig != NULL && *sig == 'm' ? tree_positional(node, i) : NULL;
}

/* --- all of them ------------------------------------------------------- */

static void
run_checks(struct lint *l)
{
	for (size_t i = 0; i < NCHECKS; i++) {
		if (strlist_has(&l->asked->off, str_c(checks[i]->name)))
			continue;
		l->diag->warning = checks[i]->name;
		checks[i]->run(l);
	}
}

/* false: it has errors */
static bool
parse_and_check(
    struct lint *l, struct str text, const struct sieve_limits *limits)
{
	struct sieve_errors errors;
	struct check_result result;
	struct tree_node *script;
	struct diag diag;

	diag_init(&diag, l->arena, &errors, 1);
	script = parse_script(l->arena, text, limits, &diag);
	result = check_script(l->arena, script, limits, &diag);
	l->script = script;
	l->used = result.used;
	return errors.n == 0;
}

void
sieve_lint(struct arena *arena, struct str text,
    const struct sieve_limits *limits, const struct sieve_lint *asked,
    struct sieve_errors *warnings)
{
	struct arena *scratch = arena_new("sieve lint", 0);
	struct lint l = { .arena = scratch, .asked = asked };
	struct diag diag;

	if (limits == NULL)
		limits = &sieve_limits_default;
	diag_init(&diag, scratch, warnings, limits->errors);
	l.diag = &diag;
	if (text.len <= limits->script_bytes &&
	    parse_and_check(&l, text, limits))
		run_checks(&l);
	sieve_errors_keep(arena, warnings);
	arena_free(scratch);
}
