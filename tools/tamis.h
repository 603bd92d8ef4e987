/*
 * tamis: the subcommands of the workbench. A new one is a file cmd_NAME.c
 * that ends in "const struct tamis_cmd cmd_NAME", and a row in tamis.c.
 */
#ifndef TAMIS_TOOLS_TAMIS_H
#define TAMIS_TOOLS_TAMIS_H

#include "lib/fail.h"
#include "lib/str.h"
#include "sieve/vm.h"

struct arena;
struct sieve_program;

enum {
	EXIT_OK = 0,
	EXIT_BAD = 1,    /* what was looked at is wrong */
	EXIT_USAGE = 64, /* the command line is wrong */
};

struct tamis_cmd {
	const char *name;
	const char *usage; /* arguments only */
	const char *help;  /* one line */
	/* argv[0] is the name; returns the exit status */
	int (*run)(const struct tamis_cmd *, int argc, char **argv);
};

/* Print how it is used, and return EXIT_USAGE. problem may be NULL. */
int tamis_usage(const struct tamis_cmd *, const char *problem);

/* An option of the form "--name value" or "--name". */
struct tamis_option {
	const char *name;   /* with the dashes */
	const char **value; /* where its argument goes; NULL: it takes none */
	bool *set;          /* for options without argument */
};

/*
 * Take options out of argv, wherever they stand up to "--".
 *   opt      ends with a row of zeros
 *   returns  number of arguments left, in argv[1..]; -1 after a complaint
 */
int tamis_options(const struct tamis_cmd *, int argc, char **argv,
    const struct tamis_option *opt);

/* Read a file ("-": standard input); false after a message to stderr. */
bool tamis_read(struct arena *, const char *path, struct str *out);
/* The same without message: false with errno. */
bool tamis_slurp(struct arena *, const char *path, struct str *out);

/* Write octets to standard output or error; the result of a full disk is an
 * exit status, too. */
bool tamis_write(int fd, struct str);

/*
 * A program from a file that holds a script or a saved form; NULL after
 * messages to stderr.
 */
struct sieve_program *tamis_program(struct arena *, const char *path);

/* Is this text a correct script? false after messages to stderr, in which it
 * is called name. */
bool tamis_compiles(struct arena *, const char *name, struct str text,
    const struct sieve_limits *);

/* The configuration a tool works with; file NULL: the usual one. NULL after
 * messages to stderr. */
struct conf;
const struct conf *tamis_conf(struct arena *, const char *file);
/* "a,b,c"; NULL gives none. */
struct strlist tamis_words(struct arena *, const char *);

/* Its name without directory and ending, as "include" has it. */
struct str tamis_script_name(const char *path);

/*
 * The program of a script that path includes: NAME.sieve, NAME.script or NAME
 * beside it, those of the site in its directory "global". RFC 6609
 */
enum sieve_found tamis_include(struct arena *, const char *path, bool global,
    struct str name, const struct sieve_program **, struct str *why);

extern const struct tamis_cmd cmd_check, cmd_compile, cmd_config, cmd_deliver,
    cmd_dump, cmd_ext, cmd_mailbox, cmd_run, cmd_script, cmd_test;

#endif
