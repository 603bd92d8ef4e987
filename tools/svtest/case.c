/*
 * case: the cases of a test suite: where they begin and end, how they fail,
 * and how that is printed (TAP). Runs the suite's own script.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "sieve/check.h"
#include "sieve/compile.h"
#include "tools/svtest/svtest.h"
#include "tools/tamis.h"

struct svtest *
svtest_of(struct sieve_vm *vm)
{
	struct svtest *t;

	if (vm->env->mailbox_exists != svtest_mailbox_exists)
		return NULL;
	t = vm->env->ctx;
	/* nothing else can be running when a suite begins */
	if (t->vm == NULL)
		t->vm = vm;
	return t;
}

/* --- printing ----------------------------------------------------------- */

/* A line stays a line. */
static void
print_text(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		putchar(c < 0x20 || c == 0x7f ? ' ' : c);
	}
}

static void
print_result(
    struct svtest_count *count, struct str name, bool ok, struct str reason)
{
	count->run++;
	count->failed += !ok;
	printf("%s %u - ", ok ? "ok" : "not ok", count->run);
	print_text(name);
	if (!ok) {
		printf(": ");
		print_text(str_trim(reason));
	}
	printf("\n");
	fflush(stdout);
}

static void
end_case(struct svtest *t)
{
	if (!t->in_case)
		return;
	print_result(t->count, t->case_name, !t->case_failed, t->case_reason);
	t->in_case = t->case_failed = false;
}

/* --- commands ----------------------------------------------------------- */

static bool
exec_test(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL)
		return vm_fail(vm, "test: this is no test suite");
	if (vm != t->vm || t->in_case)
		return vm_fail(vm, "test: inside of a test");
	t->in_case = true;
	t->case_failed = false;
	t->case_name = str_dup(t->arena, vm_string(vm, v[0]));
	t->case_end = (uint32_t)v[1];
	t->cases++;
	return true;
}

static bool
exec_test_end(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	(void)v;
	if (t != NULL && vm == t->vm)
		end_case(t);
	return true;
}

bool
svtest_fail(struct sieve_vm *vm, struct svtest *t, struct str reason)
{
	if (vm != t->vm) {
		t->script_failed = true;
		vm->stopped = true;
		printf("# ");
		print_text(str_trim(reason));
		printf("\n");
		return true;
	}
	if (!t->in_case)
		return vm_fail(vm, "%.*s", STR_ARG(reason));
	if (!t->case_failed)
		t->case_reason = str_printf(t->arena, "line %u: %.*s",
		    vm->prog->code[vm->at].line, STR_ARG(reason));
	t->case_failed = true;
	vm->loop = NULL;
	/* in a script that was included: end that one */
	vm->pc = vm->frames == NULL ? t->case_end : vm->prog->ncode;
	return true;
}

static bool
exec_test_fail(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL)
		return vm_fail(vm, "test_fail: this is no test suite");
	return svtest_fail(vm, t, vm_string(vm, v[0]));
}

const struct sieve_op op_test = { "test", "sj", exec_test,
	"a case s begins; j is its end" };
const struct sieve_op op_test_end = { "test_end", "", exec_test_end,
	"the case ends" };
const struct sieve_op op_test_fail = { "test_fail", "s", exec_test_fail,
	"the case failed because of s; goto its end" };

void
svtest_emit_test(struct compile *c, const struct tree_node *node)
{
	uint32_t end = JUMPS_NONE;

	compile_jump(c, node, &op_test, &end);
	compile_block(c, node->block);
	compile_land(c, &end);
	compile_op(c, node, &op_test_end);
}

/* Cases that were put out of use stand in "if false". */
static bool
is_if_false(const struct tree_node *node)
{
	return str_caseeq(node->name, S("if")) && node->tests != NULL &&
	       str_caseeq(node->tests->name, S("false"));
}

