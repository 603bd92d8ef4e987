/*
 * vm: the machine: runs instructions, owns the caches of one run and the
 * budget, and tells the listener. Knows no operation by name.
 */
#include "sieve/vm.h"

#include <stdio.h>

#include "lib/arena.h"
#include "sieve/imapflags.h"
#include "sieve/op.h"
#include "sieve/run.h"

/* Strings with variables are kept up to that much before they are dropped
 * all at once. */
enum { BRIEF_OCTETS = 256 << 10 };

/* --- events ----------------------------------------------------------- */

static void
tell(struct sieve_vm *vm, struct sieve_event *e)
{
	const struct sieve_insn *in =
	    vm->at < vm->prog->ncode ? &vm->prog->code[vm->at] : NULL;

	e->pc = vm->at;
	if (in != NULL) {
		e->line = in->line;
		e->column = in->column;
		e->op = str_c(in->op->name);
	}
	vm->env->event(vm->env->event_ctx, e);
}

static void
tell_step(struct sieve_vm *vm)
{
	struct sieve_event e = { .kind = SIEVE_EVENT_STEP, .truth = vm->truth };
	struct buf detail;

	if (vm->env->event == NULL)
		return;
	buf_init(&detail, 4096);
	program_print_operands(vm->prog, vm->at, &detail);
	e.detail = str_trim(buf_str(&detail));
	tell(vm, &e);
	buf_free(&detail);
}

static void
tell_match(struct sieve_vm *vm, const struct sieve_match *m, struct str value,
    enum match_result r, size_t key)
{
	struct sieve_event e = { .kind = SIEVE_EVENT_MATCH, .value = value };

	if (vm->env->event == NULL)
		return;
	e.truth = r == MATCH_YES;
	for (size_t i = 0; i < m->nkeys; i++) {
		/* a value that matched: the key; else each key it failed */
		if (e.truth && i != key)
			continue;
		e.key = m->key[i];
		tell(vm, &e);
	}
}

bool
vm_fail(struct sieve_vm *vm, const char *fmt, ...)
{
	char text[sizeof(vm->why->text)];
	va_list ap;

	if (vm->failed)
		return false;
	vm->failed = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail_perm(vm->why, "5.6.0", "%s", text);
}

bool
vm_spend(struct sieve_vm *vm, uint64_t octets)
{
	return budget_spend(&vm->budget, octets) ||
	       vm_fail(vm, "the script needs more than its limit of work");
}

/* --- operands --------------------------------------------------------- */

struct arena *
vm_brief(struct sieve_vm *vm)
{
	if (vm->brief == NULL)
		vm->brief = arena_new("sieve instruction", 0);
	return vm->brief;
}

struct str
vm_string(struct sieve_vm *vm, uint64_t string)
{
	const struct template *t = vm->prog->template[string];

	return t != NULL ? variable_expand(vm, t) : vm->prog->string[string];
}

const struct sieve_list *
vm_list(const struct sieve_vm *vm, uint64_t operand)
{
	return &vm->prog->list[operand];
}

/* --- matching --------------------------------------------------------- */

static char *
scratch(struct sieve_vm *vm, size_t len)
{
	if (len > vm->scratch_cap) {
		vm->scratch_cap = 2 * len + 256;
		vm->scratch = arena_alloc(vm->arena, vm->scratch_cap);
	}
	return vm->scratch;
}

/* The normal form. The first that needed room is kept with the value. */
static struct str
fold(struct sieve_vm *vm, const struct sieve_comparator *cmp,
    struct vm_value *value)
{
	char *out = scratch(vm, comparator_room(cmp, value->text.len));
	struct str folded;

	if (value->folded_by == cmp)
		return value->folded;
	folded = cmp->fold(value->text, out);
	if (folded.p != out || value->folded_by != NULL || folded.len == 0)
		return folded;
	value->folded = str_dup(vm->arena, folded);
	value->folded_by = cmp;
	return value->folded;
}

/* Captures are offsets into the normal form. */
static bool
keep_captures(struct sieve_vm *vm, const struct sieve_match *m,
    struct str value, struct captures *c)
{
	size_t (*origin)(struct str, size_t) = m->comparator->origin;

