/*
 * target: from the arguments of fileinto and :fcc to one mailbox name. Asks
 * the host which mailbox has an id or a special use; knows no mail store.
 */
#include "sieve/target.h"

#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/imapflags.h"

enum { ASK_COST = 1024 }; /* octets charged when the host has to look */

bool
target_is_mailbox(struct str name)
{
	return name.len > 0 && str_is_utf8(name) && !str_has_ctl(name);
}

bool
target_is_specialuse(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c >= 0x7f || strchr("(){%*\"\\]", c) != NULL)
			return false;
	}
	return s.len > 1 && s.p[0] == '\\';
}

/* --- constants -------------------------------------------------------- */

void
target_check_mailbox(struct check *c, const struct tree_arg *a)
{
	if (a == NULL || a->kind != TREE_STRING || a->v[0].refs ||
	    target_is_mailbox(a->v[0].text))
		return;
	diag_add(check_diag(c), a->v[0].at,
	    S("a mailbox name is UTF-8 text without control characters"),
	    "invalid mailbox name \"%s\"",
	    diag_quote(check_diag(c), a->v[0].text));
}

void
target_check_specialuse(struct check *c, const struct tree_arg *a)
{
	if (a->v[0].refs || target_is_specialuse(a->v[0].text))
		return;
	diag_add(check_diag(c), a->v[0].at, S("write it like \"\\\\Junk\""),
	    "\"%s\" is not a special-use attribute",
	    diag_quote(check_diag(c), a->v[0].text));
}

/* --- at run time ------------------------------------------------------ */

/* RFC 8579 s. 4: the default mailbox when it is one of them */
static bool
find_specialuse(
    struct sieve_vm *vm, struct str mailbox, struct str use, struct str *found)
{
	const struct sieve_env *env = vm->env;

	*found = S("");
	if (!vm_spend(vm, ASK_COST))
		return false;
	if (env->special_use == NULL)
		return true;
	if (!env->special_use(env->ctx, mailbox, use, found))
		*found = S("");
	if (found->len == 0 && !env->special_use(env->ctx, S(""), use, found))
		*found = S("");
	return true;
}

static bool
find_id(struct sieve_vm *vm, struct str id, struct str *found)
{
	const struct sieve_env *env = vm->env;

	*found = S("");
	if (!vm_spend(vm, ASK_COST + id.len))
		return false;
	if (env->mailbox_by_id == NULL ||
	    !env->mailbox_by_id(env->ctx, id, found))
		*found = S("");
	return true;
}

bool
target_find(struct sieve_vm *vm, const uint64_t *v, const char *command,
    struct str *mailbox, struct str *specialuse)
{
	struct str name = vm_string(vm, v[TARGET_AT_MAILBOX]);
	struct str use = vm_string(vm, v[TARGET_AT_SPECIALUSE]);
	struct str found = STR("");

	if (!target_is_mailbox(name))
		return vm_fail(vm, "%s: this is not a mailbox name", command);
	if ((v[0] & TARGET_SPECIALUSE) != 0 && !target_is_specialuse(use))
		return vm_fail(
		    vm, "%s: this is not a special-use attribute", command);
	if ((v[0] & TARGET_SPECIALUSE) != 0 &&
	    !find_specialuse(vm, name, use, &found))
		return false;
	if ((v[0] & TARGET_MAILBOXID) != 0 &&
	    !find_id(vm, vm_string(vm, v[TARGET_AT_MAILBOXID]), &found))
		return false;
	*mailbox = str_dup(vm->arena, found.len > 0 ? found : name);
	*specialuse = found.len > 0 ? S("") : str_dup(vm->arena, use);
	return true;
}

static bool
fcc_flags(struct sieve_vm *vm, uint64_t operand, struct strlist *set)
{
	const struct sieve_list *list = vm_list(vm, operand);

	for (uint32_t i = 0; i < list->n; i++)
		if (!imapflags_add(vm, set, vm_string(vm, list->v[i])))
			return false;
	return true;
}

bool
target_fcc(struct sieve_vm *vm, const uint64_t *v, const char *command,
    const struct plan_fcc **out)
{
	struct plan_fcc *fcc;

	*out = NULL;
	if ((v[0] & TARGET_FCC) == 0)
		return true;
	fcc = ARENA_NEW(vm->arena, struct plan_fcc);
	fcc->flags = (uint32_t)v[0] & PLAN_CREATE;
	*out = fcc;
	return target_find(vm, v, command, &fcc->mailbox, &fcc->specialuse) &&
	       fcc_flags(vm, v[TARGET_AT_FLAGS], &fcc->imapflags);
}
