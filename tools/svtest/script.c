/*
 * script: other scripts that a test suite compiles and runs, and the errors
 * that are collected meanwhile. Their plans come from result.c.
 */
#include <fcntl.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "sieve/check.h"
#include "sieve/compile.h"
#include "tools/svtest/svtest.h"

enum {
	SCRIPT_MAX = 16 << 20, /* octets of a file */
	APPEND_RESULT = 1 << 0,
};

static void
add_error(struct svtest *t, struct str text, struct str hint)
{
	struct str both = str_dup(t->arena, text);

	strlist_add(t->arena, &t->errors, both);
	if (hint.len > 0)
		both = str_printf(
		    t->arena, "%.*s (%.*s)", STR_ARG(text), STR_ARG(hint));
	strlist_add(t->arena, &t->hinted, both);
}

void
svtest_error(struct svtest *t, struct str text)
{
	add_error(t, text, S(""));
}

void
svtest_clear_errors(struct svtest *t)
{
	t->errors = t->hinted = (struct strlist){ 0 };
}

/* --- compiling ----------------------------------------------------------- */

static bool
read_script(struct svtest *t, struct str path, struct str *text)
{
	struct str full = path;
	bool ok;
	int fd;

	if (!str_starts(path, S("/")))
		full = str_printf(
		    t->arena, "%.*s/%.*s", STR_ARG(t->dir), STR_ARG(path));
	fd = open(str_cstr(t->arena, full), O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		full = str_printf(t->arena, "%.*s.sieve", STR_ARG(full));
		fd = open(full.p, O_RDONLY | O_CLOEXEC);
	}
	ok = fd >= 0 && fs_read_fd(fd, SCRIPT_MAX, t->arena, text, NULL);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
has_syntax_error(const struct sieve_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		if (errors->v[i].syntax)
			return true;
	return false;
}

/* An entry each, and one that says that there were some. Suites count on two
 * passes: what does not parse is not looked at any further. */
static void
collect(struct svtest *t, const struct sieve_errors *errors)
{
	bool syntax = has_syntax_error(errors);

	for (size_t i = 0; i < errors->n; i++) {
		const struct sieve_error *e = &errors->v[i];

		if (e->syntax != syntax)
			continue;
		add_error(t, e->text, e->hint);
	}
	svtest_error(t, syntax ? S("parse failed") : S("validation failed"));
}

/* Beside the suite: RFC 6609 s. 3.2 */
enum sieve_found
svtest_included(void *ctx, bool global, struct str name,
    const struct sieve_program **prog, struct str *why)
{
	struct svtest *t = ctx;
	struct str path = str_printf(t->arena, "%s/%.*s",
	    global ? "included-global" : "included", STR_ARG(name));
	struct sieve_limits limits = t->limits;
	struct sieve_errors errors;
	struct str text;

	limits.extra = true;
	if (!read_script(t, path, &text))
		return SIEVE_MISSING;
	*prog = sieve_compile(t->arena, text, &limits, &errors);
	if (*prog != NULL)
		return SIEVE_FOUND;
	collect(t, &errors);
	*why = errors.v[0].text;
	return SIEVE_BROKEN;
}

/* --- included scripts, when the one that includes is compiled ------------ */

struct chain {
	const struct chain *up;
	const struct sieve_include *include; /* NULL: the script itself */
	uint32_t depth;
};

static bool
includes_itself(const struct chain *chain, const struct sieve_include *inc)
{
	for (; chain != NULL && chain->include != NULL; chain = chain->up)
		if (chain->include->global == inc->global &&
		    str_eq(chain->include->name, inc->name))
			return true;
	return false;
}

static bool
include_error(
    struct svtest *t, const struct sieve_include *inc, const char *what)
{
	svtest_error(t, str_printf(t->arena, "include: script \"%.*s\" %s",
			    STR_ARG(inc->name), what));
	return false;
}

static bool check_includes(struct svtest *, const struct sieve_program *,
    const struct chain *, struct strlist *seen);

static bool
check_include(struct svtest *t, const struct sieve_include *inc,
    const struct chain *up, struct strlist *seen)
{
	struct chain chain = { up, inc, up->depth + 1 };
	struct str key =
	    str_printf(t->arena, "%d%.*s", inc->global, STR_ARG(inc->name));
	const struct sieve_program *prog;
	struct str why;

	if (includes_itself(up, inc))
		return inc->once || include_error(t, inc, "includes itself");
	if (strlist_has(seen, key))
		return true;
	strlist_add(t->arena, seen, key);
	if (chain.depth >= t->limits.include_depth)
		return include_error(t, inc, "is nested too deep");
	if (seen->n > t->limits.includes)
		return include_error(t, inc, "is one too many");
	switch (svtest_included(t, inc->global, inc->name, &prog, &why)) {
	case SIEVE_FOUND:
		return check_includes(t, prog, &chain, seen);
	case SIEVE_MISSING:
		return inc->optional || include_error(t, inc, "not found");
	default:
		return false;
	}
}

static bool
check_includes(struct svtest *t, const struct sieve_program *prog,
    const struct chain *chain, struct strlist *seen)
{
	struct sieve_include inc;
	bool ok = true;

	for (uint32_t pc = 0; sieve_next_include(prog, &pc, &inc);)
		ok &= check_include(t, &inc, chain, seen);
	return ok;
}

/* RFC 6609 lets an engine look when it compiles, and suites want it so. The
 * daemon looks when it gets there: scripts may come and go. */
static bool
includes_ok(struct svtest *t)
{
	const struct chain chain = { NULL, NULL, 0 };
	struct strlist seen = { 0 };

	if (check_includes(t, t->program, &chain, &seen))
		return true;
	svtest_error(t, S("validation failed"));
	return false;
}

bool
svtest_compile(struct svtest *t, struct str path)
{
	struct sieve_limits limits = t->limits;
	struct sieve_errors errors;
	struct str text;

	svtest_clear_errors(t);
	limits.extra = true;
	t->program = NULL;
	if (!read_script(t, path, &text)) {
		svtest_error(
		    t, str_printf(t->arena, "script \"%.*s\" not found",
			   STR_ARG(path)));
		return false;
	}
	t->program = sieve_compile(t->arena, text, &limits, &errors);
	if (t->program == NULL)
		collect(t, &errors);
	else if (!includes_ok(t))
		t->program = NULL;
	return t->program != NULL;
}

static bool
exec_compile(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL)
		return vm_fail(vm, "this is no test suite");
	vm->truth = svtest_compile(t, vm_string(vm, v[0]));
	return true;
}

