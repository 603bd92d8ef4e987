/*
 * tamis dump: disassemble a script or a compiled script.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/arena.h"
#include "sieve/program.h"
#include "tools/tamis.h"

static bool
dump(struct arena *arena, const char *path)
{
	struct sieve_program *prog = tamis_program(arena, path);
	struct buf b;
	bool ok;

	if (prog == NULL)
		return false;
	buf_init(&b, SIZE_MAX);
	sieve_print(prog, &b);
	ok = tamis_write(STDOUT_FILENO, buf_str(&b));
	buf_free(&b);
	return ok;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	static const struct tamis_option none[] = { { 0 } };
	int n = tamis_options(cmd, argc, argv, none);
	struct arena *arena;
	bool ok;

	if (n < 0)
		return EXIT_USAGE;
	if (n != 1)
		return tamis_usage(cmd, "one file, please");
	arena = arena_new("script", 0);
	ok = dump(arena, argv[1]);
	arena_free(arena);
	return ok ? EXIT_OK : EXIT_BAD;
}

const struct tamis_cmd cmd_dump = {
	.name = "dump",
	.usage = "FILE",
	.help = "show the instructions of a script or compiled script",
	.run = run,
};
