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

void
svtest_error(struct svtest *t, struct str text)
{
	strlist_add(t->arena, &t->errors, str_dup(t->arena, text));
}

static void
clear_errors(struct svtest *t)
{
	t->errors = (struct strlist){ 0 };
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

/* An entry each, and one that says that there were some. */
static void
collect(struct svtest *t, const struct sieve_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		const struct sieve_error *e = &errors->v[i];

		if (e->hint.len > 0)
			svtest_error(
			    t, str_printf(t->arena, "%.*s (%.*s)",
				   STR_ARG(e->text), STR_ARG(e->hint)));
		else
			svtest_error(t, e->text);
	}
	svtest_error(t, S("validation failed"));
}

bool
svtest_compile(struct svtest *t, struct str path)
{
	struct sieve_limits limits = t->limits;
	struct sieve_errors errors;
	struct str text;

	clear_errors(t);
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
	clear_errors(t);
	if ((v[0] & APPEND_RESULT) == 0)
		svtest_forget(t);
	vm->truth = svtest_run(t, &plan);
	if (plan != NULL)
		svtest_append(t, plan);
	return true;
}

/* One after the other as long as the implicit keep is left. */
static bool
run_chain(struct svtest *t, struct sieve_vm *vm, const struct sieve_list *list)
{
	bool last = false, keep = true;
	struct plan *plan;

	for (uint32_t i = 0; i < list->n && keep; i++) {
		last = i + 1 == list->n;
		if (!svtest_compile(t, vm_string(vm, list->v[i])) ||
		    !svtest_run(t, &plan))
			return false;
		keep = plan->implicit_keep;
		if (!svtest_execute(t, plan, last))
			return false;
	}
	return true;
}

static bool
exec_multiscript(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL || vm != t->vm)
		return vm_fail(vm, "test_multiscript: this is no test suite");
	svtest_forget(t);
	vm->truth = run_chain(t, vm, vm_list(vm, v[0]));
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

static bool
match_errors(struct sieve_vm *vm, uint64_t index, uint64_t m)
{
	const struct strlist *errors = &svtest_of(vm)->errors;

	vm->truth = false;
	for (size_t i = 0; i < errors->n && !vm->truth; i++) {
		if (index != 0 && index != i + 1)
			continue;
		if (!vm_match_str(vm, m, errors->v[i]))
			return false;
		if (vm->truth || vm_counts(vm, m))
			continue;
		if (!vm_match_str(vm, m, other_quotes(vm, errors->v[i])))
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
