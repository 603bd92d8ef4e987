/*
 * Work of scripts is counted for each account, over processes, for an hour.
 */
#include "testsuite/unit/lib-check.h"

#include <sys/wait.h>
#include <unistd.h>

#include "actions/ledger.h"

static void
test_hour(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct ledger *l = ledger_open(a, S(""));

	(void)state;
	check_num(0, "nobody", ledger_used(l, S("joe"), 1000), 0);
	ledger_add(l, S("joe"), 1000, 5);
	ledger_add(l, S("eva"), 1000, 7);
	ledger_add(l, S("joe"), 2000, 6);
	check_num(1, "joe", ledger_used(l, S("joe"), 2000), 11);
	check_num(2, "eva", ledger_used(l, S("eva"), 2000), 7);
	check_num(3, "before the hour ends",
	    ledger_used(l, S("joe"), 1000 + LEDGER_SECONDS - 1), 11);
	check_num(4, "when it has",
	    ledger_used(l, S("joe"), 1000 + LEDGER_SECONDS), 0);
	ledger_add(l, S("joe"), 1000 + LEDGER_SECONDS, 1);
	check_num(5, "the next hour",
	    ledger_used(l, S("joe"), 1000 + LEDGER_SECONDS), 1);
	/* a clock that was set back begins anew */
	check_num(6, "the past", ledger_used(l, S("joe"), 1000), 0);
	ledger_close(l);
	arena_free(a);
}

/* What another process counted counts, and a restart forgets nothing. */
static void
test_shared(void **state)
{
	struct arena *a = arena_new("test", 0);
	char path[] = "/tmp/tamis-ledger-XXXXXX";
	struct ledger *l;
	int fd = mkstemp(path), status;
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	l = ledger_open(a, str_c(path));
	pid = fork();
	if (pid == 0) {
		ledger_add(ledger_open(a, str_c(path)), S("joe"), 1, 9);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	check_num(0, "joe", ledger_used(l, S("joe"), 2), 9);
	ledger_close(l);
	l = ledger_open(a, str_c(path));
	check_num(1, "joe", ledger_used(l, S("joe"), 2), 9);
	ledger_close(l);
	unlink(path);
	arena_free(a);
}

/* More accounts than there is room for: those that did most stay. */
static void
test_many(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct ledger *l = ledger_open(a, S(""));
	unsigned known = 0;

	(void)state;
	ledger_add(l, S("busy"), 1, 1000000);
	for (unsigned i = 0; i < 50000; i++)
		ledger_add(l, str_printf(a, "user%u", i), 1, 10);
	for (unsigned i = 0; i < 50000; i++)
		known += ledger_used(l, str_printf(a, "user%u", i), 1) != 0;
	check_num(0, "busy", ledger_used(l, S("busy"), 1), 1000000);
	assert_true(known > 4000);
	ledger_close(l);
	arena_free(a);
}

/* Where there can be no file it counts all the same. */
static void
test_no_file(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct ledger *l = ledger_open(a, S("/proc/none/ledger"));

	(void)state;
	ledger_add(l, S("joe"), 1, 3);
	check_num(0, "joe", ledger_used(l, S("joe"), 1), 3);
	ledger_close(l);
	ledger_close(NULL);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hour),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
