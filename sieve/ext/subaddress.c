/*
 * subaddress: the user and the detail of a local part. Splits where the rest
 * of the system does: at the first separator. RFC 5233, whole
 */
#include "sieve/ext.h"

/* Offset of the separator in the local part; -1: no detail. */
static ssize_t
separator(const struct sieve_env *env, const struct address *addr)
{
	return str_chr(
	    addr->localpart, env->detail_sep != 0 ? env->detail_sep : '+');
}

/* Without a separator the user is the whole local part. */
static bool
get_user(
    const struct sieve_env *env, const struct address *addr, struct str *out)
{
	ssize_t sep = separator(env, addr);

	*out = sep < 0 ? addr->localpart
	               : str_sub(addr->localpart, 0, (size_t)sep);
	return addr->valid;
}

static bool
get_detail(
    const struct sieve_env *env, const struct address *addr, struct str *out)
{
	ssize_t sep = separator(env, addr);

	if (!addr->valid || sep < 0)
		return false;
	*out = str_from_offset(addr->localpart, (size_t)sep + 1);
	return true;
}

static const struct sieve_part part_user = { "user", get_user };
static const struct sieve_part part_detail = { "detail", get_detail };

static const struct sieve_tag tags[] = {
	{ .name = "user",
	    .on = "@address-part",
	    .group = "address-part",
	    .part = &part_user },
	{ .name = "detail",
	    .on = "@address-part",
	    .group = "address-part",
	    .part = &part_detail },
	{ 0 },
};

static const struct sieve_part *const parts[] = {
	&part_user,
	&part_detail,
	NULL,
};

const struct sieve_ext ext_subaddress = {
	.name = "subaddress",
	.rfc = "RFC 5233",
	.tags = tags,
	.parts = parts,
};
