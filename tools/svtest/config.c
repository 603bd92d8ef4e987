/*
 * config: settings by the names test suites use. They count from the next
 * reload on; a setting that this engine does not have changes nothing.
 */
#include "lib/arena.h"
#include "sieve/ext.h"
#include "tools/svtest/svtest.h"

void
svtest_pair_set(struct arena *arena, struct svtest_pair **list, struct str name,
    struct str value)
{
	struct svtest_pair *p = *list;

	while (p != NULL && !str_eq(p->name, name))
		p = p->next;
	if (p == NULL) {
		p = ARENA_NEW(arena, struct svtest_pair);
		p->name = str_dup(arena, name);
		p->next = *list;
		*list = p;
	}
	p->value = str_dup(arena, value);
}

const struct svtest_pair *
svtest_pair_get(const struct svtest_pair *p, struct str name)
{
	while (p != NULL && !str_eq(p->name, name))
		p = p->next;
	return p;
}

void
svtest_config_set(struct svtest *t, struct str name, struct str value)
{
	svtest_pair_set(t->arena, &t->config, name, value);
}

void
svtest_config_unset(struct svtest *t, struct str name)
{
	struct svtest_pair **at = &t->config;

	while (*at != NULL && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (*at != NULL)
		*at = (*at)->next;
}

/* --- what settings mean -------------------------------------------------- */

/* "65536", "64k", "1 M" */
static bool
to_size(struct str s, uint64_t *out)
{
	static const char units[] = "bkmgt";
	unsigned shift = 0;
	const char *unit;

	s = str_trim(s);
	if (s.len > 0 && !ascii_is_digit(s.p[s.len - 1])) {
		unit = strchr(units, ascii_lower(s.p[s.len - 1]));
		if (unit == NULL || *unit == '\0')
			return false;
		shift = 10 * (unsigned)(unit - units);
		s = str_trim(str_sub(s, 0, s.len - 1));
	}
	if (!str_to_u64(s, out) || *out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

static bool
to_u32(struct str s, uint32_t *out)
{
	uint64_t n;

	if (!to_size(s, &n))
		return false;
	*out = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	return true;
}

/* "90", "30s", "5m", "2h", "1d", "1w" */
static bool
to_seconds(struct str s, uint64_t *out)
{
	static const char units[] = "smhdw";
	static const uint64_t seconds[] = { 1, 60, 3600, 86400, 604800 };
	const char *unit = units;

	s = str_trim(s);
	if (s.len > 0 && !ascii_is_digit(s.p[s.len - 1])) {
		unit = strchr(units, ascii_lower(s.p[s.len - 1]));
		if (unit == NULL || *unit == '\0')
			return false;
		s = str_trim(str_sub(s, 0, s.len - 1));
	}
	if (!str_to_u64(s, out) || *out > UINT32_MAX)
		return false;
	*out *= seconds[unit - units];
	return true;
}

static bool
apply_vacation_min(struct svtest *t, struct str value)
{
	return to_seconds(value, &t->limits.vacation_min);
}

static bool
apply_vacation_max(struct svtest *t, struct str value)
{
	return to_seconds(value, &t->limits.vacation_max);
}

static bool
apply_vacation_default(struct svtest *t, struct str value)
{
	return to_seconds(value, &t->limits.vacation_default);
}

static bool
apply_notifies(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.notifies);
}

static bool
apply_variable_size(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.variable_octets);
}

static bool
apply_redirects(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.redirects);
}

static bool
apply_actions(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.actions);
}

static bool
apply_script_size(struct svtest *t, struct str value)
{
	uint64_t n;

	if (!to_size(value, &n))
		return false;
	t->limits.script_bytes = n == 0 ? SIZE_MAX : (size_t)n;
	return true;
}

static bool
apply_includes(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.includes);
}

static bool
apply_depth(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.include_depth);
}

static bool
apply_delimiter(struct svtest *t, struct str value)
{
	t->env.detail_sep = '\0';
	if (value.len > 0)
		t->env.detail_sep = value.p[0];
	return true;
}

static bool
apply_header_size(struct svtest *t, struct str value)
{
	return to_u32(value, &t->limits.header_octets);
}

static void
add_words(struct svtest *t, struct strlist *list, struct str words)
{
	struct str word;

	while (str_cut(&words, ' ', &word))
		if (word.len > 0)
			strlist_add(t->arena, list, word);
}

static bool
apply_no_add(struct svtest *t, struct str value)
{
	add_words(t, &t->limits.no_add, value);
	return true;
}

static bool
apply_no_delete(struct svtest *t, struct str value)
{
	add_words(t, &t->limits.no_delete, value);
	return true;
}

static bool
apply_protected(struct svtest *t, struct str value)
{
	return apply_no_add(t, value) && apply_no_delete(t, value);
}

