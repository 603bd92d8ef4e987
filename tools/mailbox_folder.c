/*
 * mailbox_folder: the verbs for folders: list, create, subscribe, and what is
 * said about them. Knows arguments and output; the store does the rest.
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "actions/mailbox.h"
#include "lib/arena.h"
#include "mailstore/mailboxes.h"
#include "tools/mailbox.h"

/* One run of a verb. */
struct job {
	struct mailbox_user u;
	const struct tamis_cmd *cmd;
	int argc; /* arguments behind USER */
	char **argv;
	bool set; /* the verb's own option was given */
	struct buf out;
	struct fail why;
};

static const struct store_lookup *
lookup(void)
{
	return store_maildir.lookup;
}

/* As people write it. */
static void
put_name(struct job *job, struct str mailbox)
{
	const struct conf *conf = job->u.conf;
	struct str prefix = S(""), name = mailbox;

	if (!conf_bool(conf, SETTING_altnamespace) &&
	    !str_eq(mailbox, S("INBOX")))
		prefix = conf_bool(conf, SETTING_unixhierarchysep)
		             ? S("INBOX/")
		             : S("INBOX.");
	mailbox_for_script(
	    job->u.arena, mailbox, mailbox_separator(conf), &name);
	buf_printf(&job->out, "%.*s%.*s", STR_ARG(prefix), STR_ARG(name));
}

/* --- list ---------------------------------------------------------------- */

/* RFC 6154 s. 2, RFC 8457, and those of lmtp_exclude_specialuse */
static const struct str uses[] = { STR("\\All"), STR("\\Archive"),
	STR("\\Drafts"), STR("\\Flagged"), STR("\\Important"), STR("\\Junk"),
	STR("\\Scheduled"), STR("\\Sent"), STR("\\Snoozed"), STR("\\Trash") };

static bool
put_uses(struct job *job, struct str mailbox)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		struct str found;

		if (!lookup()->special_use(job->u.arena, &job->u.acct, mailbox,
			uses[i], &found, &job->why))
			return false;
		if (found.len > 0)
			buf_printf(&job->out, " %.*s", STR_ARG(uses[i]));
	}
	return true;
}

static bool
put_mailbox(struct job *job, const struct strlist *shown, struct str mailbox)
{
	struct str id;

	put_name(job, mailbox);
	buf_printf(&job->out, "\t%s",
	    strlist_has(shown, mailbox) ? "subscribed" : "-");
	if (!put_uses(job, mailbox))
		return false;
	if (job->set) {
		if (!lookup()->mailbox_id(
			job->u.arena, &job->u.acct, mailbox, &id, &job->why))
			return false;
		buf_printf(&job->out, "\tid=%.*s", STR_ARG(id));
	}
	buf_addc(&job->out, '\n');
	return true;
}

static bool
list(struct job *job)
{
	struct arena *a = job->u.arena;
	struct strlist names, shown;

	if (!lookup()->list(a, &job->u.acct, &names, &job->why) ||
	    !mailboxes_subscribed(a, &job->u.acct, &shown, &job->why) ||
	    !put_mailbox(job, &shown, S("INBOX")))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!put_mailbox(job, &shown, names.v[i]))
			return false;
	return true;
}

/* --- create, subscribe --------------------------------------------------- */

static bool
create(struct job *job)
{
	struct str name, use = str_c(job->argc > 1 ? job->argv[1] : NULL);
	bool made;

	if (!mailbox_argument(&job->u, job->argv[0], &name) ||
	    !mailboxes_create(
		job->u.arena, &job->u.acct, name, use, &made, &job->why))
		return false;
	put_name(job, name);
	buf_adds(&job->out, made ? S(": created\n") : S(": exists\n"));
	return true;
}

static bool
subscribe(struct job *job)
{
	struct str name;

	return mailbox_argument(&job->u, job->argv[0], &name) &&
	       mailboxes_subscribe(
		   job->u.arena, &job->u.acct, name, !job->set, &job->why);
}

/* --- special-use, metadata ----------------------------------------------- */

static bool
show_use(struct job *job, struct str flag)
{
	struct str found;

	if (!lookup()->special_use(
		job->u.arena, &job->u.acct, S(""), flag, &found, &job->why))
		return false;
	if (found.len == 0)
		return fail_perm(&job->why, "5.1.1", "no mailbox has this use");
	put_name(job, found);
	buf_addc(&job->out, '\n');
	return true;
}

