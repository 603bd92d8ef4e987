/*
 * Dates (lib/date): what is one, what it means, and moving between zones.
 */
#include "testsuite/unit/lib-check.h"

#include <stdlib.h>
#include <time.h>

#include "lib/date.h"

static const struct {
	struct str text;
	const char *want; /* y-m-d h:m:s zone time; NULL: no date */
} parses[] = {
	{ STR("Tue, 1 Apr 1997 09:06:31 -0800 (PST)"),
	    "1997-4-1 9:6:31 -480 859914391" },
	{ STR(" Fri, 21 Nov 1997 09:55:06 -0600"),
	    "1997-11-21 9:55:6 -360 880127706" },
	/* no day of the week, no seconds, one digit */
	{ STR("1 Jan 1970 00:00 +0000"), "1970-1-1 0:0:0 0 0" },
	{ STR("01 jan 1970 00:00:00 gmt"), "1970-1-1 0:0:0 0 0" },
	/* the wrong day of the week is not our business */
	{ STR("Sun, 1 Jan 1970 00:00:00 +0000"), "1970-1-1 0:0:0 0 0" },
	/* white space, folds and comments; RFC 5322 app. A.5 */
	{ STR("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      "
	      "23:32\r\n               -0330 (Newfoundland Time)"),
	    "1969-2-13 23:32:0 -210 -27723480" },
	{ STR("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"),
	    "1997-11-21 9:55:6 -360 880127706" },
	/* obsolete years and zones */
	{ STR("21 Nov 97 09:55:06 GMT"), "1997-11-21 9:55:6 0 880106106" },
	{ STR("1 Jan 49 00:00:00 UT"), "2049-1-1 0:0:0 0 2493072000" },
	{ STR("1 Jan 50 00:00:00 UT"), "1950-1-1 0:0:0 0 -631152000" },
	{ STR("1 Jan 107 00:00:00 UTC"), "2007-1-1 0:0:0 0 1167609600" },
	{ STR("1 Jan 2007 00:00:00 EST"), "2007-1-1 0:0:0 -300 1167627600" },
	{ STR("1 Jan 2007 00:00:00 pdt"), "2007-1-1 0:0:0 -420 1167634800" },
	{ STR("1 Jan 2007 00:00:00 Z"), "2007-1-1 0:0:0 0 1167609600" },
	{ STR("1 Jan 2007 00:00:00 A"), "2007-1-1 0:0:0 0 1167609600" },
	{ STR("1 Jan 2007 00:00:00 CEST"), "2007-1-1 0:0:0 0 1167609600" },
	{ STR("1 Jan 2007 00:00:00 -0000"), "2007-1-1 0:0:0 0 1167609600" },
	/* behind the last semicolon */
	{ STR("from a (b; c) by d; id e;\n 1 Jan 2007 00:00:00 +0100"),
	    "2007-1-1 0:0:0 60 1167606000" },
	{ STR("1 Jan 2007 00:00:00 +0100 (x;y)"),
	    "2007-1-1 0:0:0 60 1167606000" },
	/* the calendar */
	{ STR("29 Feb 2008 00:00:00 +0000"), "2008-2-29 0:0:0 0 1204243200" },
	{ STR("29 Feb 2000 00:00:00 +0000"), "2000-2-29 0:0:0 0 951782400" },
	{ STR("31 Dec 1998 23:59:60 +0000"),
	    "1998-12-31 23:59:60 0 915148800" },
	{ STR("1 Jan 0000 00:00:00 +0000"), "0-1-1 0:0:0 0 -62167219200" },
	{ STR("31 Dec 9999 23:59:59 +0000"),
	    "9999-12-31 23:59:59 0 253402300799" },
	{ STR("29 Feb 2007 00:00:00 +0000"), NULL },
	{ STR("29 Feb 1900 00:00:00 +0000"), NULL },
	{ STR("32 Jan 2007 00:00:00 +0000"), NULL },
	{ STR("31 Apr 2007 00:00:00 +0000"), NULL },
	{ STR("0 Jan 2007 00:00:00 +0000"), NULL },
	{ STR("1 Jan 2007 24:00:00 +0000"), NULL },
	{ STR("1 Jan 2007 00:60:00 +0000"), NULL },
	{ STR("1 Jan 2007 00:00:61 +0000"), NULL },
	/* the grammar */
	{ STR(""), NULL },
	{ STR(";"), NULL },
	{ STR("Mon, 1 Jan 2007 00:00:00"), NULL },
	{ STR("Mon, 1 Jan 2007 00:00:00 +000"), NULL },
	{ STR("Mon, 1 Jan 2007 00:00:00 +0060"), NULL },
	{ STR("Mon, 1 Jan 2007 00:00:00 0000"), NULL },
	{ STR("Mon, 1 Jan 2007 00:00:00 +0000 x"), NULL },
	{ STR("Mon, 1 Jan 2007 00:00:00 +0000 (x"),
	    "2007-1-1 0:0:0 0 1167609600" },
	{ STR("Mon 1 Jan 2007 00:00:00 +0000"), NULL },
	{ STR("Xyz, 1 Jan 2007 00:00:00 +0000"), NULL },
	{ STR("Mon, 1 January 2007 00:00:00 +0000"), NULL },
	{ STR("Mon, 1 1 2007 00:00:00 +0000"), NULL },
	{ STR("Mon, 001 Jan 2007 00:00:00 +0000"), NULL },
	{ STR("Mon, 1 Jan 20070 00:00:00 +0000"), NULL },
	{ STR("Mon, 1 Jan 7 00:00:00 +0000"), NULL },
	{ STR("Mon, 1 Jan 2007 0:00:00 +0000"), NULL },
	{ STR("Mon, 1 Jan 2007 00.00.00 +0000"), NULL },
	{ STR("1 Jan 2007 00:00:00 +0000\0"), NULL },
	{ STR("2007-01-01T00:00:00Z"), NULL },
	{ STR("1 Jan 2007 00:00:00 +0100; x"), NULL },
};

