/*
 * Scripts of the site before and after the account's own, and a default one:
 * their order, what keep means between them, and what a failure does.
 */
#include "testsuite/unit/actions-fixture.h"

#include "lib/log.h"

#define R(list) "require [" list "];\n"

static const struct {
	const char *before;    /* sieve_before, a file; NULL: is not there */
	const char *in_dir[2]; /* b.sieve and a.sieve of a directory */
	const char *own;       /* NULL: none */
	const char *fallback;  /* sieve_default */
	const char *after;
	const char *stored, *sent;
	const char *log; /* a line that must be there, or NULL */
} cases[] = {
	/* 0: nothing there */
	{ .stored = "INBOX", .sent = "" },
	{ .own = "discard;", .stored = "", .sent = "" },
	{ .fallback = RF "fileinto \"d\";", .stored = "d", .sent = "" },
	{ .own = "keep;",
	    .fallback = RF "fileinto \"d\";",
	    .stored = "INBOX",
	    .sent = "" },
	/* 4: the order: files, then directories by name, own, after */
	{ .before = R("\"copy\"") "redirect :copy \"1@x.example\";",
	    .in_dir = { R("\"copy\"") "redirect :copy \"3@x.example\";",
		R("\"copy\"") "redirect :copy \"2@x.example\";" },
	    .own = R("\"copy\"") "redirect :copy \"4@x.example\";",
	    .after = R("\"copy\"") "redirect :copy \"5@x.example\";",
	    .stored = "INBOX",
	    .sent = "1@x.example 2@x.example 3@x.example 4@x.example "
		    "5@x.example" },
	/* 5: without keep the next one does not run */
	{ .before = "discard;",
	    .own = RF "fileinto \"a\";",
	    .stored = "",
	    .sent = "" },
	{ .before = RF "fileinto \"a\";",
	    .own = RF "fileinto \"b\";",
	    .stored = "a",
	    .sent = "" },
	{ .own = "redirect \"a@x.example\";",
	    .after = RF "fileinto \"b\";",
	    .stored = "",
	    .sent = "a@x.example" },
	/* 8: stop ends one script only; keep is no store before the end */
	{ .before = "stop;",
	    .own = "keep; stop;",
	    .after = RF "fileinto \"b\";",
	    .stored = "b",
	    .sent = "" },
	{ .before = "keep;", .own = "discard;", .stored = "", .sent = "" },
	{ .before = "keep;", .stored = "INBOX", .sent = "" },
	{ .before = R("\"imap4flags\"") "setflag \"$Spam\";",
	    .own = R("\"imap4flags\"") "keep :flags \"\\\\Seen\";",
	    .after = "stop;",
	    .stored = "INBOX[$Spam][\\Seen]",
	    .sent = "" },
	{ .before = R("\"imap4flags\"") "setflag \"$Spam\";",
	    .own = RF "fileinto \"a\";",
	    .stored = "a",
	    .sent = "" },
	/* 13: a header that was edited is what the next one sees */
	{ .before = R("\"editheader\"") "addheader \"X-A\" \"b\";",
	    .own = RF "if header \"x-a\" \"b\" { fileinto \"a\"; }",
	    .stored = "a",
	    .sent = "" },
	/* 14: the same mailbox twice is one copy */
	{ .before = R("\"fileinto\", \"copy\"") "fileinto :copy \"a\";",
	    .own = RF "fileinto \"a\";",
	    .stored = "a",
	    .sent = "" },
	/* 15: failures: what was asked before is done, and a marked copy is
	 * kept */
	{ .before = R("\"copy\"") "redirect :copy \"1@x.example\";",
	    .own = R("\"variables\"") "set \"a\" \"-\"; redirect \"${a}\";",
	    .after = "discard;",
	    .stored = FAILED,
	    .sent = "1@x.example",
	    .log = "script=x.script line=2" },
	{ .before = "no such thing",
	    .own = RF "fileinto \"a\";",
	    .stored = FAILED,
	    .sent = "",
	    .log = "before.sieve line=1" },
	{ .before = R("\"imap4flags\"") "setflag \"$Spam\";",
	    .own = "no such thing",
	    .stored = FAILED,
	    .sent = "" },
	{ .own = RF "fileinto \"gone\";",
	    .before = R("\"copy\"") "redirect :copy \"1@x.example\";",
	    .stored = FAILED,
	    .sent = "" },
	/* 19: lines are told with the script they stand in */
	{ .before = R("\"fileinto\", \"copy\"") "\nfileinto :copy \"a\";",
	    .own = RF "fileinto \"b\";",
	    .stored = "a b",
	    .sent = "",
	    .log = "before.sieve:3, 2" },
};

