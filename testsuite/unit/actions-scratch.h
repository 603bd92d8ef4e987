/*
 * A directory for one test, and files in it. Fails the test when the system
 * does not play along.
 */
#ifndef TAMIS_TEST_ACTIONS_SCRATCH_H
#define TAMIS_TEST_ACTIONS_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/str.h"

static inline struct str
scratch_new(struct arena *arena)
{
	const char *base = getenv("TMPDIR");
	struct str path = str_printf(
	    arena, "%s/tamis-test-XXXXXX", base != NULL ? base : "/tmp");
	char *p = str_cstr(arena, path);

	if (mkdtemp(p) == NULL)
		abort();
	return str_from(p, path.len);
}

static inline int
scratch_remove(
    const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void
scratch_free(struct str path)
{
	nftw(path.p, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* DIR/NAME, with the directories it needs */
static inline struct str
scratch_path(struct arena *arena, struct str dir, const char *name)
{
	struct str path = str_printf(arena, "%.*s/%s", STR_ARG(dir), name);
	struct str parent = str_sub(path, 0, (size_t)str_rchr(path, '/'));
	struct fail why;

	if (!fs_mkdir_p(str_cstr(arena, parent), 0700, &why))
		abort();
	return path;
}

/* Written in place: an existing file keeps its inode. */
static inline struct str
scratch_write(
    struct arena *arena, struct str dir, const char *name, struct str text)
{
	struct str path = scratch_path(arena, dir, name);
	int fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || !io_write_all(fd, text.p, text.len) || close(fd) != 0)
		abort();
	return path;
}

#endif
