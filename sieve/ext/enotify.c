/*
 * enotify: tell somebody about a message. Knows which methods there are and
 * what a notification may say; how it is sent is not known here.
 * RFC 5435, whole, with the method of RFC 5436
 */
#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/mailto.h"
#include "sieve/target.h"

enum {
	NOTIFY_FROM = 1 << 20,
	NOTIFY_IMPORTANCE = 1 << 21,
	NOTIFY_MESSAGE = 1 << 22,
};

/* Operands; those of :fcc come first. */
enum {
	AT_FROM = 5,
	AT_IMPORTANCE,
	AT_OPTIONS,
	AT_MESSAGE,
	AT_METHOD,
};

/* --- what a script may write ------------------------------------------ */

/* s. 3.5: optionname "=" value */
static bool
is_option(struct str s)
{
	ssize_t eq = str_chr(s, '=');

	if (eq <= 0 || !ascii_is_alnum(s.p[0]))
		return false;
	for (ssize_t i = 1; i < eq; i++)
		if (!ascii_is_alnum(s.p[i]) && strchr(".-_", s.p[i]) == NULL)
			return false;
	for (size_t i = (size_t)eq + 1; i < s.len; i++)
		if (s.p[i] == '\0' || s.p[i] == '\n' || s.p[i] == '\r')
			return false;
	return true;
}

static bool
is_importance(struct str s)
{
	return s.len == 1 && s.p[0] >= '1' && s.p[0] <= '3';
}

/* Is there no colon at all, or no scheme in front of it? RFC 3986 s. 3.1 */
static bool
has_scheme(struct str uri)
{
	ssize_t colon = str_chr(uri, ':');

	for (ssize_t i = 1; i < colon; i++)
		if (!ascii_is_alnum(uri.p[i]) &&
		    strchr("+-.", uri.p[i]) == NULL)
			return false;
	return colon > 0 && ascii_is_alpha(uri.p[0]);
}

static void
check_from(struct check *c, const struct tree_arg *a)
{
	struct address addr;

	if (a->v[0].refs ||
	    address_parse_one(check_arena(c), a->v[0].text, &addr))
		return;
	diag_add(check_diag(c), a->v[0].at,
	    S("write it like \"user@example.org\""),
	    "\"%s\" is not a valid address for :from",
	    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_importance(struct check *c, const struct tree_arg *a)
{
	if (a->v[0].refs || is_importance(a->v[0].text))
		return;
	diag_add(check_diag(c), a->v[0].at,
	    S("\"1\" is high, \"2\" normal, \"3\" low"),
	    "\"%s\" is not an importance",
	    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_options(struct check *c, const struct tree_arg *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!a->v[i].refs && !is_option(a->v[i].text))
			diag_add(check_diag(c), a->v[i].at,
			    S("write it like \"name=value\""),
			    "\"%s\" is not an option",
			    diag_quote(check_diag(c), a->v[i].text));
}

/* s. 3.2: a scheme that is not known is an error at run time only: scripts
 * ask before they use it. */
static void
check_notify(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);
	const char *error = "it has no scheme";
	struct mailto ignored;
	struct str uri;

	if (a->kind != TREE_STRING || a->v[0].refs)
		return;
	uri = a->v[0].text;
	if (is_mailto(uri) ? mailto_parse(check_arena(c), uri, &ignored, &error)
			   : has_scheme(uri))
		return;
	diag_add(check_diag(c), a->v[0].at,
	    S("write it like \"mailto:user@example.org\""),
	    "\"%s\" is not a valid method: %s", diag_quote(check_diag(c), uri),
	    error);
}

/* --- notify: s. 3 ----------------------------------------------------- */

static struct str
given(struct sieve_vm *vm, const uint64_t *v, uint64_t flag, unsigned at)
{
	if ((v[0] & flag) == 0)
		return (struct str){ NULL, 0 };
	return str_dup(vm->arena, vm_string(vm, v[at]));
}

static bool
take_method(struct sieve_vm *vm, struct str uri, struct plan_notify *n)
{
	struct mailto *mailto = ARENA_NEW(vm->arena, struct mailto);
	const char *error;

	if (!vm_spend(vm, uri.len))
		return false;
	if (!is_mailto(uri))
		return vm_fail(vm, "notify: this method is not supported");
	if (!mailto_parse(vm->arena, uri, mailto, &error))
		return vm_fail(vm, "notify: not a valid method: %s", error);
	n->mailto = mailto;
	return true;
}

static bool
take_from(struct sieve_vm *vm, const uint64_t *v, struct plan_notify *n)
{
	struct address addr;

	n->from = given(vm, v, NOTIFY_FROM, AT_FROM);
	if (n->from.p == NULL)
		return true;
	if (!vm_spend(vm, n->from.len))
		return false;
	return (!str_has_ctl(n->from) &&
		   address_parse_one(vm->arena, n->from, &addr)) ||
	       vm_fail(vm, "notify: :from is not a valid address");
}

static bool
take_importance(struct sieve_vm *vm, const uint64_t *v, struct plan_notify *n)
{
	struct str s = vm_string(vm, v[AT_IMPORTANCE]);

	n->importance = 2;
	if ((v[0] & NOTIFY_IMPORTANCE) == 0)
		return true;
	if (!is_importance(s))
		return vm_fail(vm, "notify: this is not an importance");
	n->importance = (unsigned)(s.p[0] - '0');
	return true;
}

static bool
take_options(struct sieve_vm *vm, const uint64_t *v, struct plan_notify *n)
{
	const struct sieve_list *list = vm_list(vm, v[AT_OPTIONS]);

	for (uint32_t i = 0; i < list->n; i++) {
		struct str s = vm_string(vm, list->v[i]);

		if (!is_option(s))
			return vm_fail(vm, "notify: this is not an option");
		strlist_add(vm->arena, &n->options, str_dup(vm->arena, s));
	}
	return true;
}

static bool
exec_notify(struct sieve_vm *vm, const uint64_t *v)
{
	struct plan_notify *n = ARENA_NEW(vm->arena, struct plan_notify);
	const struct intent like = { .verb = INTENT_NOTIFY,
		.target = vm_string(vm, v[AT_METHOD]),
		.notify = n };

	n->message = given(vm, v, NOTIFY_MESSAGE, AT_MESSAGE);
	return take_method(vm, like.target, n) && take_from(vm, v, n) &&
	       take_importance(vm, v, n) && take_options(vm, v, n) &&
	       target_fcc(vm, v, "notify", &n->fcc) &&
	       vm_intent_with(vm, &like, 0);
}

/* --- tests: s. 4, s. 5 ------------------------------------------------ */

static bool
exec_valid(struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_list *list = vm_list(vm, v[0]);
	struct mailto ignored;
	const char *error;

	vm->truth = true;
	for (uint32_t i = 0; i < list->n && vm->truth; i++) {
		struct str uri = vm_string(vm, list->v[i]);

		if (!vm_spend(vm, 64 + uri.len))
			return false;
		vm->truth = mailto_parse(vm_brief(vm), uri, &ignored, &error);
	}
	return true;
}

/* RFC 5436 s. 2.2: nobody knows who reads mail. RFC 8580 s. 6.1 */
static const struct {
	struct str name, value;
	bool scheme_only; /* the rest of the URI does not matter */
} capabilities[] = {
	{ STR("online"), STR("maybe"), false },
	{ STR("fcc"), STR("yes"), true },
};

/* p NULL: it is not known, or the URI is not valid */
static struct str
capability(struct sieve_vm *vm, struct str uri, struct str name)
{
	struct mailto ignored;
	const char *error;

	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]);
	     i++)
		if (str_caseeq(capabilities[i].name, name) && is_mailto(uri) &&
		    (capabilities[i].scheme_only ||
			mailto_parse(vm_brief(vm), uri, &ignored, &error)))
			return capabilities[i].value;
	return (struct str){ NULL, 0 };
}