/* --- running ------------------------------------------------------------- */

bool
svtest_run(struct svtest *t, struct plan **plan)
{
	struct sieve_limits limits = t->limits;
	uint32_t line, column;
	struct fail why;

	*plan = NULL;
	t->script_failed = false;
	limits.work = sieve_limits_default.work;
	if (t->program == NULL) {
		svtest_error(t, S("no script was compiled"));
		return false;
	}
	if (sieve_run(t->program, &t->env, &limits, t->arena, plan, &line,
		&column, &why))
		return !t->script_failed;
	*plan = NULL;
	svtest_error(t, str_c(why.text));
	return false;
}

static bool
exec_run(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	struct plan *plan;

	if (t == NULL || vm != t->vm)
		return vm_fail(vm, "test_script_run: this is no test suite");
	svtest_clear_errors(t);
	if ((v[0] & APPEND_RESULT) == 0)
		svtest_forget(t);
	vm->truth = svtest_run(t, &plan);
	if (plan != NULL)
		svtest_append(t, plan);
	return true;
}

/* One after the other as long as keep is in effect; what they ask for is
 * done when the last one has ended. */
static bool
run_chain(struct svtest *t, struct sieve_vm *vm, const struct sieve_list *list,
    struct plan *all)
{
	bool keep = true;
	struct plan *plan;

	for (uint32_t i = 0; i < list->n && keep; i++) {
		if (!svtest_compile(t, vm_string(vm, list->v[i])))
			return false;
		t->env.header = all->header;
		if (!svtest_run(t, &plan))
			return false;
		keep = plan_chain(all, plan, S(""));
	}
	plan_chain_end(all);
	return svtest_execute(t, all, true);
}

static bool
exec_multiscript(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL || vm != t->vm)
		return vm_fail(vm, "test_multiscript: this is no test suite");
	svtest_forget(t);
	vm->truth = run_chain(t, vm, vm_list(vm, v[0]), plan_new(t->arena));
	t->env.header = NULL;
	return true;
}

/* --- errors -------------------------------------------------------------- */