static void
put(struct fixture *f, const char *name, const char *text)
{
	struct str path = scratch_path(f->arena, f->dir, name);

	if (text != NULL)
		scratch_write(f->arena, f->dir, name, str_c(text));
	else
		unlink(path.p);
}

/* What a delivery writes to the log. */
static struct str
logged(struct fixture *f)
{
	struct str path = scratch_write(f->arena, f->dir, "log", S(""));
	int fd = open(path.p, O_RDWR | O_CLOEXEC), saved = dup(2);
	struct str text;

	assert_true(fd >= 0 && saved >= 0);
	log_set_level(LOG_LEVEL_NOTICE);
	dup2(fd, 2);
	deliver(f);
	dup2(saved, 2);
	log_set_level(LOG_LEVEL_ERROR);
	close(saved);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(fs_read_fd(fd, 1 << 20, f->arena, &text, NULL));
	close(fd);
	return str_dup(f->arena, text);
}

static void
run_case(struct fixture *f, size_t i)
{
	struct str text;

	put(f, "before.sieve", cases[i].before);
	put(f, "example.org.d/b.sieve", cases[i].in_dir[0]);
	put(f, "example.org.d/a.sieve", cases[i].in_dir[1]);
	put(f, "example.org.d/ignored.txt", "nonsense");
	put(f, "default.sieve", cases[i].fallback);
	put(f, "after.sieve", cases[i].after);
	f->nrcpt = 0;
	add(f, person(f, "joe", "", cases[i].own));
	text = logged(f);
	if (!str_eq(stored(f, "joe"), str_c(cases[i].stored)))
		fail_msg(
		    "case %zu: stored %s\n%s", i, stored(f, "joe").p, text.p);
	if (!str_eq(sent(f), str_c(cases[i].sent)))
		fail_msg("case %zu: sent %s", i, sent(f).p);
	if (cases[i].log != NULL && str_find(text, str_c(cases[i].log)) < 0)
		fail_msg(
		    "case %zu: \"%s\" is not in %s", i, cases[i].log, text.p);
}

