/*
 * conf: the configuration, read once from imapd.conf(5), then immutable.
 * Settings are rows of settings.def and nowhere else.
 */
#ifndef TAMIS_CONF_CONF_H
#define TAMIS_CONF_CONF_H

#include "lib/fail.h"
#include "lib/str.h"

struct arena;
struct conf;

enum conf_type {
	CONF_STRING,
	CONF_PATH, /* absolute */
	CONF_SWITCH,
	CONF_INT,
	CONF_DURATION, /* seconds */
	CONF_BYTESIZE, /* octets */
	CONF_ENUM,     /* index into choices */
	CONF_LIST,     /* blank-separated */
	CONF_OCTAL,
};

/* One constant for each row: SETTING_configdirectory ... */
enum setting {
#define SETTING(name, type, def, min, max, unit, choices, text) SETTING_##name,
#include "conf/settings.def"
#undef SETTING
	SETTING_COUNT
};

struct setting_row {
	const char *name;
	enum conf_type type;
	const char *def; /* as it would stand in the file; NULL: unset */
	int64_t min, max;
	const char *unit;    /* for bare numbers and for the manual */
	const char *choices; /* CONF_ENUM: blank-separated */
	const char *text;    /* one or more sentences for the manual */
};
extern const struct setting_row setting_rows[SETTING_COUNT];

struct conf_message {
	struct str file;
	uint32_t line;   /* 0: the file as a whole */
	uint32_t column; /* 0: the line as a whole */
	bool warning;
	struct str text;
};

struct conf_messages {
	struct conf_message *v;
	size_t n;
	size_t nerrors; /* entries that are no warnings */
};

/*
 * Read a configuration, by the reader semantics of Cyrus.
 *   path     the file; "" or NULL: all defaults (tests)
 *   service  CYRUS_SERVICE: "service_option: v" overrides; NULL: none
 *   returns  NULL when there was an error; all errors and warnings are in
 *            *messages either way, in file order
 */
struct conf *conf_load(struct arena *, const char *path, const char *service,
    struct conf_messages *messages);
void conf_messages_print(const struct conf_messages *, struct buf *out);

/* Values; the type must fit the row (asserted). */
struct str conf_str(const struct conf *, enum setting);   /* STRING PATH */
const char *conf_cstr(const struct conf *, enum setting); /* NULL: unset */
bool conf_bool(const struct conf *, enum setting);
int64_t conf_int(const struct conf *, enum setting); /* INT OCTAL DURATION
                                                        BYTESIZE */
unsigned conf_enum(const struct conf *, enum setting);
const struct strlist *conf_list(const struct conf *, enum setting);

/* "FILE:LINE" or "default" */
struct str conf_origin(const struct conf *, struct arena *, enum setting);

struct conf_partition {
	struct str name; /* lower case */
	struct str path; /* absolute, NUL-terminated */
	struct str file; /* where it was set */
	uint32_t line;
	bool specific; /* by SERVICE_partition-NAME */
};

/* All of them, in file order. */
const struct conf_partition *conf_partitions(const struct conf *, size_t *n);
/* The path of partition-NAME; p NULL when there is none of that name */
struct str conf_partition(const struct conf *, struct str name);
/* The path of the partition accounts are looked for in first:
 * defaultpartition, else the only one, else the first of the file. Never
 * NULL after conf_load; "" when no file was read. */
struct str conf_default_partition(const struct conf *);

/* xlist-FLAG: the folder with a special use, as autocreate_inbox_folders
 * names folders */
struct conf_use {
	struct str flag; /* "\\Junk"; lower case when it is none of RFC 6154 */
	struct str folder;
	struct str file; /* where it was set */
	uint32_t line;
	bool specific;
};
/* All of them, in file order. */
const struct conf_use *conf_uses(const struct conf *, size_t *n);

/* "name: value  # origin" for every setting, a line each */
void conf_print(const struct conf *, bool only_changed, struct buf *out);

/* servername, or the host's name */
struct str conf_servername(const struct conf *);

/* The service this was read for, as lists of services name it; "lmtp" when
 * nobody said */
struct str conf_service(const struct conf *);

#endif
