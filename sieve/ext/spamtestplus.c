/*
 * spamtestplus: the result of spamtest in percent. RFC 5235 s. 3.2.2
 */
#include "sieve/ext.h"

enum { SPAMTEST_PERCENT = 1 << 0 };

static const struct sieve_tag tags[] = {
	{ .name = "percent", .on = "spamtest", .flag = SPAMTEST_PERCENT },
	{ 0 },
};

const struct sieve_ext ext_spamtestplus = {
	.name = "spamtestplus",
	.rfc = "RFC 5235",
	.tags = tags,
	.implies = "spamtest",
};
