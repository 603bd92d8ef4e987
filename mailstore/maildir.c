/*
 * maildir: store_maildir. Decides how a message is named and in which order
 * things happen: file whole, then its name, then both on disk. Knows neither
 * how directories are made nor how files are written.
 */
#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "mailstore/mailboxes.h"
#include "mailstore/maildir.h"

enum {
	HOST_MAX_OCTETS = 80, /* of the host name in a file name */
	ID_MAX_OCTETS = 64,   /* with these a name fits into 255 octets */
	LOCK_BUDGET_MS = 3000,
};

struct maildir_copy {
	struct staged staged; /* first: what callers hold */
	struct maildir_copy *next;
	struct maildir_box *box;
	struct maildir_sub *sub;
	struct maildir_file *file;
	const char *name;
	struct strlist keywords;     /* for courierimapkeywords */
	struct maildir_quota *quota; /* holds room there, or NULL */
	bool adopted; /* an earlier run made it, and counted it */
	bool counted;
};

static struct maildir_copy *
copy_of(struct staged *staged)
{
	return (struct maildir_copy *)staged;
}

static struct store_txn *
maildir_begin(struct arena *a, const struct store_options *options,
    const struct store_message *message, struct store_txn *with)
{
	struct store_txn *txn = ARENA_NEW(a, struct store_txn);

	assert(message->id.len > 0 && message->id.len <= ID_MAX_OCTETS);
	*txn = (struct store_txn){
		.arena = a,
		.options = options,
		.message = message,
		.with = with,
		.lock_budget_ms = LOCK_BUDGET_MS,
	};
	return txn;
}

static bool
exists(struct arena *a, const struct store_account *acct, struct str mailbox,
    bool *out, struct fail *why)
{
	enum mailbox_layout layout = acct->options->layout;
	struct str name, dir;

	*out = false;
	if (!mailbox_name(a, layout, mailbox, '/', &name, why) ||
	    !mailbox_dir(a, layout, name, &dir, why)) {
		fail_clear(why);
		return true;
	}
	return maildir_exists(a, acct, dir, out, why);
}

/* --- names --------------------------------------------------------------- */

/* '/' ends a name, ':' starts the flags, ',' the sizes. */
static struct str
safe_host(struct arena *a, struct str host)
{
	char *start = arena_alloc_n(a, host.len + 1, 4), *p = start;

	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.p[i];

		if (p - start > HOST_MAX_OCTETS - 4)
			break;
		if (c == '/' || c == ':' || c == ',')
			p += snprintf(p, 5, "\\%03o", c);
		else
			*p++ = (char)(c <= ' ' || c >= 0x7f ? '_' : c);
	}
	return str_from(start, (size_t)(p - start));
}

/*
 * The same transaction, recipient and number give the same name in every
 * run, so a repeated one finds its own file. Dovecot sorts by the seconds
 * and M; it takes S and W for the size in octets, W with CRLF for each LF.
 */
static const char *
make_name(const struct store_txn *txn, const struct store_target *target,
    const char *letters)
{
	const struct store_message *m = txn->message;
	int64_t us = m->time_us < 0 ? 0 : m->time_us;

	return str_printf(txn->arena,
	    "%lld.M%06dQ%.*sR%uN%u.%.*s,S=%zu,W=%llu%s%s",
	    (long long)(us / 1000000), (int)(us % 1000000), STR_ARG(m->id),
	    target->rcpt, target->seq,
	    STR_ARG(safe_host(txn->arena, txn->options->hostname)),
	    m->head.len + m->bytes.len, (unsigned long long)m->wsize,
	    letters[0] == '\0' ? "" : ":2,", letters)
	    .p;
}

static struct str
make_path(const struct maildir_copy *copy)
{
	const struct maildir_box *box = copy->box;

	return str_printf(copy->staged.txn->arena, "%.*s%s%.*s/%s/%s",
	    STR_ARG(box->root), box->real.len > 0 ? "/" : "",
	    STR_ARG(box->real),
	    copy->sub == &box->sub[MAILDIR_NEW] ? "new" : "cur", copy->name);
}

/* --- flags --------------------------------------------------------------- */

