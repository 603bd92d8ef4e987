/*
 * spool: decides when octets in memory become an unnamed file. Knows line
 * feeds, not messages.
 */
#include "lmtp/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/digest.h"
#include "lib/fs.h"
#include "lib/io.h"

enum { BLOCK = 16384 };

struct spool {
	struct arena *arena; /* holds this struct */
	int dirfd;
	size_t memory;
	struct buf mem; /* while fd is -1 */
	int fd;
	size_t size;
	struct fail why; /* class FAIL_NONE: works */
	struct spool_facts facts;
	void *map;
	struct spool_budget *budget; /* NULL: none */
	uint64_t charged;
};

struct spool *
spool_new(int dirfd, size_t memory)
{
	struct arena *a = arena_new("spool", 0);
	struct spool *s = ARENA_NEW(a, struct spool);

	s->arena = a;
	s->dirfd = dirfd;
	s->memory = memory;
	s->fd = -1;
	/* Twice: each octet may be a LF that becomes CRLF. */
	buf_init(&s->mem, memory > SIZE_MAX / 2 ? SIZE_MAX : memory * 2);
	return s;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->map != NULL)
		munmap(s->map, s->size);
	if (s->budget != NULL)
		s->budget->used -= s->charged;
	io_close(&s->fd);
	buf_free(&s->mem);
	arena_free(s->arena);
}

/* Every failure is final: a message with a hole must never be delivered. */
static bool
spool_failed(struct spool *s, int err, struct fail *why)
{
	fail_errno(&s->why, err, "spool");
	*why = s->why;
	return false;
}

static int
open_unnamed(int dirfd)
{
	char name[32] = ".spool.";
	int fd = fs_tmpfile(dirfd, 0600);

	if (fd >= 0 || errno != EOPNOTSUPP)
		return fd;
	/* NFS and others: a name for a moment. */
	digest_random_id(name + strlen(name), 16);
	fd = fs_open_beneath(dirfd, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		unlinkat(dirfd, name, 0);
	return fd;
}

static bool
to_file(struct spool *s)
{
	s->fd = open_unnamed(s->dirfd);
	if (s->fd < 0 || !io_write_all(s->fd, s->mem.p, s->mem.len))
		return false;
	buf_free(&s->mem);
	return true;
}

void
spool_charge(struct spool *s, struct spool_budget *budget)
{
	s->budget = budget;
}

static bool
charge(struct spool *s, size_t n)
{
	struct spool_budget *b = s->budget;

	if (b == NULL)
		return true;
	if (b->max != 0 && (b->used > b->max || n > b->max - b->used))
		return fail_temp(&s->why, "4.3.1", "too much mail in flight");
	b->used += n;
	s->charged += n;
	return true;
}

bool
spool_write(struct spool *s, const char *p, size_t n, struct fail *why)
{
	bool fits = s->size <= s->memory && n <= s->memory - s->size;

	if (s->why.class != FAIL_NONE || !charge(s, n)) {
		*why = s->why;
		return false;
	}
	if (s->fd < 0 && fits)
		buf_add(&s->mem, p, n);
	else if ((s->fd < 0 && !to_file(s)) || !io_write_all(s->fd, p, n))
		return spool_failed(s, errno, why);
	s->size += n;
	return true;
}

static size_t
count_lf(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\n';
	return n;
}

/* Every LF in p[0..len) becomes CRLF, from the end on; extra of them. */
static void
expand(char *p, size_t len, size_t extra)
{
	while (extra > 0) {
		char c = p[--len];

		p[len + extra] = c;
		if (c == '\n')
			p[len + --extra] = '\r';
	}
}

static bool
count_file(struct spool *s, size_t from, size_t *count)
{
	char block[BLOCK];

	*count = 0;
	for (size_t at = from; at < s->size;) {
		size_t n = s->size - at < BLOCK ? s->size - at : BLOCK;

		if (!io_pread_all(s->fd, block, n, (off_t)at))
			return false;
		*count += count_lf(str_from(block, n));
		at += n;
	}
	return true;
}

static bool
write_at(int fd, const char *p, size_t n, size_t at)
{
	return lseek(fd, (off_t)at, SEEK_SET) >= 0 && io_write_all(fd, p, n);
}

/* In place from the end on: what is written never reaches unread octets. */
static bool
expand_file(struct spool *s, size_t from, size_t extra)
{
	char block[2 * BLOCK];
	size_t end = s->size;

	for (size_t left = extra; left > 0;) {
		size_t n = end - from < BLOCK ? end - from : BLOCK, lf;

		if (!io_pread_all(s->fd, block, n, (off_t)(end - n)))
			return false;
		lf = count_lf(str_from(block, n));
		expand(block, n, lf);
		left -= lf;
		if (!write_at(s->fd, block, n + lf, end - n + left))
			return false;
		end -= n;
	}
	return lseek(s->fd, (off_t)(s->size + extra), SEEK_SET) >= 0;
}

bool
spool_to_crlf(struct spool *s, size_t from, struct fail *why)
{
	size_t extra;

	if (s->why.class != FAIL_NONE) {
		*why = s->why;
		return false;
	}
	if (from > s->size)
		from = s->size;
	if (s->fd < 0) {
		extra = count_lf(str_from_offset(buf_str(&s->mem), from));
		if (extra > 0 && buf_reserve(&s->mem, extra) != NULL) {
			expand(s->mem.p + from, s->size - from, extra);
			buf_commit(&s->mem, extra);
		}
	} else if (!count_file(s, from, &extra) ||
		   !expand_file(s, from, extra)) {
		return spool_failed(s, errno, why);
	}
	s->size += extra;
	return true;
}

size_t
spool_size(const struct spool *s)
{
	return s->size;
}

int
spool_fd(const struct spool *s)
{
	return s->fd;
}

bool
spool_bytes(struct spool *s, struct str *out, struct fail *why)
{
	if (s->why.class != FAIL_NONE) {
		*why = s->why;
		return false;
	}
	if (s->fd < 0) {
		*out = buf_str(&s->mem);
		return true;
	}
	if (s->map == NULL) {
		void *map =
		    mmap(NULL, s->size, PROT_READ, MAP_SHARED, s->fd, 0);

		if (map == MAP_FAILED)
			return fail_errno(why, errno, "map spool");
		s->map = map;
	}
	*out = str_from(s->map, s->size);
	return true;
}

struct spool_facts *
spool_facts(struct spool *s)
{
	return &s->facts;
}
