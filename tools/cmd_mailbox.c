/*
 * tamis mailbox: finds the verb. Knows the table, nothing of what verbs do.
 */
#include <stdio.h>
#include <string.h>

#include "tools/mailbox.h"

static const struct tamis_cmd *const verbs[] = {
	&mailbox_check,
	&mailbox_create,
	&mailbox_list,
	&mailbox_map,
	&mailbox_metadata,
	&mailbox_quota,
	&mailbox_repair,
	&mailbox_special_use,
	&mailbox_subscribe,
};
enum { NVERBS = sizeof(verbs) / sizeof(verbs[0]) };

static const char *
verb_of(const struct tamis_cmd *cmd)
{
	return strchr(cmd->name, ' ') + 1;
}

static int
help(FILE *to, int status)
{
	for (size_t i = 0; i < NVERBS; i++)
		fprintf(to, "  tamis %s %s\n      %s\n", verbs[i]->name,
		    verbs[i]->usage, verbs[i]->help);
	return status;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	if (argc < 2) {
		tamis_usage(cmd, "what is to be done?");
		return help(stderr, EXIT_USAGE);
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
		return help(stdout, EXIT_OK);
	for (size_t i = 0; i < NVERBS; i++)
		if (strcmp(verb_of(verbs[i]), argv[1]) == 0)
			return verbs[i]->run(verbs[i], argc - 1, argv + 1);
	tamis_usage(cmd, "there is no such verb");
	return help(stderr, EXIT_USAGE);
}

const struct tamis_cmd cmd_mailbox = {
	.name = "mailbox",
	.usage = "VERB [-C FILE] USER [ARGUMENT...]",
	.help = "look at the mailboxes of an account and change them: "
		"\"tamis mailbox help\"",
	.run = run,
};
