/*
 * environment: what a script can learn of where it runs. The values come
 * with struct sieve_env; here is only what they are called. RFC 5183, whole.
 */
#include "config.h"

#include "sieve/check.h"
#include "sieve/ext.h"

static struct str
get_domain(const struct sieve_env *env)
{
	return env->domain;
}

static struct str
get_host(const struct sieve_env *env)
{
	return env->host;
}

static struct str
get_location(const struct sieve_env *env)
{
	return env->location.len > 0 ? env->location : S("MDA");
}

static struct str
get_name(const struct sieve_env *env)
{
	(void)env;
	return S("Tamis");
}

static struct str
get_phase(const struct sieve_env *env)
{
	return env->phase.len > 0 ? env->phase : S("during");
}

static struct str
get_remote_host(const struct sieve_env *env)
{
	return env->remote_host;
}

static struct str
get_remote_ip(const struct sieve_env *env)
{
	return env->remote_ip;
}

static struct str
get_version(const struct sieve_env *env)
{
	(void)env;
	return S(PACKAGE_VERSION);
}

/* s. 4.1; those that are not known here are "" */
static const struct {
	struct str name;
	struct str (*get)(const struct sieve_env *);
} items[] = {
	{ STR("domain"), get_domain },
	{ STR("host"), get_host },
	{ STR("location"), get_location },
	{ STR("name"), get_name },
	{ STR("phase"), get_phase },
	{ STR("remote-host"), get_remote_host },
	{ STR("remote-ip"), get_remote_ip },
	{ STR("version"), get_version },
};
enum { NITEMS = sizeof(items) / sizeof(items[0]) };

static size_t
find_item(struct str name)
{
	size_t i = 0;

	while (i < NITEMS && !str_caseeq(items[i].name, name))
		i++;
	return i;
}

/* s. 4: what does not exist matches nothing, whatever is asked; and "" is a
 * value, but does not count */
static bool
exec_environment(struct sieve_vm *vm, const uint64_t *v)
{
	size_t i = find_item(vm_string(vm, v[0]));
	struct str value;

	vm->truth = false;
	if (i == NITEMS) {
		vm->counted = VM_COUNTS_NOTHING;
		return true;
	}
	value = items[i].get(vm->env);
	if (value.len == 0 && vm_counts(vm, v[1]))
		return true;
	return vm_match_str(vm, v[1], value);
}

static const struct sieve_op op_environment = { "environment", "sm",
	exec_environment, "T := item s exists and matches m" };

static const struct sieve_cmd cmds[] = {
	{ .name = "environment",
	    .kind = SIEVE_TEST,
	    .op = &op_environment,
	    .args = "name key-list",
	    .classes = "@match" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_environment,
	NULL,
};

const struct sieve_ext ext_environment = {
	.name = "environment",
	.rfc = "RFC 5183",
	.cmds = cmds,
	.ops = ops,
};
