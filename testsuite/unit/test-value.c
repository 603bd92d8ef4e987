/*
 * test-value: each type with good and bad values, templates, and the table
 * of settings itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/template.h"
#include "conf/value.h"
#include "lib/arena.h"

#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))

static int
setup(void **state)
{
	*state = arena_new("test", 0);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define BAD INT64_MIN

static const struct setting_row sw = { .type = CONF_SWITCH };
static const struct setting_row in = {
	.type = CONF_INT, .min = -100, .max = 1000
};
static const struct setting_row oc = { .type = CONF_OCTAL, .max = 0777 };
static const struct setting_row du = { .type = CONF_DURATION,
	.min = -INT64_MAX,
	.max = INT64_MAX,
	.unit = "seconds" };
static const struct setting_row days = {
	.type = CONF_DURATION, .max = INT64_MAX, .unit = "days"
};
static const struct setting_row mins = {
	.type = CONF_DURATION, .max = INT64_MAX, .unit = "minutes"
};
static const struct setting_row by = {
	.type = CONF_BYTESIZE, .max = INT64_MAX, .unit = "octets"
};
static const struct setting_row kb = { .type = CONF_BYTESIZE,
	.min = -1024,
	.max = INT64_MAX,
	.unit = "kilobytes" };
static const struct setting_row en = { .type = CONF_ENUM,
	.choices = "off userid on" };
static const struct setting_row pa = { .type = CONF_PATH };

static const struct {
	const struct setting_row *row;
	const char *text;
	int64_t n;
} value_cases[] = {
	{ &sw, "0", 0 },
	{ &sw, "no", 0 },
	{ &sw, "never", 0 },
	{ &sw, "f", 0 },
	{ &sw, "off", 0 },
	{ &sw, "1", 1 },
	{ &sw, "yes", 1 },
	{ &sw, "true", 1 },
	{ &sw, "on", 1 },
	{ &sw, "only", 1 },
	{ &sw, "o", BAD },
	{ &sw, "Yes", BAD },
	{ &sw, "No", BAD },
	{ &sw, "2", BAD },
	{ &sw, "enable", BAD },
	{ &in, "0", 0 },
	{ &in, "10", 10 },
	{ &in, "+10", 10 },
	{ &in, "010", 8 },
	{ &in, "0x1F", 31 },
	{ &in, "-100", -100 },
	{ &in, "-0x10", -16 },
	{ &in, "1000", 1000 },
	{ &in, "1001", BAD },
	{ &in, "-101", BAD },
	{ &in, "08", BAD },
	{ &in, "0x", BAD },
	{ &in, "10k", BAD },
	{ &in, "1 0", BAD },
	{ &in, "--1", BAD },
	{ &in, "-", BAD },
	{ &in, "ten", BAD },
	{ &in, "99999999999999999999", BAD },
	{ &oc, "077", 077 },
	{ &oc, "22", 022 },
	{ &oc, "0", 0 },
	{ &oc, "777", 0777 },
	{ &oc, "1000", BAD },
	{ &oc, "8", BAD },
	{ &oc, "-7", BAD },
	{ &oc, "0x7", BAD },
	{ &du, "90", 90 },
	{ &du, "90s", 90 },
	{ &du, "1m", 60 },
	{ &du, "1d2h3m4s", 93784 },
	{ &du, "1h30", 3630 },
	{ &du, "-1h", -3600 },
	{ &du, "1s1s", 2 },
	{ &du, "0", 0 },
	{ &du, "1w", BAD },
	{ &du, "1H", BAD },
	{ &du, "h", BAD },
	{ &du, "1 h", BAD },
	{ &du, "1h-1m", BAD },
	{ &du, "-", BAD },
	{ &du, "1.5h", BAD },
	{ &du, "9223372036854775807d", BAD },
	{ &du, "9223372036854775807s1s", BAD },
	{ &days, "2", 172800 },
	{ &days, "2h", 7200 },
	{ &days, "-1", BAD },
	{ &mins, "32", 1920 },
	{ &by, "1024", 1024 },
	{ &by, "1k", 1024 },
	{ &by, "1K", 1024 },
	{ &by, "2 MB", 2097152 },
	{ &by, "2MiB", 2097152 },
	{ &by, "2 mib", 2097152 },
	{ &by, "3G", INT64_C(3221225472) },
	{ &by, "1T", BAD },
	{ &by, "1kx", BAD },
	{ &by, "1ki", BAD },
	{ &by, "1 k b", BAD },
	{ &by, "k", BAD },
	{ &by, "0x10", BAD },
	{ &by, "-1", BAD },
	{ &by, "9223372036854775807k", BAD },
	{ &kb, "32", 32768 },
	{ &kb, "32M", 33554432 },
	{ &kb, "-1", -1024 },
	{ &kb, "-2", BAD },
	{ &en, "off", 0 },
	{ &en, "userid", 1 },
	{ &en, "USERID", 1 },
	{ &en, "on", 2 },
	{ &en, "yes", 2 },
	{ &en, "1", 2 },
	{ &en, "t", 2 },
	{ &en, "true", 2 },
	{ &en, "no", 0 },
	{ &en, "f", 0 },
	{ &en, "user", BAD },
	{ &en, "off userid", BAD },
	{ &pa, "/", 0 },
	{ &pa, "/a b", 0 },
	{ &pa, "{configdirectory}/x", 0 },
	{ &pa, "a/b", BAD },
	{ &pa, "~/x", BAD },
};

static void
values(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; i < LENGTH(value_cases); i++) {
		struct value v;
		struct str why = { 0 };
		bool ok = value_parse(a, value_cases[i].row,
		    str_c(value_cases[i].text), &v, &why);

		if (ok != (value_cases[i].n != BAD) ||
		    (ok && v.n != value_cases[i].n))
			fail_msg("case %zu \"%s\": %d %lld", i,
			    value_cases[i].text, ok, (long long)v.n);
		if (!ok && why.len == 0)
			fail_msg("case %zu: no reason", i);
	}
}

static void
lists(void **state)
{
	static const struct setting_row row = { .type = CONF_LIST };
	struct arena *a = *state;
	struct value v;
	struct str why;

	assert_true(value_parse(a, &row, S("a  bb\tc"), &v, &why));
	assert_int_equal(v.list.n, 3);
	assert_true(str_eq(v.list.v[1], S("bb")));
	assert_true(str_eq(v.list.v[2], S("c")));
}

static void
templates(void **state)
{
	static const struct {
		struct str text;
		bool ok;
	} cases[] = {
		{ STR("/home/%n/.dovecot.sieve"), true },
		{ STR("%h/.dovecot.sieve"), true },
		{ STR("/%u%d%%"), true },
		{ STR("/%%h"), true },
		{ STR("%n/x"), false },
		{ STR("x"), false },
		{ STR(""), false },
		{ STR("/%"), false },
		{ STR("/%%%"), false },
		{ STR("/%x"), false },
		{ STR("/% n"), false },
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (template_check(cases[i].text, &why) != cases[i].ok)
			fail_msg("case %zu", i);
	assert_true(template_uses(S("/a/%h"), 'h'));
	assert_false(template_uses(S("/a/%%h"), 'h'));
}

/* The table itself: every default is a value, every row is explained. */
static void
rows(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_rows[i];
		struct value v;
		struct str why;

		if (row->def != NULL &&
		    !value_parse(a, row, str_c(row->def), &v, &why))
			fail_msg("%s: default %s", row->name, row->def);
		if (!str_ends(str_c(row->text), S(".")))
			fail_msg("%s has no text", row->name);
		if ((row->type == CONF_ENUM) != (row->choices != NULL))
			fail_msg("%s: choices", row->name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(lists),
		cmocka_unit_test(templates),
		cmocka_unit_test(rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
