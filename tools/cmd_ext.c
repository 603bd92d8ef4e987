/*
 * tamis ext: list what a script can require.
 */
#include <stdio.h>

#include "sieve/program.h"
#include "tools/tamis.h"

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	const struct sieve_ext *ext;

	(void)argv;
	if (argc != 1)
		return tamis_usage(cmd, "it takes no arguments");
	for (size_t i = 0; (ext = sieve_ext_at(i)) != NULL; i++)
		printf("%-32s %s\n", sieve_ext_name(ext), sieve_ext_rfc(ext));
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_BAD;
}

const struct tamis_cmd cmd_ext = {
	.name = "ext",
	.usage = "",
	.help = "list the Sieve extensions, with the RFC of each",
	.run = run,
};
