/*
 * envelope: test the addresses of MAIL and RCPT. RFC 5228 s. 5.4
 */
#include "sieve/check.h"
#include "sieve/ext.h"

static struct str
env_from(const struct sieve_env *env)
{
	return env->sender;
}

static struct str
env_to(const struct sieve_env *env)
{
	return env->rcpt;
}

static struct str
env_auth(const struct sieve_env *env)
{
	return env->auth;
}

static const struct {
	struct str name;
	struct str (*get)(const struct sieve_env *);
	bool optional; /* "": there is none */
} fields[] = {
	{ STR("from"), env_from, false },
	{ STR("to"), env_to, false },
	{ STR("auth"), env_auth, true },
};
enum { NFIELDS = sizeof(fields) / sizeof(fields[0]) };

/* Index of that envelope part; NFIELDS: not known. */
static size_t
find_field(struct str name)
{
	size_t i = 0;

	while (i < NFIELDS && !str_caseeq(fields[i].name, name))
		i++;
	return i;
}

/* Source routes are dropped by address_parse_path. What is no path can only
 * be seen whole. */
static struct address
parse_path(struct sieve_vm *vm, struct str path)
{
	struct address addr;
	const char *why;

	if (path.len >= 2 && path.p[0] == '<' && path.p[path.len - 1] == '>')
		path = str_sub(path, 1, path.len - 1);
	if (!address_parse_path(vm->arena, path, true, &addr, &why))
		addr = (struct address){ .text = path };
	return addr;
}

static bool
match_path(struct sieve_vm *vm, struct str path, const struct sieve_part *part,
    uint64_t m)
{
	struct address addr = parse_path(vm, path);
	struct str value;

	/* the null reverse-path is "" whatever part is asked for, and does
	 * not count: RFC 5231 s. 4.2 */
	if (addr.text.len == 0 && vm_counts(vm, m))
		return true;
	if (addr.text.len == 0)
		return vm_match_str(vm, m, S(""));
	if (!part->get(vm->env, &addr, &value))
		return true;
	return vm_match_str(vm, m, value);
}

/* s. 5.4: what is not enabled is unknown; ihave may have enabled it */
static bool
match_other(struct sieve_vm *vm, struct str name, const uint64_t *v)
{
	const struct sieve_ext *owner;
	const struct sieve_envelope_part *other =
	    ext_envelope_part(name, &owner);

	if (other == NULL ||
	    (!strlist_has(&vm->prog->capabilities, str_c(owner->name)) &&
		!strlist_has(&vm->gained, str_c(owner->name))))
		return vm_fail(vm, "envelope: unknown envelope part");
	return other->match(vm, vm_string(vm, v[3]), v[2]);
}

static bool
exec_envelope(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_part *part = vm->prog->part[v[0]];
	const struct sieve_list *names = vm_list(vm, v[1]);

	vm->truth = false;
	for (uint32_t i = 0; i < names->n && !vm->truth; i++) {
		struct str name = vm_string(vm, names->v[i]), path;
		size_t f = find_field(name);

		if (f == NFIELDS) {
			if (!match_other(vm, name, v))
				return false;
			continue;
		}
		path = fields[f].get(vm->env);
		if (path.len == 0 && fields[f].optional)
			continue;
		if (!vm_spend(vm, path.len) ||
		    !match_path(vm, path, part, v[2]))
			return false;
	}
	return true;
}

/* RFC 6009 s. 4: a part of an address is a part of nothing else */
static void
check_other(
    struct check *c, const struct tree_node *node, const struct tree_string *s)
{
	const struct sieve_ext *owner;
	const struct sieve_envelope_part *other =
	    ext_envelope_part(s->text, &owner);

	if (other == NULL || !check_use(c, owner))
		diag_add(check_diag(c), s->at,
		    other != NULL ? check_hint_require(c, owner)
				  : S("use \"from\" or \"to\""),
		    "unknown envelope part \"%s\"",
		    diag_quote(check_diag(c), s->text));
	else if (tree_tag(node, "address-part") != NULL)
		diag_add(check_diag(c), s->at, S(""),
		    "envelope part \"%s\" is no address", other->name);
}

static void
check_envelope(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	for (size_t i = 0; a != NULL && i < a->n; i++)
		if (!a->v[i].refs && find_field(a->v[i].text) == NFIELDS)
			check_other(c, node, &a->v[i]);
}

static const struct sieve_op op_envelope = { "envelope", "plmS", exec_envelope,
	"T := part p of an envelope address l matches m" };

static const struct sieve_cmd cmds[] = {
	{ .name = "envelope",
	    .kind = SIEVE_TEST,
	    .op = &op_envelope,
	    .args = "envelope-part key-list",
	    .classes = "@match @address-part",
	    .check = check_envelope },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_envelope,
	NULL,
};

const struct sieve_ext ext_envelope = {
	.name = "envelope",
	.rfc = "RFC 5228",
	.cmds = cmds,
	.ops = ops,
};
