/*
 * test-session: what dialogues cannot say: the owner's side of a session,
 * and the form of replies.
 */
#include "lmtp/session.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lmtp/reply.h"

static struct session *
open_session(uint32_t max_errors)
{
	struct session_config conf = {
		.servername = S("mx"),
		.product = S(""),
		.max_rcpt = 5,
		.max_errors = max_errors,
		.spool_memory = 1000,
		.spool_dir = AT_FDCWD,
	};

	return session_new(&conf, S("unix socket"), true);
}

static size_t
push(struct session *s, const char *text)
{
	return session_push(s, text, strlen(text));
}

static void
expect_output(struct session *s, const char *want)
{
	struct buf *out = session_output(s);

	if (!str_eq(buf_str(out), str_c(want)))
		fail_msg(
		    "said \"%.*s\", not \"%s\"", (int)out->len, out->p, want);
	buf_consume(out, out->len);
}

/* Up to where nrcpt look-ups are wanted, output empty. */
static struct session *
open_asking(const char *rcpts)
{
	struct session *s = open_session(10);

	push(s, "LHLO x\r\nMAIL FROM:<>\r\n");
	buf_reset(session_output(s));
	push(s, rcpts);
	assert_int_equal(session_want(s), SESSION_ASK);
	return s;
}

static struct session *
open_delivering(void)
{
	struct session *s =
	    open_asking("RCPT TO:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\n");
	struct recipient rcpt = { .address = S("x") };
	struct fail why;

	fail_perm(&why, "5.1.1", "no");
	session_answer(s, 0, &rcpt, NULL);
	session_answer(s, 2, &rcpt, NULL);
	session_answer(s, 1, NULL, &why);
	push(s, "DATA\r\nx\r\n.\r\n");
	assert_int_equal(session_want(s), SESSION_DELIVER);
	buf_reset(session_output(s));
	return s;
}

/* Everybody gets the same octets: what is received is the final file. I4 */
static void
test_message_names_nobody(void **state)
{
	struct session *s =
	    open_asking("RCPT TO:<first@x>\r\nRCPT TO:<second@x>\r\n");
	struct recipient rcpt = { .address = S("third@x") };
	struct str bytes;
	struct fail why;

	(void)state;
	session_answer(s, 0, &rcpt, NULL);
	session_answer(s, 1, &rcpt, NULL);
	push(s, "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n");
	assert_int_equal(session_want(s), SESSION_DELIVER);
	assert_true(spool_bytes(session_txn(s)->spool, &bytes, &why));
	assert_true(str_find(bytes, S("Received: ")) > 0);
	assert_true(str_find(bytes, S("first")) < 0);
	assert_true(str_find(bytes, S("second")) < 0);
	assert_true(str_find(bytes, S("third")) < 0);
	session_free(s);
}

static void
test_answers(void **state)
{
	struct session *s = open_asking(
	    "RCPT TO:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<>\r\nRCPT TO:<c>\r\n");
	struct recipient rcpt = { .address = S("x"), .detail = S("d") };
	struct fail why;

	(void)state;
	fail_perm(&why, "5.1.1", "no");
	assert_int_equal(session_txn(s)->nrcpt, 3);
	assert_int_equal(push(s, "NOOP\r\n"), 0);
	session_answer(s, 2, &rcpt, NULL);
	session_answer(s, 1, NULL, &why);
	session_answer(s, 1, &rcpt, NULL);
	session_answer(s, 77, &rcpt, NULL);
	expect_output(s, "");
	assert_int_equal(session_want(s), SESSION_ASK);
	session_answer(s, 0, &rcpt, NULL);
	assert_int_equal(session_want(s), SESSION_INPUT);
	expect_output(s, "250 2.1.5 Ok\r\n550 5.1.1 no\r\n"
			 "501 5.1.3 no recipient\r\n250 2.1.5 Ok\r\n");
	assert_int_equal(session_txn(s)->naccepted, 2);
	assert_false(session_txn(s)->rcpt[1].accepted);
	assert_true(str_eq(session_txn(s)->rcpt[2].rcpt.detail, S("d")));
	session_answer(s, 0, NULL, &why);
	expect_output(s, "");
	session_free(s);
}

