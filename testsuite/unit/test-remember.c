/*
 * test-remember: what must not happen twice when a message comes again, and
 * what must happen all the same when tracking does not work.
 */
#include "actions/track.h"
#include "testsuite/unit/actions-fixture.h"

#define DUP     "require [\"duplicate\", \"fileinto\", \"copy\"];"
#define DISCARD DUP "if duplicate { discard; }"
#define TO_A    "redirect \"a@example.com\";"

static int
setup_track(void **state)
{
	struct fixture *f;

	setup(state);
	f = *state;
	f->track = true;
	f->header = S("Message-ID: <1@example.net>\n\nbody\n");
	make_deliver(f, "");
	return 0;
}

/* The client comes (again) with a message that has this header. */
static void
come(struct fixture *f, const char *header, const char *want_stored)
{
	tape.copies = NULL;
	f->header = str_printf(f->arena, "%s\nbody\n", header);
	deliver(f);
	f->attempt++;
	if (!str_eq(stored(f, "joe"), str_c(want_stored)))
		fail_msg(
		    "attempt %u: stored %s", f->attempt, stored(f, "joe").p);
}

static void
want(struct fixture *f, bool ok, const char *status)
{
	if (f->result[0].ok != ok)
		fail_msg("attempt %u: ok %d, %s", f->attempt, f->result[0].ok,
		    f->result[0].why.text);
	if (!ok)
		assert_string_equal(f->result[0].why.status, status);
}

static void
a_duplicate(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", DISCARD));
	come(f, "Message-ID: <1@x>\n", "INBOX");
	come(f, "Message-ID: <1@x>\n", "");
	want(f, true, NULL);
	come(f, "Message-ID: <2@x>\n", "INBOX");
	come(f, "Message-ID: <1@x>\n", "");
	come(f, "Subject: none\n", "INBOX");
	come(f, "Subject: none\n", "INBOX");
}

/* RFC 7352 s. 3.3: an id counts once the message is delivered. */
static void
not_delivered(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", DISCARD));
	strlist_add(f->arena, &tape.failing, S("publish joe:INBOX"));
	come(f, "Message-ID: <1@x>\n", "");
	want(f, false, "4.3.0");
	tape.failing.n = 0;
	come(f, "Message-ID: <1@x>\n", "INBOX");
	come(f, "Message-ID: <1@x>\n", "");
}

/* A script that fails has seen nothing. */
static void
script_failed(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "",
		   DUP "if duplicate { discard; } else {"
		       " redirect \"no address\"; }"));
	come(f, "Message-ID: <1@x>\n", FAILED);
	come(f, "Message-ID: <1@x>\n", FAILED);
}

/* s. 3.3: :last counts from the last time, else from the first. */
static void
its_time(void **state)
{
	static const struct {
		const char *script;
		const char *stored[4]; /* after 0, 6, 12 and 18 seconds */
	} t[] = {
		{ DUP "if duplicate :seconds 10 { discard; }",
		    { "INBOX", "", "INBOX", "" } },
		{ DUP "if duplicate :seconds 10 :last { discard; }",
		    { "INBOX", "", "", "" } },
		{ DUP "if duplicate :seconds 0 { discard; }",
		    { "INBOX", "INBOX", "INBOX", "INBOX" } },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *header =
		    str_printf(f->arena, "Message-ID: <%zu@x>\n", i).p;

		f->nrcpt = 0;
		add(f, person(f, "joe", "", t[i].script));
		for (size_t j = 0; j < 4; j++) {
			come(f, header, t[i].stored[j]);
			f->attempt += 5;
		}
	}
}

static void
handles(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "",
		   DUP "if duplicate :handle \"a\" { discard; stop; }"
		       "if duplicate { fileinto :copy \"INBOX\"; stop; }"
		       "if duplicate :handle \"\" { discard; }"));
	come(f, "Message-ID: <1@x>\n", "INBOX");
	come(f, "Message-ID: <1@x>\n", "");
}

