/*
 * config-main: runs tool_config alone, for config.sh.
 */
#include "tools/config.h"

int
main(int argc, char **argv)
{
	return tool_config(argc, argv);
}