static void
chains(void **state)
{
	struct fixture *f = *state;
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/example.org.d", f->dir.p);
	assert_int_equal(mkdir(dir, 0700), 0);
	make_deliver(
	    f, str_printf(f->arena,
		   "sieve_before: %s/before.sieve %s/%%d.d %s/none/%%u\n"
		   "sieve_after: %s/after.sieve\n"
		   "sieve_default: %s/none %s/default.sieve\n",
		   f->dir.p, f->dir.p, f->dir.p, f->dir.p, f->dir.p, f->dir.p)
		   .p);
	strlist_add(f->arena, &tape.mailboxes, S("joe:a"));
	strlist_add(f->arena, &tape.mailboxes, S("joe:b"));
	strlist_add(f->arena, &tape.mailboxes, S("joe:d"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(f, i);
}

/* A directory that cannot be read now is no reason to go without it. */
static void
unreadable(void **state)
{
	struct fixture *f = *state;

	make_deliver(
	    f, str_printf(f->arena, "sieve_before: %s/loop\n", f->dir.p).p);
	assert_int_equal(
	    symlink("loop", scratch_path(f->arena, f->dir, "loop").p), 0);
	add(f, person(f, "joe", "", RF "fileinto \"a\";"));
	deliver(f);
	assert_false(f->result[0].ok);
	assert_int_equal(f->result[0].why.class, FAIL_TEMP);
	assert_int_equal(stored(f, "joe").len, 0);
}

/* Another text does not begin at nothing, nor does another process. */
static void
too_much_work(void **state)
{
	struct fixture *f = *state;
	struct str lines = str_printf(f->arena,
	    "sieve_max_work_hour: 3\nsieve_work_file: %s/work\n", f->dir.p);

	make_deliver(f, lines.p);
	strlist_add(f->arena, &tape.mailboxes, S("joe:a"));
	add(f, person(f, "joe", "", RF "fileinto \"a\"; stop;"));
	deliver(f);
	assert_string_equal(stored(f, "joe").p, "a");
	deliver_free(f->d);
	f->d = deliver_new(f->arena, f->conf, NULL, NULL);
	deliver_set_store(f->d, &store_tape);
	f->nrcpt = 0;
	add(f, person(f, "joe", "", RF "stop; fileinto \"a\"; # another"));
	assert_true(str_find(logged(f), S("sieve_max_work_hour")) < 0);
	assert_string_equal(stored(f, "joe").p, "INBOX");
	assert_true(str_find(logged(f), S("sieve_max_work_hour")) >= 0);
	assert_string_equal(stored(f, "joe").p, FAILED);
	/* others are not concerned */
	f->nrcpt = 0;
	add(f, person(f, "eva", "", "discard;"));
	deliver(f);
	assert_string_equal(stored(f, "eva").p, "");
}

/* RFC 5235: settings say where results are. */
static void
scanned(void **state)
{
	struct fixture *f = *state;

	make_deliver(f, "sieve_spamtest_status_header: X-Bar\n"
			"sieve_spamtest_status_type: strlen\n"
			"sieve_spamtest_score_max_value: 5\n"
			"sieve_virustest_status_header: X-Virus\n"
			"sieve_virustest_status_type: text\n"
			"sieve_virustest_text_values: 1=none 5=found\n");
	strlist_add(f->arena, &tape.mailboxes, S("joe:a"));
	f->header = S("X-Bar: +++++\nX-Virus: found\n\nbody\n");
	add(f, person(f, "joe", "",
		   R("\"fileinto\", \"spamtest\", \"virustest\"") "if allof "
								  "(spamtest "
								  "\"10\", "
								  "virustest "
								  "\"5\")"
								  "{ fileinto "
								  "\"a\"; }"));
	deliver(f);
	assert_string_equal(stored(f, "joe").p, "a");
	f->header = S("X-Bar: \n\nbody\n");
	deliver(f);
	assert_string_equal(stored(f, "joe").p, "INBOX");
}

/* Each limit is a setting. */
static void
limits(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *setting, *script;
	} limited[] = {
		{ "sieve_max_notifies: 1",
		    R("\"enotify\"") "notify \"mailto:a@b\";"
				     "notify \"mailto:c@d\"; discard;" },
		{ "sieve_max_includes: 0",
		    R("\"include\"") "include :global \"x\"; discard;" },
		{ "sieve_max_nesting: 15",
		    "if not not not not not not not not not not not not not "
		    "not not not not false { } discard;" },
		{ "sieve_max_actions: 1", "redirect \"a@b\"; keep;" },
		{ "sieve_max_redirects: 0", "redirect \"a@b\";" },
	};

	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++) {
		make_deliver(
		    f, str_printf(f->arena, "%s\n", limited[i].setting).p);
		f->nrcpt = 0;
		tape.copies = NULL;
		add(f, person(f, "joe", "", limited[i].script));
		deliver(f);
		if (!str_eq(stored(f, "joe"), S(FAILED)))
			fail_msg(
			    "%s: %s", limited[i].setting, stored(f, "joe").p);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(chains),
		T(unreadable),
		T(too_much_work),
		T(scanned),
		T(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
