/*
 * vacation-seconds: the period of vacation in seconds. RFC 6131, whole
 */
#include "sieve/ext.h"
#include "sieve/vacation.h"

static const struct sieve_tag tags[] = {
	{ .name = "seconds",
	    .on = "vacation",
	    .group = "period",
	    .arg = 'n',
	    .operand = VACATION_AT_PERIOD,
	    .flag = VACATION_SECONDS },
	{ 0 },
};

const struct sieve_ext ext_vacation_seconds = {
	.name = "vacation-seconds",
	.rfc = "RFC 6131",
	.tags = tags,
	.implies = "vacation",
};
