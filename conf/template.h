/*
 * template: a path with %-items, the value of sieve_script_path.
 *   %u user  %n localpart  %d domain  %h home directory  %% itself
 */
#ifndef TAMIS_CONF_TEMPLATE_H
#define TAMIS_CONF_TEMPLATE_H

#include "lib/str.h"

struct arena;

struct template_items {
	struct str user, local, domain;
	struct str home; /* used only when template_uses says so */
};

/* false: it is none; *why is static text that goes on behind its name */
bool template_check(struct str, const char **why);

bool template_uses(struct str, char item);

/* template_check has been passed. */
struct str template_expand(
    struct arena *, struct str, const struct template_items *);

#endif