void
svtest_check_test(struct check *c, const struct tree_node *node)
{
	const struct tree_node *parent = check_parent(c);

	if (parent != NULL && !is_if_false(parent))
		diag_add(check_diag(c), node->at, S(""),
		    "a test cannot stand inside of another command");
}

/* --- a file ------------------------------------------------------------- */

static void
print_errors(
    const struct sieve_errors *errors, const char *path, struct str text)
{
	struct str rest, line;
	struct buf out;

	buf_init(&out, 1 << 20);
	sieve_errors_print(errors, str_c(path), text, &out);
	rest = buf_str(&out);
	while (str_cut(&rest, '\n', &line))
		if (line.len > 0) {
			printf("# ");
			print_text(line);
			printf("\n");
		}
	buf_free(&out);
}

/* A case that cannot go on has failed; the next one is run. */
static bool
recover(void *ctx, struct sieve_vm *vm, const struct fail *why)
{
	struct svtest *t = ctx;

	if (vm != t->vm || !t->in_case)
		return false;
	return svtest_fail(vm, t, str_c(why->text));
}

/* Outside of a case there is none to fail: the rest is not run. */
static void
aborted(struct svtest *t, uint32_t line, const struct fail *why)
{
	print_result(t->count, str_c(t->path), false,
	    str_printf(t->arena, "line %u: %s", line, why->text));
}

static void
run_suite(struct svtest *t, const struct sieve_program *prog)
{
	struct plan *plan;
	struct fail why;
	uint32_t line, column;

	/* a conflict at the very end has no line: nobody executes that */
	if (!sieve_run(prog, &t->env, &t->limits, t->arena, &plan, &line,
		&column, &why) &&
	    line != 0)
		aborted(t, line, &why);
	end_case(t);
	if (t->cases == 0 && line == 0)
		printf("# %s: no tests\n", t->path);
}

static struct str
directory(struct arena *arena, const char *path)
{
	char real[PATH_MAX];
	struct str s;

	if (realpath(path, real) == NULL)
		return S(".");
	s = str_c(real);
	return str_dup(arena, str_sub(s, 0, (size_t)str_rchr(s, '/')));
}

static void
init(struct svtest *t, struct arena *arena, const char *path,
    struct svtest_count *count)
{
	struct str ignored;

	*t = (struct svtest){
		.arena = arena,
		.count = count,
		.path = path,
		.dir = directory(arena, path),
		.env = {
			.now = clock_wall_us() / 1000000,
			.location = S("MS"),
			.phase = S("post"),
			.mailbox_exists = svtest_mailbox_exists,
			.special_use = svtest_special_use,
			.mailbox_by_id = svtest_mailbox_by_id,
			.metadata = svtest_metadata,
			.script = svtest_included,
			.recover = recover,
			.ctx = t,
		},
		.store = { .arena = arena },
	};
	svtest_config_reload(t, &ignored);
	strlist_add(arena, &t->mailboxes, S("INBOX"));
	svtest_set_message(t, S("From: sender@example.com\r\n"
				"To: recipient@example.com\r\n"
				"Subject: Frop!\r\n\r\nFriep.\r\n"));
}

void
svtest_file(const char *path, struct svtest_count *count)
{
	struct arena *arena = arena_new("test suite", 0);
	struct sieve_limits limits = sieve_limits_default;
	struct svtest *t = ARENA_NEW(arena, struct svtest);
	struct sieve_program *prog;
	struct sieve_errors errors;
	struct str text;

	printf("# %s\n", path);
	fflush(stdout);
	init(t, arena, path, count);
	limits.extra = true;
	if (!tamis_read(arena, path, &text)) {
		print_result(count, str_c(path), false, S("cannot be read"));
		arena_free(arena);
		return;
	}
	prog = sieve_compile(arena, text, &limits, &errors);
	if (prog != NULL) {
		run_suite(t, prog);
	} else {
		print_errors(&errors, path, text);
		print_result(count, str_c(path), false, S("does not compile"));
	}
	arena_free(arena);
}
