/*
 * clock: the only file that asks the system for the time.
 */
#include "lib/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/banned.h"
#include "lib/date.h"

int64_t
clock_wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

enum { DRIFT_MAX_MS = 60000 }; /* NTP may correct that much */

void
clock_watch_begin(struct clock_watch *w)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	w->boot_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	w->wall_ms = clock_wall_us() / 1000;
}

bool
clock_watch_steady(const struct clock_watch *w, int64_t ms)
{
	struct clock_watch now;
	int64_t passed, drift;

	clock_watch_begin(&now);
	passed = now.boot_ms - w->boot_ms;
	drift = now.wall_ms - w->wall_ms - passed;
	return passed >= ms && drift < DRIFT_MAX_MS && drift > -DRIFT_MAX_MS;
}

void
clock_rfc5322(int64_t wall_us, char out[CLOCK_RFC5322_LEN])
{
	time_t t = (time_t)(wall_us / 1000000);
	struct tm tm;
	long off;

	/* strftime would use the names of the locale */
	localtime_r(&t, &tm);
	off = tm.tm_gmtoff / 60;
	snprintf(out, CLOCK_RFC5322_LEN,
	    "%s, %d %s %d %02d:%02d:%02d %c%02ld%02ld",
	    date_weekdays[tm.tm_wday], tm.tm_mday, date_months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    off < 0 ? '-' : '+', labs(off) / 60 % 100, labs(off) % 60);
}