	for (size_t i = 0; origin != NULL && !m->type->raw && i < c->n; i++) {
		if (!vm_spend(vm, value.len))
			return false;
		c->at[i].from = origin(value, c->at[i].from);
		c->at[i].to = origin(value, c->at[i].to);
	}
	return variable_captured(vm, value, c);
}

static bool
match_folded(struct sieve_vm *vm, const struct sieve_match *m, struct str value,
    struct str folded)
{
	/* large: not to be cleared for each value */
	struct captures *captures = &vm->captures;
	size_t key = 0;
	enum match_result r;

	captures->n = 0;
	r = m->type->match(m, folded, &vm->budget, &key,
	    vm->prog->references && !vm->no_captures ? captures : NULL);

	if (r == MATCH_OVER)
		return vm_spend(vm, UINT64_MAX);
	if (r == MATCH_BAD)
		return vm_fail(
		    vm, ":%s: this is not a key for it", m->type->name);
	tell_match(vm, m, value, r, key);
	if (r != MATCH_YES)
		return true;
	vm->truth = true;
	return captures->n == 0 || keep_captures(vm, m, value, captures);
}

void
vm_match_keys(
    struct sieve_vm *vm, uint64_t operand, const struct str *keys, size_t n)
{
	vm->live = ARENA_NEW(vm_brief(vm), struct sieve_match);
	*vm->live = vm->prog->match[operand];
	vm->live_of = operand + 1;
	match_prepare(vm_brief(vm), vm->live, keys, n);
}

/* Expand keys that hold variables, once per instruction. */
static const struct sieve_match *
live_match(struct sieve_vm *vm, uint64_t operand)
{
	const struct sieve_match *m = &vm->prog->match[operand];
	const struct sieve_list *list = &vm->prog->list[m->list];
	struct str *keys;

	if (vm->live_of == operand + 1)
		return vm->live;
	if (!m->dynamic)
		return m;
	keys = ARENA_ARRAY(vm_brief(vm), list->n, struct str);
	for (uint32_t i = 0; i < list->n && !vm->failed; i++) {
		keys[i] = vm_string(vm, list->v[i]);
		vm_spend(vm, keys[i].len + 8 + m->type->key_cost);
	}
	if (vm->failed)
		return NULL;
	vm_match_keys(vm, operand, keys, list->n);
	return vm->live;
}

bool
vm_counts(const struct sieve_vm *vm, uint64_t operand)
{
	return vm->prog->match[operand].type->count;
}

static bool
match_value(struct sieve_vm *vm, uint64_t operand, struct vm_value *value)
{
	const struct sieve_match *m = live_match(vm, operand);

	if (m == NULL || !vm_spend(vm, value->text.len))
		return false;
	return match_folded(vm, m, value->text,
	    m->type->raw ? value->text : fold(vm, m->comparator, value));
}

bool
vm_match(struct sieve_vm *vm, uint64_t operand, struct vm_value *value)
{
	if (!vm_counts(vm, operand))
		return match_value(vm, operand, value);
	vm->counted++;
	return true;
}

bool
vm_match_str(struct sieve_vm *vm, uint64_t operand, struct str text)
{
	/* what is folded is not kept: the value lives as long as this */
	struct vm_value value = { .text = text };
	const struct sieve_match *m;

	if (vm_counts(vm, operand)) {
		vm->counted++;
		return true;
	}
	m = live_match(vm, operand);
	if (m == NULL || !vm_spend(vm, text.len))
		return false;
	if (m->type->raw)
		return match_folded(vm, m, text, text);
	return match_folded(vm, m, text,
	    m->comparator->fold(value.text,
		scratch(vm, comparator_room(m->comparator, text.len))));
}

/* The end of a test that counts: now the number is known. */
static bool
match_count(struct sieve_vm *vm, uint64_t operand)
{
	struct vm_value value = { .text = str_printf(vm_brief(vm), "%llu",
				      (unsigned long long)vm->counted) };

	vm->truth = false;
	return vm->counted == VM_COUNTS_NOTHING ||
	       match_value(vm, operand, &value);
}

/* --- intents ---------------------------------------------------------- */

void
vm_cancel_keep(struct sieve_vm *vm)
{
	struct sieve_event e = { .kind = SIEVE_EVENT_KEEP };

	if (!vm->plan->implicit_keep)
		return;
	plan_cancel_keep(vm->plan, vm->prog->code[vm->at].line);
	if (vm->env->event != NULL)
		tell(vm, &e);
}

