/*
 * names: the tables of option names and how near they are. Knows no values
 * but the ones foreign.def calls ours.
 */
#include "conf/names.h"

#include "lib/arena.h"

#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))

#define DELIVERY(name_, type_, as_, unit_)                                     \
	{ .name = name_,                                                       \
		.type = type_,                                                 \
		.def = as_,                                                    \
		.min = INT64_MIN,                                              \
		.max = INT64_MAX,                                              \
		.unit = unit_ },
const struct setting_row names_delivery[] = {
#include "conf/foreign.def"
};
const size_t names_ndelivery = LENGTH(names_delivery);

#define ELSEWHERE(name) STR(name),
static const struct str elsewhere[] = {
#include "conf/foreign.def"
};

#define PREFIX(text) STR(text),
static const struct str prefixes[] = {
#include "conf/foreign.def"
};

#define SUFFIX(text) STR(text),
static const struct str suffixes[] = {
#include "conf/foreign.def"
};

#define ALIAS(old, new) { STR(old), STR(new) },
static const struct {
	struct str old, new;
} aliases[] = {
#include "conf/foreign.def"
};

bool
names_setting(struct str name, enum setting *out)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (str_eq(name, str_c(setting_rows[i].name))) {
			*out = (enum setting)i;
			return true;
		}
	return false;
}

const struct setting_row *
names_find_delivery(struct str name)
{
	for (size_t i = 0; i < names_ndelivery; i++)
		if (str_eq(name, str_c(names_delivery[i].name)))
			return &names_delivery[i];
	return NULL;
}

bool
names_alias(struct str name, struct str *out)
{
	for (size_t i = 0; i < LENGTH(aliases); i++)
		if (str_eq(name, aliases[i].old)) {
			*out = aliases[i].new;
			return true;
		}
	return false;
}

static bool
listed(struct str name)
{
	for (size_t i = 0; i < LENGTH(elsewhere); i++)
		if (str_eq(name, elsewhere[i]))
			return true;
	return false;
}

static bool
in_family(struct str name)
{
	for (size_t i = 0; i < LENGTH(prefixes); i++)
		if (str_starts(name, prefixes[i]))
			return true;
	for (size_t i = 0; i < LENGTH(suffixes); i++)
		if (str_ends(name, suffixes[i]))
			return true;
	return false;
}

bool
names_known(struct str name)
{
	enum setting id;
	struct str new;

	return names_setting(name, &id) || listed(name) ||
	       names_find_delivery(name) != NULL || names_alias(name, &new);
}

/* imap_timeout, pop3s_maxmessagesize: an option with a service in front.
 * Names of services hold no underscore often enough. */
static bool
of_service(struct str name)
{
	ssize_t at = str_chr(name, '_');

	if (at <= 0)
		return false;
	name = str_from_offset(name, (size_t)at + 1);
	return names_known(name) || str_starts(name, S("partition-"));
}

bool
names_elsewhere(struct str name)
{
	return listed(name) || in_family(name) || of_service(name);
}

struct nearest {
	struct str name;
	const char *best;
	unsigned distance; /* more than allowed while best is NULL */
};

static void
nearer(struct nearest *n, const char *candidate)
{
	unsigned d;

	if (n->distance == 0)
		return;
	d = str_distance(n->name, str_c(candidate), n->distance - 1);
	if (d < n->distance) {
		n->distance = d;
		n->best = candidate;
	}
}

/* "partitoin-mail": the family that is ours and has no row */
static const char *
near_partition(struct arena *a, struct str name)
{
	ssize_t dash = str_chr(name, '-');
	struct str front;

	if (dash < 0)
		return NULL;
	front = str_sub(name, 0, (size_t)dash);
	if (str_distance(front, S("partition"), 2) > 2)
		return NULL;
	return str_printf(
	    a, "partition%.*s", STR_ARG(str_from_offset(name, (size_t)dash)))
	    .p;
}

const char *
names_suggest(struct arena *a, struct str name)
{
	/* Two letters of four are another word, not a slip. */
	struct nearest n = { .name = name, .distance = name.len < 5 ? 2 : 3 };

	for (size_t i = 0; i < SETTING_COUNT; i++)
		nearer(&n, setting_rows[i].name);
	for (size_t i = 0; i < names_ndelivery; i++)
		nearer(&n, names_delivery[i].name);
	for (size_t i = 0; i < LENGTH(elsewhere); i++)
		nearer(&n, elsewhere[i].p);
	return n.best != NULL ? n.best : near_partition(a, name);
}
