/*
 * redirect-deliverby: by when a redirected message is to be delivered.
 * RFC 6009 s. 7
 */
#include "lib/date.h"
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/redirect.h"

static void
check_time(struct check *c, const struct tree_arg *a)
{
	struct date ignored;

	if (!a->v[0].refs && !date_parse_iso(a->v[0].text, &ignored))
		diag_add(check_diag(c), a->v[0].at,
		    S("write it like \"2009-12-31T22:00:00Z\""),
		    "\"%s\" is not a time",
		    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_mode(struct check *c, const struct tree_arg *a)
{
	if (!a->v[0].refs && redirect_by_mode(a->v[0].text) == 0)
		diag_add(check_diag(c), a->v[0].at,
		    S("\"notify\" or \"return\""),
		    "\"%s\" is no value of :bymode",
		    diag_quote(check_diag(c), a->v[0].text));
}

static const struct sieve_tag tags[] = {
	{ .name = "bytimerelative",
	    .on = "redirect",
	    .group = "bytimerelative",
	    .arg = 'n',
	    .operand = REDIRECT_AT_RELATIVE,
	    .flag = REDIRECT_BY_RELATIVE },
	{ .name = "bytimeabsolute",
	    .on = "redirect",
	    .group = "bytimerelative",
	    .arg = 's',
	    .operand = REDIRECT_AT_ABSOLUTE,
	    .flag = REDIRECT_BY_ABSOLUTE,
	    .check = check_time },
	{ .name = "bymode",
	    .on = "redirect",
	    .with = "bytimerelative",
	    .arg = 's',
	    .operand = REDIRECT_AT_MODE,
	    .check = check_mode },
	{ .name = "bytrace",
	    .on = "redirect",
	    .with = "bytimerelative",
	    .flag = REDIRECT_BY_TRACE },
	{ 0 },
};

const struct sieve_ext ext_redirect_deliverby = {
	.name = "redirect-deliverby",
	.rfc = "RFC 6009",
	.tags = tags,
};
