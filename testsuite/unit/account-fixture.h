/*
 * A directory with two partitions for one test, and configurations that know
 * them. Fails the test when the system does not play along.
 */
#ifndef TAMIS_TEST_ACCOUNT_FIXTURE_H
#define TAMIS_TEST_ACCOUNT_FIXTURE_H

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/account.h"
#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"

#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))

struct state {
	struct arena *arena;
	struct accounts *accounts;
	char dir[64];
};

static inline int
setup(void **state)
{
	struct state *s = test_calloc(1, sizeof(*s));

	s->arena = arena_new("test", 0);
	snprintf(s->dir, sizeof(s->dir), "/tmp/test-account.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	*state = s;
	return 0;
}

static inline int
remove_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

static inline int
teardown(void **state)
{
	struct state *s = *state;

	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	accounts_close(s->accounts);
	arena_free(s->arena);
	test_free(s);
	return 0;
}

static inline const char *
in_dir(struct state *s, const char *name)
{
	return str_printf(s->arena, "%s/%s", s->dir, name).p;
}

static inline void
make_dir(struct state *s, const char *name)
{
	struct fail why;

	assert_true(fs_mkdir_p(in_dir(s, name), 0700, &why));
}

static inline struct conf *
load(struct state *s, const char *text)
{
	const char *path = in_dir(s, "imapd.conf");
	struct conf_messages m;
	struct conf *conf;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	dprintf(fd,
	    "configdirectory: %s\n"
	    "partition-one: %s/one\npartition-two: %s/two\n%s",
	    s->dir, s->dir, s->dir, text);
	io_close(&fd);
	conf = conf_load(s->arena, path, NULL, &m);
	for (size_t i = 0; i < m.n; i++)
		print_message("# %.*s\n", STR_ARG(m.v[i].text));
	assert_non_null(conf);
	return conf;
}

/* Valid until the next call. */
static inline struct accounts *
open_all(struct state *s, const struct conf *conf)
{
	accounts_close(s->accounts);
	s->accounts = accounts_open(s->arena, conf);
	return s->accounts;
}

#endif