static struct str
show(struct arena *a, const struct date *d)
{
	return str_printf(a, "%d-%d-%d %d:%d:%d %d %lld", d->year, d->month,
	    d->day, d->hour, d->minute, d->second, d->zone,
	    (long long)date_to_time(d));
}

static void
test_parse(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(parses) / sizeof(parses[0]); i++) {
		struct date d = { 0 };
		bool ok = date_parse(parses[i].text, &d);

		if (ok != (parses[i].want != NULL))
			fail_msg("case %zu: %d", i, ok);
		if (ok)
			check_str(
			    i, "date", show(a, &d), str_c(parses[i].want));
	}
	arena_free(a);
}

static void
test_zones(void **state)
{
	static const struct {
		struct str text;
		int want; /* 9999: none */
	} cases[] = {
		{ STR("+0000"), 0 },
		{ STR("-0000"), 0 },
		{ STR("+0530"), 330 },
		{ STR("-1200"), -720 },
		{ STR("+9959"), 5999 },
		{ STR("+0060"), 9999 },
		{ STR("0530"), 9999 },
		{ STR("+05:30"), 9999 },
		{ STR("+053"), 9999 },
		{ STR("+05300"), 9999 },
		{ STR("++530"), 9999 },
		{ STR(""), 9999 },
		{ STR("GMT"), 9999 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int zone = 9999;

		if (!date_parse_zone(cases[i].text, &zone))
			zone = 9999;
		if (zone != cases[i].want)
			fail_msg("case %zu: %d", i, zone);
	}
}

/* Every day of four hundred years, and there and back again. */
static void
test_calendar(void **state)
{
	struct date d, next = { 0 };
	int64_t t = -11676096000 /* 1 January 1600 */;

	(void)state;
	assert_true(date_from_time(t, 0, &d));
	assert_int_equal(d.year * 10000 + d.month * 100 + d.day, 16000101);
	for (int i = 0; i < 146097; i++, t += 86400, d = next) {
		assert_true(date_from_time(t + 86400, 0, &next));
		assert_int_equal(date_to_time(&next), t + 86400);
		assert_int_equal(date_julian(&next), date_julian(&d) + 1);
		assert_int_equal(
		    date_weekday(&next), (date_weekday(&d) + 1) % 7);
		assert_true(next.day == d.day + 1 || next.day == 1);
	}
	assert_int_equal(d.year * 10000 + d.month * 100 + d.day, 20000101);
	assert_int_equal(date_weekday(&d), 6);
	assert_int_equal(date_julian(&d), 51544);
}

static void
test_shift(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct date d;

	(void)state;
	assert_true(date_parse(S("31 Dec 1998 23:59:60 +0000"), &d));
	assert_true(date_shift(&d, 60));
	check_str(
	    0, "leap second", show(a, &d), S("1999-1-1 0:59:60 60 915148800"));
	assert_true(date_shift(&d, -5999));
	check_str(1, "far west", show(a, &d),
	    S("1998-12-27 20:0:60 -5999 915148800"));
	/* out of the years we know */
	assert_true(date_parse(S("31 Dec 9999 23:59:59 +0000"), &d));
	assert_false(date_shift(&d, 1));
	assert_true(date_parse(S("1 Jan 0000 00:00:00 +0000"), &d));
	assert_int_equal(date_weekday(&d), 6);
	assert_false(date_shift(&d, -1));
	assert_false(date_from_time(INT64_MAX, 0, &d));
	assert_false(date_from_time(INT64_MIN, 0, &d));
	arena_free(a);
}

static void
test_local(void **state)
{
	(void)state;
	setenv("TZ", "WIN-5:30SUM,M3.5.0,M10.5.0", 1);
	tzset();
	assert_int_equal(date_local_zone(1167609600), 330); /* January */
	assert_int_equal(date_local_zone(1183248000), 390); /* July */
	assert_int_equal(date_local_zone(INT64_MAX), 0);
}

static const struct {
	const char *text, *shown; /* NULL: it is none */
} isos[] = {
	{ "2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z" },
	{ "2006-01-02t15:04:05z", "2006-01-02T15:04:05Z" },
	{ "2006-01-02T15:04:05.75+01:30", "2006-01-02T15:04:05+01:30" },
	{ "2006-01-02T15:04:05-0800", "2006-01-02T15:04:05-08:00" },
	{ "2004-02-29T00:00:60+00:00", "2004-02-29T00:00:60Z" },
	{ "2005-02-29T00:00:00Z", NULL },
	{ "2005-13-01T00:00:00Z", NULL },
	{ "2005-01-00T00:00:00Z", NULL },
	{ "2005-01-01T24:00:00Z", NULL },
	{ "2005-01-01T00:60:00Z", NULL },
	{ "2005-01-01T00:00:61Z", NULL },
	{ "2005-01-01T00:00:00", NULL },
	{ "2005-01-01T00:00:00.", NULL },
	{ "2005-01-01T00:00:00+1:00", NULL },
	{ "2005-01-01 00:00:00Z", NULL },
	{ "2005-01-01T00:00:00Zx", NULL },
	{ "+005-01-01T00:00:00Z", NULL },
	{ "", NULL },
};

/* RFC 3339 s. 5.6 */
static void
test_iso(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(isos); i++) {
		struct arena *a = arena_new("test", 0);
		struct str text = exact(a, str_c(isos[i].text));
		struct date d;
		bool ok = date_parse_iso(text, &d);

		check_num(i, isos[i].text, ok, isos[i].shown != NULL);
		if (ok)
			check_str(i, "shown", date_show_iso(a, &d),
			    str_c(isos[i].shown));
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_iso),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
