/*
 * script: which script is an account's active one, and its program. Scripts
 * are files that users can replace at any moment: what is run is always
 * what the file held when this was called, never older.
 */
#ifndef TAMIS_ACTIONS_SCRIPT_H
#define TAMIS_ACTIONS_SCRIPT_H

#include "actions/cache.h"
#include "conf/account.h"
#include "sieve/program.h"

enum script_state {
	SCRIPT_NONE,
	SCRIPT_OK,
	SCRIPT_BROKEN, /* there is one, and it cannot be used */
};

struct script {
	enum script_state state;
	struct str name; /* of the file, for people; "" when NONE */
	const struct sieve_program *program; /* OK: until the next call */
	uint32_t line, column;               /* BROKEN: 0 when it has none */
	struct str text;                     /* BROKEN: why */
};

/*
 * Find, read, compile.
 *
 *   where    Cyrus layout: dir/link is a symbolic link that names NAME.bc in
 *            dir, the text is dir/NAME.script and never a link itself. A
 *            NAME.bc saved by us from that very text is loaded instead of
 *            compiling. Or a path, which may be a link to a regular file.
 *   arena    for name and text
 *   returns  true with the state in *out: no file is NONE; a file that may
 *            not be read, is none, leads elsewhere, is too large or does
 *            not compile is BROKEN
 *   fails    4.3.0, 4.3.2: this time; nothing can be said about the script
 */
bool script_find(struct script_cache *, const struct account_script *where,
    const struct sieve_limits *limits, struct arena *, struct script *out,
    struct fail *why);

/*
 * Find, read, compile a script that another one includes: a regular file
 * directly in dir, no link. RFC 6609
 *   file     its name with the ending
 *   arena    for name and text, and for a program the cache has no room for
 *   returns  as script_find
 */
bool script_include(struct script_cache *, struct str dir, struct str file,
    const struct sieve_limits *limits, struct arena *, struct script *out,
    struct fail *why);

#endif
