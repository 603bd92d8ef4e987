/*
 * date: dates as mail headers write them, taken apart and moved between time
 * zones. Proleptic Gregorian calendar, years 0 to 9999.
 *   RFC 5322 s. 3.3 and 4.3
 */
#ifndef TAMIS_LIB_DATE_H
#define TAMIS_LIB_DATE_H

#include "lib/str.h"

struct arena;

struct date {
	int year;  /* 0..9999 */
	int month; /* 1..12 */
	int day;
	int hour, minute;
	int second; /* 0..60 */
	int zone;   /* minutes east of UTC */
};

/*
 * The date-time that text is, or that follows its last semicolon (outside
 * comments), obsolete forms too. A zone that says nothing is UTC.
 * false: there is none, or the calendar has no such day.
 */
bool date_parse(struct str text, struct date *out);

/* "+hhmm" or "-hhmm" as minutes; false: it is not of that form. */
bool date_parse_zone(struct str text, int *zone);

/*
 * The date-time of RFC 3339 s. 5.6; letters in any case, a zone without its
 * colon is understood. show gives the form with upper-case letters, and "Z"
 * for an offset of zero.
 */
bool date_parse_iso(struct str text, struct date *out);
struct str date_show_iso(struct arena *, const struct date *);

/* The same instant in another zone, or seconds since 1970 in one. false: the
 * year is out of range. */
bool date_shift(struct date *, int zone);
bool date_from_time(int64_t seconds, int zone, struct date *out);

/* Seconds since 1970. A leap second counts as the second after it. */
int64_t date_to_time(const struct date *);

/* Local zone at an instant, in minutes east of UTC. */
int date_local_zone(int64_t seconds);

/* Days since 17 November 1858 of the day as it is written. */
int date_julian(const struct date *);

int date_weekday(const struct date *); /* 0 is Sunday */

extern const char date_weekdays[7][4], date_months[12][4]; /* "Sun" "Jan" */

#endif