/* The same address twice is one redirect. */
static uint32_t
count_redirects(const struct plan *plan)
{
	uint32_t n = 0;

	for (const struct intent *a = plan->first; a != NULL; a = a->next) {
		const struct intent *b = plan->first;

		if (a->verb != INTENT_REDIRECT)
			continue;
		while (b != a && !intent_same(a, b))
			b = b->next;
		n += b == a;
	}
	return n;
}

/* Those the command names, or those of the internal variable. */
static bool
set_imapflags(struct sieve_vm *vm, struct intent *in, uint64_t operand)
{
	const struct sieve_list *list = vm_list(vm, operand);
	const struct strlist *internal = &vm->plan->imapflags;

	if (operand == 0 && in->verb == INTENT_STORE)
		return imapflags_copy(vm, &in->imapflags, internal);
	for (uint32_t i = 0; i < list->n; i++)
		if (!imapflags_add(
			vm, &in->imapflags, vm_string(vm, list->v[i])))
			return false;
	return true;
}

/* Over a limit for that kind of intent? */
static bool
within_limits(struct sieve_vm *vm, enum intent_verb verb)
{
	const struct sieve_limits *l = vm->limits;
	const struct intent *in = vm->plan->first;
	uint32_t notifies = 0;

	if (verb == INTENT_REDIRECT && count_redirects(vm->plan) > l->redirects)
		return vm_fail(vm, "more than %u redirects", l->redirects);
	if (verb != INTENT_NOTIFY)
		return true;
	for (; in != NULL; in = in->next)
		notifies += in->verb == INTENT_NOTIFY;
	return notifies <= l->notifies ||
	       vm_fail(vm, "more than %u notify actions", l->notifies);
}

bool
vm_intent_with(
    struct sieve_vm *vm, const struct intent *like, uint64_t imapflags)
{
	struct sieve_event e = { .kind = SIEVE_EVENT_INTENT };
	struct intent *in;

	if (vm->plan->n >= vm->limits->actions)
		return vm_fail(vm, "more than %u actions", vm->limits->actions);
	in = plan_add(vm->plan, like->verb, vm->prog->code[vm->at].line,
	    like->flags, str_dup(vm->arena, like->target));
	in->specialuse = str_dup(vm->arena, like->specialuse);
	in->detail = like->detail;
	if (!set_imapflags(vm, in, imapflags) || !within_limits(vm, like->verb))
		return false;
	e.intent = in;
	if (vm->env->event != NULL)
		tell(vm, &e);
	if (plan_cancels_keep(in->verb, in->flags))
		vm_cancel_keep(vm);
	return true;
}

bool
vm_intent(struct sieve_vm *vm, enum intent_verb verb, uint64_t flags,
    uint64_t imapflags, struct str target)
{
	const struct intent like = {
		.verb = verb, .flags = (uint32_t)flags, .target = target
	};

	return vm_intent_with(vm, &like, imapflags);
}

bool
vm_mark(struct sieve_vm *vm, const struct plan_mark *mark)
{
	uint32_t n = 0;

	for (struct plan_mark *m = vm->plan->marks; m != NULL; m = m->next)
		n++;
	if (n >= vm->limits->actions)
		return vm_fail(
		    vm, "more than %u ids for duplicate", vm->limits->actions);
	plan_add_mark(vm->plan, mark);
	return true;
}

/* --- running ---------------------------------------------------------- */

/* Strings of the instructions before are not needed any more. */
static void
forget(struct sieve_vm *vm)
{
	vm->expanded = 0;
	vm->counted = 0;
	vm->live_of = 0;
	if (vm->brief != NULL && arena_used(vm->brief) > BRIEF_OCTETS)
		arena_reset(vm->brief);
}

static bool
end_count(struct sieve_vm *vm, const struct sieve_insn *in)
{
	const char *m;
	uint64_t operand;

	if (!vm->prog->counts)
		return true;
	m = strchr(in->op->sig, 'm');
	if (m == NULL)
		return true;
	operand = program_operands(vm->prog, in)[m - in->op->sig];
	return !vm_counts(vm, operand) || match_count(vm, operand);
}