/* Another delivery that has the id is not finished: nobody knows. */
static void
at_the_same_time(void **state)
{
	struct fixture *f = *state;
	struct track *other = track_new(f->arena, f->conf);
	struct str parts[] = { S(""), S(""), S("<1@x>") };
	struct track_key key =
	    track_key_of(TRACK_DUPLICATE, S("joe"), parts, 3);
	struct track_claim claim = { S("other"), 1000000000 };
	enum track_state got;
	struct fail why;

	add(f, person(f, "joe", "", DISCARD));
	assert_true(track_reserve(other, &key, &claim, &got, &why));
	come(f, "Message-ID: <1@x>\n", "");
	want(f, false, "4.3.0");
	assert_int_equal(f->result[0].why.code, 451);
	assert_true(track_release(other, &key, &claim, &why));
	track_close(other);
	come(f, "Message-ID: <1@x>\n", "INBOX");
}

/* The client did not get our 250 and comes again; it is the same message
 * only when its sender and every octet are. */
static void
a_redirect(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", TO_A));
	come(f, "Message-ID: <1@x>\n", "");
	assert_int_equal(f->out.sent.n, 1);
	come(f, "Message-ID: <1@x>\n", "");
	want(f, true, NULL);
	assert_string_equal(f->result[0].where.p, "redirect a@example.com");
	assert_int_equal(f->out.sent.n, 0);
	come(f, "Message-ID: <1@x>\nSubject: another\n", "");
	assert_int_equal(f->out.sent.n, 1);
	f->nrcpt = 0;
	add(f, person(f, "joe", "work", TO_A));
	come(f, "Message-ID: <1@x>\n", "");
	assert_int_equal(f->out.sent.n, 1);
}

/* What did not go out is tried again. */
static void
a_redirect_that_failed(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", "redirect \"temp@example.com\";" TO_A));
	come(f, "Message-ID: <1@x>\n", "");
	come(f, "Message-ID: <1@x>\n", "");
	want(f, false, "4.4.1");
	assert_int_equal(f->out.sent.n, 0);
	assert_int_equal(str_find(buf_str(&tape.log), S("send temp")), 0);
	f->nrcpt = 0;
	add(f, person(f, "joe", "", TO_A));
	come(f, "Message-ID: <1@x>\n", "");
	assert_int_equal(f->out.sent.n, 1);
}

/* The store failed after a redirect: the next attempt stores, only. */
static void
a_redirect_and_a_copy(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", TO_A "keep;"));
	strlist_add(f->arena, &tape.failing, S("publish joe:INBOX"));
	come(f, "Message-ID: <1@x>\n", "");
	want(f, false, "4.3.0");
	assert_int_equal(f->out.sent.n, 1);
	tape.failing.n = 0;
	come(f, "Message-ID: <1@x>\n", "INBOX");
	want(f, true, NULL);
	assert_int_equal(f->out.sent.n, 0);
}

/* A database that cannot be used: a redirect waits, a duplicate is none. */
static void
no_database(void **state)
{
	struct fixture *f = *state;

	scratch_write(f->arena, f->dir, "conf/track", S("in the way"));
	add(f, person(f, "joe", "", TO_A));
	come(f, "Message-ID: <1@x>\n", "");
	want(f, false, "4.3.0");
	assert_int_equal(f->out.sent.n, 0);
	f->nrcpt = 0;
	add(f, person(f, "joe", "", DISCARD));
	come(f, "Message-ID: <1@x>\n", "INBOX");
	come(f, "Message-ID: <1@x>\n", "INBOX");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup_track, teardown)
	const struct CMUnitTest tests[] = {
		T(a_duplicate),
		T(not_delivered),
		T(script_failed),
		T(its_time),
		T(handles),
		T(at_the_same_time),
		T(a_redirect),
		T(a_redirect_that_failed),
		T(a_redirect_and_a_copy),
		T(no_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
