/*
 * options: the command line of lmtpd.
 */
#ifndef TAMIS_LMTP_OPTIONS_H
#define TAMIS_LMTP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LISTEN_MAX = 16, OPTION_UNSET = -1 };

struct options {
	const char *program;
	const char *config;
	const char *listen[LISTEN_MAX];
	size_t nlisten;
	int64_t uses;    /* -U; OPTION_UNSET */
	int64_t timeout; /* -T, seconds; OPTION_UNSET */
	bool preauth;    /* -a */
	bool proxied;    /* -H: all listeners */
	bool debug;      /* -D */
	bool check_only; /* -n */
};

/* false: said on stderr what is wrong with it; exit status 64 is due */
bool options_parse(int argc, char **argv, struct options *);
void options_usage(void);

#endif
