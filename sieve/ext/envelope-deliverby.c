/*
 * envelope-deliverby: the envelope test on the time by which the client wants
 * the message delivered. RFC 6009 s. 5
 */
#include "lib/arena.h"
#include "lib/date.h"
#include "sieve/check.h"
#include "sieve/ext.h"

static bool
match_absolute(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	int64_t at = vm->env->by_time;
	struct date d;
	int minutes;

	if (vm->env->by_mode == 0)
		return true;
	if (zone.len == 0)
		minutes = date_local_zone(at);
	else if (!date_parse_zone(zone, &minutes))
		return vm_fail(vm, "this is not a time zone: use +hhmm");
	return !date_from_time(at, minutes, &d) ||
	       vm_match_str(vm, m, date_show_iso(vm_brief(vm), &d));
}

static bool
match_relative(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	(void)zone;
	return vm->env->by_mode == 0 ||
	       vm_match_str(vm, m,
		   str_printf(vm_brief(vm), "%lld",
		       (long long)(vm->env->by_time - vm->env->now)));
}

static bool
match_mode(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	(void)zone;
	return vm->env->by_mode == 0 ||
	       vm_match_str(
		   vm, m, vm->env->by_mode == 'N' ? S("notify") : S("return"));
}

static bool
match_trace(struct sieve_vm *vm, struct str zone, uint64_t m)
{
	(void)zone;
	return vm->env->by_mode == 0 ||
	       vm_match_str(vm, m, vm->env->by_trace ? S("trace") : S(""));
}

static void
check_zone(struct check *c, const struct tree_arg *value)
{
	int zone;

	if (!value->v[0].refs && !date_parse_zone(value->v[0].text, &zone))
		diag_add(check_diag(c), value->at, S("write it like \"+0100\""),
		    "\"%s\" is not a time zone",
		    diag_quote(check_diag(c), value->v[0].text));
}

static const struct sieve_envelope_part parts[] = {
	{ "bytimeabsolute", match_absolute },
	{ "bytimerelative", match_relative },
	{ "bymode", match_mode },
	{ "bytrace", match_trace },
	{ 0 },
};

static const struct sieve_tag tags[] = {
	{ .name = "zone",
	    .on = "envelope",
	    .arg = 's',
	    .operand = 3,
	    .check = check_zone },
	{ 0 },
};

const struct sieve_ext ext_envelope_deliverby = {
	.name = "envelope-deliverby",
	.rfc = "RFC 6009",
	.tags = tags,
	.envelope = parts,
};
