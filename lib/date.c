/*
 * date: knows the calendar and how RFC 5322 writes a date. Asks the system
 * for nothing but the local time zone.
 */
#include "lib/date.h"

#include <time.h>

#include "lib/rfc5322.h"

#include "lib/banned.h"

enum {
	DAY = 24 * 60 * 60,
	DAYS_1858_1970 = 40587,  /* 17 November 1858 to 1 January 1970 */
	DAYS_0_1970 = 719468,    /* 1 March of year 0 to 1 January 1970 */
	DAYS_400_YEARS = 146097, /* after which the calendar repeats */
};

const char date_weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
const char date_months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* --- the calendar ----------------------------------------------------- */

/*
 * Days from 1 January 1970. Years begin in March here, so that the leap day
 * is the last one: the months then follow (153 * m + 2) / 5.
 */
static int64_t
days_of(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (int64_t)era * DAYS_400_YEARS + yoe * 365 + yoe / 4 - yoe / 100 +
	       doy - DAYS_0_1970;
}

static void
set_day(struct date *d, int64_t days)
{
	int64_t z = days + DAYS_0_1970;
	int64_t era = (z >= 0 ? z : z - (DAYS_400_YEARS - 1)) / DAYS_400_YEARS;
	int doe = (int)(z - era * DAYS_400_YEARS);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int m = (5 * doy + 2) / 153;

	d->day = doy - (153 * m + 2) / 5 + 1;
	d->month = m < 10 ? m + 3 : m - 9;
	d->year = (int)(yoe + era * 400) + (d->month <= 2);
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

int64_t
date_to_time(const struct date *d)
{
	return days_of(d->year, d->month, d->day) * DAY + d->hour * 3600 +
	       (d->minute - d->zone) * 60 + d->second;
}

bool
date_from_time(int64_t seconds, int zone, struct date *out)
{
	int64_t days, rest;

	/* year 0 to 9999 and a day more on both sides */
	if (seconds < INT64_C(-62167305600) || seconds > INT64_C(253402387200))
		return false;
	seconds += zone * 60;
	days = seconds / DAY - (seconds % DAY < 0);
	rest = seconds - days * DAY;
	set_day(out, days);
	out->hour = (int)(rest / 3600);
	out->minute = (int)(rest / 60 % 60);
	out->second = (int)(rest % 60);
	out->zone = zone;
	return out->year >= 0 && out->year <= 9999;
}

bool
date_shift(struct date *d, int zone)
{
	struct date minute = *d;
	int second = d->second;

	/* a leap second stays one */
	minute.second = 0;
	if (!date_from_time(date_to_time(&minute), zone, d))
		return false;
	d->second = second;
	return true;
}

int
date_local_zone(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	return (int)(tm.tm_gmtoff / 60);
}

int
date_julian(const struct date *d)
{
	return (int)days_of(d->year, d->month, d->day) + DAYS_1858_1970;
}

int
date_weekday(const struct date *d)
{
	/* 1 January 1970 was a Thursday */
	return (int)((days_of(d->year, d->month, d->day) + 719600 * 7 + 4) % 7);
}

/* --- reading ---------------------------------------------------------- */

struct scan {
	struct str s;
	size_t i;
};

static void
skip(struct scan *at)
{
	at->i = rfc5322_skip_cfws(at->s, at->i);
}

static bool
take(struct scan *at, char c)
{
	skip(at);
	if (at->i >= at->s.len || at->s.p[at->i] != c)
		return false;
	at->i++;
	return true;
}

/* Octets from here on of which is() is true. */
static struct str
span(struct scan *at, bool (*is)(char))
{
	size_t from;

	skip(at);
	from = at->i;
	while (at->i < at->s.len && is(at->s.p[at->i]))
		at->i++;
	return str_sub(at->s, from, at->i);
}

static bool
number(struct scan *at, size_t least, size_t most, int *out)
{
	struct str digits = span(at, ascii_is_digit);
	uint64_t v = 0;

	if (digits.len < least || digits.len > most || !str_to_u64(digits, &v))
		return false;
	*out = (int)v;
	return true;
}

/* Index of the next word in a table of names; -1. */
static int
name(struct scan *at, const char (*names)[4], int n)
{
	struct str word = span(at, ascii_is_alpha);

	for (int i = 0; i < n; i++)
		if (str_caseeq(str_c(names[i]), word))
			return i;
	return -1;
}

/* [day-name ","]; the day it names is not compared with the date. */
static bool
day_of_week(struct scan *at)
{
	skip(at);
	if (at->i < at->s.len && !ascii_is_alpha(at->s.p[at->i]))
		return true;
	return name(at, date_weekdays, 7) >= 0 && take(at, ',');
}

/* s. 4.3: two and three digits count from 1900, 00 to 49 from 2000 */
static bool
year(struct scan *at, int *out)
{
	size_t from;

	skip(at);
	from = at->i;
	if (!number(at, 2, 4, out))
		return false;
	if (at->i - from < 4)
		*out += at->i - from == 2 && *out < 50 ? 2000 : 1900;
	return true;
}

static bool
time_of_day(struct scan *at, struct date *d)
{
	if (!number(at, 2, 2, &d->hour) || !take(at, ':') ||
	    !number(at, 2, 2, &d->minute))
		return false;
	d->second = 0;
	return !take(at, ':') || number(at, 2, 2, &d->second);
}

bool
date_parse_zone(struct str text, int *zone)
{
	uint64_t v;

	if (text.len != 5 || (text.p[0] != '+' && text.p[0] != '-') ||
	    !str_to_u64(str_from_offset(text, 1), &v) || v % 100 > 59)
		return false;
	*zone = (int)(v / 100 * 60 + v % 100) * (text.p[0] == '-' ? -1 : 1);
	return true;
}

/* s. 4.3: the zones with a known meaning; all other letters are UTC. */
static int
named_zone(struct str text)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{ "EDT", -4 },
		{ "EST", -5 },
		{ "CDT", -5 },
		{ "CST", -6 },
		{ "MDT", -6 },
		{ "MST", -7 },
		{ "PDT", -7 },
		{ "PST", -8 },
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (str_caseeq(str_c(zones[i].name), text))
			return zones[i].hours * 60;
	return 0;
}

