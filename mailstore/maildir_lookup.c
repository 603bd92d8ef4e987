/*
 * maildir_lookup: answers about an account's mailboxes: what they are for,
 * their ids, their annotations. Knows where each fact is kept; a mailbox that
 * does not exist has none of them.
 */
#include <errno.h>
#include <fcntl.h>

#include "lib/arena.h"
#include "lib/digest.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/account_file.h"
#include "mailstore/maildir.h"

enum {
	LOCK_BUDGET_MS = 3000,
	UIDLIST_HEAD = 1024, /* octets that hold its first line */
	GUID_DIGITS = 32,
};

struct guid {
	struct str id, mailbox;
};

/* What is kept from one question to the next. */
struct store_memo {
	struct account_lines lines;
	bool scanned;
	struct guid *guids; /* Dovecot's */
	size_t nguids;
};

/* One question. */
struct lookup {
	struct arena *arena;
	const struct store_account *acct;
	int rootfd; /* -1: there is no such account yet */
	struct store_memo *memo;
};

static void
end(struct lookup *l)
{
	io_close(&l->rootfd);
}

static bool
read_account(struct lookup *l, struct fail *why)
{
	if (l->rootfd >= 0)
		return account_file_read(
		    l->arena, l->rootfd, &l->memo->lines, why);
	/* an account that the first message makes has nothing yet */
	l->memo->scanned = true;
	return errno == ENOENT || fail_errno(why, errno, "open account");
}

static bool
begin(struct lookup *l, struct arena *a, const struct store_account *acct,
    struct fail *why)
{
	*l = (struct lookup){ .arena = a, .acct = acct };
	l->rootfd = maildir_root(a, acct->root);
	if (acct->memo != NULL && *acct->memo != NULL) {
		l->memo = *acct->memo;
		return true;
	}
	l->memo = ARENA_NEW(a, struct store_memo);
	*l->memo = (struct store_memo){ 0 };
	if (!read_account(l, why)) {
		end(l);
		return false;
	}
	if (acct->memo != NULL)
		*acct->memo = l->memo;
	return true;
}

/* Its directory, or -1. A mailbox that cannot be opened does not exist. */
static int
open_mailbox(const struct lookup *l, struct str mailbox)
{
	enum mailbox_layout layout = l->acct->options->layout;
	struct str name, dir;
	struct fail ignored;
	int fd, cur;

	if (l->rootfd < 0 ||
	    !mailbox_name(l->arena, layout, mailbox, '/', &name, &ignored) ||
	    !mailbox_dir(l->arena, layout, name, &dir, &ignored))
		return -1;
	if (dir.len == 0)
		dir = S(".");
	fd = fs_open_beneath(
	    l->rootfd, str_cstr(l->arena, dir), O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 && errno == ENOENT &&
	    maildir_find_dir(l->arena, layout, l->rootfd, &dir))
		fd = fs_open_beneath(l->rootfd, str_cstr(l->arena, dir),
		    O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || layout == LAYOUT_MAILDIRPP)
		return fd;
	cur = fs_open_beneath(fd, "cur", O_RDONLY | O_DIRECTORY, 0);
	if (cur < 0)
		io_close(&fd);
	io_close(&cur);
	return fd;
}

static bool
is_there(const struct lookup *l, struct str mailbox)
{
	int fd = mailbox.len > 0 ? open_mailbox(l, mailbox) : -1;
	bool is = fd >= 0;

	io_close(&fd);
	return is;
}

static bool
list(struct arena *a, const struct store_account *acct, struct strlist *out,
    struct fail *why)
{
	int rootfd = maildir_root(a, acct->root);
	struct maildir_found *v;
	size_t n;
	bool ok;

