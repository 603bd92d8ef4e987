/*
 * tamis check: are these scripts correct?
 */
#include <stdio.h>

#include "lib/arena.h"
#include "tools/tamis.h"

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	static const struct tamis_option none[] = { { 0 } };
	int n = tamis_options(cmd, argc, argv, none), status = EXIT_OK;

	if (n < 0)
		return EXIT_USAGE;
	if (n == 0)
		return tamis_usage(cmd, "which script?");
	for (int i = 1; i <= n; i++) {
		struct arena *arena = arena_new("script", 0);

		if (tamis_program(arena, argv[i]) == NULL)
			status = EXIT_BAD;
		arena_free(arena);
	}
	return status;
}

const struct tamis_cmd cmd_check = {
	.name = "check",
	.usage = "SCRIPT...",
	.help = "report what is wrong with Sieve scripts",
	.run = run,
};
