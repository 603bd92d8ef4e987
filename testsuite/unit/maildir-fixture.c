/*
 * See maildir-fixture.h.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/io.h"

int
entries(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	if (d == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			n++;
	closedir(d);
	return n;
}

const char *
only_entry(struct world *w, const char *path)
{
	const char *name = NULL;
	DIR *d = opendir(path);
	struct dirent *e;

	if (entries(path) != 1)
		fail_msg("%s: %d entries", path, entries(path));
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			name =
			    arena_strndup(w->a, e->d_name, strlen(e->d_name));
	closedir(d);
	return name;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

int
world_setup(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct world *w = ARENA_NEW(a, struct world);

	w->a = a;
	w->fds = entries("/proc/self/fd");
	memcpy(w->dir, "/tmp/test-maildir-XXXXXX", 25);
	if (mkdtemp(w->dir) == NULL)
		return -1;
	umask(077);
	w->root = make_root(w, "joe");
	w->options = (struct store_options){
		.order = STORE_WRITE_OUT,
		.hostname = S("mx1.example.org"),
		.file_mode = 0666,
	};
	w->message = (struct store_message){
		.fd = -1,
		.time_us = INT64_C(1700000000000042),
		.id = S("AbC123"),
	};
	set_message(w, "Subject: hi\n\nbody\n");
	*state = w;
	return 0;
}

int
world_teardown(void **state)
{
	struct world *w = *state;
	int fds = entries("/proc/self/fd"), before = w->fds;

	nftw(w->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(w->a);
	if (fds != before)
		print_error("%d descriptors leaked\n", fds - before);
	return fds == before ? 0 : -1;
}

const char *
at(struct world *w, const char *fmt, ...)
{
	char name[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return str_printf(w->a, "%s/%s", w->dir, name).p;
}

struct str
make_root(struct world *w, const char *name)
{
	static const char *const subs[] = { "", "/cur", "/new", "/tmp" };

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(mkdir(at(w, "%s%s", name, subs[i]), 0700), 0);
	return str_c(at(w, "%s", name));
}

void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && io_write_all(fd, text, strlen(text)));
	io_close(&fd);
}

const char *
read_file(struct world *w, const char *path)
{
	struct str out = { 0 };

	int fd = open(path, O_RDONLY);

	if (fd < 0 || !fs_read_fd(fd, 1 << 20, w->a, &out, NULL))
		fail_msg("%s: %s", path, strerror(errno));
	io_close(&fd);
	return str_cstr(w->a, out);
}

struct stat
stat_of(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		fail_msg("%s: %s", path, strerror(errno));
	return st;
}

void
set_message(struct world *w, const char *bytes)
{
	uint64_t wsize = 0;

	for (const char *p = bytes; *p != '\0'; p++)
		wsize += *p == '\n' && (p == bytes || p[-1] != '\r') ? 2 : 1;
	w->message.bytes = str_c(bytes);
	w->message.wsize = wsize;
}

void
begin(struct world *w)
{
	w->txn = store_maildir.begin(w->a, &w->options, &w->message, NULL);
}

void
end(struct world *w)
{
	store_maildir.end(w->txn);
	w->txn = NULL;
}

bool
maildir_has(struct world *w, struct str mailbox, bool *is, struct fail *why)
{
	struct store_account acct = { &w->options, w->root };

	return store_maildir.exists(w->a, &acct, mailbox, is, why);
}

struct store_target
to(struct world *w, const char *mailbox)
{
	return (struct store_target){
		.root = w->root,
		.mailbox = str_c(mailbox),
	};
}

struct strlist
flags(struct world *w, const char *list)
{
	struct strlist out = { 0 };
	struct str rest = str_c(list), flag;

	while (rest.len > 0 && str_cut(&rest, ' ', &flag))
		strlist_add(w->a, &out, flag);
	return out;
}

struct staged *
deliver(struct world *w, const struct store_target *target)
{
	struct staged *s = NULL;

	w->why = (struct fail){ 0 };
	begin(w);
	if (!store_maildir.stage(w->txn, target, &s, &w->why) ||
	    !store_maildir.publish(s, &w->why) ||
	    !store_maildir.sync(s, &w->why))
		s = NULL;
	end(w);
	return s;
}

static int
messages_in(struct world *w, const char *path, bool all)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		const char *sub = str_printf(w->a, "%s/%s", path, e->d_name).p;

		if (e->d_type == DT_DIR && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			n += messages_in(w, sub, strcmp(e->d_name, "tmp") == 0);
		else if (e->d_type == DT_REG)
			n += all || strstr(e->d_name, ",S=") != NULL;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

int
messages(struct world *w)
{
	return messages_in(w, w->dir, false);
}
