/*
 * store_maildir on a real file system: where a message goes, under which
 * name, and which copies share an inode.
 */
#include "testsuite/unit/maildir-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/io.h"
#include "mailstore/maildir.h"

#define BASE "1700000000.M000042QAbC123R0N0.mx1.example.org,S=18,W=21"

static void
test_plain(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");

	for (int order = STORE_AUTO; order <= STORE_ONE_COMMIT; order++) {
		const char *path = at(w, "joe/new/" BASE);
		struct staged *s;

		w->options.order = (enum store_order)order;
		s = deliver(w, &target);
		assert_non_null(s);
		assert_true(s->published && s->final);
		assert_true(str_eq(s->path, str_c(path)));
		assert_true(str_eq(s->mailbox, S("INBOX")));
		assert_string_equal(only_entry(w, at(w, "joe/new")), BASE);
		assert_string_equal(read_file(w, path), w->message.bytes.p);
		assert_int_equal(stat_of(path).st_mode, S_IFREG | 0600);
		assert_int_equal(messages(w), 1);
		assert_int_equal(entries(at(w, "joe")), 3);
		unlink(path);
	}
}

static const struct {
	const char *bytes, *suffix;
} sizes[] = {
	{ "a\n\nb\n", ",S=5,W=8" },
	{ "a\r\n\r\nb\r\n", ",S=8,W=8" },
	{ "a\r\n\nb\n\r", ",S=7,W=9" },
	{ "\n", ",S=1,W=2" },
	{ "", ",S=0,W=0" },
	{ "no line end", ",S=11,W=11" },
};

static void
test_sizes(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct staged *s;

		set_message(w, sizes[i].bytes);
		s = deliver(w, &target);
		if (s == NULL || !str_ends(s->path, str_c(sizes[i].suffix)))
			fail_msg("case %zu: %s", i, w->why.text);
		assert_int_equal(
		    stat_of(s->path.p).st_size, (off_t)w->message.bytes.len);
		unlink(s->path.p);
	}
}

static const struct {
	const char *flags, *letters; /* letters "": in new/ */
} flag_cases[] = {
	{ "", "" },
	{ "\\Seen", "S" },
	{ "\\seen \\SEEN", "S" },
	{ "\\Deleted \\Seen \\Answered \\Flagged \\Draft", "DFRST" },
	{ "\\Flagged \\Answered", "FR" },
	{ "\\Recent", "" },
	{ "\\Strange \\Seen", "S" },
	{ "$SieveFailed", "a" },
	{ "$B \\Seen $A $B", "Sbc" }, /* $SieveFailed has 'a' by now */
	{ "$A", "c" },
};

static void
test_flags(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(flag_cases) / sizeof(flag_cases[0]);
	     i++) {
		const char *letters = flag_cases[i].letters;
		const char *path =
		    letters[0] == '\0'
			? at(w, "joe/new/" BASE)
			: at(w, "joe/cur/" BASE ":2,%s", letters);
		struct store_target target = to(w, "INBOX");
		struct staged *s;

		target.flags = flags(w, flag_cases[i].flags);
		s = deliver(w, &target);
		if (s == NULL || !str_eq(s->path, str_c(path)))
			fail_msg("case %zu: %s", i,
			    s != NULL ? s->path.p : w->why.text);
		assert_int_equal(messages(w), 1);
		assert_int_equal(unlink(path), 0);
	}
}

static void
test_hostname(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	char host[300];
	struct staged *s;

	w->options.hostname = S("a/b:c,d \n\xff.x");
	s = deliver(w, &target);
	assert_non_null(s);
	assert_true(str_find(s->path, S(".a\\057b\\072c\\054d___.x,S=")) > 0);
	unlink(s->path.p);
	/* the longest of everything still makes a name */
	memset(host, ',', sizeof(host));
	w->options.hostname = str_from(host, sizeof(host));
	memset(host, 'Q', 64);
	w->message.id = str_dup(w->a, str_from(host, 64));
	w->message.wsize = UINT64_MAX;
	target.rcpt = target.seq = UINT32_MAX;
	target.flags =
	    flags(w, "\\Seen \\Draft \\Deleted \\Flagged \\Answered");
	assert_non_null(deliver(w, &target));
}