static bool
special_use(struct job *job)
{
	struct str flag = str_c(job->argv[0]), name = S("");

	if (flag.len < 2 || flag.p[0] != '\\' || str_has_ctl(flag))
		return fail_perm(
		    &job->why, "5.1.3", "a special use is like \\Junk");
	if (job->set)
		return mailboxes_set_use(
		    job->u.arena, &job->u.acct, flag, NULL, &job->why);
	if (job->argc == 1)
		return show_use(job, flag);
	return (job->argv[1][0] == '\0' ||
		   mailbox_argument(&job->u, job->argv[1], &name)) &&
	       mailboxes_set_use(
		   job->u.arena, &job->u.acct, flag, &name, &job->why);
}

static bool
metadata(struct job *job)
{
	struct arena *a = job->u.arena;
	struct str name = S(""), annotation = str_c(job->argv[1]), value;
	bool found;

	if (annotation.len < 2 || annotation.p[0] != '/')
		return fail_perm(&job->why, "5.1.3",
		    "an annotation is like /private/comment");
	if (job->argv[0][0] != '\0' &&
	    !mailbox_argument(&job->u, job->argv[0], &name))
		return false;
	value = str_c(job->argc > 2 ? job->argv[2] : "");
	if (job->set || job->argc > 2)
		return mailboxes_set_metadata(a, &job->u.acct, name, annotation,
		    job->set ? NULL : &value, &job->why);
	if (!lookup()->metadata(
		a, &job->u.acct, name, annotation, &value, &found, &job->why))
		return false;
	if (!found)
		return fail_perm(&job->why, "5.1.1", "no such annotation");
	mailbox_put_clean(&job->out, value);
	buf_addc(&job->out, '\n');
	return true;
}

/* --- all verbs ----------------------------------------------------------- */

static const struct verb {
	const struct tamis_cmd *cmd;
	int min, max;       /* arguments behind USER */
	const char *option; /* NULL: none */
	bool (*work)(struct job *);
} verbs[] = {
	{ &mailbox_list, 0, 0, "--id", list },
	{ &mailbox_create, 1, 2, NULL, create },
	{ &mailbox_subscribe, 1, 1, "--off", subscribe },
	{ &mailbox_special_use, 1, 2, "--default", special_use },
	{ &mailbox_metadata, 2, 3, "--remove", metadata },
};

static const struct verb *
verb_of(const struct tamis_cmd *cmd)
{
	const struct verb *v = verbs;

	while (v->cmd != cmd)
		v++;
	return v;
}

static int
work(struct job *job, const struct verb *verb)
{
	int status = EXIT_OK;

	buf_init(&job->out, 64 << 20);
	fail_clear(&job->why);
	if (!verb->work(job)) {
		status = job->why.class == FAIL_TEMP ? EX_TEMPFAIL : EXIT_BAD;
		if (job->why.class != FAIL_NONE)
			fprintf(stderr, "tamis %s: %s\n", job->cmd->name,
			    job->why.text);
	}
	if (!tamis_write(STDOUT_FILENO, buf_str(&job->out)))
		status = EX_IOERR;
	buf_free(&job->out);
	return status;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	const struct verb *verb = verb_of(cmd);
	const char *config = NULL;
	struct job job = { .cmd = cmd };
	const struct tamis_option opts[] = { { "-C", &config, NULL },
		{ verb->option, NULL, &job.set }, { 0 } };
	int n = tamis_options(cmd, argc, argv, opts), status;

	if (n < 0)
		return EXIT_USAGE;
	if (n < 1 + verb->min || n > 1 + verb->max)
		return tamis_usage(cmd, "wrong number of arguments");
	status = mailbox_open(&job.u, config, argv[1]);
	job.argc = n - 1;
	job.argv = argv + 2;
	if (status == EXIT_OK)
		status = work(&job, verb);
	mailbox_close(&job.u);
	return status;
}

const struct tamis_cmd mailbox_list = {
	.name = "mailbox list",
	.usage = "[-C FILE] [--id] USER",
	.help = "folders, whether they are subscribed, special uses, ids",
	.run = run,
};
const struct tamis_cmd mailbox_create = {
	.name = "mailbox create",
	.usage = "[-C FILE] USER FOLDER [SPECIAL-USE]",
	.help = "make a folder and subscribe it",
	.run = run,
};
const struct tamis_cmd mailbox_subscribe = {
	.name = "mailbox subscribe",
	.usage = "[-C FILE] [--off] USER FOLDER",
	.help = "subscribe or unsubscribe a folder",
	.run = run,
};
const struct tamis_cmd mailbox_special_use = {
	.name = "mailbox special-use",
	.usage = "[-C FILE] [--default] USER SPECIAL-USE [FOLDER]",
	.help = "show or say which folder has a special use; \"\" is none",
	.run = run,
};
const struct tamis_cmd mailbox_metadata = {
	.name = "mailbox metadata",
	.usage = "[-C FILE] [--remove] USER FOLDER ANNOTATION [VALUE]",
	.help = "show or set an annotation; folder \"\" is the server",
	.run = run,
};
