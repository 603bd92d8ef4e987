/*
 * variable: values at run time. Memory of one variable is reused when it is
 * set again, so a run holds no more than variables times their limit.
 */
#include "sieve/variable.h"

#include "lib/arena.h"
#include "sieve/ext.h"

struct variable {
	struct str name;
	struct str value; /* in mem */
	char *mem;
	size_t cap;
	bool is_set;
	struct variable *shared; /* declared global: the one meant */
};

struct variable_scope {
	struct variable **slot; /* hash table, a power of two */
	size_t nslots, n;
};

/* --- scopes ----------------------------------------------------------- */

static struct variable **
slot_of(const struct variable_scope *s, struct str name)
{
	size_t at = str_hash(name, true);

	for (;; at++) {
		struct variable **slot = &s->slot[at & (s->nslots - 1)];

		if (*slot == NULL || str_caseeq((*slot)->name, name))
			return slot;
	}
}

static void
scope_grow(struct arena *arena, struct variable_scope *s)
{
	struct variable_scope old = *s;

	s->nslots = old.nslots == 0 ? 16 : 2 * old.nslots;
	s->slot = ARENA_ARRAY(arena, s->nslots, struct variable *);
	for (size_t i = 0; i < old.nslots; i++)
		if (old.slot[i] != NULL)
			*slot_of(s, old.slot[i]->name) = old.slot[i];
}

static struct variable *
scope_find(const struct variable_scope *s, struct str name)
{
	return s != NULL && s->nslots > 0 ? *slot_of(s, name) : NULL;
}

/* NULL: more variables than allowed. */
static struct variable *
scope_make(struct sieve_vm *vm, struct variable_scope **scope, struct str name)
{
	struct variable *var = scope_find(*scope, name);

	if (var != NULL)
		return var;
	if (vm->nvariables >= vm->limits->variables) {
		vm_fail(vm, "more than %u variables", vm->limits->variables);
		return NULL;
	}
	vm->nvariables++;
	if (*scope == NULL)
		*scope = ARENA_NEW(vm->arena, struct variable_scope);
	if (2 * (*scope)->n >= (*scope)->nslots)
		scope_grow(vm->arena, *scope);
	var = ARENA_NEW(vm->arena, struct variable);
	var->name = str_dup(vm->arena, name);
	(*scope)->n++;
	*slot_of(*scope, name) = var;
	return var;
}

/* --- values ----------------------------------------------------------- */

/* Cut at a character, RFC 5229 s. 6: "truncated" is no licence to make
 * broken text. */
static struct str
truncate_to(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_sub(s, 0, max);
}

static char *
make_room(struct sieve_vm *vm, char *mem, size_t *cap, size_t len)
{
	if (len <= *cap)
		return mem;
	*cap = 2 * len;
	return arena_alloc(vm->arena, *cap);
}

static bool
assign(struct sieve_vm *vm, struct variable *var, struct str value)
{
	if (var == NULL)
		return false;
	if (var->shared != NULL)
		var = var->shared;
	value = truncate_to(value, vm->limits->variable_octets);
	if (!vm_spend(vm, value.len))
		return false;
	var->mem = make_room(vm, var->mem, &var->cap, value.len);
	if (value.len > 0)
		memmove(var->mem, value.p, value.len);
	var->value = str_from(var->mem, value.len);
	var->is_set = true;
	return true;
}

static struct str
value_of(const struct variable *var)
{
	if (var != NULL && var->shared != NULL)
		var = var->shared;
	return var != NULL ? var->value : S("");
}

/* "ns.rest": the namespace; NULL when name has none or nobody knows it. */
static const struct sieve_namespace *
namespace_of(struct str name, struct str *rest)
{
	const struct sieve_ext *owner;
	struct str ns;

	*rest = name;
	if (str_chr(name, '.') < 0 || !str_cut(rest, '.', &ns))
		return NULL;
	return ext_namespace(ns, &owner);
}

struct str
variable_get(struct sieve_vm *vm, struct str name)
{
	struct str rest;
	const struct sieve_namespace *ns = namespace_of(name, &rest);

	if (ns != NULL)
		return ns->get(vm, rest);
	return value_of(scope_find(vm->scope, name));
}

bool
variable_set(struct sieve_vm *vm, struct str name, struct str value)
{
	struct str rest;
	const struct sieve_namespace *ns = namespace_of(name, &rest);

	if (ns == NULL)
		return assign(vm, scope_make(vm, &vm->scope, name), value);
	if (ns->set == NULL)
		return vm_fail(vm, "this variable cannot be set");
	return ns->set(vm, rest, value);
}

bool
variable_make_global(struct sieve_vm *vm, struct str name)
{
	struct variable *var = scope_make(vm, &vm->scope, name);
	struct variable *shared = scope_make(vm, &vm->globals, name);

	if (var == NULL || shared == NULL)
		return false;
	if (var->is_set)
		return vm_fail(
		    vm, "global: this variable is already set in the script");
	var->shared = shared;
	return true;
}

struct str
variable_get_global(struct sieve_vm *vm, struct str name)
{
	return value_of(scope_find(vm->globals, name));
}

bool
variable_set_global(struct sieve_vm *vm, struct str name, struct str value)
{
	return assign(vm, scope_make(vm, &vm->globals, name), value);
}

/* --- match variables -------------------------------------------------- */

bool
variable_captured(
    struct sieve_vm *vm, struct str value, const struct captures *c)
{
	struct match_values *m = &vm->matched;
	size_t len = 0, at = 0;

	for (size_t i = 0; i < c->n; i++)
		len += c->at[i].to - c->at[i].from;
	if (!vm_spend(vm, len))
		return false;
	m->mem = make_room(vm, m->mem, &m->cap, len);
	m->n = c->n;
	for (size_t i = 0; i < c->n; i++) {
		struct str s = str_sub(value, c->at[i].from, c->at[i].to);

		if (s.len > 0)
			memcpy(m->mem + at, s.p, s.len);
		m->v[i] = str_from(m->mem + at, s.len);
		at += s.len;
	}
	return true;
}

/* --- expansion -------------------------------------------------------- */

static struct str
part_value(struct sieve_vm *vm, const struct template_part *part)
{
	const struct sieve_namespace *ns;
	const struct sieve_ext *owner;

	if (part->kind == TEMPLATE_TEXT)
		return part->text;
	if (part->kind == TEMPLATE_MATCH)
		return part->index < vm->matched.n ? vm->matched.v[part->index]
		                                   : S("");
	if (part->ns.len == 0)
		return value_of(scope_find(vm->scope, part->name));
	ns = ext_namespace(part->ns, &owner);
	return ns != NULL ? ns->get(vm, part->name) : S("");
}

struct str
variable_expand(struct sieve_vm *vm, const struct template *t)
{
	struct str *v = ARENA_ARRAY(vm_brief(vm), t->n, struct str);
	uint64_t len = 0;

	for (size_t i = 0; i < t->n; i++) {
		v[i] = part_value(vm, &t->v[i]);
		len += v[i].len;
	}
	/* paid for before there is memory for it */
	if (!vm_spend(vm, len + 16 * t->n))
		return S("");
	vm->expanded += len;
	if (vm->expanded > vm->limits->string_bytes * UINT64_C(16)) {
		vm_fail(vm,
		    "the strings are longer than the limit of %u "
		    "octets",
		    vm->limits->string_bytes);
		return S("");
	}
	return str_join(vm_brief(vm), v, t->n);
}