static void
test_close_while_asking(void **state)
{
	struct session *s = open_asking("RCPT TO:<a>\r\nRCPT TO:<>\r\n");
	struct recipient rcpt = { .address = S("x") };

	(void)state;
	assert_false(session_idle(s));
	session_close(s, "4.4.2", "timeout");
	assert_int_equal(session_want(s), SESSION_CLOSE);
	assert_true(session_idle(s));
	expect_output(s, "421 4.4.2 timeout\r\n");
	session_answer(s, 0, &rcpt, NULL);
	session_close(s, "4.3.2", "again");
	assert_int_equal(push(s, "NOOP\r\n"), 6);
	expect_output(s, "");
	session_free(s);
}

static void
test_results(void **state)
{
	struct session *s = open_delivering();
	struct fail why;
	char want[100];

	(void)state;
	fail_temp(&why, "4.3.0", "broken");
	assert_int_equal(push(s, "NOOP\r\n"), 0);
	snprintf(want, sizeof(want),
	    "451 4.3.0 broken\r\n250 2.1.5 <c> %s INBOX\r\n",
	    session_txn(s)->id);
	session_result(s, 2, NULL, S("INBOX"));
	session_result(s, 2, &why, S("twice"));
	session_result(s, 1, NULL, S("was refused"));
	session_result(s, 99, NULL, S("is none"));
	expect_output(s, "");
	session_result(s, 0, &why, S(""));
	expect_output(s, want);
	assert_int_equal(session_want(s), SESSION_INPUT);
	assert_true(session_idle(s));
	session_result(s, 0, NULL, S("late"));
	expect_output(s, "");
	session_free(s);
}

/* Replies go out as soon as those before them are there. */
static void
test_results_stream(void **state)
{
	struct session *s = open_delivering();
	struct fail why = { .class = FAIL_NONE };

	(void)state;
	session_result(s, 0, &why, S(""));
	expect_output(s, "451 4.3.0 \r\n");
	session_close(s, "4.3.2", "down");
	session_close(s, "4.3.2", "down twice");
	assert_int_equal(session_want(s), SESSION_DELIVER);
	expect_output(s, "");
	fail_code(&why, 550, "5.7.1", "no");
	session_result(s, 2, &why, S(""));
	expect_output(s, "550 5.7.1 no\r\n421 4.3.2 down\r\n");
	assert_int_equal(session_want(s), SESSION_CLOSE);
	session_free(s);
}

/* A peer that pipelines and does not read cannot make the output grow. */
static void
test_output_bounded(void **state)
{
	struct session *s = open_session(UINT32_MAX);
	struct buf in;
	size_t at = 0, most = 0, rounds = 0;

	(void)state;
	buf_init(&in, 1 << 21);
	while (in.len < 1 << 20)
		buf_adds(&in, S("LHLO x\r\nX\r\n"));
	while (at < in.len) {
		size_t used = session_push(s, in.p + at, in.len - at);
		struct buf *out = session_output(s);

		assert_int_equal(session_want(s), SESSION_INPUT);
		assert_false(out->overflow);
		assert_true(used > 0);
		assert_int_equal(session_push(s, "NOOP\r\n", 6),
		    out->len > SESSION_OUTPUT_HIGH ? 0 : 6);
		most = out->len > most ? out->len : most;
		at += used;
		rounds++;
		buf_consume(out, out->len);
	}
	assert_true(rounds > 10);
	assert_true(most > SESSION_OUTPUT_HIGH);
	assert_true(most < SESSION_OUTPUT_HIGH + 1024);
	buf_free(&in);
	session_free(s);
}

/* Refused RCPTs in one batch: neither held replies nor memory grow. */
static void
test_batch_bounded(void **state)
{
	struct session *s = open_session(UINT32_MAX);
	struct recipient rcpt = { .address = S("x") };
	size_t at = 0, asks = 0, replies = 0, bad = 0;
	struct buf in;

	(void)state;
	buf_init(&in, 1 << 21);
	buf_adds(&in, S("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\n"));
	for (; in.len < 1 << 20; bad++)
		buf_adds(&in, S("RCPT TO:<\r\n"));
	while (at < in.len) {
		struct buf *out = session_output(s);

		at += session_push(s, in.p + at, in.len - at);
		if (session_want(s) == SESSION_ASK) {
			asks++;
			session_answer(s, 0, &rcpt, NULL);
		}
		assert_false(out->overflow);
		for (size_t i = 0; i < out->len; i++)
			replies += out->p[i] == '\n';
		buf_consume(out, out->len);
	}
	assert_int_equal(asks, 1);
	/* greeting, LHLO, MAIL, RCPT, and one for each bad one */
	assert_int_equal(replies, 1 + 9 + 1 + 1 + bad);
	buf_free(&in);
	session_free(s);
}

