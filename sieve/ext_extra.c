/*
 * ext_extra: no further extensions. A file of its own, so that a program's
 * own list takes its place when the library is linked.
 */
#include "sieve/ext.h"

const struct sieve_ext *const ext_extra[] = { NULL };