static const struct {
	struct str flag;
	char letter;
} system_flags[] = {
	{ STR("\\Draft"), 'D' }, /* in the order the letters have to have */
	{ STR("\\Flagged"), 'F' },
	{ STR("\\Answered"), 'R' },
	{ STR("\\Seen"), 'S' },
	{ STR("\\Deleted"), 'T' },
};
enum { NSYSTEM = sizeof(system_flags) / sizeof(system_flags[0]) };

/* Other names with a backslash are no keywords: RFC 3501 s. 2.3.2 */
static void
split_keywords(
    struct arena *a, const struct strlist *flags, struct strlist *keywords)
{
	for (size_t i = 0; i < flags->n; i++)
		if (!str_starts(flags->v[i], S("\\")))
			strlist_add(a, keywords, flags->v[i]);
}

/* "FSa" for a target's flags, "" for none. Opens the box for keywords. */
static bool
make_letters(struct store_txn *txn, struct maildir_box *box,
    const struct store_target *target, struct maildir_copy *copy,
    const char **out, struct fail *why)
{
	char *p = arena_alloc(txn->arena, NSYSTEM + MAILDIR_NKEYWORDS + 1);
	enum store_keywords where = txn->options->keywords;
	struct strlist keywords = { 0 };
	uint32_t bits = 0;

	*out = p;
	for (int i = 0; i < NSYSTEM; i++)
		if (strlist_casehas(&target->flags, system_flags[i].flag))
			*p++ = system_flags[i].letter;
	split_keywords(txn->arena, &target->flags, &keywords);
	if (where == KEYWORDS_COURIER)
		copy->keywords = keywords;
	if (keywords.n > 0 && where == KEYWORDS_DOVECOT) {
		if (!maildir_box_open(txn, box, target->create, why))
			return false;
		bits = maildir_keywords(txn, box, &keywords);
	}
	for (int i = 0; i < MAILDIR_NKEYWORDS; i++)
		if (bits >> i & 1)
			*p++ = (char)('a' + i);
	return true;
}

/* --- stage --------------------------------------------------------------- */

static bool
stage_in(struct store_txn *txn, struct maildir_box *box,
    const struct store_target *target, struct maildir_copy *copy,
    struct fail *why)
{
	const char *letters;
	enum maildir_which which;

	if (!make_letters(txn, box, target, copy, &letters, why))
		return false;
	which = letters[0] == '\0' ? MAILDIR_NEW : MAILDIR_CUR;
	if (!maildir_sub_open(txn, box, which, target->create, why))
		return false;
	copy->box = box;
	copy->sub = &box->sub[which];
	copy->name = make_name(txn, target, letters);
	if (!maildir_quota_take(
		txn, box, target, copy->sub, copy->name, &copy->quota, why))
		return false;
	/* Dovecot removes one of two names for one inode in a mailbox */
	if (!maildir_file_get(
		txn, box, copy->sub, !box->used, &copy->file, why)) {
		maildir_quota_release(txn, copy->quota, false);
		return false;
	}
	box->used = true;
	return true;
}

static bool
maildir_stage(struct store_txn *txn, const struct store_target *target,
    struct staged **out, struct fail *why)
{
	struct maildir_copy *copy = ARENA_NEW(txn->arena, struct maildir_copy);
	enum mailbox_layout layout = txn->options->layout;
	struct maildir_box *box;
	struct str name, dir;
	bool ok;

	if (!mailbox_name(
		txn->arena, layout, target->mailbox, '/', &name, why) ||
	    !mailbox_dir(txn->arena, layout, name, &dir, why))
		return false;
	box = maildir_box(txn, target->root, dir);
	ok = stage_in(txn, box, target, copy, why);
	if (ok)
		maildir_sweep_plan(txn, box);
	if (ok && box->made)
		mailboxes_made(txn, box, name, target->use);
	io_close(&box->fd);
	if (!ok)
		return fail_prepend(why, "%.*s", STR_ARG(name));
	copy->staged = (struct staged){ .txn = txn, .mailbox = name };
	*out = &copy->staged;
	return true;
}

/* --- publish ------------------------------------------------------------- */

/*
 * Errors that another inode may not have: too many links, another mount of
 * the same device, links forbidden, or the last name of this inode was
 * removed meanwhile.
 */
static bool
needs_copy(int err)
{
	return err == EMLINK || err == EXDEV || err == EPERM || err == ENOENT;
}

