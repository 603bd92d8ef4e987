/*
 * include: one script runs another: include, return, global and the
 * namespace "global". Who has the scripts is asked when the command is
 * reached. RFC 6609, whole.
 */
#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/ext.h"

enum {
	INCLUDE_GLOBAL = 1 << 0,
	INCLUDE_ONCE = 1 << 1,
	INCLUDE_OPTIONAL = 1 << 2,
	INCLUDE_PERSONAL = 1 << 3, /* what it is without */
	NAME_CHARS = 128,
};

extern const struct sieve_ext ext_variables;

/* --- include: s. 3.2 -------------------------------------------------- */

/* RFC 5804 s. 1.6; and no name may leave the place where scripts are. */
static bool
name_ok(struct str name)
{
	size_t chars = 0;

	if (name.len == 0 || !str_is_utf8(name) || str_has_ctl(name) ||
	    name.p[0] == '.' || str_chr(name, '/') >= 0 ||
	    str_find(name, S("\xe2\x80\xa8")) >= 0 ||
	    str_find(name, S("\xe2\x80\xa9")) >= 0)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		chars += ((unsigned char)name.p[i] & 0xc0) != 0x80;
		/* U+0080 to U+009F */
		if ((unsigned char)name.p[i] == 0xc2 &&
		    (unsigned char)name.p[i + 1] < 0xa0)
			return false;
	}
	return chars <= NAME_CHARS;
}

/* Is the script running, so that including it would be recursion? */
static bool
is_running(const struct sieve_vm *vm, bool global, struct str name)
{
	for (const struct vm_frame *f = vm->frames; f != NULL; f = f->up)
		if (f->global == global && str_eq(f->name, name))
			return true;
	return !global && str_eq(vm->env->script_name, name);
}

static bool
enter(struct sieve_vm *vm, bool global, struct str name,
    const struct sieve_program *prog)
{
	if (vm->depth + 1 >= vm->limits->include_depth)
		return vm_fail(vm, "include: scripts are nested deeper than %u",
		    vm->limits->include_depth);
	if (vm->nincludes++ >= vm->limits->includes)
		return vm_fail(
		    vm, "include: more than %u scripts", vm->limits->includes);
	if (!strlist_has(&vm->included[global], name))
		strlist_add(
		    vm->arena, &vm->included[global], str_dup(vm->arena, name));
	vm->enter = ARENA_NEW(vm->arena, struct vm_frame);
	vm->enter->prog = prog;
	vm->enter->name = str_dup(vm->arena, name);
	vm->enter->global = global;
	return true;
}

static enum sieve_found
find(struct sieve_vm *vm, bool global, struct str name,
    const struct sieve_program **prog, struct str *why)
{
	if (vm->env->script == NULL)
		return SIEVE_MISSING;
	return vm->env->script(vm->env->ctx, global, name, prog, why);
}

static bool
exec_include(struct sieve_vm *vm, const uint64_t *v)
{
	bool global = (v[0] & INCLUDE_GLOBAL) != 0;
	bool once = (v[0] & INCLUDE_ONCE) != 0;
	struct str name = vm_string(vm, v[1]), why = STR("");
	bool running = is_running(vm, global, name);
	const struct sieve_program *prog = NULL;

	if (!name_ok(name))
		return vm_fail(vm, "include: this is not the name of a script");
	if (once && (running || strlist_has(&vm->included[global], name)))
		return true;
	if (running)
		return vm_fail(vm, "include: script \"%.*s\" includes itself",
		    STR_ARG(name));
	switch (find(vm, global, name, &prog, &why)) {
	case SIEVE_FOUND:
		return enter(vm, global, name, prog);
	case SIEVE_MISSING:
		if ((v[0] & INCLUDE_OPTIONAL) != 0)
			return true;
		return vm_fail(
		    vm, "include: there is no script \"%.*s\"", STR_ARG(name));
	default:
		return vm_fail(vm, "include: script \"%.*s\": %.*s",
		    STR_ARG(name), STR_ARG(why));
	}
}

