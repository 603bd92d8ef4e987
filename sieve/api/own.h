/*
 * own: what the files of the public interface share.
 */
#ifndef TAMIS_SIEVE_API_OWN_H
#define TAMIS_SIEVE_API_OWN_H

#include "sieve/program.h"
#include "sieve/tamis/sieve.h"

struct tamis_sieve {
	struct arena *arena;
	struct sieve_program *prog;
};

struct str api_in(struct tamis_str);
struct tamis_str api_out(struct str);
/* The array is made in the arena, the strings are not copied. */
struct tamis_strs api_out_list(struct arena *, const struct strlist *);

/* NULL gives the defaults. */
struct sieve_limits api_limits(const struct tamis_sieve_limits *);

#endif
