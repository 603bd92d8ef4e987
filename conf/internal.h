/*
 * internal: what a configuration is, for the files of conf/ only.
 */
#ifndef TAMIS_CONF_INTERNAL_H
#define TAMIS_CONF_INTERNAL_H

#include "conf/message.h"
#include "conf/value.h"

struct conf_value {
	struct value v;
	struct conf_place at; /* file.p NULL: the default */
	bool specific;        /* set by SERVICE_option */
};

struct conf {
	struct conf_value v[SETTING_COUNT];
	struct conf_partition *partitions;
	size_t npartitions;
	struct str default_partition; /* path */
	struct conf_use *uses;
	size_t nuses;
	struct str servername;
	struct str service;
};

/* 1 to 255 letters, digits, hyphens, dots and underscores */
bool conf_is_hostname(struct str);

#endif
