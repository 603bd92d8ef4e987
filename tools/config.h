/*
 * config: "tamis config", what the configuration says and where.
 */
#ifndef TAMIS_TOOLS_CONFIG_H
#define TAMIS_TOOLS_CONFIG_H

/* argv[0] is "config"; returns the exit status: 0, 64 usage, 74 output,
 * 78 the configuration is wrong. */
int tool_config(int argc, char **argv);

#endif
