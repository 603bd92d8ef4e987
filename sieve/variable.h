/*
 * variable: the variables of a run and the strings made of them. A script
 * has its own; a namespace may be shared.
 *   RFC 5229 s. 3, 4, 6; RFC 6609 s. 3.4
 */
#ifndef TAMIS_SIEVE_VARIABLE_H
#define TAMIS_SIEVE_VARIABLE_H

#include "sieve/match.h"
#include "sieve/template.h"

struct sieve_vm;
struct variable_scope;

/* What the wildcards of the last successful match stood for. */
struct match_values {
	struct str v[CAPTURES_MAX]; /* slices of mem */
	size_t n;
	char *mem;
	size_t cap;
};

/* The value lives until the instruction ends. Over the budget: "", and the
 * run ends with this instruction. */
struct str variable_expand(struct sieve_vm *, const struct template *);

/*
 * By name as "set" has it: "name" or "namespace.name", no case.
 *   get    "" when it was never set
 *   set    copies; what is over the limit of one variable is cut off at a
 *          character. false: the run is over
 */
struct str variable_get(struct sieve_vm *, struct str name);
bool variable_set(struct sieve_vm *, struct str name, struct str value);

/* Make name mean the shared variable of that name; false: the run is over,
 * perhaps because it is set already. RFC 6609 s. 3.4.1 */
bool variable_make_global(struct sieve_vm *, struct str name);

/* What all scripts of a run share. */
struct str variable_get_global(struct sieve_vm *, struct str name);
bool variable_set_global(struct sieve_vm *, struct str name, struct str value);

/* Remember what matched: offsets into value. false: the run is over. */
bool variable_captured(
    struct sieve_vm *, struct str value, const struct captures *);

#endif