static void
test_create(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "A/\xc3\x84");
	const char *dir = at(w, "joe/.A.&AMQ-");
	bool is;

	chmod(w->root.p, 02750);
	assert_null(deliver(w, &target));
	assert_string_equal(w->why.status, "5.1.1");
	assert_int_equal(access(dir, F_OK), -1);
	assert_true(maildir_has(w, target.mailbox, &is, &w->why));
	assert_false(is);
	target.create = true;
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(dir), 4);
	assert_int_equal(entries(at(w, "joe/.A.&AMQ-/new")), 1);
	assert_int_equal(entries(at(w, "joe/.A.&AMQ-/tmp")), 0);
	assert_int_equal(stat_of(dir).st_mode, S_IFDIR | 02750);
	assert_int_equal(
	    stat_of(at(w, "joe/.A.&AMQ-/cur")).st_mode, S_IFDIR | 02750);
	assert_int_equal(stat_of(at(w, "joe/.A.&AMQ-/maildirfolder")).st_mode,
	    S_IFREG | 0640);
	assert_int_equal(access(at(w, "joe/.A"), F_OK), -1);
	assert_true(maildir_has(w, target.mailbox, &is, &w->why));
	assert_true(is);
	assert_int_equal(messages(w), 1);
	/* the file follows new/, cut by the option */
	target.seq = 1;
	assert_int_equal(
	    stat_of(deliver(w, &target)->path.p).st_mode & 0777, 0640);
	target.seq = 2;
	w->options.file_mode = 0600;
	assert_int_equal(
	    stat_of(deliver(w, &target)->path.p).st_mode & 0777, 0600);
}

static void
test_complete(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");

	rmdir(at(w, "joe/new"));
	rmdir(at(w, "joe/cur"));
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe")), 3); /* no maildirfolder */
	assert_int_equal(mkdir(at(w, "joe/.bare"), 0700), 0);
	target = to(w, "bare");
	target.flags = flags(w, "\\Seen $K");
	assert_non_null(deliver(w, &target));
	assert_int_equal(entries(at(w, "joe/.bare")), 5); /* and keywords */
	assert_int_equal(entries(at(w, "joe/.bare/cur")), 1);
}

static void
test_exists(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *mailbox;
		bool is;
	} cases[] = {
		{ "INBOX", true },
		{ "inbox", true },
		{ "Dir", true },
		{ "INBOX/Dir", true },
		{ "File", false },
		{ "Link", false },
		{ "None", false },
		{ "../joe", false },
		{ "", false },
	};

	mkdir(at(w, "joe/.Dir"), 0700);
	make_file(at(w, "joe/.File"), "");
	assert_int_equal(symlink(".Dir", at(w, "joe/.Link")), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is = !cases[i].is;

		if (!maildir_has(w, str_c(cases[i].mailbox), &is, &w->why) ||
		    is != cases[i].is)
			fail_msg("case %zu", i);
	}
}

/* --- one transaction, many mailboxes ------------------------------------- */

enum { MANY = 20 };

/* Staged, published and synced in the order the engine does it. */
static void
deliver_many(struct world *w, const struct store_target *targets,
    struct staged **s, size_t n)
{
	begin(w);
	for (size_t i = 0; i < n; i++)
		if (!store_maildir.stage(w->txn, &targets[i], &s[i], &w->why))
			fail_msg("stage %zu: %s", i, w->why.text);
	assert_int_equal(messages(w), 0);
	for (size_t i = 0; i < n; i++)
		if (!store_maildir.publish(s[i], &w->why))
			fail_msg("publish %zu: %s", i, w->why.text);
	for (size_t i = 0; i < n; i++)
		if (!store_maildir.sync(s[i], &w->why))
			fail_msg("sync %zu: %s", i, w->why.text);
	end(w);
}

static void
make_targets(struct world *w, struct store_target *targets)
{
	for (uint32_t i = 0; i < MANY; i++) {
		char name[16];

		snprintf(name, sizeof(name), "user%u", i);
		targets[i] = to(w, "INBOX");
		targets[i].root = make_root(w, name);
		targets[i].rcpt = i;
	}
}

static void
check_shared(struct world *w, struct staged **s, ino_t inode)
{
	for (size_t i = 0; i < MANY; i++) {
		struct stat st = stat_of(s[i]->path.p);

		assert_int_equal(st.st_ino, inode);
		assert_int_equal(st.st_nlink, MANY);
		assert_string_equal(
		    read_file(w, s[i]->path.p), w->message.bytes.p);
	}
}

static void
test_one_inode(void **state)
{
	struct world *w = *state;
	struct store_target targets[MANY];
	struct staged *s[MANY];

	make_targets(w, targets);
	deliver_many(w, targets, s, MANY);
	check_shared(w, s, stat_of(s[0]->path.p).st_ino);
	assert_int_equal(messages(w), MANY);
}

static int
spool(struct world *w, const char *dir)
{
	int dirfd = fs_open_dir(dir), fd = fs_tmpfile(dirfd, 0600);

	assert_true(fd >= 0);
	assert_true(io_write_all(fd, w->message.bytes.p, w->message.bytes.len));
	io_close(&dirfd);
	return fd;
}

