/*
 * fcc: file a copy of what vacation and notify send. What the other tags of
 * fileinto mean beside it stands in their own files. RFC 8580, whole
 */
#include "sieve/ext.h"
#include "sieve/target.h"

static const struct sieve_tag tags[] = {
	{ .name = "fcc",
	    .on = "vacation notify",
	    .arg = 's',
	    .operand = TARGET_AT_MAILBOX,
	    .flag = TARGET_FCC,
	    .check = target_check_mailbox },
	{ 0 },
};

const struct sieve_ext ext_fcc = {
	.name = "fcc",
	.rfc = "RFC 8580",
	.tags = tags,
};
