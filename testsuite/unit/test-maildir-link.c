/*
 * Names: each message has its own, whoever makes it and whatever the clock
 * says; what happens when the file system takes no more links; and which
 * directories are synced. linkat(2) and fsync(2) are replaced here.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static int calls;              /* of linkat */
static int fail_from, fail_to; /* these of them */
static int fail_with;

int
linkat(int from, const char *old, int to, const char *new, int flags)
{
	calls++;
	if (calls >= fail_from && calls <= fail_to) {
		errno = fail_with;
		return -1;
	}
	return (int)syscall(SYS_linkat, from, old, to, new, flags);
}

enum { MAX_SYNCED = 64 };
static ino_t synced[MAX_SYNCED];
static int nsynced;

int
fsync(int fd)
{
	struct stat st;

	if (nsynced < MAX_SYNCED && fstat(fd, &st) == 0)
		synced[nsynced++] = st.st_ino;
	return (int)syscall(SYS_fsync, fd);
}

/* --- links that are refused ------------------------------------------------
 */

static const int refusals[] = { EMLINK, EXDEV, EPERM, ENOENT };
enum { NREFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

static void
stage_in(struct world *w, const char *root, uint32_t rcpt, struct staged **out)
{
	struct store_target target = to(w, "INBOX");

	target.root = str_c(at(w, "%s", root));
	target.rcpt = rcpt;
	assert_true(store_maildir.stage(w->txn, &target, out, &w->why));
}

/* The second of three mailboxes cannot have a link: it gets a copy, and the
 * third shares with the first. */
static void
test_copy_instead(void **state)
{
	struct world *w = *state;
	struct staged *s[3];

	make_root(w, "ann");
	make_root(w, "bob");
	for (int i = 0; i < NREFUSALS; i++) {
		struct stat st[3];

		w->message.id = str_printf(w->a, "L%d", i);
		calls = 0;
		fail_from = fail_to = 2;
		fail_with = refusals[i];
		begin(w);
		stage_in(w, "joe", 0, &s[0]);
		stage_in(w, "ann", 1, &s[1]);
		stage_in(w, "bob", 2, &s[2]);
		for (int j = 0; j < 3; j++)
			if (!store_maildir.publish(s[j], &w->why) ||
			    !store_maildir.sync(s[j], &w->why))
				fail_msg("case %d: %s", i, w->why.text);
		for (int j = 0; j < 3; j++)
			st[j] = stat_of(str_cstr(w->a, s[j]->path));
		end(w);
		assert_int_equal(st[0].st_ino, st[2].st_ino);
		assert_int_not_equal(st[0].st_ino, st[1].st_ino);
		assert_int_equal(st[1].st_size, st[0].st_size);
		assert_string_equal(read_file(w, str_cstr(w->a, s[1]->path)),
		    w->message.bytes.p);
	}
	assert_int_equal(messages(w), 3 * NREFUSALS);
}

/* Nor can the copy: later, and nothing is left. */
static void
test_no_link_at_all(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");

	for (int i = 0; i < NREFUSALS; i++) {
		calls = 0;
		fail_from = 1;
		fail_to = 100;
		fail_with = refusals[i];
		assert_null(deliver(w, &target));
		assert_string_equal(w->why.status, "4.3.0");
		assert_int_equal(w->why.sys, refusals[i]);
		assert_int_equal(messages(w), 0);
		/* a copy is tried once */
		assert_int_equal(calls, 2);
	}
	/* what is no matter of this inode is not tried again */
	calls = 0;
	fail_with = ENOSPC;
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "4.3.1");
	assert_int_equal(calls, 1);
	calls = 0;
	fail_with = EDQUOT;
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "4.2.2");
	assert_int_equal(w->why.code, 452);
	assert_int_equal(w->why.class, FAIL_TEMP);
	assert_int_equal(messages(w), 0);
}

/* --- names ------------------------------------------------------------------
 */