static void
test_free_anywhere(void **state)
{
	struct session *s = open_session(1);

	(void)state;
	push(s, "LH");
	session_free(s);
	session_free(open_asking("RCPT TO:<a>\r\n"));
	session_free(open_delivering());
	session_free(NULL);
}

static void
test_reply(void **state)
{
	struct buf out;
	char text[1000];

	(void)state;
	buf_init(&out, 1 << 16);
	reply(&out, 220, NULL, S("a\r\nb\xff\0"));
	assert_true(str_eq(buf_str(&out), S("220 a??b??\r\n")));
	buf_reset(&out);
	reply(&out, 250, "2.0.0", S(""));
	assert_true(str_eq(buf_str(&out), S("250 2.0.0 \r\n")));
	buf_reset(&out);
	memset(text, 'x', sizeof(text));
	text[390] = ' ';
	reply(&out, 550, "5.7.1", str_from(text, 800));
	assert_int_equal(out.len, 799 + 3 * 12);
	assert_memory_equal(out.p, "550-5.7.1 x", 11);
	assert_memory_equal(out.p + 400, "\r\n550-5.7.1 x", 13);
	assert_memory_equal(out.p + 812, "\r\n550 5.7.1 x", 13);
	buf_free(&out);
}

static void
test_reply_delivered(void **state)
{
	struct buf out;
	char text[1000];

	(void)state;
	buf_init(&out, 1 << 16);
	memset(text, '\xc3', sizeof(text));
	reply_delivered(&out, str_from(text, sizeof(text)), "0123456789abcdef",
	    str_from(text, sizeof(text)), false);
	assert_true(out.len <= REPLY_MAX);
	assert_true(str_ends(buf_str(&out), S("??\r\n")));
	buf_reset(&out);
	reply_delivered(&out, S("a@b"), "ID", S(""), false);
	assert_true(str_eq(buf_str(&out), S("250 2.1.5 <a@b> ID\r\n")));
	/* RFC 6531 s. 3.7.4: UTF-8, whole characters, where it was asked for */
	buf_reset(&out);
	for (size_t i = 1; i < sizeof(text); i += 2)
		text[i] = '\xa4';
	reply_delivered(&out, str_from(text, sizeof(text)), "ID",
	    str_from(text + 1, sizeof(text) - 1), true);
	assert_true(out.len <= REPLY_MAX);
	assert_true(str_ends(buf_str(&out), S("??\r\n")));
	assert_true(str_find(buf_str(&out), S("\xc3\xa4> ID")) > 0);
	buf_free(&out);
}

static void
test_reply_fail(void **state)
{
	static const struct {
		struct fail why;
		const char *want;
	} cases[] = {
		{ { FAIL_PERM, 550, "5.1.1", "x", 0 }, "550 5.1.1 x\r\n" },
		{ { FAIL_TEMP, 450, "4.2.0", "x", 0 }, "450 4.2.0 x\r\n" },
		{ { FAIL_PERM, 250, "2.0.0", "x", 0 }, "451 4.3.0 x\r\n" },
		{ { FAIL_PERM, 550, "4.1.1", "x", 0 }, "451 4.3.0 x\r\n" },
		{ { FAIL_PERM, 550, "", "x", 0 }, "451 4.3.0 x\r\n" },
		{ { FAIL_NONE, 0, "", "", 0 }, "451 4.3.0 \r\n" },
		{ { FAIL_PERM, 5500, "5.0.0", "x", 0 }, "451 4.3.0 x\r\n" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		buf_reset(&out);
		reply_fail(&out, &cases[k].why, false);
		if (!str_eq(buf_str(&out), str_c(cases[k].want)))
			fail_msg("case %zu: %.*s", k, (int)out.len, out.p);
	}
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_message_names_nobody),
		cmocka_unit_test(test_close_while_asking),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_results_stream),
		cmocka_unit_test(test_output_bounded),
		cmocka_unit_test(test_batch_bounded),
		cmocka_unit_test(test_free_anywhere),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_reply_delivered),
		cmocka_unit_test(test_reply_fail),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
