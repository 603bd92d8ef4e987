/*
 * base: the actions and the tests of the base language, its match types,
 * comparators and address parts, as rows of tables. RFC 5228 s. 2.7, 4, 5
 */
#include "lib/arena.h"
#include "lib/rfc5322.h"
#include "sieve/check.h"
#include "sieve/redirect.h"

enum {
	SIZE_OVER = 1 << 0,
	SIZE_UNDER = 1 << 1,
};

/* --- actions: s. 4 ---------------------------------------------------- */

static bool
exec_keep(struct sieve_vm *vm, const uint64_t *v)
{
	return vm_intent(vm, INTENT_STORE, v[0] | PLAN_KEEP, v[1], S("INBOX"));
}

static bool
exec_discard(struct sieve_vm *vm, const uint64_t *v)
{
	(void)v;
	vm_cancel_keep(vm);
	return true;
}

static bool
exec_redirect(struct sieve_vm *vm, const uint64_t *v)
{
	struct intent like = { .verb = INTENT_REDIRECT,
		.flags = (uint32_t)v[0] & REDIRECT_PLAN };
	struct str text = vm_string(vm, v[1]);
	struct address addr;

	if (!address_parse_one(vm->arena, text, &addr))
		return vm_fail(vm, "redirect: this is not an address");
	like.target = addr.text;
	return redirect_options(vm, v, &like.redirect) &&
	       vm_intent_with(vm, &like, 0);
}

/* s. 2.4.2.3: one addr-spec, perhaps with a phrase; no route, no group */
static void
check_redirect(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);
	struct address addr;

	if (a == NULL || a->kind != TREE_STRING || a->v[0].refs)
		return;
	if (!address_parse_one(check_arena(c), a->v[0].text, &addr))
		diag_add(check_diag(c), a->v[0].at,
		    S("write it like \"user@example.org\""),
		    "\"%s\" is not a valid address",
		    diag_quote(check_diag(c), a->v[0].text));
}

static const struct sieve_op op_keep = { "keep", "fL", exec_keep,
	"add STORE INBOX; cancel the implicit keep" };
static const struct sieve_op op_discard = { "discard", "", exec_discard,
	"cancel the implicit keep" };
static const struct sieve_op op_redirect = { "redirect", "fsSSNSS",
	exec_redirect,
	"add REDIRECT s; cancel the implicit keep unless :copy" };

/* --- header, exists, size: s. 5.5, 5.7, 5.9 --------------------------- */

static bool
exec_header(struct sieve_vm *vm, const uint64_t *v)
{
	struct vm_fields it;
	uint32_t f;

	vm->truth = false;
	if (!vm_fields_begin(vm, &it, v[2], v[1], v[0] & INDEX_LAST))
		return false;
	while (!vm->truth && (f = vm_fields_next(vm, &it)) != MESSAGE_NONE) {
		struct vm_value *value = vm_header_value(vm, f);

		if (value == NULL || !vm_match(vm, v[3], value))
			return false;
	}
	return true;
}

static bool
exec_exists(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *names = vm_list(vm, v[0]);

	vm->truth = true;
	for (uint32_t i = 0; i < names->n && vm->truth; i++) {
		if (!vm_spend(vm, vm->prog->string[names->v[i]].len))
			return false;
		vm->truth = vm_header_first(vm, names->v[i]) != MESSAGE_NONE;
	}
	return true;
}

/* s. 5.9: a message of exactly that size is neither over nor under */
static bool
exec_size(struct sieve_vm *vm, const uint64_t *v)
{
	uint64_t size = message_octets(vm->env->msg);

	vm->truth = (v[0] & SIZE_OVER) != 0 ? size > v[1] : size < v[1];
	return true;
}

static const struct sieve_op op_header = { "header", "fNhm", exec_header,
	"T := a header h matches m" };
static const struct sieve_op op_exists = { "exists", "h", exec_exists,
	"T := every header h exists" };
