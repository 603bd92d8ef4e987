/*
 * sieve: compiles a script or runs it over a message, over and over, and
 * does nothing else: what it costs is the difference between two counts.
 *
 * sieve compile|run COUNT SCRIPT MESSAGE
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "sieve/vm.h"

enum { FILE_MAX = 16 << 20 };

static struct str
read_file(struct arena *a, const char *path)
{
	struct str bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fs_read_fd(fd, FILE_MAX, a, &bytes, NULL)) {
		close(fd);
		return bytes;
	}
	perror(path);
	exit(2);
}

static struct sieve_program *
compile(struct arena *a, struct str text)
{
	struct sieve_errors errors = { 0 };
	struct sieve_limits limits = sieve_limits_default;
	struct sieve_program *p;

	limits.script_bytes = FILE_MAX;
	p = sieve_compile(a, text, &limits, &errors);
	if (p != NULL)
		return p;
	fprintf(stderr, "sieve: %u: %.*s\n", errors.v[0].line,
	    STR_ARG(errors.v[0].text));
	exit(2);
}

static void
run(struct arena *a, const struct sieve_program *program, struct str bytes)
{
	struct sieve_env env = {
		.msg = message_open(a, bytes, bytes.len, NULL),
		.sender = S("s@example.org"),
		.rcpt = S("u1@example.org"),
		.now = 1763726400,
	};
	uint32_t line, column;
	struct plan *plan;
	struct fail why;

	if (sieve_run(program, &env, NULL, a, &plan, &line, &column, &why))
		return;
	fprintf(stderr, "sieve: %u: %s\n", line, why.text);
	exit(1);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new("bench", 0), *each = arena_new("each", 0);
	struct sieve_program *program;
	struct str text, bytes;
	unsigned long count;

	if (argc != 5)
		return 2;
	count = strtoul(argv[2], NULL, 10);
	text = read_file(a, argv[3]);
	bytes = read_file(a, argv[4]);
	program = compile(a, text);
	for (unsigned long i = 0; i < count; i++) {
		if (argv[1][0] == 'c')
			compile(each, text);
		else
			run(each, program, bytes);
		arena_reset(each);
	}
	arena_free(each);
	arena_free(a);
	return 0;
}
