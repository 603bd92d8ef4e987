/*
 * duplicate: was this seen by an earlier run? Asks the host and notes in the
 * plan what is to be remembered once the message is delivered; remembers
 * nothing itself. RFC 7352, whole
 */
#include "sieve/ext.h"

enum {
	DUPLICATE_HANDLE = 1 << 0,
	DUPLICATE_HEADER = 1 << 1,
	DUPLICATE_UNIQUEID = 1 << 2,
	DUPLICATE_SECONDS = 1 << 3,
	DUPLICATE_LAST = 1 << 4,
};

/* s. 3.3: when nothing else is said, and at most */
static const uint64_t default_seconds = UINT64_C(7) * 24 * 60 * 60;
static const uint64_t max_seconds = UINT64_C(90) * 24 * 60 * 60;

/* The value of the first field of that name; "" when there is none. */
static bool
header_id(struct sieve_vm *vm, uint32_t field, struct str *id)
{
	const struct vm_value *value;

	*id = S("");
	if (field == MESSAGE_NONE)
		return true;
	value = vm_header_value(vm, field);
	if (value != NULL)
		*id = value->text;
	return value != NULL;
}

/* s. 3.1; *id p NULL: there is none, and nothing is a duplicate */
static bool
unique_id(struct sieve_vm *vm, const uint64_t *v, struct str *id)
{
	uint32_t field;

	if ((v[0] & DUPLICATE_UNIQUEID) != 0) {
		*id = vm_string(vm, v[3]);
		return true;
	}
	field = (v[0] & DUPLICATE_HEADER) != 0
	            ? vm_header_first(vm, (uint32_t)v[2])
	            : message_find(vm->msg, S("Message-ID"));
	if (!header_id(vm, field, id))
		return false;
	/* an empty field tells no message from another */
	if (id->len == 0)
		*id = (struct str){ NULL, 0 };
	return true;
}

static uint64_t
expires_after(const uint64_t *v)
{
	if ((v[0] & DUPLICATE_SECONDS) == 0)
		return default_seconds;
	return v[4] < max_seconds ? v[4] : max_seconds;
}

static bool
exec_duplicate(struct sieve_vm *vm, const uint64_t *v)
{
	struct plan_mark mark = { .seconds = expires_after(v),
		.last = (v[0] & DUPLICATE_LAST) != 0,
		.line = vm->prog->code[vm->at].line };

	vm->truth = false;
	if (!unique_id(vm, v, &mark.id))
		return false;
	if (mark.id.p == NULL || mark.seconds == 0)
		return true;
	if ((v[0] & DUPLICATE_HANDLE) != 0)
		mark.handle = vm_string(vm, v[1]);
	mark.has_handle = (v[0] & DUPLICATE_HANDLE) != 0;
	if (!vm_spend(vm, 1024 + mark.id.len + mark.handle.len))
		return false;
	vm->truth = vm->env->seen != NULL && vm->env->seen(vm->env->ctx, &mark);
	return vm_mark(vm, &mark);
}

static const struct sieve_op op_duplicate = { "duplicate", "fSSSN",
	exec_duplicate,
	"T := the id was seen with handle S by an earlier run; remember it" };

static const struct sieve_tag tags[] = {
	{ .name = "handle",
	    .on = "duplicate",
	    .arg = 's',
	    .operand = 1,
	    .flag = DUPLICATE_HANDLE },
	{ .name = "header",
	    .on = "duplicate",
	    .group = "unique-id",
	    .arg = 's',
	    .operand = 2,
	    .flag = DUPLICATE_HEADER },
	{ .name = "uniqueid",
	    .on = "duplicate",
	    .group = "unique-id",
	    .arg = 's',
	    .operand = 3,
	    .flag = DUPLICATE_UNIQUEID },
	{ .name = "seconds",
	    .on = "duplicate",
	    .arg = 'n',
	    .operand = 4,
	    .flag = DUPLICATE_SECONDS },
	{ .name = "last", .on = "duplicate", .flag = DUPLICATE_LAST },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "duplicate", .kind = SIEVE_TEST, .op = &op_duplicate },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_duplicate,
	NULL,
};

const struct sieve_ext ext_duplicate = {
	.name = "duplicate",
	.rfc = "RFC 7352",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
