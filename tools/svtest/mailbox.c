/*
 * mailbox: the mailboxes of a test suite, and what scripts ask about them.
 * Messages are in the store in memory; here are only names, special uses,
 * ids and annotations.
 */
#include "lib/arena.h"
#include "sieve/ext.h"
#include "tools/svtest/svtest.h"

bool
svtest_mailbox_name(
    struct svtest *t, struct str name, struct str *out, struct fail *why)
{
	return mailbox_name(t->arena, LAYOUT_MAILDIRPP, name, '.', out, why);
}

bool
svtest_mailbox_exists(void *ctx, struct str mailbox)
{
	struct svtest *t = ctx;
	struct fail why;
	struct str name;

	return svtest_mailbox_name(t, mailbox, &name, &why) &&
	       strlist_has(&t->mailboxes, name);
}

/* Names in scripts have dots between their levels. */
static struct str
script_name(struct svtest *t, struct str canonical)
{
	char *p = str_cstr(t->arena, canonical);

	for (size_t i = 0; i < canonical.len; i++)
		if (p[i] == '/')
			p[i] = '.';
	return str_from(p, canonical.len);
}

bool
svtest_special_use(
    void *ctx, struct str mailbox, struct str attr, struct str *out)
{
	struct svtest *t = ctx;
	struct str name = STR("");
	struct fail why;

	if (mailbox.len > 0 && !svtest_mailbox_name(t, mailbox, &name, &why))
		return false;
	for (struct svtest_box *b = t->boxes; b != NULL; b = b->next) {
		if (!strlist_casehas(&b->uses, attr) ||
		    (name.len > 0 && !str_eq(name, b->name)))
			continue;
		*out = script_name(t, b->name);
		return true;
	}
	return false;
}

bool
svtest_mailbox_by_id(void *ctx, struct str id, struct str *out)
{
	struct svtest *t = ctx;

	for (struct svtest_box *b = t->boxes; b != NULL; b = b->next)
		if (id.len > 0 && str_eq(b->id, id)) {
			*out = script_name(t, b->name);
			return true;
		}
	return false;
}

/* "" is the server. false: no name of a mailbox */
static bool
annotation_key(
    struct svtest *t, struct str mailbox, struct str name, struct str *key)
{
	struct str box = STR("");
	struct fail why;

	if (mailbox.len > 0 && !svtest_mailbox_name(t, mailbox, &box, &why))
		return false;
	name = str_lower(t->arena, name);
	*key = str_printf(t->arena, "%.*s:%.*s", STR_ARG(box), STR_ARG(name));
	return true;
}

bool
svtest_metadata(
    void *ctx, struct str mailbox, struct str name, struct str *value)
{
	struct svtest *t = ctx;
	const struct svtest_pair *p = NULL;
	struct str key;

	if (annotation_key(t, mailbox, name, &key))
		p = svtest_pair_get(t->annotations, key);
	if (p != NULL)
		*value = p->value;
	return p != NULL;
}

/* --- commands ------------------------------------------------------------ */

static bool
exec_create(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	const struct sieve_list *uses = vm_list(vm, v[1]);
	struct svtest_box *box;
	struct fail why;
	struct str name;

	if (t == NULL)
		return vm_fail(vm, "test_mailbox_create: no test suite");
	if (!svtest_mailbox_name(t, vm_string(vm, v[3]), &name, &why))
		return svtest_fail(vm, t, str_c(why.text));
	if (!strlist_has(&t->mailboxes, name))
		strlist_add(t->arena, &t->mailboxes, name);
	box = ARENA_NEW(t->arena, struct svtest_box);
	box->name = name;
	box->id = str_dup(t->arena, vm_string(vm, v[2]));
	for (uint32_t i = 0; i < uses->n; i++)
		strlist_add(t->arena, &box->uses,
		    str_dup(t->arena, vm_string(vm, uses->v[i])));
	box->next = t->boxes;
	t->boxes = box;
	return true;
}

static bool
exec_delete(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	(void)v;
	if (t == NULL)
		return vm_fail(vm, "test_mailbox_delete: no test suite");
	return svtest_fail(vm, t, S("mailboxes cannot be deleted"));
}

static bool
exec_metadata(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	struct str key;

	if (t == NULL)
		return vm_fail(vm, "test_imap_metadata_set: no test suite");
	if (!annotation_key(t, vm_string(vm, v[1]), vm_string(vm, v[2]), &key))
		return svtest_fail(vm, t, S("this is not a mailbox name"));
	svtest_pair_set(t->arena, &t->annotations, key, vm_string(vm, v[3]));
	return true;
}

const struct sieve_op op_test_mailbox_create = { "test_mailbox_create", "fLSs",
	exec_create, "make mailbox s with special uses L and id S" };
const struct sieve_op op_test_mailbox_delete = { "test_mailbox_delete", "s",
	exec_delete, "cannot be done" };
const struct sieve_op op_test_imap_metadata_set = { "test_imap_metadata_set",
	"fSss", exec_metadata, "annotation s of mailbox S := s" };
