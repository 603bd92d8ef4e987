/*
 * chain: knows the order of scripts and where those of the site are. What
 * several of them ask for together, sieve/plan.h says; how one is run, the
 * caller.
 */
#include "actions/chain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "actions/report.h"
#include "lib/arena.h"
#include "lib/io.h"

enum { SCRIPTS_MAX = 100 }; /* of one directory */

/* One recipient's scripts in work. */
struct links {
	const struct chain *chain;
	struct delivery *dy;
	struct plan *plan; /* of all; NULL until a second script runs */
	struct plan *only; /* of the first one */
	struct str name;   /* of the last one that ran */
	bool go_on;        /* keep is in effect */
	bool failed;       /* a script could not be run */
	bool any;
};

/* --- files of the site ------------------------------------------------ */

static int
by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Closes fd. */
static bool
read_directory(struct arena *a, int fd, struct str dir, struct strlist *out,
    struct fail *why)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;
	struct strlist names = { 0 };
	int err;

	if (d == NULL) {
		err = errno;
		io_close(&fd);
		return fail_errno(why, err, "sieve scripts of the site");
	}
	while (errno = 0, (e = readdir(d)) != NULL && names.n < SCRIPTS_MAX)
		if (str_ends(str_c(e->d_name), S(".sieve")) &&
		    e->d_name[0] != '.')
			strlist_add(a, &names, str_dup(a, str_c(e->d_name)));
	err = errno;
	closedir(d);
	if (err != 0)
		return fail_errno(why, err, "sieve scripts of the site");
	if (names.n > 0)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; i < names.n; i++)
		strlist_add(a, out,
		    str_printf(
			a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(names.v[i])));
	return true;
}

/* A directory stands for what is in it. */
static bool
expand(struct arena *a, struct str path, struct strlist *out, struct fail *why)
{
	int fd = open(
	    str_cstr(a, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		return read_directory(a, fd, path, out, why);
	if (errno != ENOTDIR && errno != ENOENT)
		return fail_errno(why, errno, "sieve scripts of the site");
	if (errno == ENOTDIR)
		strlist_add(a, out, path);
	return true;
}

/* --- running ---------------------------------------------------------- */

static void
broken(struct links *l, const struct script *script)
{
	report_warn(l->dy, script->line, script->column,
	    str_cstr(l->dy->scratch, script->text));
	l->failed = true;
	l->go_on = false;
}

static bool
keeps(const struct plan *plan)
{
	for (const struct intent *in = plan->first; in != NULL; in = in->next)
		if ((in->flags & PLAN_KEEP) != 0)
			return true;
	return plan->implicit_keep;
}

/* The first one becomes the beginning of a chain. */
static void
begin_chain(struct links *l)
{
	if (l->plan != NULL || l->only == NULL)
		return;
	l->plan = plan_new(l->dy->scratch);
	plan_chain(l->plan, l->only, l->name);
}

/* With one script there is nothing to join. */
static bool
join(struct links *l, struct plan *plan, struct str name)
{
	begin_chain(l);
	l->name = str_dup(l->dy->scratch, name);
	if (l->plan != NULL)
		return plan_chain(l->plan, plan, l->name);
	l->only = plan;
	return keeps(plan);
}

static const struct str *
header_so_far(const struct links *l)
{
	const struct plan *plan = l->plan != NULL ? l->plan : l->only;

	return plan != NULL ? plan->header : NULL;
}

static void
run(struct links *l, const struct script *script)
{
	struct plan *plan;

	l->any = true;
	l->dy->script = str_dup(l->dy->arena, script->name);
	if (script->state == SCRIPT_BROKEN) {
		broken(l, script);
		return;
	}
	if (!l->chain->run(
		l->chain->ctx, l->dy, script, header_so_far(l), &plan)) {
		l->failed = true;
		l->go_on = false;
		return;
	}
	l->go_on = join(l, plan, script->name);
}

static bool
find(struct links *l, struct str path, struct script *script, struct fail *why)
{
	const struct account_script where = { .path = path };

	return script_find(l->chain->scripts, &where, l->chain->limits,
	    l->dy->scratch, script, why);
}

/* Those of sieve_before or sieve_after. */
static bool
run_site(struct links *l, enum setting id, struct fail *why)
{
	struct arena *a = l->dy->scratch;
	struct strlist paths = { 0 }, files = { 0 };
	struct script script;

	account_admin_scripts(
	    l->chain->conf, a, &l->dy->to->rcpt.account, id, &paths);
	for (size_t i = 0; i < paths.n; i++)
		if (!expand(a, paths.v[i], &files, why))
			return false;
	for (size_t i = 0; i < files.n && l->go_on; i++) {
		if (!find(l, files.v[i], &script, why))
			return false;
		if (script.state != SCRIPT_NONE)
			run(l, &script);
	}
	return true;
}

/* The first that exists of sieve_default. */
static bool
find_default(struct links *l, struct script *script, struct fail *why)
{
	struct strlist paths = { 0 };

	account_admin_scripts(l->chain->conf, l->dy->scratch,
	    &l->dy->to->rcpt.account, SETTING_sieve_default, &paths);
	for (size_t i = 0; i < paths.n && script->state == SCRIPT_NONE; i++)
		if (!find(l, paths.v[i], script, why))
			return false;
	return true;
}

static bool
run_own(struct links *l, struct fail *why)
{
	struct account_script where;
	struct script script;

	if (!l->go_on)
		return true;
	account_script(
	    l->chain->conf, l->dy->scratch, &l->dy->to->rcpt.account, &where);
	if (!script_find(l->chain->scripts, &where, l->chain->limits,
		l->dy->scratch, &script, why))
		return false;
	if (script.state == SCRIPT_NONE && !find_default(l, &script, why))
		return false;
	if (script.state != SCRIPT_NONE)
		run(l, &script);
	return true;
}

/* What failed keeps a marked copy, and nothing else is kept. */
static struct plan *
finish(struct links *l)
{
	struct plan *plan = l->only;

	if (l->failed)
		begin_chain(l);
	if (!l->any) {
		plan = plan_new(l->dy->scratch);
		plan_keep_only(plan);
	}
	if (l->plan == NULL)
		return plan;
	plan = l->plan;
	if (l->failed)
		plan_cancel_keep(plan, 0);
	plan_chain_end(plan);
	for (struct intent *in = plan->first; in != NULL; in = in->next)
		if (str_eq(in->script, l->dy->script))
			in->script = S("");
	return plan;
}

/* The scripts of one run stay in the cache together. */
bool
chain_plan(const struct chain *chain, struct delivery *dy, struct plan **plan,
    bool *unfinished, struct fail *why)
{
	struct links l = { .chain = chain, .dy = dy, .go_on = true };
	bool ok;

	script_cache_hold(chain->scripts);
	dy->script = S("");
	ok = run_site(&l, SETTING_sieve_before, why) && run_own(&l, why) &&
	     run_site(&l, SETTING_sieve_after, why);
	script_cache_release(chain->scripts);
	*unfinished = l.failed;
	if (ok)
		*plan = finish(&l);
	return ok;
}
