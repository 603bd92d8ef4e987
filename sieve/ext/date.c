/*
 * date: test parts of dates: those in header fields, and now. Dates
 * themselves are lib/date's. RFC 5260 s. 4 and 5, whole
 */
#include "lib/date.h"

#include "lib/arena.h"
#include "sieve/check.h"
#include "sieve/ext.h"

enum { ORIGINAL_ZONE = 1 << 1 };

/* --- parts: s. 4.2 ---------------------------------------------------- */

static struct str
get_year(struct arena *a, const struct date *d)
{
	return str_printf(a, "%04d", d->year);
}

static struct str
get_month(struct arena *a, const struct date *d)
{
	return str_printf(a, "%02d", d->month);
}

static struct str
get_day(struct arena *a, const struct date *d)
{
	return str_printf(a, "%02d", d->day);
}

static struct str
get_date(struct arena *a, const struct date *d)
{
	return str_printf(a, "%04d-%02d-%02d", d->year, d->month, d->day);
}

static struct str
get_julian(struct arena *a, const struct date *d)
{
	return str_printf(a, "%d", date_julian(d));
}

static struct str
get_hour(struct arena *a, const struct date *d)
{
	return str_printf(a, "%02d", d->hour);
}

static struct str
get_minute(struct arena *a, const struct date *d)
{
	return str_printf(a, "%02d", d->minute);
}

static struct str
get_second(struct arena *a, const struct date *d)
{
	return str_printf(a, "%02d", d->second);
}

static struct str
get_time(struct arena *a, const struct date *d)
{
	return str_printf(a, "%02d:%02d:%02d", d->hour, d->minute, d->second);
}

/* Zero is positive. */
static struct str
get_zone(struct arena *a, const struct date *d)
{
	int minutes = d->zone < 0 ? -d->zone : d->zone;

	return str_printf(a, "%c%02d%02d", d->zone < 0 ? '-' : '+',
	    minutes / 60, minutes % 60);
}

static struct str
get_std11(struct arena *a, const struct date *d)
{
	struct str zone = get_zone(a, d);

	return str_printf(a, "%s, %02d %s %04d %02d:%02d:%02d %.*s",
	    date_weekdays[date_weekday(d)], d->day, date_months[d->month - 1],
	    d->year, d->hour, d->minute, d->second, STR_ARG(zone));
}

static struct str
get_weekday(struct arena *a, const struct date *d)
{
	return str_printf(a, "%d", date_weekday(d));
}

static const struct part {
	struct str name;
	struct str (*get)(struct arena *, const struct date *);
} parts[] = {
	{ STR("year"), get_year },
	{ STR("month"), get_month },
	{ STR("day"), get_day },
	{ STR("date"), get_date },
	{ STR("julian"), get_julian },
	{ STR("hour"), get_hour },
	{ STR("minute"), get_minute },
	{ STR("second"), get_second },
	{ STR("time"), get_time },
	{ STR("iso8601"), date_show_iso },
	{ STR("std11"), get_std11 },
	{ STR("zone"), get_zone },
	{ STR("weekday"), get_weekday },
};

static const struct part *
find_part(struct str name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_caseeq(parts[i].name, name))
			return &parts[i];
	return NULL;
}

/* --- the tests -------------------------------------------------------- */

/* The zone of an operand S: as given, or the local one at that instant. */
static bool
zone_at(struct sieve_vm *vm, uint64_t operand, int64_t instant, int *zone)
{
	if (operand == 0)
		*zone = date_local_zone(instant);
	else if (!date_parse_zone(vm_string(vm, operand), zone))
		return vm_fail(vm, "this is not a time zone: use +hhmm");
	return true;
}

static bool
match_part(
    struct sieve_vm *vm, const struct date *d, struct str name, uint64_t m)
{
	const struct part *part = find_part(name);

	if (part == NULL)
		return vm_fail(vm, "there is no such part of a date");
	return vm_match_str(vm, m, part->get(vm->arena, d));
}

