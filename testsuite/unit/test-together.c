/*
 * Several transactions at a time: what they share is the sync and nothing
 * else, and nobody waits for another's long work.
 */
#include "config.h"

#include "testsuite/unit/actions-fixture.h"

static const char *
log_of(struct fixture *f)
{
	return str_dup(f->arena, buf_str(&tape.log)).p;
}

static void
synced_together(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", "keep;"));
	add(f, person(f, "ann", "", "discard;"));
	deliver_each(f);
	assert_string_equal(log_of(f), "stage joe:INBOX\n"
				       "stage eva:INBOX\n"
				       "result 2 ok\n"
				       "publish joe:INBOX\n"
				       "publish eva:INBOX\n"
				       "sync joe:INBOX\n"
				       "result 0 ok\n"
				       "sync eva:INBOX\n"
				       "result 1 ok\n");
	assert_int_equal(tape.begun, tape.ended);
}

/* I4, between transactions: one fails, at any step. */
static void
independent(void **state)
{
	struct fixture *f = *state;
	static const char *const fails[] = { "stage eva:INBOX",
		"publish eva:INBOX", "sync eva:INBOX" };

	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", "keep;"));
	add(f, person(f, "ann", "", "if"));
	for (size_t k = 0; k < sizeof(fails) / sizeof(*fails); k++) {
		tape.failing.n = 0;
		strlist_add(f->arena, &tape.failing, str_c(fails[k]));
		deliver_each(f);
		assert_true(f->result[0].ok && f->result[2].ok);
		assert_false(f->result[1].ok);
		assert_string_equal(stored(f, "joe").p, "INBOX");
		assert_string_equal(stored(f, "eva").p, "");
		assert_string_equal(stored(f, "ann").p, FAILED);
	}
}

/* Who hands over goes back, and so do those behind; nothing was done. */
static void
redirect_goes_back(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", "redirect \"a@example.com\"; keep;"));
	add(f, person(f, "ann", "", NULL));
	deliver_each(f);
	assert_string_equal(log_of(f), "stage joe:INBOX\n"
				       "back 1\n"
				       "back 2\n"
				       "publish joe:INBOX\n"
				       "sync joe:INBOX\n"
				       "result 0 ok\n");
	assert_int_equal(tape.begun, tape.ended);
}

/* The first never does: the others do, before anything is handed over. */
static void
redirect_stays(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "eva", "", "redirect \"a@example.com\"; keep;"));
	add(f, person(f, "joe", "", NULL));
	deliver_each(f);
	assert_string_equal(log_of(f), "back 1\n"
				       "stage eva:INBOX\n"
				       "send a@example.com\n"
				       "publish eva:INBOX\n"
				       "sync eva:INBOX\n"
				       "result 0 ok\n");
}

/* A script of many tests, that ends with keep, with a work of about n. */
static const char *
busy_script(struct fixture *f, int n)
{
	struct buf b;
	const char *text;

	buf_init(&b, 1 << 20);
	buf_printf(&b, RF);
	for (int i = 0; i < n; i++)
		buf_printf(&b,
		    "if size :over %dK { discard; }\n"
		    "if header :matches \"Subject\" \"*%d*\" { discard; }\n",
		    i + 100, i + 1000);
	buf_printf(&b, "fileinto \"busy\";");
	text = str_dup(f->arena, buf_str(&b)).p;
	buf_free(&b);
	return text;
}

/* A script that does much goes back; alone it may do as much as ever. */
static void
work_goes_back(void **state)
{
	struct fixture *f = *state;

	strlist_add(f->arena, &tape.mailboxes, S("eva:busy"));
	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", busy_script(f, 12000)));
	deliver_each(f);
	assert_non_null(strstr(log_of(f), "back 1\n"));
	assert_null(strstr(log_of(f), "stage eva"));
	f->rcpt[0] = f->rcpt[1];
	f->rcpt[0].index = 0;
	f->nrcpt = 1;
	deliver_each(f);
	assert_string_equal(stored(f, "eva").p, "busy");
	add(f, person(f, "joe", "", NULL));
	deliver_each(f);
	assert_string_equal(stored(f, "eva").p, "busy");
	assert_non_null(strstr(log_of(f), "back 1\n"));
}

/* Late is late for each on its own. */
static void
too_late(void **state)
{
	struct fixture *f = *state;

	f->deadline_ms = 1;
	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", NULL));
	deliver_each(f);
	assert_false(f->result[0].ok || f->result[1].ok);
	assert_string_equal(f->result[1].why.status, "4.3.2");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(synced_together),
		T(independent),
		T(redirect_goes_back),
		T(redirect_stays),
		T(work_goes_back),
		T(too_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