static const struct sieve_op op_size = { "size", "fn", exec_size,
	"T := the message is over or under n octets" };

/* --- address: s. 5.1 -------------------------------------------------- */

static bool
match_field_addrs(struct sieve_vm *vm, uint32_t field,
    const struct sieve_part *part, uint64_t m)
{
	const struct address_list *addrs = vm_header_addrs(vm, field);

	if (addrs == NULL)
		return false;
	for (size_t i = 0; i < addrs->n && !vm->truth; i++) {
		struct str value;

		/* RFC 5231 s. 4.2: mailboxes are counted, nothing else */
		if (!addrs->v[i].valid && vm_counts(vm, m))
			continue;
		if (part->get(vm->env, &addrs->v[i], &value) &&
		    !vm_match_str(vm, m, value))
			return false;
	}
	return true;
}

static bool
exec_address(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_part *part = vm->prog->part[v[2]];
	struct vm_fields it;
	uint32_t f;

	vm->truth = false;
	if (!vm_fields_begin(vm, &it, v[3], v[1], v[0] & INDEX_LAST))
		return false;
	while (!vm->truth && (f = vm_fields_next(vm, &it)) != MESSAGE_NONE)
		if (!match_field_addrs(vm, f, part, v[4]))
			return false;
	return true;
}

/* Header fields that hold addresses: RFC 5322, RFC 2076, RFC 4021, and what
 * mail software adds. */
static const char *const address_headers[] = {
	"abuse-reports-to",
	"apparently-to",
	"approved",
	"bcc",
	"cc",
	"delivered-to",
	"disposition-notification-to",
	"envelope-from",
	"envelope-to",
	"errors-to",
	"for-approval",
	"for-comment",
	"for-handling",
	"from",
	"generate-delivery-report",
	"mail-followup-to",
	"mail-reply-to",
	"original-from",
	"prevent-nondelivery-report",
	"read-receipt-to",
	"registered-mail-reply-requested-by",
	"reply-to",
	"resent-bcc",
	"resent-cc",
	"resent-from",
	"resent-reply-to",
	"resent-sender",
	"resent-to",
	"return-path",
	"return-receipt-to",
	"sender",
	"to",
	"x-abuse-reports-to",
	"x-admin",
	"x-beenthere",
	"x-complaints-to",
	"x-confirm-reading-to",
	"x-delivered-to",
	"x-envelope-from",
	"x-envelope-sender",
	"x-envelope-to",
	"x-forwarded-for",
	"x-forwarded-to",
	"x-loop",
	"x-mail-reply-requested-by",
	"x-original-from",
	"x-original-sender",
	"x-original-to",
	"x-rcpt-to",
	"x-report-abuse-to",
	"x-resent-for",
	"x-sender",
};

static bool
holds_addresses(struct str name)
{
	size_t n = sizeof(address_headers) / sizeof(address_headers[0]);

	for (size_t i = 0; i < n; i++)
		if (str_caseeq(str_c(address_headers[i]), name))
			return true;
	return false;
}

/* s. 5.1: only headers that hold addresses; s. 2.4.2.2: a name that is none
 * is no error, it matches nothing. */
static void
check_address(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	/* RFC 5703 s. 4.2: parts have others, such as Content-From */
	if (tree_tag(node, "mime") != NULL)
		return;
	for (size_t i = 0; a != NULL && i < a->n; i++)
		if (!a->v[i].refs && rfc5322_is_field_name(a->v[i].text) &&
		    !holds_addresses(a->v[i].text))
			diag_add(check_diag(c), a->v[i].at,
			    S("use the header test for it"),
			    "header \"%s\" holds no addresses",
			    diag_quote(check_diag(c), a->v[i].text));
}

static const struct sieve_op op_address = { "address", "fNphm", exec_address,
	"T := part p of an address in a header h matches m" };

/* --- address parts: s. 2.7.4 ------------------------------------------ */

