/*
 * mime: header, address and exists on the parts of the message. With :mime
 * they become operations of their own, so that the ordinary ones pay nothing.
 * RFC 5703 s. 4
 */
#include "lib/mime.h"

#include "lib/arena.h"
#include "lib/rfc5322.h"
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/part.h"

/* INDEX_LAST is the first of them. */
enum {
	MIME_ANYCHILD = 1 << 8,
	MIME_TYPE = 1 << 9,
	MIME_SUBTYPE = 1 << 10,
	MIME_CONTENTTYPE = 1 << 11,
	MIME_PARAM = 1 << 12,
};

/* One test in work. */
struct search {
	struct sieve_vm *vm;
	uint64_t flags, index, names, part, m, params;
	bool (*field)(struct search *, const struct message *, uint32_t field);
};

/* --- walking ---------------------------------------------------------- */

/* The fields of one name in a part's header. */
static uint32_t
first_field(const struct message *header, struct str name)
{
	return rfc5322_is_field_name(name) ? message_find(header, name)
	                                   : MESSAGE_NONE;
}

static uint64_t
count_fields(const struct search *s, const struct message *header)
{
	const struct sieve_list *names = vm_list(s->vm, s->names);
	uint64_t n = 0;

	for (uint32_t i = 0; i < names->n; i++) {
		uint32_t f = first_field(header, vm_string(s->vm, names->v[i]));

		for (; f != MESSAGE_NONE; f = message_field(header, f)->next)
			n++;
	}
	return n;
}

/* RFC 5260 s. 6: number index of them, from either end; 0: all */
static bool
each_field(struct search *s, const struct message *header)
{
	const struct sieve_list *names = vm_list(s->vm, s->names);
	uint64_t wanted = s->index, n = 0;

	if (wanted != 0 && (s->flags & INDEX_LAST) != 0)
		wanted = count_fields(s, header) + 1 - wanted;
	for (uint32_t i = 0; i < names->n && !s->vm->truth; i++) {
		uint32_t f = first_field(header, vm_string(s->vm, names->v[i]));

		for (; f != MESSAGE_NONE && !s->vm->truth;
		     f = message_field(header, f)->next)
			if (!vm_spend(s->vm, 16) ||
			    ((s->index == 0 || ++n == wanted) &&
				!s->field(s, header, f)))
				return false;
	}
	return true;
}

/* The current part, and with :anychild all it is made of. */
static bool
each_part(struct search *s)
{
	const struct mime_part *root = part_current(s->vm), *p = root;

	s->vm->truth = false;
	while (p != NULL && !s->vm->truth) {
		const struct message *header = part_header(s->vm, p);

		if (header == NULL || !each_field(s, header))
			return false;
		if ((s->flags & MIME_ANYCHILD) == 0)
			break;
		p = part_next(root, p == root ? NULL : p);
	}
	return !s->vm->failed;
}

/* --- header: s. 4.1 --------------------------------------------------- */

static bool
match_params(struct search *s, const struct mime_value *value)
{
	const struct sieve_list *names = vm_list(s->vm, s->params);

	for (uint32_t i = 0; i < names->n && !s->vm->truth; i++) {
		struct str name = vm_string(s->vm, names->v[i]);

		for (size_t k = 0; k < value->nparams && !s->vm->truth; k++)
			if (str_caseeq(value->params[k].name, name) &&
			    !vm_match_str(s->vm, s->m, value->params[k].value))
				return false;
	}
	return true;
}

/* What an option looks at; other fields than the two have "". */
static struct str
option_of(const struct search *s, struct str field, struct str main)
{
	struct str subtype = main, type;

	if (str_caseeq(field, S("Content-Disposition")))
		return (s->flags & MIME_SUBTYPE) != 0 ? S("") : main;
	if (!str_caseeq(field, S("Content-Type")))
		return S("");
	if ((s->flags & MIME_CONTENTTYPE) != 0)
		return main;
	str_cut(&subtype, '/', &type);
	return (s->flags & MIME_TYPE) != 0 ? type : subtype;
}

static bool
match_value(struct search *s, const struct message *header, uint32_t f)
{
	const struct header_field *h = message_field(header, f);
	struct sieve_vm *vm = s->vm;
	struct mime_value value;

	if (!vm_spend(vm, h->value.len))
		return false;
	if ((s->flags & ~(uint64_t)(INDEX_LAST | MIME_ANYCHILD)) == 0)
		return vm_match_str(
		    vm, s->m, str_trim(header_decode(vm_brief(vm), header, h)));
	value = mime_parse_value(
	    vm_brief(vm), header_unfold(vm_brief(vm), header, h));
	if ((s->flags & MIME_PARAM) != 0)
		return match_params(s, &value);
	/* what cannot be parsed has no type */
	if (value.main.len == 0)
		return true;
	return vm_match_str(vm, s->m, option_of(s, h->name, value.main));
}