	*out = (struct strlist){ 0 };
	if (rootfd < 0 && errno == ENOENT)
		return true;
	ok = rootfd >= 0 &&
	     maildir_scan(a, acct->options->layout, rootfd, &v, &n);
	if (!ok)
		fail_errno(why, errno, "list mailboxes");
	io_close(&rootfd);
	for (size_t i = 0; ok && i < n; i++)
		if (i == 0 || !str_eq(v[i].name, v[i - 1].name))
			strlist_add(a, out, v[i].name);
	return ok;
}

/* --- special use --------------------------------------------------------- */

/* Is this flag's mailbox the wanted one ("": any) and there? The answer, if
 * it is. */
static void
fits(const struct lookup *l, struct str wanted, struct str mailbox,
    struct str *out)
{
	struct fail ignored;

	if (wanted.len > 0 && !mailbox_name(l->arena, l->acct->options->layout,
				  wanted, '/', &wanted, &ignored))
		return;
	if ((wanted.len == 0 || str_eq(wanted, mailbox)) &&
	    is_there(l, mailbox))
		*out = mailbox;
}

/*
 * What the account says itself about a flag. Several lines for one flag are
 * several mailboxes; the first that exists is the answer, so that it is
 * always the same.
 *   returns  false: the account says nothing
 */
static bool
ask_account(const struct lookup *l, struct str mailbox, struct str flag,
    struct str *out)
{
	bool said = false;

	for (size_t i = 0; i < l->memo->lines.n && out->len == 0; i++) {
		const struct account_line *line = &l->memo->lines.v[i];

		if (line->kind != ACCOUNT_USE ||
		    !str_caseeq(line->field[0], flag))
			continue;
		said = true;
		fits(l, mailbox, line->field[1], out);
	}
	return said;
}

static void
ask_options(const struct lookup *l, struct str mailbox, struct str flag,
    struct str *out)
{
	const struct store_options *o = l->acct->options;

	for (size_t i = 0; i < o->nuses && out->len == 0; i++)
		if (str_caseeq(o->uses[i].flag, flag))
			fits(l, mailbox, o->uses[i].mailbox, out);
}

static bool
special_use(struct arena *a, const struct store_account *acct,
    struct str mailbox, struct str flag, struct str *out, struct fail *why)
{
	struct lookup l;

	*out = S("");
	if (!begin(&l, a, acct, why))
		return false;
	if (!ask_account(&l, mailbox, flag, out))
		ask_options(&l, mailbox, flag, out);
	end(&l);
	return true;
}

/* --- ids ----------------------------------------------------------------- */

/* "G" of the first line of dovecot-uidlist; "" when there is none. */
static struct str
dovecot_guid(struct arena *a, int boxfd)
{
	int fd = fs_open_beneath(boxfd, "dovecot-uidlist", O_RDONLY, 0);
	char head[UIDLIST_HEAD];
	struct str rest, line, word;
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = io_read(fd, head, sizeof(head));
	io_close(&fd);
	if (n <= 0)
		return S("");
	rest = str_from(head, (size_t)n);
	if (!str_cut(&rest, '\n', &line) || !str_starts(line, S("3 ")))
		return S("");
	while (str_cut(&line, ' ', &word))
		if (word.len == 1 + GUID_DIGITS && word.p[0] == 'G')
			return str_dup(a, str_from_offset(word, 1));
	return S("");
}

static void
add_guid(struct lookup *l, struct str mailbox)
{
	struct store_memo *m = l->memo;
	size_t n = m->nguids;
	int fd = open_mailbox(l, mailbox);
	struct str id = fd >= 0 ? dovecot_guid(l->arena, fd) : S("");

	io_close(&fd);
	if (id.len == 0)
		return;
	if ((n & (n - 1)) == 0)
		m->guids = arena_grow(l->arena, m->guids, n * sizeof(*m->guids),
		    (n == 0 ? 1 : 2 * n) * sizeof(*m->guids));
	m->guids[m->nguids++] = (struct guid){ id, mailbox };
}

