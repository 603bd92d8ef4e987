/*
 * vacation: answer a message. Knows what a script may ask for and what makes
 * two answers the same; whether anybody is answered, and how the message
 * looks, is for those who do it. RFC 5230 s. 4
 */
#include "sieve/vacation.h"
#include "lib/arena.h"
#include "lib/digest.h"
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/target.h"

enum {
	VACATION_SUBJECT = 1 << 20,
	VACATION_FROM = 1 << 21,
	VACATION_MIME = 1 << 22,
	VACATION_HANDLE = 1 << 23,
};

/* Operands; those of :fcc come first. */
enum {
	AT_PERIOD = VACATION_AT_PERIOD,
	AT_SUBJECT,
	AT_FROM,
	AT_ADDRESSES,
	AT_HANDLE,
	AT_REASON,
};

enum { DAY = 24 * 60 * 60 };

/* --- what a script may write ------------------------------------------ */

/* s. 4.3: a mailbox-list */
static bool
is_from(struct arena *arena, struct str text)
{
	struct address_list list = address_parse_list(arena, text);
	bool ok = list.n > 0 && !str_has_ctl(text);

	for (size_t i = 0; i < list.n; i++)
		ok &= list.v[i].valid && list.v[i].domain.len > 0;
	return ok;
}

/* s. 5: the header of a MIME entity is ASCII, and is there */
static bool
is_entity(struct str text)
{
	struct str line;

	while (str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.len == 0)
			return true;
		if (!str_is_ascii(line))
			return false;
	}
	return true;
}