/* Suites quote words in either way. */
static struct str
other_quotes(struct sieve_vm *vm, struct str s)
{
	char *p = str_cstr(vm_brief(vm), s);

	for (size_t i = 0; i < s.len; i++)
		if (p[i] == '"')
			p[i] = '\'';
	return str_from(p, s.len);
}

/* As it stands, or with the other quotes. */
static bool
match_text(struct sieve_vm *vm, uint64_t m, struct str text)
{
	if (!vm_match_str(vm, m, text))
		return false;
	return vm->truth || vm_counts(vm, m) ||
	       vm_match_str(vm, m, other_quotes(vm, text));
}

/* Suites know other hints than ours, and none. */
static bool
match_errors(struct sieve_vm *vm, uint64_t index, uint64_t m)
{
	const struct svtest *t = svtest_of(vm);

	vm->truth = false;
	for (size_t i = 0; i < t->errors.n && !vm->truth; i++) {
		if (index != 0 && index != i + 1)
			continue;
		if (!match_text(vm, m, t->errors.v[i]))
			return false;
		if (vm->truth || vm_counts(vm, m))
			continue;
		if (!match_text(vm, m, t->hinted.v[i]))
			return false;
	}
	return true;
}

static bool
exec_error(struct sieve_vm *vm, const uint64_t *v)
{
	if (svtest_of(vm) == NULL)
		return vm_fail(vm, "test_error: this is no test suite");
	return match_errors(vm, v[1], v[2]);
}

/* The comparator of this test is another one by default. */
static bool
exec_error_octet(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *list = vm_list(vm, vm->prog->match[v[2]].list);
	struct str *keys = ARENA_ARRAY(vm_brief(vm), list->n, struct str);

	if (svtest_of(vm) == NULL)
		return vm_fail(vm, "test_error: this is no test suite");
	for (uint32_t i = 0; i < list->n; i++)
		keys[i] = vm_string(vm, list->v[i]);
	vm_match_keys(vm, v[2], keys, list->n);
	vm->live->comparator = &comparator_octet;
	match_prepare(vm_brief(vm), vm->live, keys, list->n);
	return match_errors(vm, v[1], v[2]);
}

void
svtest_emit_error(struct compile *c, const struct tree_node *node)
{
	compile_op(c, node,
	    tree_tag(node, "comparator") != NULL ? &op_test_error
						 : &op_test_error_octet);
}

/* --- saved forms --------------------------------------------------------- */

static bool
exec_save(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	struct buf out;

	if (t == NULL)
		return vm_fail(vm, "test_binary_save: this is no test suite");
	if (t->program == NULL)
		return svtest_fail(vm, t, S("no script was compiled"));
	buf_init(&out, SIZE_MAX);
	sieve_save(t->program, &out);
	svtest_pair_set(
	    t->arena, &t->saved, vm_string(vm, v[0]), buf_str(&out));
	buf_free(&out);
	return true;
}

static bool
exec_load(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	const struct svtest_pair *p;
	struct fail why;

	if (t == NULL)
		return vm_fail(vm, "test_binary_load: this is no test suite");
	p = svtest_pair_get(t->saved, vm_string(vm, v[0]));
	if (p == NULL)
		return svtest_fail(vm, t, S("no script was saved as that"));
	t->program = sieve_load(t->arena, p->value, NULL, &why);
	if (t->program == NULL)
		return svtest_fail(vm, t, str_c(why.text));
	return true;
}

const struct sieve_op op_test_script_compile = { "test_script_compile", "s",
	exec_compile, "T := the script in file s compiles" };
const struct sieve_op op_test_script_run = { "test_script_run", "f", exec_run,
	"T := the script runs; its plan becomes the result" };
const struct sieve_op op_test_multiscript = { "test_multiscript", "l",
	exec_multiscript, "T := the scripts l compile, run and are executed" };
const struct sieve_op op_test_error = { "test_error", "fNm", exec_error,
	"T := an error matches m" };
const struct sieve_op op_test_error_octet = { "test_error_octet", "fNm",
	exec_error_octet, "T := an error matches m, octet by octet" };
const struct sieve_op op_test_binary_save = { "test_binary_save", "s",
	exec_save, "keep the saved form of the script as s" };
const struct sieve_op op_test_binary_load = { "test_binary_load", "s",
	exec_load, "the script := what was saved as s" };
