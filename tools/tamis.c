/*
 * tamis: the workbench: finds the subcommand. Knows the table, nothing of
 * what the subcommands do.
 */
#include "tools/tamis.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/log.h"

static const struct tamis_cmd *const cmds[] = {
	&cmd_check,
	&cmd_compile,
	&cmd_config,
	&cmd_deliver,
	&cmd_dump,
	&cmd_ext,
	&cmd_mailbox,
	&cmd_run,
	&cmd_script,
	&cmd_test,
};
enum { NCMDS = sizeof(cmds) / sizeof(cmds[0]) };

static void
print_help(FILE *to)
{
	fprintf(to, "usage: tamis COMMAND [ARGUMENT...]\n\n");
	for (size_t i = 0; i < NCMDS; i++)
		fprintf(to, "  tamis %s %s\n      %s\n", cmds[i]->name,
		    cmds[i]->usage, cmds[i]->help);
}

static int
unknown(struct str name)
{
	const char *best = NULL;
	unsigned distance = 3;

	for (size_t i = 0; i < NCMDS; i++) {
		unsigned d =
		    str_distance(name, str_c(cmds[i]->name), distance - 1);

		if (d < distance) {
			best = cmds[i]->name;
			distance = d;
		}
		if (distance == 0)
			break;
	}
	fprintf(stderr, "tamis: unknown command \"%.*s\"\n", STR_ARG(name));
	if (best != NULL)
		fprintf(stderr, "tamis: did you mean \"%s\"?\n", best);
	else
		print_help(stderr);
	return EXIT_USAGE;
}

static bool
asks_for_help(const char *arg)
{
	return strcmp(arg, "help") == 0 || strcmp(arg, "--help") == 0 ||
	       strcmp(arg, "-h") == 0;
}

int
main(int argc, char **argv)
{
	log_open("tamis", false, NULL);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (asks_for_help(argv[1])) {
		print_help(stdout);
		return EXIT_OK;
	}
	for (size_t i = 0; i < NCMDS; i++)
		if (strcmp(cmds[i]->name, argv[1]) == 0)
			return cmds[i]->run(cmds[i], argc - 1, argv + 1);
	return unknown(str_c(argv[1]));
}
