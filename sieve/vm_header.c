/*
 * vm_header: header fields as scripts see them: found once, decoded once,
 * edited or replaced. Knows the caches of a run, not what is asked of them.
 *   RFC 5228 s. 2.4.2.2, RFC 5260 s. 6, RFC 5293 s. 7
 */
#include "lib/arena.h"
#include "sieve/run.h"

enum {
	UNRESOLVED = 0,
	ABSENT = 1,
	FIRST = 2, /* + index of the field */
};

/* hash: of the name; 0: no name at all, which matches no header.
 * RFC 5228 s. 2.4.2.2 */
static uint32_t
resolve(const struct sieve_vm *vm, struct str name, uint32_t hash)
{
	uint32_t f = MESSAGE_NONE;

	if (hash != 0)
		f = message_find_hashed(vm->msg, name, hash);
	return f == MESSAGE_NONE ? ABSENT : FIRST + f;
}

uint32_t
vm_header_first(struct sieve_vm *vm, uint32_t string)
{
	uint32_t *f, index;

	if (vm->prog->refs[string]) {
		struct str name = vm_string(vm, string);

		index = resolve(vm, name, program_name_hash(name));
		return index == ABSENT ? MESSAGE_NONE : index - FIRST;
	}
	if (vm->first == NULL)
		vm->first =
		    ARENA_ARRAY(vm->arena, vm->prog->nstrings, uint32_t);
	f = &vm->first[string];
	if (*f == UNRESOLVED)
		*f = resolve(
		    vm, vm->prog->string[string], vm->prog->name_hash[string]);
	return *f == ABSENT ? MESSAGE_NONE : *f - FIRST;
}

uint32_t
vm_header_next(const struct sieve_vm *vm, uint32_t field)
{
	return message_field(vm->msg, field)->next;
}

static uint32_t
next_field(struct sieve_vm *vm, struct vm_fields *it)
{
	uint32_t f = it->field;

	while (f == MESSAGE_NONE && it->name < it->names->n)
		f = vm_header_first(vm, it->names->v[it->name++]);
	it->field = f == MESSAGE_NONE ? f : vm_header_next(vm, f);
	return f;
}

static bool
count_fields(struct sieve_vm *vm, struct vm_fields it, uint64_t *n)
{
	for (*n = 0; next_field(vm, &it) != MESSAGE_NONE; ++*n)
		if (!vm_spend(vm, 8))
			return false;
	return true;
}

bool
vm_fields_begin(struct sieve_vm *vm, struct vm_fields *it, uint64_t names,
    uint64_t index, bool last)
{
	uint64_t n;

	*it = (struct vm_fields){ .names = vm_list(vm, names),
		.field = MESSAGE_NONE,
		.left = UINT64_MAX };
	if (index == 0)
		return true;
	if (!count_fields(vm, *it, &n))
		return false;
	it->left = index <= n;
	it->skip = index > n ? 0 : last ? n - index : index - 1;
	return true;
}

uint32_t
vm_fields_next(struct sieve_vm *vm, struct vm_fields *it)
{
	if (it->left == 0)
		return MESSAGE_NONE;
	for (; it->skip > 0; it->skip--)
		next_field(vm, it);
	it->left--;
	return next_field(vm, it);
}

static struct vm_field *
field_cache(struct sieve_vm *vm, uint32_t field)
{
	if (vm->field == NULL)
		vm->field = ARENA_ARRAY(
		    vm->arena, message_nfields(vm->msg), struct vm_field);
	return &vm->field[field];
}

struct vm_value *
vm_header_value(struct sieve_vm *vm, uint32_t field)
{
	const struct header_field *h = message_field(vm->msg, field);
	struct vm_field *cache = field_cache(vm, field);

	if (!cache->decoded) {
		if (!vm_spend(vm, h->value.len))
			return NULL;
		cache->value.text =
		    str_trim(header_decode(vm->arena, vm->msg, h));
		cache->decoded = true;
	}
	return &cache->value;
}

const struct address_list *
vm_header_addrs(struct sieve_vm *vm, uint32_t field)
{
	const struct header_field *h = message_field(vm->msg, field);
	struct vm_field *cache = field_cache(vm, field);

	if (!cache->parsed) {
		if (!vm_spend(vm, h->value.len))
			return NULL;
		cache->addrs = address_parse_list(
		    vm->arena, header_unfold(vm->arena, vm->msg, h));
		cache->parsed = true;
	}
	return &cache->addrs;
}

/* What was found in the header, also by including scripts. */
static void
forget_header(struct sieve_vm *vm)
{
	if (vm->first != NULL)
		memset(vm->first, 0, vm->prog->nstrings * sizeof(*vm->first));
	for (struct vm_frame *f = vm->frames; f != NULL; f = f->up)
		f->first = NULL;
	vm->field = NULL;
}

void
vm_new_message(struct sieve_vm *vm)
{
	vm->msg = vm->env->msg;
	vm->plan->header = NULL;
	vm->body = NULL;
	vm->parts_known = false;
	forget_header(vm);
}

void
vm_edit_header(struct sieve_vm *vm, struct str header)
{
	struct str *kept = ARENA_NEW(vm->arena, struct str);

	*kept = header;
	vm->msg =
	    message_open(vm->arena, header, 0, message_limits(vm->env->msg));
	forget_header(vm);
	vm->plan->header = kept;
}
