/*
 * mailbox_check: the verbs check, repair and quota of "tamis mailbox". Knows
 * arguments and output; the store knows what is wrong.
 */
#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "actions/action.h"
#include "lib/arena.h"
#include "lib/io.h"
#include "mailstore/maildir_check.h"
#include "mailstore/quota.h"
#include "tools/mailbox.h"

struct job {
	struct mailbox_user u;
	struct store_quota quota;
	bool repair, dry_run, recount;
	unsigned found, left; /* findings; those that are still there */
	struct buf out;
	struct fail why;
};

/* --- check, repair ---------------------------------------------------------
 */

static void
print_finding(void *ctx, const struct maildir_finding *f)
{
	struct job *job = ctx;

	job->found++;
	job->left += !f->fixed;
	buf_printf(&job->out, "%s ", maildir_fault_names[f->fault]);
	mailbox_put_clean(&job->out, f->path.len > 0 ? f->path : S("."));
	buf_adds(&job->out, S(": "));
	mailbox_put_clean(&job->out, f->text);
	if (f->fixed)
		buf_adds(&job->out, S("; put right"));
	else if (f->why.class != FAIL_NONE)
		buf_printf(&job->out, "; %s", f->why.text);
	buf_addc(&job->out, '\n');
	/* there may be very many */
	if (job->out.len > 1 << 20 &&
	    tamis_write(STDOUT_FILENO, buf_str(&job->out)))
		buf_reset(&job->out);
}

static bool
check(struct job *job)
{
	return maildir_check(&job->u.acct, &job->quota,
	    job->repair && !job->dry_run, print_finding, job, &job->why);
}

/* --- quota ------------------------------------------------------------------
 */

static void
put_limit(struct buf *b, const char *what, int64_t used, int64_t limit)
{
	buf_printf(b, "%s %lld", what, (long long)used);
	if (limit > 0)
		buf_printf(b, " of %lld", (long long)limit);
	buf_addc(b, '\n');
}

static bool
recount(struct job *job, int root, struct quota_file *file)
{
	struct quota_usage limits = quota_limits(file, &job->quota);
	struct quota_counted n;

	if (!quota_count(root, job->u.options.layout, job->quota.skip_trash, &n,
		&job->why))
		return false;
	if (!n.steady || !quota_write(root, file, limits, &n))
		return fail_errno(&job->why,
		    n.steady && errno != 0 ? errno : EAGAIN, "maildirsize");
	quota_read(root, file);
	return true;
}

static bool
show_quota(struct job *job, int root)
{
	struct quota_file file;
	struct quota_usage limits, none = { 0 };

	quota_read(root, &file);
	if (job->recount && !recount(job, root, &file))
		return false;
	limits = quota_limits(&file, &job->quota);
	if (!file.valid) {
		buf_adds(&job->out, file.there ? S("maildirsize is damaged\n")
					       : S("not counted yet\n"));
		put_limit(&job->out, "limit: octets", 0, limits.octets);
		put_limit(&job->out, "limit: messages", 0, limits.messages);
		return true;
	}
	put_limit(&job->out, "octets", file.used.octets, limits.octets);
	put_limit(&job->out, "messages", file.used.messages, limits.messages);
	job->left = quota_is_over(limits, file.used, none);
	if (job->left > 0)
		buf_adds(&job->out, S("over quota\n"));
	return true;
}

static bool
quota(struct job *job)
{
	int root = quota_open(job->u.arena, job->u.acct.root);
	bool ok;

	if (root < 0)
		return fail_errno(&job->why, errno, "open Maildir");
	ok = show_quota(job, root);
	io_close(&root);
	return ok;
}

/* --- all verbs ---------------------------------------------------------------
 */

static int
work(struct job *job, const struct tamis_cmd *cmd)
{
	bool ok;
	int status;

	buf_init(&job->out, 64 << 20);
	fail_clear(&job->why);
	job->quota = quota_of(job->u.conf, &job->u.account);
	job->repair = cmd == &mailbox_repair;
	ok = cmd == &mailbox_quota ? quota(job) : check(job);
	status = !ok ? EX_TEMPFAIL : job->left > 0 ? EXIT_BAD : EXIT_OK;
	if (!ok)
		fprintf(stderr, "tamis %s: %s\n", cmd->name, job->why.text);
	if (!tamis_write(STDOUT_FILENO, buf_str(&job->out)))
		status = EX_IOERR;
	buf_free(&job->out);
	return status;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	const char *config = NULL;
	struct job job = { .repair = false };
	const struct tamis_option opts[] = { { "-C", &config, NULL },
		{ cmd == &mailbox_repair    ? "--dry-run"
		    : cmd == &mailbox_quota ? "--recount"
					    : NULL,
		    NULL, cmd == &mailbox_quota ? &job.recount : &job.dry_run },
		{ 0 } };
	int n = tamis_options(cmd, argc, argv, opts), status;

	if (n < 0)
		return EXIT_USAGE;
	if (n != 1)
		return tamis_usage(cmd, "one user is needed");
	status = mailbox_open(&job.u, config, argv[1]);
	if (status == EXIT_OK)
		status = work(&job, cmd);
	mailbox_close(&job.u);
	return status;
}

const struct tamis_cmd mailbox_check = {
	.name = "mailbox check",
	.usage = "[-C FILE] USER",
	.help =
	    "look for what is wrong in the Maildir; 1 when there is something",
	.run = run,
};
const struct tamis_cmd mailbox_repair = {
	.name = "mailbox repair",
	.usage = "[-C FILE] [--dry-run] USER",
	.help = "put it right; 1 when something is left",
	.run = run,
};
const struct tamis_cmd mailbox_quota = {
	.name = "mailbox quota",
	.usage = "[-C FILE] [--recount] USER",
	.help = "what is used of the quota; 1 when over it",
	.run = run,
};