static bool
is_zone_char(char c)
{
	return c == '+' || c == '-' || ascii_is_alnum(c);
}

static bool
all_letters(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alpha(s.p[i]))
			return false;
	return s.len > 0;
}

static bool
zone(struct scan *at, struct date *d)
{
	struct str text = span(at, is_zone_char);

	if (date_parse_zone(text, &d->zone))
		return true;
	d->zone = named_zone(text);
	return all_letters(text);
}

static bool
in_calendar(const struct date *d)
{
	return d->month >= 1 && d->month <= 12 && d->day >= 1 &&
	       d->day <= days_in_month(d->year, d->month) && d->hour < 24 &&
	       d->minute < 60 && d->second <= 60;
}

/* Offset behind the last semicolon outside comments. One that is not closed
 * reaches to the end. */
static size_t
last_part(struct str s)
{
	size_t part = 0, i = 0;

	while (i < s.len) {
		if (s.p[i] == '(') {
			i = rfc5322_skip_comment(s, i);
			if (i == 0)
				break;
			continue;
		}
		if (s.p[i++] == ';')
			part = i;
	}
	return part;
}

bool
date_parse(struct str text, struct date *out)
{
	struct scan at = { text, last_part(text) };

	if (!day_of_week(&at) || !number(&at, 1, 2, &out->day))
		return false;
	out->month = name(&at, date_months, 12) + 1;
	if (out->month == 0 || !year(&at, &out->year) ||
	    !time_of_day(&at, out) || !zone(&at, out))
		return false;
	skip(&at);
	return at.i == text.len && in_calendar(out);
}

/* --- RFC 3339 ----------------------------------------------------------- */

/* n digits at an offset; -1: something else is there. */
static int
digits_at(struct str s, size_t at, size_t n)
{
	uint64_t v;

	if (at + n > s.len || !str_to_u64(str_sub(s, at, at + n), &v))
		return -1;
	return (int)v;
}

static bool
parse_iso_zone(struct str text, int *zone)
{
	char plain[5];

	*zone = 0;
	if (str_caseeq(text, S("Z")))
		return true;
	if (text.len != 6 || text.p[3] != ':')
		return date_parse_zone(text, zone);
	memcpy(plain, text.p, 3);
	memcpy(plain + 3, text.p + 4, 2);
	return date_parse_zone(str_from(plain, 5), zone);
}

/* The same day again, when it is counted? */
static bool
is_real(const struct date *d)
{
	struct date same;

	if (d->year < 0 || d->month < 1 || d->month > 12 || d->day < 1 ||
	    d->day > 31 || d->hour < 0 || d->hour > 23 || d->minute < 0 ||
	    d->minute > 59 || d->second < 0 || d->second > 60)
		return false;
	same = *d;
	same.second = 0;
	return date_from_time(date_to_time(&same), d->zone, &same) &&
	       same.day == d->day;
}

bool
date_parse_iso(struct str s, struct date *out)
{
	size_t at = 19;

	if (s.len < 20 || s.p[4] != '-' || s.p[7] != '-' ||
	    ascii_upper(s.p[10]) != 'T' || s.p[13] != ':' || s.p[16] != ':')
		return false;
	*out = (struct date){ .year = digits_at(s, 0, 4),
		.month = digits_at(s, 5, 2),
		.day = digits_at(s, 8, 2),
		.hour = digits_at(s, 11, 2),
		.minute = digits_at(s, 14, 2),
		.second = digits_at(s, 17, 2) };
	if (s.p[at] == '.')
		do
			at++;
		while (at < s.len && ascii_is_digit(s.p[at]));
	return parse_iso_zone(str_from_offset(s, at), &out->zone) &&
	       is_real(out);
}

struct str
date_show_iso(struct arena *a, const struct date *d)
{
	int zone = d->zone < 0 ? -d->zone : d->zone;
	char text[sizeof("+99:99")] = "Z";

	if (zone != 0)
		snprintf(text, sizeof(text), "%c%02d:%02d",
		    d->zone < 0 ? '-' : '+', zone / 60 % 100, zone % 60);
	return str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%s", d->year,
	    d->month, d->day, d->hour, d->minute, d->second, text);
}
