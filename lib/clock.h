/*
 * clock: what time it is, for programs; scripts get the time as an input.
 */
#ifndef TAMIS_LIB_CLOCK_H
#define TAMIS_LIB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_wall_us(void); /* microseconds since 1970, may jump */
int64_t clock_mono_ms(void); /* milliseconds, never goes back */

/*
 * "Tue, 15 Nov 1994 08:12:31 -0200" in the local time zone.
 *   RFC 5322 s. 3.3
 */
enum { CLOCK_RFC5322_LEN = 48 };
void clock_rfc5322(int64_t wall_us, char out[CLOCK_RFC5322_LEN]);

#endif
