/*
 * copy: keep the implicit keep when a message is filed or redirected.
 * RFC 3894, whole.
 */
#include "sieve/ext.h"

static const struct sieve_tag tags[] = {
	{ .name = "copy", .on = "fileinto redirect", .flag = PLAN_COPY },
	{ 0 },
};

const struct sieve_ext ext_copy = {
	.name = "copy",
	.rfc = "RFC 3894",
	.tags = tags,
};
