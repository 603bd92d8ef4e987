/*
 * A Maildir in a temporary directory, one message, and short ways to deliver
 * and to look. Teardown fails the test if descriptors were leaked.
 */
#ifndef TAMIS_TESTSUITE_MAILDIR_FIXTURE_H
#define TAMIS_TESTSUITE_MAILDIR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "mailstore/mailstore.h"

struct world {
	struct arena *a;
	char dir[64];    /* made for this test, removed after it */
	struct str root; /* dir/joe: cur, new, tmp */
	struct store_options options;
	struct store_message message;
	struct store_txn *txn;
	struct fail why;
	int fds; /* open before the test */
};

int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(f)                                                          \
	cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

/* Absolute path of something below w->dir; in w->a. */
const char *at(struct world *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct str make_root(struct world *, const char *name);
void make_file(const char *path, const char *text);
const char *read_file(struct world *, const char *path);
struct stat stat_of(const char *path);

void set_message(struct world *, const char *bytes);
void begin(struct world *);
void end(struct world *);
bool maildir_has(struct world *, struct str mailbox, bool *is, struct fail *);
struct store_target to(struct world *, const char *mailbox);
/* Flags separated by blanks. */
struct strlist flags(struct world *, const char *list);

/* stage, publish, sync in a transaction of its own; NULL: w->why says it */
struct staged *deliver(struct world *, const struct store_target *);

/* Entries of a directory without "." and ".."; -1 when it cannot be read. */
int entries(const char *path);
/* The only entry; fails the test if there is not exactly one. */
const char *only_entry(struct world *, const char *path);
/* All regular files below w->dir whose name has ",S=" in it, or that are in
 * a tmp/. */
int messages(struct world *);

#endif