static void
test_spool(void **state)
{
	struct world *w = *state;
	struct store_target targets[MANY];
	struct staged *s[MANY];
	struct stat st;
	int fd = spool(w, w->dir);

	w->message.fd = fd;
	make_targets(w, targets);
	deliver_many(w, targets, s, MANY);
	assert_int_equal(fstat(fd, &st), 0); /* still open: not ours */
	check_shared(w, s, st.st_ino);
	io_close(&fd);
}

/* A spool file that is not the message is not linked. */
static void
test_spool_size(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	int fd = spool(w, w->dir);
	struct staged *s;

	w->message.fd = fd;
	set_message(w, "other bytes\n");
	s = deliver(w, &target);
	assert_non_null(s);
	assert_string_equal(read_file(w, s->path.p), "other bytes\n");
	io_close(&fd);
}

/* Dovecot removes one of two links to one inode in a mailbox. */
static void
test_same_mailbox(void **state)
{
	struct world *w = *state;
	struct store_target targets[4];
	struct staged *s[4];

	for (uint32_t i = 0; i < 4; i++) {
		targets[i] = to(w, "INBOX");
		targets[i].rcpt = i / 2;
		targets[i].seq = i % 2;
	}
	targets[3].flags = flags(w, "\\Seen");
	deliver_many(w, targets, s, 4);
	assert_int_equal(entries(at(w, "joe/new")), 3);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(stat_of(s[i]->path.p).st_nlink, 1);
}

/* One inode has one mode: mailboxes of other modes get their own. */
static void
test_other_mode(void **state)
{
	struct world *w = *state;
	struct store_target targets[MANY];
	struct staged *s[MANY];

	make_targets(w, targets);
	for (size_t i = 0; i < MANY; i += 2)
		chmod(at(w, "user%zu/new", i), 0777);
	deliver_many(w, targets, s, MANY);
	for (size_t i = 0; i < MANY; i++) {
		struct stat st = stat_of(s[i]->path.p);

		assert_int_equal(st.st_nlink, MANY / 2);
		assert_int_equal(st.st_mode & 0777, i % 2 ? 0600 : 0666);
	}
}

