/*
 * redirect-dsn: what redirect says about delivery status notifications.
 * RFC 6009 s. 6
 */
#include "sieve/check.h"
#include "sieve/ext.h"
#include "sieve/redirect.h"

static void
check_notify(struct check *c, const struct tree_arg *a)
{
	if (!a->v[0].refs && !redirect_is_notify(a->v[0].text))
		diag_add(check_diag(c), a->v[0].at,
		    S("\"NEVER\", or a list like \"SUCCESS,DELAY\""),
		    "\"%s\" is no value of :notify",
		    diag_quote(check_diag(c), a->v[0].text));
}

static void
check_ret(struct check *c, const struct tree_arg *a)
{
	if (!a->v[0].refs && !redirect_is_ret(a->v[0].text))
		diag_add(check_diag(c), a->v[0].at, S("\"FULL\" or \"HDRS\""),
		    "\"%s\" is no value of :ret",
		    diag_quote(check_diag(c), a->v[0].text));
}

static const struct sieve_tag tags[] = {
	{ .name = "notify",
	    .on = "redirect",
	    .arg = 's',
	    .operand = REDIRECT_AT_NOTIFY,
	    .check = check_notify },
	{ .name = "ret",
	    .on = "redirect",
	    .arg = 's',
	    .operand = REDIRECT_AT_RET,
	    .check = check_ret },
	{ 0 },
};

const struct sieve_ext ext_redirect_dsn = {
	.name = "redirect-dsn",
	.rfc = "RFC 6009",
	.tags = tags,
};
