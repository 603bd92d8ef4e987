/*
 * message: what the reading of a configuration has to say, collected.
 */
#ifndef TAMIS_CONF_MESSAGE_H
#define TAMIS_CONF_MESSAGE_H

#include "conf/conf.h"

/* After so many the rest of a file is no configuration at all. */
enum { CONF_MESSAGES_MAX = 1000 };

/* Where in the configuration. */
struct conf_place {
	struct str file;
	uint32_t line;   /* 0: the file as a whole */
	uint32_t column; /* in octets, from 1; 0: the line as a whole */
};

void conf_error(struct arena *, struct conf_messages *, struct conf_place,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void conf_warning(struct arena *, struct conf_messages *, struct conf_place,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Text of the file for use in a message: NUL-terminated, in double quotes,
 * cut to a readable length, without anything a terminal would obey.
 */
const char *conf_quote(struct arena *, struct str);

#endif
