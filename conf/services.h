/*
 * services: cyrus.conf(5), which programs a master runs.
 *
 *   SECTION {
 *     name key="value" key=value ...    an entry is one line
 *   }
 *
 * Sections are START, SERVICES, EVENTS and DAEMON. What stands behind a "#"
 * outside quotes is a comment. There are no escapes in quotes.
 */
#ifndef TAMIS_CONF_SERVICES_H
#define TAMIS_CONF_SERVICES_H

#include "conf/message.h"

enum {
	SERVICES_FILE_SIZE_MAX = 1 << 20, /* octets */
	SERVICES_ENTRIES_MAX = 1000,      /* of a section */
};

enum services_section {
	SERVICES_START,
	SERVICES_SERVICES,
	SERVICES_EVENTS,
	SERVICES_DAEMON,
	SERVICES_SECTION_COUNT
};

/* An argument that its section does not have keeps its default. */
struct services_entry {
	struct conf_place at;
	struct str name;   /* letters, digits, "-" and "_" */
	struct str cmd;    /* as it stands there */
	char **argv;       /* cmd, split at blanks; NULL-terminated */
	struct str listen; /* "/path", "port", "host:port", "[host]:port" */
	struct str proto;  /* tcp tcp4 tcp6 udp udp4 udp6 */
	int64_t prefork;
	int64_t maxchild;    /* -1: no limit */
	int64_t maxfds;      /* 0: not set */
	int64_t maxforkrate; /* a second; 0: no limit */
	int64_t babysit;     /* not 0: one is always there */
	int64_t period;      /* minutes; 0: not set */
	int64_t at_minute;   /* of the day; -1: not set */
	bool wait;           /* for its "ok" */
};

struct services {
	struct services_entry *v[SERVICES_SECTION_COUNT];
	size_t n[SERVICES_SECTION_COUNT];
};

/*
 * Read the file; all of it, whatever is wrong.
 *   messages  must be empty; gets errors and warnings in file order
 *   returns   NULL when there was an error
 */
struct services *services_load(
    struct arena *, const char *path, struct conf_messages *messages);

#endif
