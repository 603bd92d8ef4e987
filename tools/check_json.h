/*
 * check_json: diagnostics for programs. tamis(1) documents the form.
 */
#ifndef TAMIS_TOOLS_CHECK_JSON_H
#define TAMIS_TOOLS_CHECK_JSON_H

#include "sieve/program.h"

/* An array that grows by objects: begin with "first" true. */
struct check_json {
	struct buf out;
	bool any;
};

void check_json_begin(struct check_json *);
/* text: the script, of which each object quotes a line */
void check_json_add(struct check_json *, const char *file, struct str text,
    const struct sieve_errors *);
/* A file that could not be read. */
void check_json_unreadable(
    struct check_json *, const char *file, const char *why);
/* Write it to standard output. false: that failed, a message was printed */
bool check_json_end(struct check_json *);

#endif
