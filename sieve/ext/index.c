/*
 * index: look at one of several header fields only. Who takes :index is on
 * the list of its tag. RFC 5260 s. 6, whole
 */
#include "sieve/check.h"
#include "sieve/ext.h"

static void
check_index(struct check *c, const struct tree_arg *value)
{
	if (value->number == 0)
		diag_add(check_diag(c), value->at, S("the first field is 1"),
		    "there is no header field number 0");
}

static const struct sieve_tag tags[] = {
	{ .name = "index",
	    .on = "header address date",
	    .arg = 'n',
	    .operand = 1,
	    .check = check_index },
	{ .name = "last",
	    .on = "header address date",
	    .with = "index",
	    .flag = INDEX_LAST },
	{ 0 },
};

const struct sieve_ext ext_index = {
	.name = "index",
	.rfc = "RFC 5260",
	.tags = tags,
};
