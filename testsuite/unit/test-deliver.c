/*
 * What happens to the message of one recipient.
 */
#include "testsuite/unit/actions-fixture.h"

#include "lib/log.h"

/* --- one recipient ------------------------------------------------------ */

static const struct one {
	const char *script; /* NULL: none */
	const char *detail;
	const char *failing; /* of the tape */
	const char *status;  /* NULL: ok */
	const char *where;
	const char *stored, *sent;
	const char *header; /* in front of the message's own */
} ones[] = {
	/* 0: without script */
	{ NULL, "", "", NULL, "INBOX", "INBOX", "" },
	{ NULL, "there", "", NULL, "there", "there", "" },
	{ NULL, "gone", "", NULL, "INBOX", "INBOX", "" },
	{ NULL, "a/b", "", NULL, "a/b", "a/b", "" },
	{ NULL, "../x", "", NULL, "INBOX", "INBOX", "" },
	{ NULL, "inbox", "", NULL, "INBOX", "INBOX", "" },
	{ NULL, "there", "exists joe:there", NULL, "INBOX", "INBOX", "" },
	{ NULL, "there", "perm joe:there", NULL, "INBOX", "INBOX", "" },
	{ NULL, "there", "stage joe:there", "4.3.1", "", "", "" },
	{ NULL, "", "stage joe:INBOX", "4.3.1", "", "", "" },
	/* 10: never for ever */
	{ NULL, "", "perm joe:INBOX", "4.3.0", "", "", "" },
	{ NULL, "", "publish joe:INBOX", "4.3.0", "", "", "" },
	{ NULL, "", "sync joe:INBOX", "4.3.0", "", "", "" },
	/* 13: keep, discard, fileinto */
	{ "keep;", "", "", NULL, "INBOX", "INBOX", "" },
	{ "keep;", "there", "", NULL, "there", "there", "" },
	{ "discard;", "", "", NULL, "discarded", "", "" },
	{ "stop;", "there", "", NULL, "there", "there", "" },
	{ RF "fileinto \"there\";", "", "", NULL, "there", "there", "" },
	{ RF "fileinto \"INBOX\";", "there", "", NULL, "INBOX", "INBOX", "" },
	{ RF "fileinto \"there\"; keep;", "", "", NULL, "there, INBOX",
	    "there INBOX", "" },
	/* 20: one copy for each mailbox, however it is written */
	{ RF "fileinto \"there\"; keep;", "there", "", NULL, "there", "there",
	    "" },
	{ RF "fileinto \"there\"; fileinto \"INBOX/there\";", "", "", NULL,
	    "there", "there", "" },
	{ RF "keep; fileinto \"INBOX\";", "gone", "", NULL, "INBOX", "INBOX",
	    "" },
	{ RF "redirect \"joe+gone@example.org\"; fileinto \"INBOX\";", "gone",
	    "", NULL, "INBOX", "INBOX", "" },
	/* 24: what a script asks for and cannot have */
	{ RF "fileinto \"gone\";", "", "", NULL, "INBOX", FAILED, "" },
	{ RF "fileinto \"gone\";", "there", "", NULL, "INBOX", FAILED, "" },
	{ RF "fileinto \"there\"; fileinto \"gone\";", "", "", NULL, "INBOX",
	    FAILED, "" },
	{ RF "keep; fileinto \"gone\";", "", "", NULL, "INBOX", FAILED, "" },
	{ RF "fileinto \"a/../b\";", "", "", NULL, "INBOX", FAILED, "" },
	{ RF "fileinto \"there\";", "", "stage joe:there", "4.3.1", "", "",
	    "" },
	{ RF "fileinto \"gone\";", "", "stage joe:INBOX", "4.3.1", "", "", "" },
	/* 31: all or nothing */
	{ RF "fileinto \"there\"; keep;", "", "stage joe:INBOX", "4.3.1", "",
	    "", "" },
	{ RF "fileinto \"there\"; keep;", "", "publish joe:INBOX", "4.3.0", "",
	    "", "" },
	{ RF "fileinto \"there\"; keep;", "", "sync joe:INBOX", "4.3.0", "", "",
	    "" },
	{ "frobnicate;", "", "", NULL, "INBOX", FAILED, "" },
	{ "if", "there", "", NULL, "INBOX", FAILED, "" },
	/* 36: at run time */
	{ "redirect \"a@example.com\"; redirect \"b@example.com\";"
	  "redirect \"c@example.com\"; redirect \"d@example.com\";"
	  "redirect \"e@example.com\";",
	    "", "", NULL, "INBOX", FAILED, "" },
	{ RF "if header :contains \"subject\" \"TEST\" {"
	     "fileinto \"there\"; stop; } discard;",
	    "", "", NULL, "there", "there", "" },
	/* 38: redirect */
	{ "redirect \"a@example.com\";", "", "", NULL, "redirect a@example.com",
	    "", "a@example.com" },
	{ "redirect \"a@example.com\"; keep;", "", "", NULL,
	    "redirect a@example.com, INBOX", "INBOX", "a@example.com" },
	{ "redirect \"a@example.com\"; redirect \"b@example.com\";", "", "",
	    NULL, "redirect a@example.com, redirect b@example.com", "",
	    "a@example.com b@example.com" },
	{ "redirect \"a@example.com\"; redirect \"a@example.com\";", "", "",
	    NULL, "redirect a@example.com", "", "a@example.com" },
	/* 42: later */
	{ "redirect \"temp@example.com\";", "", "", "4.4.1", "", "", "" },
	{ "redirect \"temp@example.com\"; keep;", "", "", "4.4.1", "", "", "" },
	{ "redirect \"busy@example.com\";", "", "", "4.3.2", "", "", "" },
	/* 45: never */
	{ "redirect \"perm@example.com\";", "", "", NULL, "INBOX", FAILED, "" },
	{ "redirect \"perm@example.com\"; keep;", "", "", NULL, "INBOX", FAILED,
	    "" },
	{ RF "redirect \"perm@example.com\"; fileinto \"there\";", "", "", NULL,
	    "there, INBOX", "there " FAILED, "" },
	{ "redirect \"perm@example.com\";", "", "stage joe:INBOX", "4.3.1", "",
	    "", "" },
	/* 49: not twice */
	{ "redirect \"a@example.com\"; redirect \"temp@example.com\";", "", "",
	    NULL, "redirect a@example.com, INBOX", FAILED, "a@example.com" },
	{ "redirect \"temp@example.com\"; redirect \"a@example.com\";", "", "",
	    "4.4.1", "", "", "" },
	{ "redirect \"perm@example.com\"; redirect \"temp@example.com\";", "",
	    "", "4.4.1", "", "", "" },
	{ "redirect \"a@example.com\"; redirect \"perm@example.com\";"
	  "redirect \"b@example.com\";",
	    "", "", NULL,
	    "redirect a@example.com, redirect b@example.com, INBOX", FAILED,
	    "a@example.com b@example.com" },
	/* 53: nothing is handed over when something else cannot be prepared */
	{ "redirect \"a@example.com\"; keep;", "", "stage joe:INBOX", "4.3.1",
	    "", "", "" },
	{ RF "redirect \"a@example.com\"; fileinto \"gone\";", "", "", NULL,
	    "INBOX", FAILED, "" },
	/* 55: to oneself */
	{ "redirect \"joe@example.org\";", "", "", NULL, "INBOX", "INBOX", "" },
	{ "redirect \"JOE@Example.ORG\"; keep;", "", "", NULL, "INBOX", "INBOX",
	    "" },
	{ "redirect \"joe+there@example.org\";", "there", "", NULL, "there",
	    "there", "" },
	/* 58: loops */
	{ "redirect \"a@example.com\";", "", "", NULL, "INBOX", "INBOX", "",
	    "X-Sieve-Redirected-From: joe@example.org\n" },
	{ "redirect \"a@example.com\";", "", "", NULL, "INBOX", "INBOX", "",
	    "X-Sieve-Redirected-From: eva@example.org\n"
	    "x-sieve-redirected-FROM:  Joe@EXAMPLE.org \n" },
	{ "redirect \"a@example.com\";", "", "", NULL, "redirect a@example.com",
	    "", "a@example.com", "X-Sieve-Redirected-From: eva@example.org\n" },
	{ RF "redirect \"a@example.com\"; fileinto \"there\";", "", "", NULL,
	    "INBOX, there", "INBOX there", "",
	    "X-Sieve-Redirected-From: joe@example.org\n" },
};

