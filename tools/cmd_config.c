/*
 * tamis config: a row of the workbench's table; the work is config.c's,
 * which can also be built without the rest.
 */
#include "tools/config.h"
#include "tools/tamis.h"

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	(void)cmd;
	return tool_config(argc, argv);
}

const struct tamis_cmd cmd_config = {
	.name = "config",
	.usage = "[check] [-C FILE] [--changed]",
	.help = "show every setting and where it came from, or check them",
	.run = run,
};