static int
deliver_named(struct world *w, unsigned n)
{
	struct store_target target = to(w, "INBOX");

	fail_to = 0;
	target.rcpt = n & 1;
	target.seq = n >> 1 & 1;
	w->message.id = n >> 2 & 1 ? S("TxnA") : S("TxnB");
	w->options.hostname = n >> 3 & 1 ? S("mx1") : S("mx2");
	/* the same second, an hour back, and the beginning of time */
	w->message.time_us =
	    INT64_C(1700000000000042) - (n >> 4 & 1) * INT64_C(3600000000);
	if (n >> 5 & 1)
		w->message.time_us = -1;
	return deliver(w, &target) != NULL;
}

/* Recipients, copies, transactions, hosts and clocks that were set back:
 * what differs in any of them has a name of its own; what does not is the
 * same message once more. */
static void
test_names(void **state)
{
	struct world *w = *state;
	/* before the beginning of time two clocks say the same */
	const int names = 32 + 16;

	for (unsigned n = 0; n < 64; n++)
		assert_true(deliver_named(w, n));
	assert_int_equal(entries(at(w, "joe/new")), names);
	for (unsigned n = 0; n < 64; n++)
		assert_true(deliver_named(w, n));
	assert_int_equal(entries(at(w, "joe/new")), names);
}

/* --- directories ------------------------------------------------------------
 */

static bool
was_synced(struct world *w, const char *name)
{
	ino_t ino = stat_of(at(w, "%s", name)).st_ino;

	for (int i = 0; i < nsynced; i++)
		if (synced[i] == ino)
			return true;
	return false;
}

static void
deliver_to(struct world *w, enum mailbox_layout layout, const char *mailbox)
{
	struct store_target target = to(w, mailbox);

	fail_to = 0;
	target.create = true;
	w->options.layout = layout;
	nsynced = 0;
	if (deliver(w, &target) == NULL)
		fail_msg("%s", w->why.text);
}

/* What was made is synced, up to the oldest directory that was there; also
 * when somebody else made the first part of it and went away. */
static void
test_made_is_synced(void **state)
{
	struct world *w = *state;

	deliver_to(w, LAYOUT_MAILDIRPP, "A");
	assert_true(was_synced(w, "joe") && was_synced(w, "joe/.A"));
	assert_true(was_synced(w, "joe/.A/new"));
	deliver_to(w, LAYOUT_MAILDIRPP, "A");
	assert_false(was_synced(w, "joe") || was_synced(w, "joe/.A"));
	/* half of one */
	assert_int_equal(mkdir(at(w, "joe/.B"), 0700), 0);
	deliver_to(w, LAYOUT_MAILDIRPP, "B");
	assert_true(was_synced(w, "joe") && was_synced(w, "joe/.B"));
	assert_int_equal(rmdir(at(w, "joe/new")), 0);
	deliver_to(w, LAYOUT_MAILDIRPP, "INBOX");
	assert_true(was_synced(w, "joe") && was_synced(w, "joe/new"));
	/* levels that are no mailboxes */
	deliver_to(w, LAYOUT_FS, "X/Y/Z");
	assert_true(was_synced(w, "joe") && was_synced(w, "joe/X"));
	assert_true(was_synced(w, "joe/X/Y") && was_synced(w, "joe/X/Y/Z"));
	assert_int_equal(mkdir(at(w, "joe/X/Q"), 0700), 0);
	assert_int_equal(mkdir(at(w, "joe/X/Q/cur"), 0700), 0);
	deliver_to(w, LAYOUT_FS, "X/Q");
	assert_true(was_synced(w, "joe/X") && was_synced(w, "joe/X/Q"));
	/* the Maildir itself, with all above it that had to be made */
	w->root = str_c(at(w, "deep/er/joe"));
	deliver_to(w, LAYOUT_MAILDIRPP, "INBOX");
	assert_true(was_synced(w, ".") && was_synced(w, "deep"));
	assert_true(was_synced(w, "deep/er") && was_synced(w, "deep/er/joe"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_copy_instead),
		WORLD_TEST(test_no_link_at_all),
		WORLD_TEST(test_names),
		WORLD_TEST(test_made_is_synced),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
