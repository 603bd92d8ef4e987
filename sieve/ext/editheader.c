/*
 * editheader: add and delete header fields. Makes a new header each time;
 * the message itself never changes. Some fields are not to be touched: a
 * script could make loops that nobody finds. RFC 5293, whole
 */
#include "lib/arena.h"
#include "lib/header.h"
#include "lib/rfc5322.h"
#include "sieve/check.h"
#include "sieve/ext.h"

enum {
	ADD_LAST = 1 << 0,
	LEAST_LIMIT = 998, /* octets of a value that always fit: s. 4 */
};

/* s. 6: attempts are silently ignored. Return-Path is the envelope's; the
 * last is how redirect knows where a message has been. */
static const struct {
	struct str name;
	bool add; /* may be added */
} protected[] = {
	{ STR("Received"), true },
	{ STR("Auto-Submitted"), true },
	{ STR("Return-Path"), false },
	{ STR("X-Sieve-Redirected-From"), false },
};

static bool
may_change(const struct sieve_vm *vm, struct str name, bool add)
{
	if (strlist_casehas(
		add ? &vm->limits->no_add : &vm->limits->no_delete, name))
		return false;
	for (size_t i = 0; i < sizeof(protected) / sizeof(protected[0]); i++)
		if (str_caseeq(protected[i].name, name))
			return add && protected[i].add;
	return true;
}

static uint32_t
most_octets(const struct sieve_limits *limits)
{
	return limits->header_octets > LEAST_LIMIT ? limits->header_octets
	                                           : LEAST_LIMIT;
}

/* A new header costs reading, copying and indexing the old one. */
static bool
pay(struct sieve_vm *vm, size_t more)
{
	return vm_spend(vm, 4 * (uint64_t)(message_header(vm->msg).len + more) +
				4 * (uint64_t)vm->prog->nstrings);
}

/* --- addheader: s. 4 -------------------------------------------------- */

/* The line end of a header: that of its last line, or "\n". */
static struct str
line_end(struct str header)
{
	return str_ends(header, S("\r\n")) ? S("\r\n") : S("\n");
}

/* Where the header begins for a script: behind our Return-Path. */
static size_t
first_place(struct str header)
{
	struct str name, value;
	size_t at = 0;

	if (rfc5322_next(header, &at, &name, &value) != RFC5322_FIELD ||
	    !str_caseeq(name, S("Return-Path")))
		return 0;
	return at;
}

static void
add_field(struct sieve_vm *vm, struct str field, struct str eol, bool last)
{
	struct str header = message_header(vm->msg);
	size_t at = last ? header.len : first_place(header);
	bool open = at > 0 && header.p[at - 1] != '\n';
	struct str part[] = { str_sub(header, 0, at), open ? eol : S(""), field,
		str_from_offset(header, at) };

	vm_edit_header(vm, str_join(vm->arena, part, 4));
}

static bool
exec_addheader(struct sieve_vm *vm, const uint64_t *v)
{
	struct str name = vm_string(vm, v[1]), value = vm_string(vm, v[2]);
	struct str eol = line_end(message_header(vm->msg));

	if (vm->failed)
		return false;
	if (!rfc5322_is_field_name(name))
		return vm_fail(vm, "addheader: this is no header field name");
	if (value.len > most_octets(vm->limits))
		return vm_fail(vm, "addheader: the value is too large");
	if (!may_change(vm, name, true))
		return true;
	if (!pay(vm, name.len + value.len))
		return false;
	add_field(vm, header_format(vm_brief(vm), name, value, eol), eol,
	    (v[0] & ADD_LAST) != 0);
	return true;
}

/* --- deleteheader: s. 5 ----------------------------------------------- */

/* Which of the fields of a name, and what they must match. */
struct choice {
	struct str name;
	uint64_t index; /* 0: all */
	bool last;
	bool match;
	uint64_t m; /* operand */
};

static uint64_t
count_fields(struct sieve_vm *vm, uint32_t f)
{
	uint64_t n = 0;

	for (; f != MESSAGE_NONE; f = vm_header_next(vm, f))
		n++;
	return n;
}

static bool
matches(struct sieve_vm *vm, const struct choice *c, uint32_t f, bool *yes)
{
	struct vm_value *value;
	bool ok;

	*yes = true;
	if (!c->match)
		return true;
	value = vm_header_value(vm, f);
	if (value == NULL)
		return false;
	/* it is an action: ${1} stays what it was */
	vm->truth = false;
	vm->no_captures = true;
	ok = vm_match(vm, c->m, value);
	vm->no_captures = false;
	*yes = vm->truth;
	return ok;
}

/* Octets of a field in the header, line end included. */
static void
field_range(const struct message *msg, uint32_t f, size_t *from, size_t *to)
{
	const struct header_field *h = message_field(msg, f);
	struct str header = message_header(msg);

	*from = (size_t)(h->name.p - header.p);
	*to = (size_t)(h->value.p - header.p) + h->value.len;
	while (*to < header.len && header.p[*to] != '\n')
		++*to;
	*to += *to < header.len;
}