static void
one_recipient(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(ones) / sizeof(*ones); i++) {
		const struct one *t = &ones[i];
		const struct deliver_result *r = &f->result[0];
		const char *header = t->header != NULL ? t->header : "";

		tape.mailboxes.n = tape.failing.n = f->nrcpt = 0;
		strlist_add(f->arena, &tape.mailboxes, S("joe:there"));
		strlist_add(f->arena, &tape.mailboxes, S("joe:a/b"));
		/* no name may come that far */
		strlist_add(f->arena, &tape.mailboxes, S("joe:a/../b"));
		strlist_add(f->arena, &tape.failing, str_c(t->failing));
		f->header =
		    str_printf(f->arena, "%sSubject: test\n\nbody\n", header);
		add(f, person(f, "joe", t->detail, t->script));
		deliver(f);
		if (r->ok != (t->status == NULL))
			fail_msg("case %zu: ok %d, %s", i, r->ok, r->why.text);
		if (!r->ok &&
		    (strcmp(r->why.status, t->status) != 0 ||
			r->why.class != FAIL_TEMP || r->why.code / 10 != 45))
			fail_msg("case %zu: %d %s %s", i, r->why.code,
			    r->why.status, r->why.text);
		if (r->ok && !str_eq(r->where, str_c(t->where)))
			fail_msg("case %zu: where %s", i, r->where.p);
		if (!str_eq(stored(f, "joe"), str_c(t->stored)))
			fail_msg("case %zu: stored %s\n%.*s", i,
			    stored(f, "joe").p, STR_ARG(buf_str(&tape.log)));
		if (!str_eq(sent(f), str_c(t->sent)))
			fail_msg("case %zu: sent %s", i, sent(f).p);
	}
}