static bool
link_copy(struct maildir_copy *copy, struct fail *why)
{
	struct store_txn *txn = copy->staged.txn;
	bool ok;

	ok = maildir_file_get(
	    txn, copy->box, copy->sub, false, &copy->file, why);
	io_close(&copy->box->fd);
	if (!ok)
		return false;
	if (fs_link_fd(copy->file->fd, copy->sub->fd, copy->name))
		return true;
	return fail_errno(why, errno, "link %s", copy->name);
}

static bool
link_name(struct maildir_copy *copy, struct fail *why)
{
	if (fs_link_fd(copy->file->fd, copy->sub->fd, copy->name))
		return true;
	copy->adopted = errno == EEXIST;
	if (copy->adopted)
		return maildir_file_adopt(
		    copy->staged.txn, copy->sub, copy->name, &copy->file, why);
	if (needs_copy(errno))
		return link_copy(copy, why);
	return fail_errno(why, errno, "link %s", copy->name);
}

static bool
maildir_publish(struct staged *staged, struct fail *why)
{
	struct maildir_copy *copy = copy_of(staged);

	if (staged->published)
		return true;
	if (copy->file->state == MAILDIR_FAILED) {
		*why = copy->file->why;
		return false;
	}
	if (!link_name(copy, why))
		return fail_prepend(why, "%.*s", STR_ARG(staged->mailbox));
	copy->sub->dirty = true;
	if (!copy->file->adopted)
		maildir_disk_named(copy->sub->disk, copy->file->fd);
	if (copy->keywords.n > 0)
		maildir_keyword_file(
		    staged->txn, copy->box, copy->name, &copy->keywords);
	staged->published = true;
	staged->path = make_path(copy);
	return true;
}

/* --- sync and undo ------------------------------------------------------- */

static void
uncount(struct maildir_copy *copy)
{
	if (copy->quota != NULL)
		maildir_quota_release(
		    copy->staged.txn, copy->quota, copy->counted);
	copy->quota = NULL;
	copy->counted = false;
}

static void
maildir_discard(struct staged *staged)
{
	struct maildir_copy *copy = copy_of(staged);

	uncount(copy);
	if (!staged->published)
		return;
	if (!maildir_remove(copy->sub->fd, copy->name))
		log_error("cannot remove %.*s: %s", STR_ARG(staged->path),
		    strerror(errno));
	/* the name is on disk, and would be back after a crash */
	if (staged->final)
		fs_sync(copy->sub->fd);
	staged->published = staged->final = false;
}

/* A file that an earlier run named is not covered by what this one did. */
static bool
sync_copy(struct maildir_copy *copy, struct fail *why)
{
	struct maildir_disk *disk = copy->sub->disk;

	if (disk->order == STORE_ONE_COMMIT && !copy->file->adopted)
		return maildir_disk_sync(disk, why);
	return maildir_file_sync(copy->file, why) &&
	       maildir_sub_sync(copy->sub, why);
}

static bool
maildir_sync(struct staged *staged, struct fail *why)
{
	struct maildir_copy *copy = copy_of(staged);

	assert(staged->published);
	if (staged->final)
		return true;
	if (sync_copy(copy, why)) {
		staged->final = true;
		copy->counted = !copy->adopted;
		if (copy->counted)
			maildir_quota_stored(staged->txn, copy->quota);
		return true;
	}
	maildir_discard(staged);
	fs_sync(copy->sub->fd);
	return fail_prepend(why, "%.*s", STR_ARG(staged->mailbox));
}

static void
maildir_end(struct store_txn *txn)
{
	maildir_quota_end(txn);
	for (struct maildir_file *f = txn->files; f != NULL; f = f->next)
		maildir_file_close(f);
	for (struct maildir_box *b = txn->boxes; b != NULL; b = b->next)
		maildir_sweep_end(b);
	for (struct maildir_box *b = txn->boxes; b != NULL; b = b->next)
		for (int i = 0; i < MAILDIR_NSUBS; i++)
			io_close(&b->sub[i].fd);
	txn->files = NULL;
	txn->boxes = NULL;
}

const struct store store_maildir = {
	.name = "maildir",
	.lookup = &maildir_lookup,
	.begin = maildir_begin,
	.exists = exists,
	.stage = maildir_stage,
	.publish = maildir_publish,
	.sync = maildir_sync,
	.discard = maildir_discard,
	.end = maildir_end,
};
