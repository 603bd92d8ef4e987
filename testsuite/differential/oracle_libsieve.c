/*
 * oracle_libsieve: what libsieve would do with a script and a message: an
 * action on each line. One process for each case, with limits: it crashes on
 * some valid scripts. "oracle_libsieve check SCRIPT" says whether it would
 * have taken the script.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

/* needs NULL */
#include <sieve2.h>

enum { VALUES = 64 };

struct job {
	char *script, *header, *body;
	size_t size;
	char *value[VALUES + 1]; /* of the header asked for last */
	int acted, parse_errors;
};

static char *
slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *p = calloc(1, 1 << 20);

	if (f == NULL || p == NULL)
		exit(99);
	*size = fread(p, 1, (1 << 20) - 1, f);
	fclose(f);
	return p;
}

/* --- questions ------------------------------------------------------------ */

static int
get_script(sieve2_context_t *s, void *ctx)
{
	char path[] = "";

	if (*sieve2_getvalue_string(s, "path") != *path)
		return SIEVE2_ERROR_BADARGS;
	sieve2_setvalue_string(s, "script", ((struct job *)ctx)->script);
	return SIEVE2_OK;
}

static int
get_size(sieve2_context_t *s, void *ctx)
{
	sieve2_setvalue_int(s, "size", (int)((struct job *)ctx)->size);
	return SIEVE2_OK;
}

/* The value behind a name, unfolded and trimmed; *end is where it ends. */
static char *
value_at(char *p, char **end)
{
	char *out = strdup(p), *to = out;

	while (*p != '\0' && !(*p == '\n' && p[1] != ' ' && p[1] != '\t')) {
		if (*p != '\r' && *p != '\n')
			*to++ = *p;
		p++;
	}
	*end = p;
	while (to > out && isspace((unsigned char)to[-1]))
		to--;
	*to = '\0';
	while (isspace((unsigned char)*out))
		out++;
	return out;
}

static int
get_header(sieve2_context_t *s, void *ctx)
{
	struct job *job = ctx;
	const char *name = sieve2_getvalue_string(s, "header");
	size_t len = strlen(name), n = 0;
	char *p = job->header;

	while (p != NULL && *p != '\0' && *p != '\r' && *p != '\n') {
		char *value = p + len;

		if (strncasecmp(p, name, len) == 0 && *value == ':' &&
		    n < VALUES)
			job->value[n++] = value_at(value + 1, &p);
		else
			value_at(p, &p);
		p += *p == '\n';
	}
	job->value[n] = NULL;
	sieve2_setvalue_stringlist(s, "body", job->value);
	return SIEVE2_OK;
}

/* --- actions -------------------------------------------------------------- */

static int
keep(sieve2_context_t *s, void *ctx)
{
	(void)s;
	((struct job *)ctx)->acted = 1;
	printf("store INBOX\n");
	return SIEVE2_OK;
}

static int
fileinto(sieve2_context_t *s, void *ctx)
{
	((struct job *)ctx)->acted = 1;
	printf("store %s\n", sieve2_getvalue_string(s, "mailbox"));
	return SIEVE2_OK;
}

static int
redirect(sieve2_context_t *s, void *ctx)
{
	((struct job *)ctx)->acted = 1;
	printf("redirect %s\n", sieve2_getvalue_string(s, "address"));
	return SIEVE2_OK;
}

static int
discard(sieve2_context_t *s, void *ctx)
{
	(void)s;
	((struct job *)ctx)->acted = 1;
	return SIEVE2_OK;
}

static int
parse_error(sieve2_context_t *s, void *ctx)
{
	((struct job *)ctx)->parse_errors++;
	printf("error line %d: %s\n", sieve2_getvalue_int(s, "lineno"),
	    sieve2_getvalue_string(s, "message"));
	return SIEVE2_OK;
}

static int
ignore(sieve2_context_t *s, void *ctx)
{
	(void)s;
	(void)ctx;
	return SIEVE2_OK;
}

static sieve2_callback_t callbacks[] = {
	{ SIEVE2_ERRCALL_PARSE, parse_error },
	{ SIEVE2_ERRCALL_RUNTIME, ignore },
	{ SIEVE2_ERRCALL_HEADER, ignore },
	{ SIEVE2_ERRCALL_ADDRESS, ignore },
	{ SIEVE2_ACTION_KEEP, keep },
	{ SIEVE2_ACTION_FILEINTO, fileinto },
	{ SIEVE2_ACTION_REDIRECT, redirect },
	{ SIEVE2_ACTION_DISCARD, discard },
	{ SIEVE2_ACTION_REJECT, ignore },
	{ SIEVE2_ACTION_VACATION, ignore },
	{ SIEVE2_ACTION_NOTIFY, ignore },
	{ SIEVE2_SCRIPT_GETSCRIPT, get_script },
	{ SIEVE2_MESSAGE_GETHEADER, get_header },
	{ SIEVE2_MESSAGE_GETSIZE, get_size },
	{ SIEVE2_MESSAGE_GETSUBADDRESS, ignore },
	{ SIEVE2_MESSAGE_GETENVELOPE, ignore },
	{ 0, NULL },
};

static void
limit(void)
{
	const struct rlimit seconds = { 2, 2 };
	const struct rlimit octets = { 256 << 20, 256 << 20 };

	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_AS, &octets);
}

int
main(int argc, char **argv)
{
	struct job job = { 0 };
	sieve2_context_t *s = NULL;
	int check = argc == 3 && strcmp(argv[1], "check") == 0, got;
	size_t size;

	if (argc != 3)
		return 64;
	job.script = slurp(argv[check ? 2 : 1], &size);
	if (!check)
		job.header = slurp(argv[2], &job.size);
	limit();
	if (sieve2_alloc(&s) != SIEVE2_OK ||
	    sieve2_callbacks(s, callbacks) != SIEVE2_OK)
		return 99;
	got = check ? sieve2_validate(s, &job) : sieve2_execute(s, &job);
	if (got != SIEVE2_OK)
		printf("error: %s\n", sieve2_errstr(got));
	else if (!check && !job.acted && job.parse_errors == 0)
		printf("store INBOX\n");
	return got != SIEVE2_OK || job.parse_errors > 0;
}