/* The group of a shared mailbox; without the right to give it, nobody's. */
static void
test_group(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	struct staged *s;
	struct stat st;

	if (geteuid() != 0)
		skip();
	chmod(w->dir, 0755);
	assert_int_equal(chown(at(w, "joe"), 65534, 0), 0);
	assert_int_equal(chown(at(w, "joe/new"), 65534, 4242), 0);
	chmod(at(w, "joe/new"), 0770);
	s = deliver(w, &target);
	st = stat_of(s->path.p);
	assert_int_equal(st.st_gid, 4242);
	assert_int_equal(st.st_mode & 0777, 0660);
	unlink(s->path.p);
	assert_int_equal(seteuid(65534), 0);
	s = deliver(w, &target);
	assert_int_equal(seteuid(0), 0);
	st = stat_of(s->path.p);
	assert_int_equal(st.st_uid, 65534);
	assert_int_not_equal(st.st_gid, 4242);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Known when staged, not only when a link fails. */
static void
check_devices(struct world *w, const struct store_target targets[2])
{
	struct staged *s;
	struct stat st;

	begin(w);
	for (size_t i = 0; i < 2; i++) {
		assert_true(
		    store_maildir.stage(w->txn, &targets[i], &s, &w->why));
		assert_int_equal(fstat(w->txn->files->fd, &st), 0);
		assert_int_equal(st.st_dev, stat_of(targets[i].root.p).st_dev);
	}
	end(w);
}

static void
test_other_fs(void **state)
{
	struct world *w = *state;
	struct store_target targets[2];
	char dir[] = "/dev/shm/test-maildir-XXXXXX";
	struct staged *s[2];
	struct stat here, there;
	int fd;

	if (mkdtemp(dir) == NULL || stat(dir, &there) != 0 ||
	    stat(w->dir, &here) != 0 || here.st_dev == there.st_dev)
		skip();
	/* the spool is on that one, the mailboxes on both */
	fd = w->message.fd = spool(w, dir);
	targets[0] = targets[1] = to(w, "INBOX");
	targets[1].root = str_c(dir);
	targets[1].rcpt = 1;
	check_devices(w, targets);
	deliver_many(w, targets, s, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(
		    read_file(w, s[i]->path.p), w->message.bytes.p);
	assert_int_equal(stat_of(s[0]->path.p).st_dev, here.st_dev);
	assert_int_equal(stat_of(s[1]->path.p).st_dev, there.st_dev);
	io_close(&fd);
	assert_int_equal(unlink(s[1]->path.p), 0);
	rmdir(str_printf(w->a, "%s/new", dir).p);
	rmdir(str_printf(w->a, "%s/cur", dir).p);
	rmdir(str_printf(w->a, "%s/tmp", dir).p);
	assert_int_equal(rmdir(dir), 0);
}

/* The last name of the shared inode went away: it cannot be linked again. */
static void
test_reader_was_faster(void **state)
{
	struct world *w = *state;
	struct store_target a = to(w, "INBOX"), b = a;
	struct staged *sa, *sb;

	b.root = make_root(w, "eve");
	begin(w);
	assert_true(store_maildir.stage(w->txn, &a, &sa, &w->why));
	assert_true(store_maildir.stage(w->txn, &b, &sb, &w->why));
	assert_true(store_maildir.publish(sa, &w->why));
	assert_int_equal(unlink(sa->path.p), 0);
	assert_true(store_maildir.publish(sb, &w->why));
	assert_true(store_maildir.sync(sa, &w->why));
	assert_true(store_maildir.sync(sb, &w->why));
	end(w);
	assert_string_equal(read_file(w, sb->path.p), w->message.bytes.p);
}

/* --- repeated runs ------------------------------------------------------- */

static void
test_rerun(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");
	struct staged *first = deliver(w, &target), *again;
	ino_t inode = stat_of(first->path.p).st_ino;

	again = deliver(w, &target);
	assert_non_null(again);
	assert_true(again->final && str_eq(again->path, first->path));
	assert_int_equal(stat_of(first->path.p).st_ino, inode);
	assert_int_equal(messages(w), 1);
}

static void
make_foreign(struct world *w, int kind, const char *path)
{
	switch (kind) {
	case 0:
		make_file(path, "somebody else's, of another size");
		break;
	case 1:
		assert_int_equal(mkdir(path, 0700), 0);
		break;
	case 2:
		make_file(at(w, "same size"), w->message.bytes.p);
		assert_int_equal(symlink(at(w, "same size"), path), 0);
		break;
	default:
		assert_int_equal(mkfifo(path, 0600), 0);
	}
}

static void
test_foreign(void **state)
{
	struct world *w = *state;
	struct store_target target = to(w, "INBOX");

	for (int kind = 0; kind < 4; kind++) {
		const char *path = at(w, "joe/new/" BASE);
		struct stat before;

		make_foreign(w, kind, path);
		before = stat_of(path);
		if (deliver(w, &target) != NULL)
			fail_msg("kind %d was taken for ours", kind);
		assert_string_equal(w->why.status, "4.3.0");
		assert_int_equal(stat_of(path).st_ino, before.st_ino);
		assert_int_equal(remove(path), 0);
	}
}

enum { PROCESSES = 50 };

static void
deliver_as(struct world *w, int i)
{
	struct store_target target = to(w, "A");
	struct staged *s;
	bool ok;

	target.create = true;
	if (i % 2)
		target.flags = flags(w, str_printf(w->a, "$%d", i % 10).p);
	w->message.id = str_printf(w->a, "P%d", i);
	begin(w);
	w->txn->lock_budget_ms = 60000; /* slow disks are not the subject */
	ok = store_maildir.stage(w->txn, &target, &s, &w->why) &&
	     store_maildir.publish(s, &w->why) &&
	     store_maildir.sync(s, &w->why);
	end(w);
	if (!ok)
		print_error("process %d: %s\n", i, w->why.text);
	_exit(ok ? 0 : 1);
}

/* All at once into a mailbox that does not exist yet. */
static void
test_parallel(void **state)
{
	struct world *w = *state;
	int bad = 0;

	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		if (pid == 0)
			deliver_as(w, i);
		assert_true(pid > 0);
	}
	for (int i = 0, status; i < PROCESSES; i++)
		bad += wait(&status) < 0 || status != 0;
	assert_int_equal(bad, 0);
	assert_int_equal(messages(w), PROCESSES);
	assert_int_equal(entries(at(w, "joe/.A/new")), PROCESSES / 2);
	/* 5 lines "n $n": none lost, none twice */
	assert_int_equal(
	    stat_of(at(w, "joe/.A/dovecot-keywords")).st_size, 5 * 5);
	assert_int_equal(entries(at(w, "joe/.A")), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_plain),
		WORLD_TEST(test_sizes),
		WORLD_TEST(test_flags),
		WORLD_TEST(test_hostname),
		WORLD_TEST(test_create),
		WORLD_TEST(test_complete),
		WORLD_TEST(test_exists),
		WORLD_TEST(test_one_inode),
		WORLD_TEST(test_spool),
		WORLD_TEST(test_spool_size),
		WORLD_TEST(test_same_mailbox),
		WORLD_TEST(test_other_mode),
		WORLD_TEST(test_group),
		WORLD_TEST(test_other_fs),
		WORLD_TEST(test_reader_was_faster),
		WORLD_TEST(test_rerun),
		WORLD_TEST(test_foreign),
		WORLD_TEST(test_parallel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
