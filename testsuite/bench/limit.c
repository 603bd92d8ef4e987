/*
 * limit: the durable file work of a delivery and nothing else, as a measure
 * of what the file system can do. Files go to DIRECTORY/uN/new, as those of
 * lmtpd do.
 *
 * limit -d DIRECTORY -m MODE -c PROCESSES [-t SECONDS] [-s OCTETS]
 *       [-r COPIES] [-U USERS]
 * full    create in tmp, write, fsync, rename to new, fsync(new)
 * strict  O_TMPFILE, write, fsync, linkat, fsync(new)
 * one     O_TMPFILE, write, linkat, fsync: shows what one sync costs, but is
 *         not safe: after a crash the name may have no octets behind it
 * out     O_TMPFILE, write, sync_file_range, linkat, fsync, fsync(new)
 * hard1   one file as out, linked COPIES times, one fsync
 * hard    the same, and each directory synced
 * log     write over a file that is there, fdatasync: what a journal of our
 *         own would make of it, without what comes after
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PATH_OCTETS = 512,
	LOG_OCTETS = 1 << 20,
	BLOCK = 4096,
	PROCESSES_MAX = 1024
};

struct job {
	const char *dir;
	uint32_t processes, users, copies;
	size_t size;
	double seconds;
	char *bytes;
	uint32_t number; /* of this process */
	uint64_t seq;
	uint32_t user; /* the first of this round */
	int log;       /* of this process; mode log only */
};

