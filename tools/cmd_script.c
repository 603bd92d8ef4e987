/*
 * tamis script: the scripts of an account: put, get, list, activate,
 * deactivate, rm. Knows arguments and whom to be; files are script_store's.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "actions/script_store.h"
#include "lib/arena.h"
#include "sieve/program.h"
#include "tools/tamis.h"

/* One run of it. */
struct script_job {
	struct arena *arena;
	const struct conf *conf;
	struct script_store store;
	const char *user;
	struct str name; /* "" when the verb takes none */
	const char *file;
	struct fail why;
};

/* --- whom to be ---------------------------------------------------------- */

/* The nearest directory on the way to path that there is. */
static bool
nearest(struct arena *a, struct str path, struct stat *st)
{
	while (path.len > 1 && stat(str_cstr(a, path), st) != 0) {
		ssize_t slash = str_rchr(path, '/');

		path = str_sub(path, 0, slash > 0 ? (size_t)slash : 1);
	}
	return path.len > 1;
}

/*
 * Started as root: files must belong to whoever owns the place, and root
 * must not walk through directories of users. Back end and configuration
 * were read before.
 */
static bool
become_owner(struct script_job *j, struct str path)
{
	struct stat st;

	if (geteuid() != 0)
		return true;
	if (!nearest(j->arena, path, &st) || st.st_uid == 0)
		return fail_temp(&j->why, "4.3.0",
		    "%.*s: its directory belongs to root or is not there",
		    STR_ARG(path));
	if (setgroups(1, &st.st_gid) != 0 || setgid(st.st_gid) != 0 ||
	    setuid(st.st_uid) != 0)
		return fail_errno(&j->why, errno, "cannot become its owner");
	return true;
}

/* --- verbs --------------------------------------------------------------- */

static bool
compiles(struct script_job *j, struct str text, const char *name)
{
	struct sieve_limits limits = sieve_limits_default;

	limits.script_bytes =
	    (size_t)conf_int(j->conf, SETTING_sieve_maxscriptsize);
	return tamis_compiles(j->arena, name, text, &limits) ||
	       fail_perm(&j->why, "5.6.0", "it does not compile");
}

static bool
put(struct script_job *j)
{
	struct str text;

	if (!tamis_read(j->arena, j->file, &text))
		return fail_temp(&j->why, "4.3.0", "cannot be read");
	return compiles(j, text, j->file) &&
	       script_put(j->arena, &j->store, j->name, text, &j->why);
}

static bool
read_script(struct script_job *j, struct str *text)
{
	size_t max = (size_t)conf_int(j->conf, SETTING_sieve_maxscriptsize);

	return script_get(j->arena, &j->store, j->name, max, text, &j->why);
}

static bool
get(struct script_job *j)
{
	struct str text;

	return read_script(j, &text) &&
	       (tamis_write(STDOUT_FILENO, text) ||
		   fail_temp(&j->why, "4.3.0", "output"));
}

static bool
list(struct script_job *j)
{
	struct strlist names;
	struct str active;
	struct buf out;
	bool ok, strange;

	strange = !script_active(j->arena, &j->store, &active, &j->why);
	if (strange)
		fprintf(stderr, "tamis script: %s\n", j->why.text);
	if (!script_list(j->arena, &j->store, &names, &j->why))
		return false;
	buf_init(&out, SIZE_MAX);
	for (size_t i = 0; i < names.n; i++) {
		buf_adds(&out, names.v[i]);
		buf_adds(&out, str_eq(names.v[i], active) && active.len > 0
				   ? S(" ACTIVE\n")
				   : S("\n"));
	}
	ok = tamis_write(STDOUT_FILENO, buf_str(&out));
	buf_free(&out);
	return ok || fail_temp(&j->why, "4.3.0", "output");
}

static bool
activate(struct script_job *j)
{
	struct str text;

	return read_script(j, &text) && compiles(j, text, j->name.p) &&
	       script_activate(j->arena, &j->store, j->name, &j->why);
}

static bool
deactivate(struct script_job *j)
{
	return script_activate(j->arena, &j->store, S(""), &j->why);
}

static bool
rm(struct script_job *j)
{
	return script_remove(j->arena, &j->store, j->name, &j->why);
}

static const struct verb {
	const char *name;
	int min, max; /* arguments behind the verb */
	bool makes;   /* directories, too */
	bool (*run)(struct script_job *);
} verbs[] = {
	{ "put", 2, 3, true, put },
	{ "get", 2, 2, false, get },
	{ "list", 1, 1, false, list },
	{ "activate", 2, 2, true, activate },
	{ "deactivate", 1, 1, false, deactivate },
	{ "rm", 2, 2, false, rm },
};

/* --- one run ------------------------------------------------------------- */

static bool
find_account(struct script_job *j, struct account_script *where)
{
	struct accounts *accounts = accounts_open(j->arena, j->conf);
	struct account acct;
	bool ok = account_find_user(
	    accounts, j->arena, str_c(j->user), &acct, &j->why);

	accounts_close(accounts);
	if (ok)
		account_script(j->conf, j->arena, &acct, where);
	return ok;
}

static bool
work(struct script_job *j, const struct verb *v)
{
	struct account_script where;
	bool ok;

	if (!find_account(j, &where))
		return false;
	if (j->name.p != NULL && !script_name_ok(j->name))
		return fail_perm(
		    &j->why, "5.5.4", "no script can have this name");
	if (!become_owner(j, where.scripts) ||
	    !script_store_open(j->arena, &where, v->makes, &j->store, &j->why))
		return false;
	ok = v->run(j);
	script_store_close(&j->store);
	return ok;
}

static int
run_verb(const struct verb *v, int n, char **argv, const char *file)
{
	struct script_job j = {
		.arena = arena_new("script", 0),
		.user = argv[2],
		.file = n > 3 ? argv[4] : "-",
	};
	int status = EXIT_OK;

	if (n > 2)
		j.name = str_c(argv[3]);
	j.conf = tamis_conf(j.arena, file);
	if (j.conf == NULL) {
		status = EX_CONFIG;
	} else if (!work(&j, v)) {
		fprintf(stderr, "tamis script %s: %s: %s\n", v->name, j.user,
		    j.why.text);
		status = j.why.class == FAIL_PERM ? EXIT_BAD : EX_TEMPFAIL;
	}
	arena_free(j.arena);
	return status;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	const char *file = NULL;
	const struct tamis_option opts[] = { { "-C", &file, NULL }, { 0 } };
	int n = tamis_options(cmd, argc, argv, opts);

	if (n < 0)
		return EXIT_USAGE;
	for (size_t i = 0; n > 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[1]) != 0)
			continue;
		if (n - 1 < verbs[i].min || n - 1 > verbs[i].max)
			return tamis_usage(cmd, "wrong number of arguments");
		return run_verb(&verbs[i], n, argv, file);
	}
	return tamis_usage(cmd, "what shall be done?");
}

const struct tamis_cmd cmd_script = {
	.name = "script",
	.usage = "put|get|list|activate|deactivate|rm USER [NAME [FILE]] "
		 "[-C FILE]",
	.help = "manage the scripts of an account; FILE is standard input",
	.run = run,
};