static bool
scan_guids(struct lookup *l, struct fail *why)
{
	struct strlist names;

	if (l->memo->scanned)
		return true;
	if (!list(l->arena, l->acct, &names, why))
		return false;
	add_guid(l, S("INBOX"));
	for (size_t i = 0; i < names.n; i++)
		add_guid(l, names.v[i]);
	l->memo->scanned = true;
	return true;
}

/* One that was given by us stays good, even when Dovecot gave another
 * afterwards. */
static bool
is_given(const struct lookup *l, struct str id, struct str *out)
{
	for (size_t i = 0; i < l->memo->lines.n; i++) {
		const struct account_line *line = &l->memo->lines.v[i];

		if (line->kind == ACCOUNT_ID && str_eq(line->field[1], id) &&
		    is_there(l, line->field[0])) {
			*out = line->field[0];
			return true;
		}
	}
	return false;
}

static bool
mailbox_by_id(struct arena *a, const struct store_account *acct, struct str id,
    struct str *out, struct fail *why)
{
	struct lookup l;
	bool ok;

	*out = S("");
	if (!begin(&l, a, acct, why))
		return false;
	ok = is_given(&l, id, out) || scan_guids(&l, why);
	for (size_t i = 0; ok && out->len == 0 && i < l.memo->nguids; i++)
		if (str_eq(l.memo->guids[i].id, id))
			*out = l.memo->guids[i].mailbox;
	end(&l);
	return ok;
}

/* Two may want to give one at a time: what the file says then is it. */
static bool
give_id(struct lookup *l, struct str mailbox, struct str *out, struct fail *why)
{
	const struct account_line *given;
	int64_t budget_ms = LOCK_BUDGET_MS;
	char id[GUID_DIGITS + 1];
	struct account_line line = { ACCOUNT_ID, { mailbox } };

	digest_random_id(id, GUID_DIGITS);
	*out = line.field[1] = str_from(id, GUID_DIGITS);
	if (!account_file_set(
		l->arena, l->rootfd, &line, ACCOUNT_ADD, &budget_ms, why) ||
	    !account_file_read(l->arena, l->rootfd, &l->memo->lines, why))
		return false;
	given = account_find_line(&l->memo->lines, ACCOUNT_ID, mailbox, S(""));
	*out = given != NULL ? given->field[1] : S("");
	return true;
}

static bool
find_id(struct lookup *l, struct str mailbox, int boxfd, struct str *out,
    struct fail *why)
{
	const struct account_line *given;

	*out = dovecot_guid(l->arena, boxfd);
	if (out->len > 0)
		return true;
	given = account_find_line(&l->memo->lines, ACCOUNT_ID, mailbox, S(""));
	if (given == NULL)
		return give_id(l, mailbox, out, why);
	*out = given->field[1];
	return true;
}

static bool
mailbox_id(struct arena *a, const struct store_account *acct,
    struct str mailbox, struct str *out, struct fail *why)
{
	struct lookup l;
	bool ok = true;
	int fd;

	*out = S("");
	if (!begin(&l, a, acct, why))
		return false;
	fd = open_mailbox(&l, mailbox);
	if (fd >= 0)
		ok = find_id(&l, mailbox, fd, out, why);
	io_close(&fd);
	end(&l);
	return ok;
}

/* --- metadata ------------------------------------------------------------ */

static bool
metadata(struct arena *a, const struct store_account *acct, struct str mailbox,
    struct str annotation, struct str *value, bool *found, struct fail *why)
{
	const struct account_line *line = NULL;
	struct lookup l;

	*value = S("");
	if (!begin(&l, a, acct, why))
		return false;
	if (mailbox.len == 0 || is_there(&l, mailbox))
		line = account_find_line(
		    &l.memo->lines, ACCOUNT_METADATA, mailbox, annotation);
	*found = line != NULL;
	if (line != NULL)
		*value = line->field[2];
	end(&l);
	return true;
}

const struct store_lookup maildir_lookup = {
	.list = list,
	.special_use = special_use,
	.mailbox_by_id = mailbox_by_id,
	.mailbox_id = mailbox_id,
	.metadata = metadata,
};
