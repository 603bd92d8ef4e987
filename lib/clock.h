/*
 * clock: what time it is, for programs; scripts get the time as an input.
 */
#ifndef TAMIS_LIB_CLOCK_H
#define TAMIS_LIB_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_wall_us(void); /* microseconds since 1970, may jump */
int64_t clock_mono_ms(void); /* milliseconds, never goes back */

/*
 * Has the wall clock gone evenly since then? By what the machine counts,
 * times of sleep included: a clock that was set is not believed any more.
 *   ms  at least so long ago it must have begun
 */
struct clock_watch {
	int64_t wall_ms, boot_ms; /* at its beginning */
};
void clock_watch_begin(struct clock_watch *);
bool clock_watch_steady(const struct clock_watch *, int64_t ms);

/*
 * "Tue, 15 Nov 1994 08:12:31 -0200" in the local time zone.
 *   RFC 5322 s. 3.3
 */
enum { CLOCK_RFC5322_LEN = 48 };
void clock_rfc5322(int64_t wall_us, char out[CLOCK_RFC5322_LEN]);

#endif
