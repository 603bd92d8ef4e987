/*
 * tamis check: are these scripts correct, and do they say what was meant?
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/arena.h"
#include "mailstore/mailstore.h"
#include "sieve/lint.h"
#include "tools/check_json.h"
#include "tools/tamis.h"

struct options {
	const char *to, *separator, *no_warn;
	bool json, werror, no_warnings, list;
};

/* All files of a run. */
struct run {
	const struct options *o;
	struct sieve_lint lint;
	struct check_json json;
	bool bad;
};

/* --- what the store would say -------------------------------------------- */

/* The name with the separator that it should have had. */
static struct str
hint_separator(struct arena *arena, struct str name, char sep)
{
	char *p = arena_strndup(arena, name.p, name.len);
	struct str other = { p, name.len }, ignored;
	struct fail why;

	for (size_t i = 0; i < name.len; i++)
		if (p[i] == '.' || p[i] == '/')
			p[i] = sep;
	if (str_eq(other, name) ||
	    !mailbox_name(arena, LAYOUT_MAILDIRPP, other, sep, &ignored, &why))
		return S("");
	return str_printf(arena, "the separator is \"%c\": %s", sep, p);
}

static const char *
mailbox_bad(void *ctx, struct arena *arena, struct str name, struct str *hint)
{
	const struct options *o = ctx;
	char sep = o->separator[0];
	struct str out;
	struct fail why;

	if (mailbox_name(arena, LAYOUT_MAILDIRPP, name, sep, &out, &why))
		return NULL;
	*hint = hint_separator(arena, name, sep);
	return arena_strndup(arena, why.text, strlen(why.text));
}

/* --- one file ------------------------------------------------------------- */

static void
report(struct run *r, const char *path, struct str text,
    const struct sieve_errors *errors)
{
	struct buf out;

	if (r->o->json) {
		check_json_add(&r->json, path, text, errors);
		return;
	}
	buf_init(&out, SIZE_MAX);
	sieve_errors_print(errors, str_c(path), text, &out);
	tamis_write(STDERR_FILENO, buf_str(&out));
	buf_free(&out);
}

static void
unreadable(struct run *r, const char *path, const char *why)
{
	r->bad = true;
	if (r->o->json)
		check_json_unreadable(&r->json, path, why);
	else
		fprintf(stderr, "%s: %s\n", path, why);
}

static void
check_text(
    struct run *r, struct arena *arena, const char *path, struct str text)
{
	struct sieve_errors errors, warnings = { 0 };

	if (sieve_compile(arena, text, NULL, &errors) == NULL) {
		r->bad = true;
		report(r, path, text, &errors);
		return;
	}
	if (!r->o->no_warnings)
		sieve_lint(arena, text, NULL, &r->lint, &warnings);
	report(r, path, text, &warnings);
	r->bad |= r->o->werror && warnings.n > 0;
}

static void
check_file(struct run *r, const char *path)
{
	struct arena *arena = arena_new("script", 0);
	struct str bytes;
	struct fail why;

	if (!tamis_slurp(arena, path, &bytes))
		unreadable(r, path, strerror(errno));
	else if (!sieve_is_saved(bytes))
		check_text(r, arena, path, bytes);
	else if (sieve_load(arena, bytes, NULL, &why) == NULL)
		unreadable(r, path, why.text);
	arena_free(arena);
}

/* --- the command ---------------------------------------------------------- */

static int
list_warnings(void)
{
	const char *name, *doc;

	for (size_t i = 0; (name = sieve_warning(i, &doc)) != NULL; i++)
		printf("%-20s %s\n", name, doc);
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_BAD;
}

static bool
is_warning(struct str s)
{
	const char *name, *doc;

	for (size_t i = 0; (name = sieve_warning(i, &doc)) != NULL; i++)
		if (str_eq(str_c(name), s))
			return true;
	return false;
}

/* NULL: the options can be used */
static const char *
complaint(const struct options *o, const struct sieve_lint *lint)
{
	if (strcmp(o->separator, "/") != 0 && strcmp(o->separator, ".") != 0)
		return "--separator is / or .";
	for (size_t i = 0; i < lint->off.n; i++)
		if (!is_warning(lint->off.v[i]))
			return "no such warning, see --list-warnings";
	return NULL;
}

static int
check_files(struct run *r, int n, char **paths)
{
	if (r->o->json)
		check_json_begin(&r->json);
	for (int i = 0; i < n; i++)
		check_file(r, paths[i]);
	if (r->o->json && !check_json_end(&r->json))
		return EXIT_BAD;
	return r->bad ? EXIT_BAD : EXIT_OK;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	struct options o = { .separator = "/" };
	const struct tamis_option opts[] = { { "--json", NULL, &o.json },
		{ "--werror", NULL, &o.werror },
		{ "--no-warnings", NULL, &o.no_warnings },
		{ "--no-warn", &o.no_warn, NULL }, { "--to", &o.to, NULL },
		{ "--separator", &o.separator, NULL },
		{ "--list-warnings", NULL, &o.list }, { 0 } };
	int n = tamis_options(cmd, argc, argv, opts), status;
	struct arena *arena = arena_new("check", 0);
	struct run r = { .o = &o,
		.lint = { .off = tamis_words(arena, o.no_warn),
		    .owner = tamis_words(arena, o.to),
		    .mailbox = mailbox_bad,
		    .ctx = &o } };
	const char *bad = n < 0 ? NULL : complaint(&o, &r.lint);

	if (bad == NULL && n == 0 && !o.list)
		bad = "which script?";
	if (n < 0)
		status = EXIT_USAGE;
	else if (bad != NULL)
		status = tamis_usage(cmd, bad);
	else if (o.list)
		status = list_warnings();
	else
		status = check_files(&r, n, argv + 1);
	arena_free(arena);
	return status;
}

const struct tamis_cmd cmd_check = {
	.name = "check",
	.usage = "[--json] [--werror] [--no-warnings | --no-warn NAME,...]\n"
		 "          [--to ADDRESS,...] [--separator / | .] SCRIPT...\n"
		 "      check --list-warnings",
	.help = "report what is wrong, or looks wrong, with Sieve scripts",
	.run = run,
};
