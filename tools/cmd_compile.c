/*
 * tamis compile: write the saved form of a script beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "sieve/program.h"
#include "tools/tamis.h"

/* mail.sieve and mail.script become mail.bc, anything else gets .bc added. */
static struct str
output_name(struct arena *arena, struct str path)
{
	static const struct str endings[] = { STR(".sieve"), STR(".script") };

	for (size_t i = 0; i < 2; i++)
		if (str_ends(path, endings[i]))
			path.len -= endings[i].len;
	return str_printf(arena, "%.*s.bc", STR_ARG(path));
}

static int
open_parent(struct arena *arena, struct str path, struct str *name)
{
	ssize_t slash = str_rchr(path, '/');
	struct str dir = slash < 0 ? S(".") : str_sub(path, 0, (size_t)slash);

	*name = str_from_offset(path, (size_t)(slash + 1));
	if (slash == 0)
		dir = S("/");
	return open(str_cstr(arena, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool
write_file(
    struct arena *arena, struct str path, struct str bytes, struct fail *why)
{
	struct str name;
	int dirfd = open_parent(arena, path, &name);
	bool ok;

	if (dirfd < 0)
		return fail_errno(why, errno, "cannot open its directory");
	ok = fs_replace(dirfd, str_cstr(arena, name), bytes, 0644, why);
	close(dirfd);
	return ok;
}

static int
compile(struct arena *arena, const char *in, const char *out)
{
	struct sieve_program *prog = tamis_program(arena, in);
	struct str path =
	    out != NULL ? str_c(out) : output_name(arena, str_c(in));
	struct fail why;
	struct buf b;
	bool ok;

	if (prog == NULL)
		return EXIT_BAD;
	buf_init(&b, SIZE_MAX);
	sieve_save(prog, &b);
	ok = write_file(arena, path, buf_str(&b), &why);
	buf_free(&b);
	if (!ok)
		fprintf(stderr, "%.*s: %s\n", STR_ARG(path), why.text);
	return ok ? EXIT_OK : EXIT_BAD;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	const char *out = NULL;
	const struct tamis_option opts[] = { { "-o", &out, NULL }, { 0 } };
	int n = tamis_options(cmd, argc, argv, opts), status;
	struct arena *arena;

	if (n < 0)
		return EXIT_USAGE;
	if (n != 1)
		return tamis_usage(cmd, "one script, please");
	arena = arena_new("script", 0);
	status = compile(arena, argv[1], out);
	arena_free(arena);
	return status;
}

const struct tamis_cmd cmd_compile = {
	.name = "compile",
	.usage = "SCRIPT [-o FILE]",
	.help = "compile a script into FILE; default SCRIPT with ending .bc",
	.run = run,
};
