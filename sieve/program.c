/*
 * program: from text to program, and what is known of a program from
 * outside. Knows the order of the passes.
 */
#include "lib/arena.h"
#include "lib/message.h"
#include "lib/rfc5322.h"
#include "sieve/check.h"
#include "sieve/compile.h"
#include "sieve/parse.h"
#include "sieve/template.h"

const struct sieve_limits sieve_limits_default = {
	.script_bytes = 1 << 20,
	.string_bytes = 1 << 20,
	.nesting = 32,
	.errors = 50,
	.actions = 32,
	.redirects = 4,
	.notifies = 10,
	.vacation_min = 24 * 60 * 60,
	.vacation_max = 90 * 24 * 60 * 60,
	.vacation_default = 7 * 24 * 60 * 60,
	.body_octets = 16 << 20,
	.includes = 255,
	.include_depth = 10,
	.variables = 1024,
	.variable_octets = 16384,
	.header_octets = 65536,
	.work = 5000000,
};

static struct sieve_program *
compile_text(struct arena *arena, struct arena *scratch, struct str text,
    const struct sieve_limits *limits, struct diag *diag)
{
	struct sieve_program *prog;
	struct check_result found;
	struct tree_node *script;

	diag->syntax = true;
	script = parse_script(scratch, text, limits, diag);
	diag->syntax = false;
	found = check_script(scratch, script, limits, diag);
	if (diag->errors->n > 0)
		return NULL;
	prog = compile_script(arena, script);
	for (size_t i = 0; i < found.capabilities.n; i++)
		strlist_add(arena, &prog->capabilities,
		    str_dup(arena, found.capabilities.v[i]));
	prog->source = digest_of(&text, 1);
	program_prepare(arena, prog);
	return prog;
}

void
sieve_errors_keep(struct arena *arena, struct sieve_errors *errors)
{
	struct sieve_error *v =
	    ARENA_ARRAY(arena, errors->n, struct sieve_error);

	for (size_t i = 0; i < errors->n; i++) {
		v[i] = errors->v[i];
		v[i].text = str_dup(arena, v[i].text);
		v[i].hint = str_dup(arena, v[i].hint);
	}
	errors->v = v;
}

struct sieve_program *
sieve_compile(struct arena *arena, struct str text,
    const struct sieve_limits *limits, struct sieve_errors *errors)
{
	struct arena *scratch = arena_new("sieve tree", 0);
	struct sieve_program *prog = NULL;
	struct diag diag;

	if (limits == NULL)
		limits = &sieve_limits_default;
	diag_init(&diag, scratch, errors, limits->errors);
	if (text.len > limits->script_bytes)
		diag_add(&diag, (struct place){ 1, 1 }, S(""),
		    "script is longer than the limit of %zu octets",
		    limits->script_bytes);
	else
		prog = compile_text(arena, scratch, text, limits, &diag);
	sieve_errors_keep(arena, errors);
	arena_free(scratch);
	return prog;
}

const struct digest *
sieve_program_source(const struct sieve_program *prog)
{
	return &prog->source;
}

const uint64_t *
program_operands(const struct sieve_program *prog, const struct sieve_insn *in)
{
	static const uint64_t nothing = 0;

	return in->op->sig[0] != '\0' ? &prog->operand[in->at] : &nothing;
}

static void
prepare_templates(struct arena *arena, struct sieve_program *prog)
{
	prog->template = ARENA_ARRAY(arena, prog->nstrings, struct template *);
	for (uint32_t i = 0; i < prog->nstrings; i++) {
		if (!prog->refs[i])
			continue;
		prog->template[i] = ARENA_NEW(arena, struct template);
		template_parse(arena, prog->string[i], prog->template[i]);
	}
}

uint32_t
program_name_hash(struct str name)
{
	return rfc5322_is_field_name(name) ? message_name_hash(name) : 0;
}

static void
prepare_names(struct arena *arena, struct sieve_program *prog)
{
	prog->name_hash = ARENA_ARRAY(arena, prog->nstrings, uint32_t);
	for (uint32_t i = 0; i < prog->nstrings; i++)
		if (!prog->refs[i])
			prog->name_hash[i] = program_name_hash(prog->string[i]);
}

static void
prepare_match(
    struct arena *arena, struct sieve_program *prog, struct sieve_match *m)
{
	const struct sieve_list *list = &prog->list[m->list];
	struct str *keys = ARENA_ARRAY(arena, list->n, struct str);

	for (uint32_t k = 0; k < list->n; k++) {
		keys[k] = prog->string[list->v[k]];
		m->dynamic |= prog->refs[list->v[k]];
	}
	if (!m->dynamic)
		match_prepare(arena, m, keys, list->n);
}

void
program_prepare(struct arena *arena, struct sieve_program *prog)
{
	const struct sieve_ext *ext;

	for (size_t i = 0; i < prog->capabilities.n; i++) {
		ext = ext_by_capability(prog->capabilities.v[i]);
		prog->references |= ext != NULL && ext->references;
	}
	prepare_templates(arena, prog);
	prepare_names(arena, prog);
	for (uint32_t i = 0; i < prog->nmatches; i++) {
		prepare_match(arena, prog, &prog->match[i]);
		prog->counts |= prog->match[i].type->count;
	}
}
