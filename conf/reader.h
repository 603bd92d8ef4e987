/*
 * reader: the line syntax of imapd.conf(5).
 *
 *   name: value     blanks around the value are dropped
 *   # comment       on a line of its own only
 *   ...\            goes on with the next line, comments too
 *   @include: path  relative to the directory of the including file
 *
 * Lines may end in CRLF. Names are [A-Za-z0-9_-]+.
 */
#ifndef TAMIS_CONF_READER_H
#define TAMIS_CONF_READER_H

#include "conf/message.h"

enum {
	READER_DEPTH_MAX = 16,         /* files included from each other */
	READER_FILES_MAX = 256,        /* in all */
	READER_OPTIONS_MAX = 10000,    /* in all */
	READER_FILE_SIZE_MAX = 1 << 20 /* octets */
};

struct conf_line {
	struct conf_place at; /* the first line, when it is continued */
	struct str name;      /* lower case */
	struct str value;     /* not empty, NUL-terminated, holds no NUL */
};

typedef void reader_line_fn(void *ctx, const struct conf_line *);

/*
 * Read a file and what it includes; each option is passed on in the order of
 * reading, and what is wrong goes to messages in that order, too. All of it
 * is read, whatever is wrong. false: path itself could not be read.
 */
bool reader_run(struct arena *, struct str path, struct conf_messages *,
    reader_line_fn *, void *ctx);

#endif
