/*
 * store_maildir when something is in the way: nothing leaves the store,
 * nothing is left behind, and nothing is called permanent that is not.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"

static void
refused(struct world *w, const struct store_target *target, const char *status)
{
	if (deliver(w, target) != NULL)
		fail_msg("%.*s was stored", STR_ARG(target->mailbox));
	assert_string_equal(w->why.status, status);
	assert_int_equal(messages(w), 0);
}

/* --- links --------------------------------------------------------------- */

static void
test_links(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");

	make_root(w, "eve");
	/* new/ */
	rmdir(at(w, "joe/new"));
	assert_int_equal(symlink(at(w, "eve/new"), at(w, "joe/new")), 0);
	refused(w, &target, "4.3.0");
	unlink(at(w, "joe/new"));
	assert_int_equal(symlink("cur", at(w, "joe/new")), 0);
	refused(w, &target, "4.3.0");
	/* a mailbox, also where create might help */
	assert_int_equal(symlink("../eve", at(w, "joe/.A")), 0);
	target = to(w, "A");
	refused(w, &target, "4.3.0");
	target.create = true;
	refused(w, &target, "4.3.0");
	assert_int_equal(entries(at(w, "eve")), 3);
	/* the root, with and without '/' behind it */
	assert_int_equal(symlink("eve", at(w, "mallory")), 0);
	target = to(w, "INBOX");
	target.root = str_c(at(w, "mallory"));
	refused(w, &target, "4.3.0");
	target.root = str_c(at(w, "mallory//"));
	refused(w, &target, "4.3.0");
	target.root = str_c(at(w, "eve//"));
	assert_non_null(deliver(w, &target));
}

static void
test_names(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "..", "../eve", "a/../../eve",
		"/etc", "", "a.b", "~eve" };

	make_root(w, "eve");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct store_target target = to(w, names[i]);

		target.create = true;
		refused(w, &target, "5.1.3");
	}
	assert_int_equal(entries(at(w, "joe")), 3);
}

/* A file, a FIFO or a socket where a directory should be. */
static void
test_no_directory(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "A");

	target.create = true;
	make_file(at(w, "joe/.A"), "");
	refused(w, &target, "4.3.0");
	unlink(at(w, "joe/.A"));
	assert_int_equal(mkfifo(at(w, "joe/.A"), 0600), 0);
	refused(w, &target, "4.3.0");
	rmdir(at(w, "joe/new"));
	assert_int_equal(mkfifo(at(w, "joe/new"), 0600), 0);
	target = to(w, "INBOX");
	refused(w, &target, "4.3.0");
}

static void
test_root_missing(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	struct store_account acct = { .options = &w->options };
	bool is = true;

	target.root = acct.root = str_c(at(w, "a/b/joe"));
	refused(w, &target, "4.3.0");
	target.mailbox = S("A");
	refused(w, &target, "4.3.0");
	assert_true(
	    store_maildir.exists(w->a, &acct, S("INBOX"), &is, &w->why));
	assert_false(is);
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "a/b/joe/.A")), 4);
	target = to(w, "INBOX");
	target.root = S("relative");
	assert_null(deliver(w, &target));
	target.root = S("/tmp\0/x");
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "4.3.0");
}

/* --- no rights, no space, no descriptors --------------------------------- */

static void
test_read_only(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX"), make = to(w, "A");
	bool root = geteuid() == 0;

	make.create = true;
	make.flags = flags(w, "$K");
	chmod(w->dir, 0755);
	chmod(at(w, "joe"), 0555);
	chmod(at(w, "joe/new"), 0555);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	refused(w, &target, "4.3.0");
	refused(w, &make, "4.3.0");
	target.flags = make.flags;
	refused(w, &target, "4.3.0");
	if (root)
		assert_int_equal(seteuid(0), 0);
	chmod(at(w, "joe"), 0755);
	chmod(at(w, "joe/new"), 0755);
	assert_int_equal(entries(at(w, "joe")), 3);
}