static bool
exec_header(struct sieve_vm *vm, const uint64_t *v)
{
	struct search s = { .vm = vm,
		.flags = v[0],
		.index = v[1],
		.names = v[2],
		.m = v[3],
		.params = v[4],
		.field = match_value };

	return each_part(&s);
}

/* --- address: s. 4.2 -------------------------------------------------- */

static bool
match_addresses(struct search *s, const struct message *header, uint32_t f)
{
	const struct header_field *h = message_field(header, f);
	const struct sieve_part *part = s->vm->prog->part[s->part];
	struct address_list addrs;

	if (!vm_spend(s->vm, h->value.len))
		return false;
	addrs = address_parse_list(
	    vm_brief(s->vm), header_unfold(vm_brief(s->vm), header, h));
	for (size_t i = 0; i < addrs.n && !s->vm->truth; i++) {
		struct str value;

		/* RFC 5231 s. 4.2 */
		if (!addrs.v[i].valid && vm_counts(s->vm, s->m))
			continue;
		if (part->get(s->vm->env, &addrs.v[i], &value) &&
		    !vm_match_str(s->vm, s->m, value))
			return false;
	}
	return true;
}

static bool
exec_address(struct sieve_vm *vm, const uint64_t *v)
{
	struct search s = { .vm = vm,
		.flags = v[0],
		.index = v[1],
		.part = v[2],
		.names = v[3],
		.m = v[4],
		.field = match_addresses };

	return each_part(&s);
}

/* --- exists: s. 4.3 --------------------------------------------------- */

static bool
exists_in(struct search *s, struct str name, bool *out)
{
	const struct mime_part *root = part_current(s->vm), *p = root;

	*out = false;
	while (p != NULL && !*out) {
		const struct message *header = part_header(s->vm, p);

		if (header == NULL)
			return false;
		*out = first_field(header, name) != MESSAGE_NONE;
		if ((s->flags & MIME_ANYCHILD) == 0)
			break;
		p = part_next(root, p == root ? NULL : p);
	}
	return !s->vm->failed;
}

/* Every header, but not all in one part. */
static bool
exec_exists(struct sieve_vm *vm, const uint64_t *v)
{
	struct search s = { .vm = vm, .flags = v[0] };
	const struct sieve_list *names = vm_list(vm, v[1]);

	vm->truth = true;
	for (uint32_t i = 0; i < names->n && vm->truth; i++)
		if (!exists_in(&s, vm_string(vm, names->v[i]), &vm->truth))
			return false;
	return true;
}

/* --- tables ----------------------------------------------------------- */

static const struct sieve_op op_header = { "header-mime", "fNhmL", exec_header,
	"T := a header h of the part matches m" };
static const struct sieve_op op_address = { "address-mime", "fNphm",
	exec_address,
	"T := part p of an address in a header h of the part matches m" };
static const struct sieve_op op_exists = { "exists-mime", "fh", exec_exists,
	"T := every header h exists in the part" };

static const struct sieve_tag tags[] = {
	{ .name = "mime", .on = "header", .op = &op_header },
	{ .name = "mime", .on = "address", .op = &op_address },
	{ .name = "mime", .on = "exists", .op = &op_exists },
	{ .name = "anychild",
	    .on = "header address exists",
	    .with = "mime",
	    .flag = MIME_ANYCHILD },
	{ .name = "type",
	    .on = "header",
	    .group = "MIME option",
	    .with = "mime",
	    .flag = MIME_TYPE },
	{ .name = "subtype",
	    .on = "header",
	    .group = "MIME option",
	    .with = "mime",
	    .flag = MIME_SUBTYPE },
	{ .name = "contenttype",
	    .on = "header",
	    .group = "MIME option",
	    .with = "mime",
	    .flag = MIME_CONTENTTYPE },
	{ .name = "param",
	    .on = "header",
	    .group = "MIME option",
	    .with = "mime",
	    .arg = 'l',
	    .operand = 4,
	    .flag = MIME_PARAM },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_header,
	&op_address,
	&op_exists,
	NULL,
};

const struct sieve_ext ext_mime = {
	.name = "mime",
	.rfc = "RFC 5703",
	.tags = tags,
	.ops = ops,
};
