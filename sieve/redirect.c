/*
 * redirect: knows the values that tags of redirect may have; what they mean
 * to a next hop is not known here. RFC 6009, RFC 3461 s. 4, RFC 2852 s. 4
 */
#include "sieve/redirect.h"

#include "lib/arena.h"
#include "lib/date.h"

bool
redirect_is_notify(struct str s)
{
	struct str word, rest = s;
	bool some = false;

	if (str_caseeq(s, S("NEVER")))
		return true;
	while (str_cut(&rest, ',', &word)) {
		if (!str_caseeq(word, S("SUCCESS")) &&
		    !str_caseeq(word, S("FAILURE")) &&
		    !str_caseeq(word, S("DELAY")))
			return false;
		some = true;
	}
	return some && !str_ends(s, S(","));
}

bool
redirect_is_ret(struct str s)
{
	return str_caseeq(s, S("FULL")) || str_caseeq(s, S("HDRS"));
}

char
redirect_by_mode(struct str s)
{
	if (str_caseeq(s, S("notify")))
		return 'N';
	return str_caseeq(s, S("return")) ? 'R' : 0;
}

static struct str
upper(struct arena *arena, struct str s)
{
	char *p = str_cstr(arena, s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = ascii_upper(p[i]);
	return str_from(p, s.len);
}

/* :notify, :ret */
static bool
take_dsn(struct sieve_vm *vm, const uint64_t *v, struct plan_redirect *r)
{
	struct str notify = vm_string(vm, v[REDIRECT_AT_NOTIFY]);
	struct str ret = vm_string(vm, v[REDIRECT_AT_RET]);

	if (v[REDIRECT_AT_NOTIFY] != 0 && !redirect_is_notify(notify))
		return vm_fail(vm, "redirect: this is no value of :notify");
	if (v[REDIRECT_AT_RET] != 0 && !redirect_is_ret(ret))
		return vm_fail(vm, "redirect: this is no value of :ret");
	r->notify = upper(vm->arena, notify);
	r->ret = upper(vm->arena, ret);
	return true;
}

/* :bytimerelative or :bytimeabsolute, :bymode, :bytrace */
static bool
take_by(struct sieve_vm *vm, const uint64_t *v, struct plan_redirect *r)
{
	struct str mode = vm_string(vm, v[REDIRECT_AT_MODE]);
	struct date date;

	r->by = (v[0] & (REDIRECT_BY_RELATIVE | REDIRECT_BY_ABSOLUTE)) != 0;
	if (!r->by)
		return true;
	if ((v[0] & REDIRECT_BY_RELATIVE) != 0) {
		r->by_seconds = v[REDIRECT_AT_RELATIVE] < INT32_MAX
		                    ? (int64_t)v[REDIRECT_AT_RELATIVE]
		                    : INT32_MAX;
	} else {
		if (!date_parse_iso(
			vm_string(vm, v[REDIRECT_AT_ABSOLUTE]), &date))
			return vm_fail(
			    vm, "redirect: this is no time of RFC 3339");
		r->by_seconds = date_to_time(&date) - vm->env->now;
	}
	r->by_mode = v[REDIRECT_AT_MODE] != 0 ? redirect_by_mode(mode) : 'R';
	r->by_trace = (v[0] & REDIRECT_BY_TRACE) != 0;
	return r->by_mode != 0 ||
	       vm_fail(vm, "redirect: this is no value of :bymode");
}

bool
redirect_options(
    struct sieve_vm *vm, const uint64_t *v, const struct plan_redirect **out)
{
	struct plan_redirect *r;

	*out = NULL;
	if ((v[0] & ~(uint64_t)REDIRECT_PLAN) == 0 &&
	    v[REDIRECT_AT_NOTIFY] == 0 && v[REDIRECT_AT_RET] == 0)
		return true;
	r = ARENA_NEW(vm->arena, struct plan_redirect);
	*out = r;
	return take_dsn(vm, v, r) && take_by(vm, v, r);
}
