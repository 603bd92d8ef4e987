/*
 * value: the types a setting can have, as they are written.
 *
 *   SWITCH    first letters 0 n f of / 1 y t on, as Cyrus takes them
 *   INT       as in C: 10, 0x0a, 012; a sign
 *   OCTAL     digits 0 to 7
 *   DURATION  1d2h3m4s; a bare number is in the unit of the row
 *   BYTESIZE  10, 10k, 10 M, 10GB, 10KiB; a bare number likewise
 *   ENUM      a word of the row; 1 yes t true and 0 no f false for on, off
 *   LIST      words
 */
#ifndef TAMIS_CONF_VALUE_H
#define TAMIS_CONF_VALUE_H

#include "conf/conf.h"

struct value {
	struct str text;     /* as conf_print shows it */
	int64_t n;           /* all but STRING, PATH and LIST */
	struct strlist list; /* LIST */
};

/*
 * text is trimmed and NUL-terminated. false: it is no value of that row;
 * *why then says what would be one.
 */
bool value_parse(struct arena *, const struct setting_row *, struct str text,
    struct value *out, struct str *why);

#endif
