/*
 * test-asker: who is asked about recipients, and answers that come late, twice
 * or for somebody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "testsuite/unit/pool-bed.h"

/* No answer in time; the connection goes, another has its place, and then
 * the answer comes. */
static void
test_answer_for_another(void **state)
{
	struct bed *b = *state;
	int old = open_client(b), new;
	struct fail why;
	uint64_t id;

	say(b, old, "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\n");
	id = asked(b);
	hear(b, old, "");
	pool_tick(&b->f, b->f.conns, b->f.conns->ask_limit_ms);
	hear(b, old, "250 2.1.0 Ok\r\n451 4.3.0 ");
	close(old);
	pump(b);
	assert_null(b->f.conns);
	new = open_client(b);
	say(b, new, "MAIL FROM:<>\r\nRCPT TO:<b@x>\r\n");
	fail_perm(&why, "5.1.1", "no such user");
	answer(b, id, 0, &why);
	hear(b, new, "");
	answer(b, asked(b), 0, NULL);
	hear(b, new, "250 2.1.0 Ok\r\n250 2.1.5 ");
	close(new);
}

/* An answer that comes when nothing is asked any more. */
static void
test_second_answer(void **state)
{
	struct bed *b = *state;
	int client = open_client(b);
	struct fail why;
	uint64_t id;

	say(b, client, "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\n");
	id = asked(b);
	answer(b, id, 0, NULL);
	hear(b, client, "250 2.1.0 ");
	fail_perm(&why, "5.1.1", "no such user");
	answer(b, id, 0, &why);
	hear(b, client, "");
	say(b, client, "DATA\r\n");
	hear(b, client, "354 ");
	close(client);
}

/* One asker is stuck: the next session's question goes to another. When that
 * one dies, what it had is asked again where somebody is left. */
static void
test_two_askers(void **state)
{
	struct bed *b = *state;
	struct ipc second = join(b, ROLE_ASK, NO_PID);
	int one = open_client(b), two = open_client(b);
	struct ipc *stuck = &b->ask, *other = &second, swap;
	uint64_t id, first;

	say(b, one, "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\n");
	/* either may be the first of two that are idle */
	if (b->f.conns->next->asker != b->f.peers) {
		first = asked_by(b, stuck);
	} else {
		first = asked_by(b, other);
		swap = *stuck;
		*stuck = *other;
		*other = swap;
	}
	say(b, two, "MAIL FROM:<>\r\nRCPT TO:<b@x>\r\n");
	id = asked_by(b, other);
	assert_true(id != first);
	hear(b, two, "");
	ipc_close(other);
	pump(b);
	id = asked(b);
	answer(b, id, 0, NULL);
	hear(b, two, "250 2.1.0 Ok\r\n250 2.1.5 ");
	hear(b, one, "");
	answer(b, first, 0, NULL);
	hear(b, one, "250 2.1.0 Ok\r\n250 2.1.5 ");
	close(one);
	close(two);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_for_another),
		TEST(test_second_answer),
		TEST(test_two_askers),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