/* Field number index (0: the first) of that name; NONE. */
static bool
find_field(struct sieve_vm *vm, const uint64_t *v, uint32_t *out)
{
	uint64_t n = 0, wanted = v[1] == 0 ? 1 : v[1];
	uint32_t first = vm_header_first(vm, (uint32_t)v[2]), f;

	for (f = first; f != MESSAGE_NONE; f = vm_header_next(vm, f))
		n++;
	*out = MESSAGE_NONE;
	if (wanted > n)
		return true;
	if ((v[0] & INDEX_LAST) != 0)
		wanted = n + 1 - wanted;
	for (f = first; wanted > 1; wanted--)
		f = vm_header_next(vm, f);
	*out = f;
	return vm_spend(vm, n * 8);
}

/* The date in a field; *ok false: there is none. */
static bool
read_date(struct sieve_vm *vm, uint32_t field, struct date *d, bool *ok)
{
	const struct message *msg = vm->msg;
	const struct header_field *h = message_field(msg, field);

	if (!vm_spend(vm, h->value.len))
		return false;
	*ok = date_parse(header_unfold(vm->arena, msg, h), d);
	return true;
}

static bool
exec_date(struct sieve_vm *vm, const uint64_t *v)
{
	uint32_t field;
	struct date d;
	bool ok;
	int zone;

	vm->truth = false;
	if (!find_field(vm, v, &field))
		return false;
	if (field == MESSAGE_NONE)
		return true;
	if (!read_date(vm, field, &d, &ok))
		return false;
	if (!ok)
		return true;
	zone = d.zone;
	if ((v[0] & ORIGINAL_ZONE) == 0 &&
	    !zone_at(vm, v[3], date_to_time(&d), &zone))
		return false;
	if (!date_shift(&d, zone))
		return true;
	return match_part(vm, &d, vm_string(vm, v[4]), v[5]);
}

/* One instant for all of a run: env->now. */
static bool
exec_currentdate(struct sieve_vm *vm, const uint64_t *v)
{
	int64_t now = vm->env->now;
	struct date d;
	int zone;

	vm->truth = false;
	if (!zone_at(vm, v[1], now, &zone))
		return false;
	if (!date_from_time(now, zone, &d))
		return true;
	return match_part(vm, &d, vm_string(vm, v[0]), v[2]);
}

/* --- checks ----------------------------------------------------------- */

static void
check_part(struct check *c, const struct tree_arg *a)
{
	if (a != NULL && a->kind == TREE_STRING && !a->v[0].refs &&
	    find_part(a->v[0].text) == NULL)
		diag_add(check_diag(c), a->v[0].at,
		    S("year month day date julian hour minute second time "
		      "iso8601 std11 zone weekday"),
		    "unknown part of a date: \"%s\"",
		    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_date(struct check *c, const struct tree_node *node)
{
	check_part(c, tree_positional(node, 1));
}

static void
check_currentdate(struct check *c, const struct tree_node *node)
{
	check_part(c, tree_positional(node, 0));
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

static const struct sieve_op op_date = { "date", "fNsSsm", exec_date,
	"T := part s of the date in header s, in zone S, matches m" };
static const struct sieve_op op_currentdate = { "currentdate", "sSm",
	exec_currentdate, "T := part s of now in zone S matches m" };

static const struct sieve_tag tags[] = {
	{ .name = "zone",
	    .on = "date",
	    .group = "zone",
	    .arg = 's',
	    .operand = 3,
	    .check = check_zone },
	{ .name = "zone",
	    .on = "currentdate",
	    .arg = 's',
	    .operand = 1,
	    .check = check_zone },
	{ .name = "originalzone",
	    .on = "date",
	    .group = "zone",
	    .flag = ORIGINAL_ZONE },
	{ 0 },
};

static const struct sieve_cmd cmds[] = {
	{ .name = "date",
	    .kind = SIEVE_TEST,
	    .op = &op_date,
	    .args = "header-name date-part key-list",
	    .classes = "@match",
	    .check = check_date },
	{ .name = "currentdate",
	    .kind = SIEVE_TEST,
	    .op = &op_currentdate,
	    .args = "date-part key-list",
	    .classes = "@match",
	    .check = check_currentdate },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_date,
	&op_currentdate,
	NULL,
};

const struct sieve_ext ext_date = {
	.name = "date",
	.rfc = "RFC 5260",
	.cmds = cmds,
	.tags = tags,
	.ops = ops,
};