typedef void work_fn(struct job *);

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
must(int rc, const char *what)
{
	if (rc >= 0)
		return rc;
	fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_sub(const struct job *j, uint32_t user, const char *sub)
{
	char path[PATH_OCTETS];

	snprintf(path, sizeof(path), "%s/u%u/%s", j->dir, user % j->users, sub);
	return must(open(path, O_RDONLY | O_DIRECTORY), path);
}

static void
make_name(const struct job *j, uint32_t copy, char name[64])
{
	snprintf(name, 64, "limit.%u.%llu.%u", j->number,
	    (unsigned long long)j->seq, copy);
}

static void
put(const struct job *j, int fd)
{
	size_t done = 0;

	while (done < j->size) {
		ssize_t n = write(fd, j->bytes + done, j->size - done);

		must(n > 0 ? 0 : -1, "write");
		done += (size_t)n;
	}
}

static void
give_name(int fd, int dir, const char *name)
{
	char self[40];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	must(linkat(AT_FDCWD, self, dir, name, AT_SYMLINK_FOLLOW), "linkat");
}

static void
write_out(int fd)
{
	must(sync_file_range(fd, 0, 0,
		 SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
		     SYNC_FILE_RANGE_WAIT_AFTER),
	    "sync_file_range");
}

static int
unnamed(const struct job *j, int dir)
{
	int fd =
	    must(openat(dir, ".", O_TMPFILE | O_RDWR, 0600), "open unnamed");

	put(j, fd);
	return fd;
}

static void
full(struct job *j)
{
	int tmp = open_sub(j, j->user, "tmp"),
	    dir = open_sub(j, j->user, "new");
	char name[64];
	int fd;

	make_name(j, 0, name);
	fd = must(
	    openat(tmp, name, O_CREAT | O_EXCL | O_WRONLY, 0600), "create");
	put(j, fd);
	must(fsync(fd), "fsync");
	must(renameat(tmp, name, dir, name), "rename");
	must(fsync(dir), "fsync directory");
	close(fd);
	close(tmp);
	close(dir);
}

static void
by_link(struct job *j, bool first, bool out, bool dir_sync)
{
	int dir = open_sub(j, j->user, "new");
	int fd = unnamed(j, dir);
	char name[64];

	make_name(j, 0, name);
	if (first)
		must(fsync(fd), "fsync");
	if (out)
		write_out(fd);
	give_name(fd, dir, name);
	if (!first)
		must(fsync(fd), "fsync");
	if (dir_sync)
		must(fsync(dir), "fsync directory");
	close(fd);
	close(dir);
}

static void
strict(struct job *j)
{
	by_link(j, true, false, true);
}

static void
one(struct job *j)
{
	by_link(j, false, false, false);
}

static void
out(struct job *j)
{
	by_link(j, false, true, true);
}

static void
linked(struct job *j, bool dir_sync)
{
	int first = open_sub(j, j->user, "new");
	int fd = unnamed(j, first);
	char name[64];

	write_out(fd);
	for (uint32_t i = 0; i < j->copies; i++) {
		int dir = open_sub(j, j->user + i, "new");

		make_name(j, i, name);
		give_name(fd, dir, name);
		close(dir);
	}
	must(fsync(fd), "fsync");
	for (uint32_t i = 0; dir_sync && i < j->copies; i++) {
		int dir = open_sub(j, j->user + i, "new");

		must(fsync(dir), "fsync directory");
		close(dir);
	}
	close(fd);
	close(first);
}

static void
hard1(struct job *j)
{
	linked(j, false);
}

static void
hard(struct job *j)
{
	linked(j, true);
}

static void
append(struct job *j)
{
	uint64_t whole = (j->size + BLOCK - 1) / BLOCK * BLOCK;
	uint64_t room = whole < LOG_OCTETS ? LOG_OCTETS / whole : 1;
	off_t at = (off_t)(j->seq % room * whole);

	must(pwrite(j->log, j->bytes, j->size, at) == (ssize_t)j->size ? 0 : -1,
	    "write log");
	must(fdatasync(j->log), "fdatasync");
}

/* Full of octets and without a name, so that nothing is left of it. */
static int
open_log(struct job *j, uint32_t number)
{
	char path[PATH_OCTETS];
	size_t done = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/limit-log.%u", j->dir, number);
	fd = must(open(path, O_CREAT | O_EXCL | O_RDWR, 0600), path);
	must(unlink(path), path);
	do {
		put(j, fd);
		done += j->size;
	} while (done < LOG_OCTETS);
	must(fsync(fd), "fsync log");
	return fd;
}

static const struct mode {
	const char *name;
	work_fn *work;
	bool copies, log;
} modes[] = {
	{ "full", full, false, false },
	{ "strict", strict, false, false },
	{ "one", one, false, false },
	{ "out", out, false, false },
	{ "hard1", hard1, true, false },
	{ "hard", hard, true, false },
	{ "log", append, false, true },
};

static const struct mode *
mode_named(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	fprintf(stderr, "limit: no mode %s\n", name);
	exit(2);
}

static void
one_process(struct job *j, const struct mode *m, uint64_t *count, double end)
{
	while (now() < end) {
		j->user = (uint32_t)((j->number * 7919 + j->seq * j->copies) %
				     j->users);
		m->work(j);
		j->seq++;
		*count += m->copies ? j->copies : 1;
	}
	exit(0);
}

static void
run(struct job *j, const struct mode *m)
{
	uint64_t *count = mmap(NULL, j->processes * sizeof(*count),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double start, took;
	uint64_t sum = 0;
	struct rusage u;
	int status, bad = 0, logs[PROCESSES_MAX];

	for (uint32_t i = 0; m->log && i < j->processes; i++)
		logs[i] = open_log(j, i);
	start = now();
	for (j->number = 0; j->number < j->processes; j->number++) {
		j->log = m->log ? logs[j->number] : -1;
		if (must(fork(), "fork") == 0)
			one_process(
			    j, m, &count[j->number], start + j->seconds);
	}
	for (uint32_t i = 0; i < j->processes; i++) {
		wait(&status);
		bad += status != 0;
	}
	took = now() - start;
	for (uint32_t i = 0; i < j->processes; i++)
		sum += count[i];
	getrusage(RUSAGE_CHILDREN, &u);
	printf("{\"accepted\": %llu, \"seconds\": %.6f, \"broken\": %d, "
	       "\"cpu\": %.6f}\n",
	    (unsigned long long)sum, took, bad,
	    (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

int
main(int argc, char **argv)
{
	struct job j = { .processes = 1,
		.users = 1000,
		.copies = 1,
		.size = 4096,
		.seconds = 1 };
	const char *mode = "full";
	int c;

	while ((c = getopt(argc, argv, "d:m:c:t:s:r:U:")) != -1) {
		if (c == 'd')
			j.dir = optarg;
		else if (c == 'm')
			mode = optarg;
		else if (c == 'c')
			j.processes = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 't')
			j.seconds = strtod(optarg, NULL);
		else if (c == 's')
			j.size = strtoull(optarg, NULL, 10);
		else if (c == 'r')
			j.copies = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'U')
			j.users = (uint32_t)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (j.dir == NULL || j.processes == 0 || j.users == 0 ||
	    j.processes > PROCESSES_MAX)
		return 2;
	j.bytes = calloc(1, j.size + 1);
	if (j.bytes == NULL)
		return 2;
	memset(j.bytes, 'l', j.size);
	run(&j, mode_named(mode));
	free(j.bytes);
	return 0;
}