static bool
get_all(
    const struct sieve_env *env, const struct address *addr, struct str *out)
{
	(void)env;
	*out = addr->text;
	return true;
}

static bool
get_localpart(
    const struct sieve_env *env, const struct address *addr, struct str *out)
{
	(void)env;
	*out = addr->localpart;
	return addr->valid;
}

static bool
get_domain(
    const struct sieve_env *env, const struct address *addr, struct str *out)
{
	(void)env;
	*out = addr->domain;
	return addr->valid && addr->domain.len > 0;
}

static const struct sieve_part part_all = { "all", get_all };
static const struct sieve_part part_localpart = { "localpart", get_localpart };
static const struct sieve_part part_domain = { "domain", get_domain };

/* --- tags ------------------------------------------------------------- */

/* s. 2.7.3: it must be known, and declared unless it is always there */
static void
check_comparator(struct check *c, const struct tree_arg *value)
{
	struct str name = value->v[0].text;
	const struct sieve_ext *owner;
	struct str hint = STR("");

	if (ext_comparator(name, &owner) != NULL) {
		if (check_use(c, owner))
			return;
		hint = str_printf(
		    check_arena(c), "add require \"%s\";", owner->name);
	}
	if (check_defer(c, "unknown comparator \"%s\"",
		diag_quote(check_diag(c), name)))
		return;
	diag_add(check_diag(c), value->at, hint, "unknown comparator \"%s\"",
	    diag_quote(check_diag(c), name));
}

static const struct sieve_tag tags[] = {
	{ .name = "is",
	    .on = "@match",
	    .group = "match-type",
	    .match = &match_is },
	{ .name = "contains",
	    .on = "@match",
	    .group = "match-type",
	    .match = &match_contains },
	{ .name = "matches",
	    .on = "@match",
	    .group = "match-type",
	    .match = &match_matches },
	{ .name = "comparator",
	    .on = "@match",
	    .arg = 's',
	    .check = check_comparator },
	{ .name = "all",
	    .on = "@address-part",
	    .group = "address-part",
	    .part = &part_all },
	{ .name = "localpart",
	    .on = "@address-part",
	    .group = "address-part",
	    .part = &part_localpart },
	{ .name = "domain",
	    .on = "@address-part",
	    .group = "address-part",
	    .part = &part_domain },
	{ .name = "over", .on = "size", .group = "limit", .flag = SIZE_OVER },
	{ .name = "under", .on = "size", .group = "limit", .flag = SIZE_UNDER },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "keep", .op = &op_keep },
	{ .name = "discard", .op = &op_discard },
	{ .name = "redirect",
	    .op = &op_redirect,
	    .args = "address",
	    .check = check_redirect },
	{ .name = "header",
	    .kind = SIEVE_TEST,
	    .op = &op_header,
	    .args = "header-names key-list",
	    .classes = "@match" },
	{ .name = "address",
	    .kind = SIEVE_TEST,
	    .op = &op_address,
	    .args = "header-list key-list",
	    .classes = "@match @address-part",
	    .check = check_address },
	{ .name = "exists",
	    .kind = SIEVE_TEST,
	    .op = &op_exists,
	    .args = "header-names" },
	{ .name = "size",
	    .kind = SIEVE_TEST,
	    .op = &op_size,
	    .args = "limit",
	    .needs = "limit" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_keep,
	&op_discard,
	&op_redirect,
	&op_header,
	&op_address,
	&op_exists,
	&op_size,
	NULL,
};

static const struct sieve_comparator *const comparators[] = {
	&comparator_octet,
	&comparator_casemap,
	NULL,
};

static const struct sieve_match_type *const matches[] = {
	&match_is,
	&match_contains,
	&match_matches,
	NULL,
};

static const struct sieve_part *const parts[] = {
	&part_all,
	&part_localpart,
	&part_domain,
	NULL,
};

const struct sieve_ext ext_base = {
	.rfc = "RFC 5228",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
	.comparators = comparators,
	.parts = parts,
	.matches = matches,
};
