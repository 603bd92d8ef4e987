/*
 * script_store: the scripts of an account as files: put, list, activate. For
 * tools; a delivery only reads (script.h). Whatever is changed is on disk
 * when true is returned, and at any moment before it the old state or the
 * new one is there.
 */
#ifndef TAMIS_ACTIONS_SCRIPT_STORE_H
#define TAMIS_ACTIONS_SCRIPT_STORE_H

#include "conf/account.h"

/* Where an account keeps its scripts, open. */
struct script_store {
	struct account_script where;
	int scripts;       /* directory; -1: there is none yet */
	int active;        /* directory of the link to the active one */
	struct str link;   /* its name there */
	struct str prefix; /* of what it names: "sieve/" */
	struct str bc;     /* ending of what it names */
};

/*
 * Open what there is; make: the directories that are missing, too.
 *   fails  5.2.1 the account can have no script, 4.3.0
 */
bool script_store_open(struct arena *, const struct account_script *, bool make,
    struct script_store *out, struct fail *why);
void script_store_close(struct script_store *);

/* 1 to 128 octets of UTF-8, no "/", no control character, no "." in front. */
bool script_name_ok(struct str name);

/* All of them, in octet order. */
bool script_list(struct arena *, const struct script_store *,
    struct strlist *out, struct fail *why);
/* The name of the active one, "" when none is. */
bool script_active(struct arena *, const struct script_store *,
    struct str *name, struct fail *why);

/* fails 5.1.1 there is no such script */
bool script_get(struct arena *, const struct script_store *, struct str name,
    size_t max, struct str *text, struct fail *why);

/* It replaces one of that name. That the text compiles is the caller's care. */
bool script_put(struct arena *, const struct script_store *, struct str name,
    struct str text, struct fail *why);

/* name "": none is active then. fails 5.5.0 an active script is no link of
 * ours, but a file: somebody made it by hand */
bool script_activate(struct arena *, const struct script_store *,
    struct str name, struct fail *why);

/* fails 5.1.1 there is no such script, 5.5.0 it is the active one */
bool script_remove(struct arena *, const struct script_store *, struct str name,
    struct fail *why);

#endif