static bool
exec_capability(struct sieve_vm *vm, const uint64_t *v)
{
	struct str uri = vm_string(vm, v[0]), value;

	vm->truth = false;
	if (!vm_spend(vm, 64 + uri.len))
		return false;
	value = capability(vm, uri, vm_string(vm, v[1]));
	if (value.p != NULL)
		return vm_match_str(vm, v[2], value);
	vm->counted = VM_COUNTS_NOTHING;
	return true;
}

/* --- :encodeurl: s. 6 ------------------------------------------------- */

static struct str
apply_encodeurl(struct arena *arena, struct str in)
{
	static const char hex[] = "0123456789ABCDEF";
	char *p = arena_alloc(arena, 3 * in.len);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.p[i];

		if (ascii_is_alnum((char)c) ||
		    (c != '\0' && strchr("-._~", c) != NULL)) {
			p[n++] = (char)c;
			continue;
		}
		p[n++] = '%';
		p[n++] = hex[c >> 4];
		p[n++] = hex[c & 15];
	}
	return str_from(p, n);
}

static const struct sieve_modifier mod_encodeurl = { 15, apply_encodeurl };

/* --- tables ----------------------------------------------------------- */

static const struct sieve_op op_notify = { "notify", "fLSSSSSLSs", exec_notify,
	"add NOTIFY s" };
static const struct sieve_op op_valid = { "valid_notify_method", "l",
	exec_valid, "T := every URI l can be notified" };
static const struct sieve_op op_capability = { "notify_method_capability",
	"ssm", exec_capability, "T := capability s of URI s matches m" };

static const struct sieve_tag tags[] = {
	{ .name = "from",
	    .on = "notify",
	    .arg = 's',
	    .operand = AT_FROM,
	    .flag = NOTIFY_FROM,
	    .check = check_from },
	{ .name = "importance",
	    .on = "notify",
	    .arg = 's',
	    .operand = AT_IMPORTANCE,
	    .flag = NOTIFY_IMPORTANCE,
	    .check = check_importance },
	{ .name = "options",
	    .on = "notify",
	    .arg = 'l',
	    .operand = AT_OPTIONS,
	    .check = check_options },
	{ .name = "message",
	    .on = "notify",
	    .arg = 's',
	    .operand = AT_MESSAGE,
	    .flag = NOTIFY_MESSAGE },
	{ .name = "encodeurl",
	    .on = "set extracttext",
	    .flag = SET_ENCODEURL,
	    .modifier = &mod_encodeurl },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "notify",
	    .op = &op_notify,
	    .args = "method",
	    .check = check_notify },
	{ .name = "valid_notify_method",
	    .kind = SIEVE_TEST,
	    .op = &op_valid,
	    .args = "notification-uris" },
	{ .name = "notify_method_capability",
	    .kind = SIEVE_TEST,
	    .op = &op_capability,
	    .args = "notification-uri notification-capability key-list",
	    .classes = "@match" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_notify,
	&op_valid,
	&op_capability,
	NULL,
};

const struct sieve_ext ext_enotify = {
	.name = "enotify",
	.rfc = "RFC 5435",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