static void
creating(void **state)
{
	struct fixture *f = *state;

	make_deliver(f, "anysievefolder: yes\n");
	add(f, person(f, "joe", "", RF "fileinto \"Lists/new\";"));
	add(f, person(f, "eva", "new", NULL));
	deliver(f);
	assert_string_equal(stored(f, "joe").p, "Lists/new");
	assert_string_equal(stored(f, "eva").p, "INBOX");
}

/* An account is full or not; no mailbox of it is less full. */
static void
over_quota(void **state)
{
	static const struct {
		const char *script, *failing, *stored, *sent;
		bool ok;
	} cases[] = {
		{ "keep;", "full joe:INBOX", "", "", false },
		{ RF "fileinto \"there\";", "full joe:there", "", "", false },
		/* a script that is wrong does not help */
		{ "nonsense;", "full joe:INBOX", "", "", false },
		/* nothing goes out that would go out again */
		{ "redirect \"a@example.com\"; keep;", "full joe:INBOX", "", "",
		    false },
		/* these need no room */
		{ "discard;", "full joe:INBOX", "", "", true },
		{ "redirect \"a@example.com\";", "full joe:INBOX", "",
		    "a@example.com", true },
		/* one went out: what has to stay here is stored */
		{ "redirect \"a@example.com\"; redirect \"perm@x.example\";",
		    "full joe:INBOX", FAILED, "a@example.com", true },
		{ "keep;", "", "INBOX", "", true },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		const struct deliver_result *r = &f->result[0];
		size_t k = i / 2;
		bool perm = i % 2 == 1;

		make_deliver(
		    f, perm ? "lmtp_over_quota_perm_failure: yes\n" : "");
		tape.mailboxes.n = tape.failing.n = f->nrcpt = 0;
		strlist_add(f->arena, &tape.mailboxes, S("joe:there"));
		strlist_add(f->arena, &tape.failing, str_c(cases[k].failing));
		add(f, person(f, "joe", "", cases[k].script));
		deliver(f);
		if (r->ok != cases[k].ok)
			fail_msg("case %zu: ok %d", i, r->ok);
		if (!r->ok &&
		    (r->why.code != (perm ? 552 : 452) ||
			r->why.class != (perm ? FAIL_PERM : FAIL_TEMP) ||
			strcmp(r->why.status, perm ? "5.2.2" : "4.2.2") != 0))
			fail_msg(
			    "case %zu: %d %s", i, r->why.code, r->why.status);
		if (!str_eq(stored(f, "joe"), str_c(cases[k].stored)) ||
		    !str_eq(sent(f), str_c(cases[k].sent)))
			fail_msg("case %zu: stored %s, sent %s", i,
			    stored(f, "joe").p, sent(f).p);
	}
	/* IGNOREQUOTA */
	f->nrcpt = 0;
	tape.failing.n = 0;
	strlist_add(f->arena, &tape.failing, S("full joe:INBOX"));
	add(f, person(f, "joe", "", "keep;"));
	f->rcpt[0].ignore_quota = true;
	deliver(f);
	assert_string_equal(stored(f, "joe").p, "INBOX");
}

