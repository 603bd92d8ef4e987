/*
 * Functions that have no place here, as compile errors. The libc headers
 * that declare them are pulled in first, so only our own uses trip.
 */
#ifndef TAMIS_LIB_BANNED_H
#define TAMIS_LIB_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With _FORTIFY_SOURCE glibc makes these macros for clang. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok strncat gets
#pragma GCC poison mktemp tmpnam tempnam

#endif
