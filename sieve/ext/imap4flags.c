/*
 * imap4flags: the flags a stored message gets. The internal variable is part
 * of the plan, because the implicit keep carries it. RFC 5232
 */
#include "lib/arena.h"
#include "sieve/ext.h"
#include "sieve/imapflags.h"

/* --- actions: s. 3 ---------------------------------------------------- */

typedef bool change_fn(struct sieve_vm *, struct strlist *, struct str words);

static bool
change(struct sieve_vm *vm, struct strlist *set, uint64_t list, change_fn *each)
{
	const struct sieve_list *words = vm_list(vm, list);

	for (uint32_t i = 0; i < words->n; i++)
		if (!each(vm, set, vm_string(vm, words->v[i])))
			return false;
	return true;
}

static bool
exec_addflag(struct sieve_vm *vm, const uint64_t *v)
{
	return change(vm, &vm->plan->imapflags, v[0], imapflags_add);
}

static bool
exec_removeflag(struct sieve_vm *vm, const uint64_t *v)
{
	return change(vm, &vm->plan->imapflags, v[0], imapflags_remove);
}

static bool
exec_setflag(struct sieve_vm *vm, const uint64_t *v)
{
	vm->plan->imapflags = (struct strlist){ 0 };
	return exec_addflag(vm, v);
}

/* --- hasflag: s. 4 ---------------------------------------------------- */

/* A key, too, may be several flags. They are not looked at for validity:
 * with :contains and :matches they are parts of flags. */
static struct sieve_match
split_keys(struct sieve_vm *vm, const struct sieve_match *m)
{
	struct sieve_match split = *m;
	struct strlist words = { 0 };

	for (size_t i = 0; i < m->nkeys; i++) {
		struct str rest = m->key[i], word;

		while (imapflags_word(&rest, &word))
			strlist_add(vm->arena, &words, word);
	}
	match_prepare(vm->arena, &split, words.v, words.n);
	return split;
}

static bool
exec_hasflag(struct sieve_vm *vm, const uint64_t *v)
{
	const struct strlist *set = &vm->plan->imapflags;
	struct sieve_match m = split_keys(vm, &vm->prog->match[v[0]]);

	vm->truth = false;
	for (size_t i = 0; i < set->n && !vm->truth; i++)
		if (!vm_match_with(vm, &m, set->v[i]))
			return false;
	return true;
}

static const struct sieve_op op_setflag = { "setflag", "l", exec_setflag,
	"flags := l" };
static const struct sieve_op op_addflag = { "addflag", "l", exec_addflag,
	"flags := flags and l" };
static const struct sieve_op op_removeflag = { "removeflag", "l",
	exec_removeflag, "flags := flags without l" };
static const struct sieve_op op_hasflag = { "hasflag", "m", exec_hasflag,
	"T := one of the flags matches m" };

static const struct sieve_tag tags[] = {
	{ .name = "flags", .on = "keep fileinto", .arg = 'l', .operand = 1 },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "setflag", .op = &op_setflag, .args = "list-of-flags" },
	{ .name = "addflag", .op = &op_addflag, .args = "list-of-flags" },
	{ .name = "removeflag", .op = &op_removeflag, .args = "list-of-flags" },
	{ .name = "hasflag",
	    .kind = SIEVE_TEST,
	    .op = &op_hasflag,
	    .args = "list-of-flags",
	    .classes = "@match" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_setflag,
	&op_addflag,
	&op_removeflag,
	&op_hasflag,
	NULL,
};

const struct sieve_ext ext_imap4flags = {
	.name = "imap4flags",
	.rfc = "RFC 5232",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