static void
separator(void **state)
{
	struct fixture *f = *state;

	make_deliver(f, "unixhierarchysep: no\n");
	strlist_add(f->arena, &tape.mailboxes, S("joe:a/b"));
	add(f, person(f, "joe", "", RF "fileinto \"INBOX.a.b\";"));
	deliver(f);
	assert_string_equal(stored(f, "joe").p, "a/b");
}

/* RFC 6609: beside the active script, and those of the site */
static void
including(void **state)
{
	struct fixture *f = *state;
	struct str mine = str_printf(f->arena, "%s/sieve/j/joe", f->dir.p);
	struct str site = str_printf(f->arena, "%s/sieve/global", f->dir.p);
	static const struct {
		const char *script, *result;
	} cases[] = {
		{ "include \"a\";", "mine" },
		{ "include :global \"a\";", "site" },
		{ "include \"a\"; include :global \"a\";", "mine site" },
		{ "include :global \"back\";", "mine" },
		{ "include :optional \"gone\"; include \"a\";", "mine" },
		{ "include \"gone\";", FAILED },
		{ "include :optional \"bad\";", FAILED },
		{ "include \"link\";", FAILED },
		{ "include \"x\";", FAILED },
		{ "include \"y\";", FAILED },
		{ "include \"env\";", "seen" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make_deliver(f, "anysievefolder: yes\n");
		f->nrcpt = 0;
		tape.copies = NULL;
		add(f, person(f, "joe", "",
			   str_printf(f->arena, "require \"include\"; %s",
			       cases[i].script)
			       .p));
		scratch_write(
		    f->arena, mine, "a.script", S(RF "fileinto \"mine\";"));
		scratch_write(f->arena, mine, "bad.script", S("keep"));
		scratch_write(f->arena, mine, "env.script",
		    S("require [\"environment\", \"fileinto\"];"
		      "if allof (environment \"host\" \"host.example\","
		      "environment \"domain\" \"example\","
		      "environment \"remote-ip\" \"192.0.2.1\")"
		      "{ fileinto \"seen\"; }"));
		scratch_write(f->arena, mine, "y.script",
		    S("require \"include\"; include \"y\";"));
		scratch_write(
		    f->arena, site, "a.script", S(RF "fileinto \"site\";"));
		scratch_write(f->arena, site, "back.script",
		    S("require \"include\"; include \"a\";"));
		(void)!symlink(
		    "a.script", scratch_path(f->arena, mine, "link.script").p);
		deliver(f);
		if (strcmp(stored(f, "joe").p, cases[i].result) != 0)
			fail_msg("case %zu: %s", i, stored(f, "joe").p);
	}
}

static void
without_script(void **state)
{
	struct fixture *f = *state;
	struct deliver_rcpt r = person(f, "joe", "there", "discard;");

	strlist_add(f->arena, &tape.mailboxes, S("joe:there"));
	r.no_script = true;
	add(f, r);
	deliver(f);
	assert_true(f->result[0].ok);
	assert_string_equal(stored(f, "joe").p, FAILED);
}

/* The script is not blamed for an account that is not there. */
static void
inbox_is_gone(void **state)
{
	struct fixture *f = *state;

	strlist_add(f->arena, &tape.failing, S("perm joe:INBOX"));
	add(f, person(f, "joe", "", NULL));
	deliver(f);
	assert_int_equal(f->result[0].why.code, 451);
	assert_string_equal(f->result[0].why.text, "INBOX: tape: perm");
	assert_string_equal(str_dup(f->arena, buf_str(&tape.log)).p,
	    "stage joe:INBOX\nresult 0 no\n");
}

static void
no_way_out(void **state)
{
	struct fixture *f = *state;

	deliver_free(f->d);
	f->d = deliver_new(f->arena, f->conf, NULL, NULL);
	deliver_set_store(f->d, &store_tape);
	add(f, person(f, "joe", "", "keep; redirect \"a@example.com\";"));
	deliver(f);
	assert_false(f->result[0].ok);
	assert_string_equal(f->result[0].why.status, "4.4.0");
	assert_int_equal(stored(f, "joe").len, 0);
}

/* --- what goes out ------------------------------------------------------ */

static void
redirected_bytes(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "x", "redirect \"a@example.com\";"));
	deliver(f);
	assert_string_equal(f->out.sender.p, "s@example.net");
	assert_string_equal(
	    f->out.head.p, "X-Sieve-Redirected-From: joe+x@example.org\n");
	assert_string_equal(f->out.bytes.p, "Received: by host.example;\n"
					    "\tThu, 1 Jan 1970 00:00:00 +0000\n"
					    "Subject: test\n\nbody\n");
	assert_false(f->out.eightbit);
	f->header = S("Subject: t\xc3\xa4st\n\nbody\n");
	deliver(f);
	assert_true(f->out.eightbit);
}

