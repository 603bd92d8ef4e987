/*
 * tamis test: run test suites that are Sieve scripts, and print TAP.
 */
#include <stdio.h>

#include "lib/log.h"
#include "tools/svtest/svtest.h"
#include "tools/tamis.h"

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	static const struct tamis_option none[] = { { 0 } };
	int n = tamis_options(cmd, argc, argv, none);
	struct svtest_count count = { 0 };

	if (n < 0)
		return EXIT_USAGE;
	if (n == 0)
		return tamis_usage(cmd, "which test suite?");
	log_set_level(LOG_LEVEL_WARNING);
	for (int i = 1; i <= n; i++)
		svtest_file(argv[i], &count);
	printf("1..%u\n", count.run);
	if (fflush(stdout) != 0)
		return EXIT_BAD;
	return count.failed == 0 && count.run > 0 ? EXIT_OK : EXIT_BAD;
}

const struct tamis_cmd cmd_test = {
	.name = "test",
	.usage = "FILE.svtest...",
	.help = "run test suites written in Sieve",
	.run = run,
};
