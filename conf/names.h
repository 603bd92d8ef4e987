/*
 * names: which option names there are, ours and those of Cyrus at large.
 */
#ifndef TAMIS_CONF_NAMES_H
#define TAMIS_CONF_NAMES_H

#include "conf/conf.h"

/* Options of Cyrus that would change what delivery does (foreign.def);
 * .def is the value this version behaves like. */
extern const struct setting_row names_delivery[];
extern const size_t names_ndelivery;

bool names_setting(struct str name, enum setting *out);
const struct setting_row *names_find_delivery(struct str name);

/* An option, or of a family of options, of other services; also
 * SERVICE_option for any known option. */
bool names_elsewhere(struct str name);

/* Any single option of ours or of Cyrus; families are not asked. */
bool names_known(struct str name);

/* The name a deprecated one stands for; false: it is not deprecated. */
bool names_alias(struct str name, struct str *out);

/* The known name that is meant by a mistyped one; NULL: none is near. */
const char *names_suggest(struct arena *, struct str name);

#endif