static void
too_many_received(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", "redirect \"a@example.com\";"));
	/* ours is one of them */
	for (int n = 49; n <= 50; n++) {
		f->header = S("\nbody\n");
		for (int i = 0; i < n; i++)
			f->header = str_printf(f->arena,
			    "received: by x;\n y\n%.*s", STR_ARG(f->header));
		deliver(f);
		assert_true(f->result[0].ok);
		assert_string_equal(sent(f).p, n == 49 ? "a@example.com" : "");
		assert_string_equal(stored(f, "joe").p, n == 49 ? "" : "INBOX");
	}
}

/* --- the log ------------------------------------------------------------ */

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
assert_logged(struct str text, const char *what)
{
	if (str_find(text, str_c(what)) < 0)
		fail_msg("\"%s\" is not in: %s", what, text.p);
}

static void
log_lines(void **state)
{
	struct fixture *f = *state;
	struct str text;

	add(f, person(f, "joe", "", "keep;\n  frobnicate;\n"));
	text = logged(f);
	assert_logged(text,
	    "warning: script not carried out, message kept: id=T1 user=joe "
	    "script=x.script line=2 column=3 reason=");
	assert_logged(text,
	    "notice: delivered: id=T1 from=<s@example.net> "
	    "to=<joe@example.org> user=joe size=108 status=2.1.5 "
	    "mailbox=INBOX script=x.script file=file\n");
	f->nrcpt = 0;
	add(f, person(f, "joe", "", "\nstop;\ndiscard;"));
	assert_logged(logged(f), "mailbox=INBOX script=x.script file=file\n");
	f->nrcpt = 0;
	add(f, person(f, "joe", "", "\n\ndiscard;"));
	assert_logged(logged(f), "mailbox=discarded script=x.script line=3\n");
	f->nrcpt = 0;
	add(f, person(f, "joe", "a b\n\"c", "\nredirect \"x@y.example\";"));
	assert_logged(logged(f), "to=\"<joe+a b?\\\"c@example.org>\"");
	f->nrcpt = 0;
	add(f, person(f, "joe", "", "\nredirect \"temp@y.example\";"));
	assert_logged(logged(f),
	    "not delivered: id=T1 from=<s@example.net> to=<joe@example.org> "
	    "user=joe size=108 status=4.4.1 script=x.script line=2 "
	    "reason=\"redirect to temp@y.example: no answer\"\n");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(one_recipient),
		T(creating),
		T(over_quota),
		T(separator),
		T(including),
		T(without_script),
		T(inbox_is_gone),
		T(no_way_out),
		T(redirected_bytes),
		T(too_many_received),
		T(log_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