/* "sieve_editheader_header/BLOCK/forbid_add": the field is BLOCK, unless
 * "sieve_editheader_header/BLOCK/name" says something else. */
static void
apply_header_block(struct svtest *t, const struct svtest_pair *p)
{
	struct str rest = p->name, prefix, block;
	const struct svtest_pair *name;

	if (!str_cut(&rest, '/', &prefix) || !str_cut(&rest, '/', &block) ||
	    !str_eq(prefix, S("sieve_editheader_header")) ||
	    !str_caseeq(str_trim(p->value), S("yes")))
		return;
	name = svtest_pair_get(t->config, str_printf(t->arena, "%.*s/%.*s/name",
					      STR_ARG(prefix), STR_ARG(block)));
	if (name != NULL)
		block = str_trim(name->value);
	if (str_eq(rest, S("forbid_add")))
		strlist_add(t->arena, &t->limits.no_add, block);
	else if (str_eq(rest, S("forbid_delete")))
		strlist_add(t->arena, &t->limits.no_delete, block);
}

static bool
apply_check_recipient(struct svtest *t, struct str value)
{
	t->any_recipient = str_caseeq(str_trim(value), S("no"));
	return true;
}

static const struct {
	struct str name;
	bool (*apply)(struct svtest *, struct str value);
} settings[] = {
	{ STR("recipient_delimiter"), apply_delimiter },
	{ STR("sieve_editheader_forbid_add"), apply_no_add },
	{ STR("sieve_editheader_forbid_delete"), apply_no_delete },
	{ STR("sieve_editheader_max_header_size"), apply_header_size },
	{ STR("sieve_editheader_protected"), apply_protected },
	{ STR("sieve_include_max_includes"), apply_includes },
	{ STR("sieve_include_max_nesting_depth"), apply_depth },
	{ STR("sieve_max_actions"), apply_actions },
	{ STR("sieve_max_redirects"), apply_redirects },
	{ STR("sieve_max_script_size"), apply_script_size },
	{ STR("sieve_notify_max_notifications"), apply_notifies },
	{ STR("sieve_vacation_check_recipient"), apply_check_recipient },
	{ STR("sieve_vacation_default_period"), apply_vacation_default },
	{ STR("sieve_vacation_max_period"), apply_vacation_max },
	{ STR("sieve_vacation_min_period"), apply_vacation_min },
	{ STR("sieve_variables_max_value_size"), apply_variable_size },
	{ STR("sieve_variables_max_variable_size"), apply_variable_size },
};
enum { NSETTINGS = sizeof(settings) / sizeof(settings[0]) };

static struct str
bad_value(struct svtest *t, const struct svtest_pair *p)
{
	return str_printf(t->arena, "%.*s: bad value \"%.*s\"",
	    STR_ARG(p->name), STR_ARG(p->value));
}

bool
svtest_config_reload(struct svtest *t, struct str *why)
{
	const struct svtest_pair *p;

	t->limits = sieve_limits_default;
	t->limits.work = UINT64_MAX / 2;
	t->env.detail_sep = '\0';
	for (p = t->config; p != NULL; p = p->next)
		apply_header_block(t, p);
	for (size_t i = 0; i < NSETTINGS; i++) {
		p = svtest_pair_get(t->config, settings[i].name);
		if (p != NULL && !settings[i].apply(t, p->value)) {
			*why = bad_value(t, p);
			return false;
		}
	}
	if (svtest_config_scanners(t, &p))
		return true;
	*why = bad_value(t, p);
	return false;
}

/* --- commands ------------------------------------------------------------ */

static bool
exec_set(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL)
		return vm_fail(vm, "test_config_set: this is no test suite");
	svtest_config_set(t, vm_string(vm, v[0]), vm_string(vm, v[1]));
	return true;
}

static bool
exec_unset(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL)
		return vm_fail(vm, "test_config_unset: this is no test suite");
	svtest_config_unset(t, vm_string(vm, v[0]));
	return true;
}

static bool
exec_reload(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	struct str name, why;

	if (t == NULL)
		return vm_fail(vm, "test_config_reload: this is no test suite");
	name = vm_string(vm, v[1]);
	if (name.len > 0 && ext_by_capability(name) == NULL)
		return vm_fail(vm, "test_config_reload: unknown extension");
	if (!svtest_config_reload(t, &why))
		return vm_fail(vm, "%.*s", STR_ARG(why));
	return true;
}

const struct sieve_op op_test_config_set = { "test_config_set", "ss", exec_set,
	"setting s := s" };
const struct sieve_op op_test_config_unset = { "test_config_unset", "s",
	exec_unset, "setting s := its default" };
const struct sieve_op op_test_config_reload = { "test_config_reload", "fS",
	exec_reload, "the settings count from now on" };