static void
test_file_too_big(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	struct rlimit old, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = (struct rlimit){ 10, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_null(deliver(w, &target));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_string_equal(w->why.status, "4.3.1");
	assert_int_equal(w->why.code, 452);
	assert_int_equal(messages(w), 0);
	assert_non_null(deliver(w, &target));
}

/* Every number of free descriptors: all or nothing. */
static void
test_no_descriptors(void **state)
{
	struct world *w = *state;
	struct rlimit old, few;
	int stored = 0;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	for (uint32_t n = 0; n < 8; n++) {
		struct store_target target = to(w, "A");
		int probe = open("/", O_RDONLY);
		struct staged *s;

		close(probe);
		target.seq = n;
		target.create = true;
		target.flags = flags(w, "$K \\Seen");
		few = (struct rlimit){ (rlim_t)probe + n, old.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		s = deliver(w, &target);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		if (s == NULL)
			assert_string_equal(w->why.status, "4.3.2");
		stored += s != NULL;
		assert_int_equal(messages(w), stored);
	}
	assert_true(stored > 0 && stored < 8);
}

/* --- fsync that fails ---------------------------------------------------- */

/* After this fsync(fd) fails with EINVAL; returns what fd was. */
static int
break_fd(int fd)
{
	int keep = dup(fd), pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(dup2(pipes[0], fd), fd);
	close(pipes[0]);
	close(pipes[1]);
	return keep;
}

static void
mend_fd(int fd, int keep)
{
	assert_int_equal(dup2(keep, fd), fd);
	close(keep);
}

/* Two copies, in joe's and eve's INBOX. */
static void
stage_two(struct world *w, struct staged *s[2])
{
	struct store_target target = to(w, "INBOX");

	begin(w);
	assert_true(store_maildir.stage(w->txn, &target, &s[0], &w->why));
	target.root = make_root(w, "eve");
	target.rcpt = 1;
	assert_true(store_maildir.stage(w->txn, &target, &s[1], &w->why));
	assert_int_equal(messages(w), 0);
}

static void
publish_two(struct world *w, struct staged *s[2])
{
	assert_true(store_maildir.publish(s[0], &w->why));
	assert_true(store_maildir.publish(s[1], &w->why));
	assert_int_equal(messages(w), 2);
}

static void
sync_refused(struct world *w, struct staged *s)
{
	assert_false(store_maildir.sync(s, &w->why));
	assert_string_equal(w->why.status, "4.3.0");
	assert_false(s->published || s->final);
}

/* The kernel tells it once: the second copy must not believe a second try. */
static void
test_file_sync(void **state)
{
	struct world *w = *state;
	struct staged *s[2];
	int fd, keep;

	stage_two(w, s);
	publish_two(w, s);
	fd = w->txn->files->fd;
	assert_null(w->txn->files->next);
	keep = break_fd(fd);
	sync_refused(w, s[0]);
	mend_fd(fd, keep);
	assert_int_equal(messages(w), 1);
	sync_refused(w, s[1]);
	assert_int_equal(messages(w), 0);
	end(w);
}

static void
test_directory_sync(void **state)
{
	struct world *w = *state;
	struct store_target more = to(w, "INBOX");
	struct staged *s[2], *third;
	struct maildir_sub *sub;
	int keep;

	stage_two(w, s);
	more.seq = 1;
	assert_true(store_maildir.stage(w->txn, &more, &third, &w->why));
	publish_two(w, s);
	assert_true(store_maildir.publish(third, &w->why));
	sub = &w->txn->boxes->next->sub[MAILDIR_NEW]; /* joe's */
	assert_true(store_maildir.sync(s[1], &w->why));
	keep = break_fd(sub->fd);
	assert_false(maildir_sub_sync(sub, &w->why));
	mend_fd(sub->fd, keep);
	sync_refused(w, s[0]);
	sync_refused(w, third);
	end(w);
	/* eve's is not touched by joe's disk */
	assert_int_equal(messages(w), 1);
	assert_int_equal(entries(at(w, "eve/new")), 1);
}

/* A spool file that could not be synced is not copied either. */
static void
test_spool_sync(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	struct staged *s;
	int fd = open(w->dir, O_TMPFILE | O_RDWR, 0600), keep;

	assert_true(io_write_all(fd, w->message.bytes.p, w->message.bytes.len));
	w->message.fd = fd;
	begin(w);
	assert_true(store_maildir.stage(w->txn, &target, &s, &w->why));
	keep = break_fd(fd);
	assert_false(maildir_file_sync(w->txn->spool, &w->why));
	mend_fd(fd, keep);
	assert_false(store_maildir.publish(s, &w->why));
	target.root = make_root(w, "eve");
	assert_false(store_maildir.stage(w->txn, &target, &s, &w->why));
	assert_string_equal(w->why.status, "4.3.0");
	end(w);
	io_close(&fd);
	assert_int_equal(messages(w), 0);
}

/* Strict: synced before there is a name. */
static void
test_strict(void **state)
{
	struct world *w = *state;
	struct staged *s[2];

	w->options.order = STORE_STRICT;
	stage_two(w, s);
	assert_int_equal(w->txn->files->state, MAILDIR_SYNCED);
	end(w);
	w->options.order = STORE_WRITE_OUT;
	w->root = make_root(w, "ann");
	begin(w);
	assert_true(store_maildir.stage(w->txn,
	    &(struct store_target){ .root = w->root, .mailbox = S("INBOX") },
	    &s[0], &w->why));
	assert_int_equal(w->txn->files->state, MAILDIR_WRITTEN);
	end(w);
	assert_int_equal(messages(w), 0);
}

/* --- one commit ----------------------------------------------------------- */

/* Two transactions that are synced together, published: joe's, then eve's. */
static struct store_txn *
publish_together(struct world *w, struct staged *s[2])
{
	struct store_target target = to(w, "INBOX");
	struct store_txn *second;

	w->options.order = STORE_ONE_COMMIT;
	begin(w);
	second = store_maildir.begin(w->a, &w->options, &w->message, w->txn);
	assert_true(store_maildir.stage(w->txn, &target, &s[0], &w->why));
	target.root = make_root(w, "eve");
	assert_true(store_maildir.stage(second, &target, &s[1], &w->why));
	assert_int_equal(w->txn->files->state, MAILDIR_WRITTEN);
	assert_ptr_not_equal(w->txn->files, second->files);
	publish_two(w, s);
	return second;
}

/* Only the file that was named last is synced, once for both. */
static void
test_one_commit(void **state)
{
	struct world *w = *state;
	struct staged *s[2];
	struct store_txn *second = publish_together(w, s);
	int first = w->txn->files->fd, last = second->files->fd, keep;

	keep = break_fd(first);
	assert_true(store_maildir.sync(s[1], &w->why));
	mend_fd(first, keep);
	keep = break_fd(last);
	assert_true(store_maildir.sync(s[0], &w->why));
	mend_fd(last, keep);
	assert_true(s[0]->final && s[1]->final);
	store_maildir.end(second);
	end(w);
	assert_int_equal(messages(w), 2);
}

/* One sync that fails is everybody's, and is not tried again. */
static void
test_one_commit_fails(void **state)
{
	struct world *w = *state;
	struct staged *s[2];
	struct store_txn *second = publish_together(w, s);
	int last = second->files->fd, keep = break_fd(last);

	assert_false(store_maildir.sync(s[0], &w->why));
	mend_fd(last, keep);
	assert_string_equal(w->why.status, "4.3.0");
	assert_int_equal(messages(w), 1);
	assert_false(store_maildir.sync(s[1], &w->why));
	assert_false(s[0]->published || s[1]->published);
	store_maildir.end(second);
	end(w);
	assert_int_equal(messages(w), 0);
}

/* A name that an earlier run made: its own file and directory are synced,
 * whatever the last file of this run is. */
static void
test_one_commit_adopts(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	struct staged *s[2];
	struct store_txn *second;

	assert_non_null(deliver(w, &target));
	second = publish_together(w, s);
	assert_true(store_maildir.sync(s[1], &w->why));
	assert_true(w->txn->files->adopted);
	assert_int_equal(w->txn->files->state, MAILDIR_WRITTEN);
	assert_true(store_maildir.sync(s[0], &w->why));
	assert_int_equal(w->txn->files->state, MAILDIR_SYNCED);
	store_maildir.end(second);
	end(w);
	assert_int_equal(messages(w), 2);
}

/* Nothing is assumed of a file system nobody has tried, asked or known. */
static void
test_auto(void **state)
{
	struct world *w = *state;
	int fd = open("/proc", O_RDONLY | O_DIRECTORY);
	struct stat st = stat_of("/proc");

	w->options.order = STORE_AUTO;
	for (int i = 0; i < 3; i++) {
		begin(w);
		assert_int_equal(
		    maildir_disk(w->txn, st.st_dev, fd)->order, STORE_STRICT);
		end(w);
		w->options.disks = store_disks_new(w->a);
	}
	close(fd);
}

/* --- undo ---------------------------------------------------------------- */

static void
test_discard(void **state)
{
	struct world *w = *state;
	struct staged *s[2];

	stage_two(w, s);
	store_maildir.discard(s[0]);
	publish_two(w, s);
	store_maildir.discard(s[0]);
	store_maildir.discard(s[0]);
	assert_int_equal(entries(at(w, "joe/new")), 0);
	assert_true(store_maildir.sync(s[1], &w->why));
	assert_true(s[1]->final);
	store_maildir.discard(s[1]);
	assert_false(s[1]->final || s[1]->published);
	assert_int_equal(messages(w), 0);
	end(w);
}

static void
test_end(void **state)
{
	struct world *w = *state;
	struct staged *s[2];

	stage_two(w, s);
	assert_true(store_maildir.publish(s[1], &w->why));
	end(w);
	assert_int_equal(messages(w), 1);
	assert_int_equal(entries(at(w, "joe/new")), 0);
}

/* File systems without O_TMPFILE: a name in tmp/, until the end. */
static void
test_named(void **state)
{
	struct world *w = *state;
	struct maildir_file *file;
	struct maildir_box *box;

	begin(w);
	box = maildir_box(w->txn, w->root, S(""));
	assert_true(maildir_sub_open(w->txn, box, MAILDIR_NEW, false, &w->why));
	assert_true(maildir_file_named(
	    w->txn, box, &box->sub[MAILDIR_NEW], &file, &w->why));
	io_close(&box->fd);
	assert_int_equal(entries(at(w, "joe/tmp")), 1);
	assert_string_equal(
	    read_file(w, at(w, "joe/tmp/%s", only_entry(w, at(w, "joe/tmp")))),
	    w->message.bytes.p);
	assert_true(fs_link_fd(file->fd, box->sub[MAILDIR_NEW].fd, "x,S=18"));
	end(w);
	assert_int_equal(messages(w), 1);
	assert_int_equal(entries(at(w, "joe/tmp")), 0);
	assert_string_equal(
	    read_file(w, at(w, "joe/new/x,S=18")), w->message.bytes.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_links),
		WORLD_TEST(test_names),
		WORLD_TEST(test_no_directory),
		WORLD_TEST(test_root_missing),
		WORLD_TEST(test_read_only),
		WORLD_TEST(test_file_too_big),
		WORLD_TEST(test_no_descriptors),
		WORLD_TEST(test_file_sync),
		WORLD_TEST(test_directory_sync),
		WORLD_TEST(test_spool_sync),
		WORLD_TEST(test_strict),
		WORLD_TEST(test_auto),
		WORLD_TEST(test_one_commit),
		WORLD_TEST(test_one_commit_fails),
		WORLD_TEST(test_one_commit_adopts),
		WORLD_TEST(test_discard),
		WORLD_TEST(test_end),
		WORLD_TEST(test_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
