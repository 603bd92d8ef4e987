/*
 * libsieve: the same as sieve.c with libSieve (the package libsieve2-1): it
 * validates a script or runs it over a message, over and over. That library
 * keeps no compiled script: each run parses.
 *
 * libsieve compile|run COUNT SCRIPT MESSAGE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sieve2.h>

struct job {
	char *script, *header;
	unsigned long filed, kept;
};

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (f == NULL || getdelim(&text, &size, '\0', f) < 0) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return text;
}

static int
get_script(sieve2_context_t *context, void *user)
{
	struct job *j = user;

	sieve2_setvalue_string(context, "script", j->script);
	return SIEVE2_OK;
}

static int
get_headers(sieve2_context_t *context, void *user)
{
	struct job *j = user;

	sieve2_setvalue_string(context, "allheaders", j->header);
	return SIEVE2_OK;
}

static int
fileinto(sieve2_context_t *context, void *user)
{
	struct job *j = user;

	(void)context;
	j->filed++;
	return SIEVE2_OK;
}

static int
keep(sieve2_context_t *context, void *user)
{
	struct job *j = user;

	(void)context;
	j->kept++;
	return SIEVE2_OK;
}

static int
refuse(sieve2_context_t *context, void *user)
{
	(void)user;
	fprintf(stderr, "libsieve: %s\n",
	    sieve2_getvalue_string(context, "message"));
	exit(1);
}

static sieve2_callback_t callbacks[] = {
	{ SIEVE2_SCRIPT_GETSCRIPT, get_script },
	{ SIEVE2_MESSAGE_GETALLHEADERS, get_headers },
	{ SIEVE2_ACTION_FILEINTO, fileinto },
	{ SIEVE2_ACTION_KEEP, keep },
	{ SIEVE2_ERRCALL_PARSE, refuse },
	{ SIEVE2_ERRCALL_RUNTIME, refuse },
	{ 0 },
};

static void
must(int rc)
{
	if (rc == SIEVE2_OK)
		return;
	fprintf(stderr, "libsieve: %s\n", sieve2_errstr(rc));
	exit(1);
}

/* A context is good for one script and one message. */
static void
once(struct job *j, char what)
{
	sieve2_context_t *context = NULL;

	must(sieve2_alloc(&context));
	must(sieve2_callbacks(context, callbacks));
	if (what == 'c')
		must(sieve2_validate(context, j));
	else
		must(sieve2_execute(context, j));
	must(sieve2_free(&context));
}

int
main(int argc, char **argv)
{
	struct job j = { 0 };
	unsigned long count;
	char *body;

	if (argc != 5)
		return 2;
	count = strtoul(argv[2], NULL, 10);
	j.script = read_file(argv[3]);
	j.header = read_file(argv[4]);
	body = strstr(j.header, "\n\n");
	if (body != NULL)
		body[1] = '\0';
	for (unsigned long i = 0; i < count; i++)
		once(&j, argv[1][0]);
	printf("%lu filed, %lu kept\n", j.filed, j.kept);
	free(j.script);
	free(j.header);
	return 0;
}