static bool
step(struct sieve_vm *vm)
{
	const struct sieve_program *prog = vm->prog;
	const struct sieve_insn *in = &prog->code[vm->pc];

	vm->at = vm->pc++;
	forget(vm);
	if (!vm_spend(vm, 64))
		return false;
	if (!in->op->exec(vm, program_operands(prog, in)) || vm->failed)
		return false;
	if (!end_count(vm, in))
		return false;
	tell_step(vm);
	return true;
}

/* Begin with the script to include: vm->enter holds what is new. */
static void
push_frame(struct sieve_vm *vm)
{
	struct vm_frame *f = vm->enter;
	const struct sieve_program *prog = f->prog;

	vm->enter = NULL;
	f->up = vm->frames;
	f->prog = vm->prog;
	f->pc = vm->pc;
	f->at = vm->at;
	f->first = vm->first;
	f->scope = vm->scope;
	f->gained = vm->gained;
	f->matched = vm->matched;
	f->loop = vm->loop;
	vm->frames = f;
	vm->depth++;
	vm->prog = prog;
	vm->pc = 0;
	vm->first = NULL;
	vm->scope = NULL;
	vm->gained = (struct strlist){ 0 };
	vm->matched = (struct match_values){ .n = 0 };
	vm->loop = NULL;
}

/* Go on with the including script. false: there is none. */
static bool
pop_frame(struct sieve_vm *vm)
{
	const struct vm_frame *f = vm->frames;

	if (f == NULL)
		return false;
	vm->prog = f->prog;
	vm->pc = f->pc;
	vm->first = f->first;
	vm->scope = f->scope;
	vm->gained = f->gained;
	vm->matched = f->matched;
	vm->loop = f->loop;
	vm->frames = f->up;
	vm->depth--;
	return true;
}

/* The place of a failure is where the active script includes; the text says
 * where it was. */
static void
leave_frames(struct sieve_vm *vm)
{
	while (vm->frames != NULL) {
		if (vm->at < vm->prog->ncode)
			fail_prepend(vm->why, "script \"%.*s\", line %u",
			    STR_ARG(vm->frames->name),
			    vm->prog->code[vm->at].line);
		vm->at = vm->frames->at;
		pop_frame(vm);
	}
}

static bool
recovered(struct sieve_vm *vm)
{
	if (vm->env->recover == NULL)
		return false;
	leave_frames(vm);
	if (!vm->env->recover(vm->env->ctx, vm, vm->why))
		return false;
	vm->failed = false;
	vm->enter = NULL;
	return true;
}

static bool
run(struct sieve_vm *vm)
{
	while (!vm->stopped) {
		if (vm->enter != NULL)
			push_frame(vm);
		if (vm->pc < vm->prog->ncode) {
			if (!step(vm) && !recovered(vm))
				return false;
		} else if (!pop_frame(vm)) {
			break;
		}
	}
	vm->at = vm->prog->ncode; /* a conflict has no place */
	return plan_settle(vm->plan, vm->why);
}

static void
tell_error(struct sieve_vm *vm)
{
	struct sieve_event e = { .kind = SIEVE_EVENT_ERROR, .why = vm->why };

	if (vm->env->event != NULL)
		tell(vm, &e);
}

bool
sieve_run(const struct sieve_program *prog, const struct sieve_env *env,
    const struct sieve_limits *limits, struct arena *arena, struct plan **plan,
    uint32_t *line, uint32_t *column, struct fail *why)
{
	struct sieve_vm vm = {
		.prog = prog,
		.env = env,
		.msg = env->msg,
		.limits = limits != NULL ? limits : &sieve_limits_default,
		.arena = arena,
		.plan = plan_new(arena),
		.why = why,
	};

	bool ok;

	vm.budget.left = vm.limits->work;
	*plan = vm.plan;
	*line = *column = 0;
	if (env->header != NULL)
		vm_edit_header(&vm, *env->header);
	ok = run(&vm);
	vm.plan->work = vm.limits->work - vm.budget.left;
	if (!ok)
		tell_error(&vm);
	if (!ok)
		leave_frames(&vm);
	if (!ok && vm.at < prog->ncode) {
		*line = prog->code[vm.at].line;
		*column = prog->code[vm.at].column;
	}
	arena_free(vm.brief);
	return ok;
}
