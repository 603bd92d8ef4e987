/*
 * part: knows what a part's text and header are for a script; where parts
 * begin, how they are encoded, lib/mime.h.
 */
#include "sieve/part.h"

#include "lib/arena.h"

struct str
part_crlf(struct sieve_vm *vm, struct arena *arena, struct str s)
{
	size_t lines = 0, n = 0;
	char *out;

	s = str_sub(s, 0, vm->limits->body_octets);
	for (size_t i = 0; i < s.len; i++)
		lines += s.p[i] == '\n';
	if (lines == 0 || str_chr(s, '\r') >= 0)
		return s;
	out = arena_alloc(arena, s.len + lines);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\n')
			out[n++] = '\r';
		out[n++] = s.p[i];
	}
	return str_from(out, n);
}

struct str
part_text(struct sieve_vm *vm, struct arena *arena, const struct mime_part *p)
{
	struct mime_part copy = *p;

	if (p->encoding != MIME_BASE64)
		copy.body = part_crlf(vm, arena, p->body);
	return mime_text(arena, &copy, vm->limits->body_octets);
}

const struct mime_part *
part_all(struct sieve_vm *vm)
{
	if (!vm->parts_known) {
		if (!vm_spend(vm, message_bytes(vm->env->msg).len))
			return NULL;
		vm->parts_known = true;
	}
	return mime_parts(vm->arena, vm->env->msg);
}

const struct mime_part *
part_current(struct sieve_vm *vm)
{
	if (vm->loop != NULL && vm->loop->at != NULL)
		return vm->loop->at;
	return part_all(vm);
}

/* In document order the parts of a part follow it, all of them deeper. */
const struct mime_part *
part_next(const struct mime_part *root, const struct mime_part *at)
{
	const struct mime_part *next = at != NULL ? at->next : root->next;

	return next != NULL && next->depth > root->depth ? next : NULL;
}

const struct message *
part_header(struct sieve_vm *vm, const struct mime_part *p)
{
	if (p->parent == NULL)
		return vm->msg;
	if (!vm_spend(vm, p->header.len))
		return NULL;
	return message_open(
	    vm_brief(vm), p->header, 0, message_limits(vm->env->msg));
}