static void
check_from(struct check *c, const struct tree_arg *a)
{
	if (a->v[0].refs || is_from(check_arena(c), a->v[0].text))
		return;
	diag_add(check_diag(c), a->v[0].at,
	    S("write it like \"user@example.org\""),
	    "\"%s\" is not a valid address for :from",
	    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_addresses(struct check *c, const struct tree_arg *a)
{
	struct address addr;

	for (size_t i = 0; i < a->n; i++)
		if (!a->v[i].refs &&
		    !address_parse_one(check_arena(c), a->v[i].text, &addr))
			diag_add(check_diag(c), a->v[i].at,
			    S("write it like \"user@example.org\""),
			    "\"%s\" is not a valid address for :addresses",
			    diag_quote(check_diag(c), a->v[i].text));
}

static void
check_vacation(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (tree_tag(node, "mime") == NULL || a->kind != TREE_STRING ||
	    a->v[0].refs || is_entity(a->v[0].text))
		return;
	diag_add(check_diag(c), a->v[0].at,
	    S("encode the words as RFC 2047 says"),
	    "the header of the MIME entity holds characters that are not "
	    "ASCII");
}

/* --- what becomes of it ----------------------------------------------- */

/* s. 4.1: a period in days is never none. RFC 6131 s. 2 */
static uint64_t
period(const struct sieve_vm *vm, const uint64_t *v)
{
	const struct sieve_limits *l = vm->limits;
	uint64_t min = l->vacation_min, n = l->vacation_default;

	if ((v[0] & (VACATION_DAYS | VACATION_SECONDS)) != 0)
		n = v[AT_PERIOD];
	if ((v[0] & VACATION_DAYS) != 0)
		n = n < UINT32_MAX ? n * DAY : UINT64_MAX;
	if ((v[0] & VACATION_SECONDS) == 0 && min == 0)
		min = DAY;
	return n < min ? min : n < l->vacation_max ? n : l->vacation_max;
}

/* s. 4.2: the same subject, sender, kind and words, as they are written in
 * the script, or the same handle. */
static struct str
response_id(struct sieve_vm *vm, const uint64_t *v)
{
	const struct str *string = vm->prog->string;
	struct str subject = string[v[AT_SUBJECT]], from = string[v[AT_FROM]];
	struct str handle[] = { S("handle "), vm_string(vm, v[AT_HANDLE]) };
	struct str parts[] = { S(""), subject, from, string[v[AT_REASON]] };
	char hex[2 * DIGEST_LEN + 1];
	struct digest d;

	if ((v[0] & VACATION_HANDLE) != 0)
		return str_join(vm->arena, handle, 2);
	/* counted, so that no text passes for a part of another; records
	 * outlive this version, so this must stay as it is */
	parts[0] = str_printf(vm_brief(vm), "%d%d%d %zu %zu ",
	    (v[0] & VACATION_SUBJECT) != 0, (v[0] & VACATION_FROM) != 0,
	    (v[0] & VACATION_MIME) != 0, subject.len, from.len);
	d = digest_of(parts, sizeof(parts) / sizeof(parts[0]));
	digest_hex(&d, hex);
	return str_printf(vm->arena, "text %s", hex);
}

static struct str
given(struct sieve_vm *vm, const uint64_t *v, uint64_t flag, unsigned at)
{
	if ((v[0] & flag) == 0)
		return (struct str){ NULL, 0 };
	return str_dup(vm->arena, vm_string(vm, v[at]));
}

/* What an expanded variable made of an address may be none. */
static bool
take_addresses(struct sieve_vm *vm, uint64_t operand, struct strlist *out)
{
	const struct sieve_list *list = vm_list(vm, operand);

	for (uint32_t i = 0; i < list->n; i++) {
		struct str text = vm_string(vm, list->v[i]);
		struct address addr;

		if (!vm_spend(vm, 16 + text.len))
			return false;
		if (address_parse_one(vm->arena, text, &addr))
			strlist_add(vm->arena, out, addr.text);
	}
	return true;
}

static bool
exec_vacation(struct sieve_vm *vm, const uint64_t *v)
{
	struct plan_reply *r = ARENA_NEW(vm->arena, struct plan_reply);
	const struct intent like = {
		.verb = INTENT_REPLY, .target = vm->env->sender, .reply = r
	};

	r->id = response_id(vm, v);
	r->seconds = period(vm, v);
	r->subject = given(vm, v, VACATION_SUBJECT, AT_SUBJECT);
	r->from = given(vm, v, VACATION_FROM, AT_FROM);
	r->mime = (v[0] & VACATION_MIME) != 0;
	r->reason = str_dup(vm->arena, vm_string(vm, v[AT_REASON]));
	if (!vm_spend(vm, r->subject.len + r->from.len + r->reason.len))
		return false;
	if (r->from.p != NULL && !is_from(vm->arena, r->from))
		return vm_fail(vm, "vacation: :from is not a valid address");
	if (r->mime && !is_entity(r->reason))
		return vm_fail(vm, "vacation: the MIME header is not ASCII");
	return take_addresses(vm, v[AT_ADDRESSES], &r->addresses) &&
	       target_fcc(vm, v, "vacation", &r->fcc) &&
	       vm_intent_with(vm, &like, 0);
}

static const struct sieve_op op_vacation = { "vacation", "fLSSSNSSLSs",
	exec_vacation, "add REPLY s" };

static const struct sieve_tag tags[] = {
	{ .name = "days",
	    .on = "vacation",
	    .group = "period",
	    .arg = 'n',
	    .operand = AT_PERIOD,
	    .flag = VACATION_DAYS },
	{ .name = "subject",
	    .on = "vacation",
	    .arg = 's',
	    .operand = AT_SUBJECT,
	    .flag = VACATION_SUBJECT },
	{ .name = "from",
	    .on = "vacation",
	    .arg = 's',
	    .operand = AT_FROM,
	    .flag = VACATION_FROM,
	    .check = check_from },
	{ .name = "addresses",
	    .on = "vacation",
	    .arg = 'l',
	    .operand = AT_ADDRESSES,
	    .check = check_addresses },
	{ .name = "mime", .on = "vacation", .flag = VACATION_MIME },
	{ .name = "handle",
	    .on = "vacation",
	    .arg = 's',
	    .operand = AT_HANDLE,
	    .flag = VACATION_HANDLE },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "vacation",
	    .op = &op_vacation,
	    .args = "reason",
	    .check = check_vacation },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_vacation,
	NULL,
};

const struct sieve_ext ext_vacation = {
	.name = "vacation",
	.rfc = "RFC 5230",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