static void
check_include(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (a == NULL || a->kind != TREE_STRING ||
	    !check_constant(c, &a->v[0], "the name of a script"))
		return;
	if (!name_ok(a->v[0].text))
		diag_add(check_diag(c), a->v[0].at, S(""),
		    "invalid script name \"%s\"",
		    diag_quote(check_diag(c), a->v[0].text));
}

/* --- return: s. 3.3 --------------------------------------------------- */

static bool
exec_return(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	vm->pc = vm->prog->ncode;
	return true;
}

/* --- global: s. 3.4 --------------------------------------------------- */

static bool
exec_global(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *names = vm_list(vm, v[0]);

	for (uint32_t i = 0; i < names->n; i++)
		if (!variable_make_global(vm, vm_string(vm, names->v[i])))
			return false;
	return true;
}

static void
check_global_name(struct check *c, const struct tree_string *s)
{
	const char *name = diag_quote(check_diag(c), s->text);

	if (!template_is_name(s->text))
		diag_add(check_diag(c), s->at,
		    S("letters, digits and \"_\", no digit first"),
		    "invalid variable name \"%s\"", name);
	else if (strlist_casehas(check_variables(c), s->text) &&
		 !strlist_casehas(check_globals(c), s->text))
		diag_add(check_diag(c), s->at, S("move it up"),
		    "variable \"%s\" is set before it is declared global",
		    name);
	else if (!strlist_casehas(check_globals(c), s->text) &&
		 check_globals(c)->n <= check_limits(c)->variables)
		strlist_add(check_arena(c), check_globals(c), s->text);
}

static void
check_global(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (!check_enabled(c, &ext_variables)) {
		diag_add(check_diag(c), node->at,
		    check_hint_require(c, &ext_variables),
		    "the global command needs the extension variables, too");
		return;
	}
	for (size_t i = 0; a != NULL && i < a->n; i++)
		check_global_name(c, &a->v[i]);
}

/* s. 3.4.2 */
static const char *
check_rest(struct str rest)
{
	return template_is_name(rest)
	           ? NULL
	           : "there is only one identifier after \"global.\"";
}

static const struct sieve_namespace ns_global = {
	.name = "global",
	.check = check_rest,
	.get = variable_get_global,
	.set = variable_set_global,
};

/* --- tables ----------------------------------------------------------- */

static const struct sieve_op op_include = { "include", "fs", exec_include,
	"run script s, then go on" };
static const struct sieve_op op_return = { "return", "", exec_return,
	"end of this script" };
static const struct sieve_op op_global = { "global", "l", exec_global,
	"variables l are those of all scripts" };

/* For those who look ahead. */
bool
sieve_next_include(
    const struct sieve_program *prog, uint32_t *pc, struct sieve_include *out)
{
	for (; *pc < prog->ncode; ++*pc) {
		const struct sieve_insn *in = &prog->code[*pc];
		const uint64_t *v = program_operands(prog, in);

		if (in->op != &op_include || prog->refs[v[1]])
			continue;
		out->name = prog->string[v[1]];
		out->global = (v[0] & INCLUDE_GLOBAL) != 0;
		out->once = (v[0] & INCLUDE_ONCE) != 0;
		out->optional = (v[0] & INCLUDE_OPTIONAL) != 0;
		++*pc;
		return true;
	}
	return false;
}

static const struct sieve_tag tags[] = {
	{ .name = "personal",
	    .on = "include",
	    .group = "location",
	    .flag = INCLUDE_PERSONAL },
	{ .name = "global",
	    .on = "include",
	    .group = "location",
	    .flag = INCLUDE_GLOBAL },
	{ .name = "once", .on = "include", .flag = INCLUDE_ONCE },
	{ .name = "optional", .on = "include", .flag = INCLUDE_OPTIONAL },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "include",
	    .op = &op_include,
	    .args = "name",
	    .check = check_include },
	{ .name = "return", .op = &op_return, .ends = true },
	{ .name = "global",
	    .op = &op_global,
	    .args = "names",
	    .check = check_global },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_include,
	&op_return,
	&op_global,
	NULL,
};

static const struct sieve_namespace *const namespaces[] = {
	&ns_global,
	NULL,
};

const struct sieve_ext ext_include = {
	.name = "include",
	.rfc = "RFC 6609",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
	.namespaces = namespaces,
};
