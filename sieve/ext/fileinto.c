/*
 * fileinto: file the message into a mailbox. RFC 5228 s. 4.1
 */
#include "sieve/check.h"
#include "sieve/ext.h"

/* What no mail store could take; the rest is the store's business. */
static bool
is_mailbox_name(struct str name)
{
	return name.len > 0 && str_is_utf8(name) && !str_has_ctl(name);
}

static bool
exec_fileinto(struct sieve_vm *vm, const uint64_t *v)
{
	struct str mailbox = vm_string(vm, v[2]);

	if (!is_mailbox_name(mailbox))
		return vm_fail(vm, "fileinto: this is not a mailbox name");
	return vm_intent(vm, INTENT_STORE, v[0], v[1], mailbox);
}

static void
check_fileinto(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (a == NULL || a->kind != TREE_STRING || a->v[0].refs)
		return;
	if (!is_mailbox_name(a->v[0].text))
		diag_add(check_diag(c), a->v[0].at,
		    S("a mailbox name is UTF-8 text without control "
		      "characters"),
		    "invalid mailbox name \"%s\"",
		    diag_quote(check_diag(c), a->v[0].text));
}

static const struct sieve_op op_fileinto = { "fileinto", "fLs", exec_fileinto,
	"add STORE s; cancel the implicit keep unless :copy" };

static const struct sieve_cmd cmds[] = {
	{ .name = "fileinto",
	    .op = &op_fileinto,
	    .args = "mailbox",
	    .check = check_fileinto },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_fileinto,
	NULL,
};

const struct sieve_ext ext_fileinto = {
	.name = "fileinto",
	.rfc = "RFC 5228",
	.cmds = cmds,
	.ops = ops,
};