/* Copies what is between the fields that are deleted. */
struct cut {
	char *out;
	size_t n;
	size_t done; /* octets of the old header */
};

static void
copy_up_to(struct cut *cut, struct str header, size_t to)
{
	struct str part = str_sub(header, cut->done, to);

	if (part.len > 0)
		memcpy(cut->out + cut->n, part.p, part.len);
	cut->n += part.len;
}

static bool
delete_fields(struct sieve_vm *vm, const struct choice *c, uint32_t first)
{
	uint64_t wanted = c->index, number = 1;
	struct str header = message_header(vm->msg);
	struct cut cut = { .out = arena_alloc(vm->arena, header.len) };
	size_t from, to;
	bool yes;

	if (c->index != 0 && c->last)
		wanted = count_fields(vm, first) + 1 - c->index;
	for (uint32_t f = first; f != MESSAGE_NONE;
	     f = vm_header_next(vm, f), number++) {
		if (c->index != 0 && number != wanted)
			continue;
		if (!matches(vm, c, f, &yes))
			return false;
		if (!yes)
			continue;
		field_range(vm->msg, f, &from, &to);
		copy_up_to(&cut, header, from);
		cut.done = to;
	}
	if (cut.done == 0)
		return true;
	copy_up_to(&cut, header, header.len);
	vm_edit_header(vm, str_from(cut.out, cut.n));
	return true;
}

static bool
delete_header(struct sieve_vm *vm, const struct choice *c)
{
	uint32_t first;

	if (vm->failed)
		return false;
	if (!rfc5322_is_field_name(c->name))
		return vm_fail(
		    vm, "deleteheader: this is no header field name");
	first = message_find(vm->msg, c->name);
	if (!may_change(vm, c->name, false) || first == MESSAGE_NONE)
		return true;
	return pay(vm, 0) && delete_fields(vm, c, first);
}

static bool
exec_deleteheader(struct sieve_vm *vm, const uint64_t *v)
{
	struct choice c = { .name = vm_string(vm, v[2]),
		.index = v[1],
		.last = (v[0] & INDEX_LAST) != 0 };

	return delete_header(vm, &c);
}

static bool
exec_deleteheader_if(struct sieve_vm *vm, const uint64_t *v)
{
	struct choice c = { .name = vm_string(vm, v[2]),
		.index = v[1],
		.last = (v[0] & INDEX_LAST) != 0,
		.match = true,
		.m = v[3] };

	return delete_header(vm, &c);
}

/* --- checks ----------------------------------------------------------- */

static void
check_name(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (a->kind == TREE_STRING && !a->v[0].refs &&
	    !rfc5322_is_field_name(a->v[0].text))
		diag_add(check_diag(c), a->at,
		    S("printable ASCII, no blank, no colon"),
		    "%s: field name \"%s\" is invalid", node->cmd->name,
		    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_add(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 1);
	uint32_t max = most_octets(check_limits(c));

	check_name(c, node);
	if (a != NULL && a->kind == TREE_STRING && !a->v[0].refs &&
	    a->v[0].text.len > max)
		diag_add(check_diag(c), a->at, S(""),
		    "addheader: the value is too large: %zu octets, the limit "
		    "is %u",
		    a->v[0].text.len, max);
}

static void
check_index(struct check *c, const struct tree_arg *value)
{
	if (value->number == 0)
		diag_add(check_diag(c), value->at, S("the first field is 1"),
		    "there is no header field number 0");
}

static const struct sieve_op op_addheader = { "addheader", "fss",
	exec_addheader, "add header field s: s in front, or :last" };
static const struct sieve_op op_deleteheader = { "deleteheader", "fNs",
	exec_deleteheader, "delete header fields s, or only number N" };
static const struct sieve_op op_deleteheader_if = { "deleteheader-if", "fNsm",
	exec_deleteheader_if,
	"delete header fields s, or only number N, that match m" };

static const struct sieve_tag tags[] = {
	{ .name = "last", .on = "addheader", .flag = ADD_LAST },
	{ .name = "index",
	    .on = "deleteheader deleteheader-if",
	    .arg = 'n',
	    .operand = 1,
	    .check = check_index },
	{ .name = "last",
	    .on = "deleteheader deleteheader-if",
	    .with = "index",
	    .flag = INDEX_LAST },
	{ 0 },
};

static const struct sieve_cmd deleteheader_if = { .name = "deleteheader",
	.op = &op_deleteheader_if,
	.args = "field-name value-patterns",
	.classes = "@match",
	.check = check_name };

static const struct sieve_cmd cmds[] = {
	{ .name = "addheader",
	    .op = &op_addheader,
	    .args = "field-name value",
	    .check = check_add },
	{ .name = "deleteheader",
	    .op = &op_deleteheader,
	    .args = "field-name",
	    .classes = "@match",
	    .check = check_name,
	    .other = &deleteheader_if },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_addheader,
	&op_deleteheader,
	&op_deleteheader_if,
	NULL,
};

const struct sieve_ext ext_editheader = {
	.name = "editheader",
	.rfc = "RFC 5293",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
