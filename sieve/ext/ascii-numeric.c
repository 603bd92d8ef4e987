/*
 * ascii-numeric: the comparator of unsigned numbers of any length. A value
 * that does not start with a digit is positive infinity.
 * RFC 4790 s. 9.1.1
 */
#include "sieve/ext.h"

/* The digits without leading zeros, "0" for zero, "" for infinity. */
static struct str
fold_numeric(struct str in, char *out)
{
	size_t start = 0, end = 0;

	(void)out;
	while (end < in.len && ascii_is_digit(in.p[end]))
		end++;
	while (start + 1 < end && in.p[start] == '0')
		start++;
	return str_sub(in, start, end);
}

static int
compare_numeric(struct str a, struct str b)
{
	if (a.len == 0 || b.len == 0)
		return (a.len == 0) - (b.len == 0);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return str_cmp(a, b);
}

static const struct sieve_comparator numeric = {
	.name = "i;ascii-numeric",
	.fold = fold_numeric,
	.compare = compare_numeric,
};

static const struct sieve_comparator *const comparators[] = {
	&numeric,
	NULL,
};

const struct sieve_ext ext_ascii_numeric = {
	.name = "comparator-i;ascii-numeric",
	.rfc = "RFC 4790",
	.comparators = comparators,
};
