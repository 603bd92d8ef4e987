/*
 * The two stores without a disk: memory and null.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "mailstore/memory.h"

static const struct store_message message = {
	.bytes = STR("Subject: x\n\nbody\n"),
	.fd = -1,
	.id = STR("T1"),
};

static struct store_target
target(const char *mailbox, uint32_t rcpt)
{
	return (struct store_target){
		.root = S("/store/joe"),
		.mailbox = str_c(mailbox),
		.rcpt = rcpt,
	};
}

/* Every store goes through the same states. */
static void
check_states(const struct store *store)
{
	struct arena *a = arena_new("test", 0);
	struct memory_log log = { 0 };
	struct store_options options = { .memory = &log };
	struct store_account acct = { &options, S("/") };
	struct store_txn *txn = store->begin(a, &options, &message, NULL);
	struct store_target to = target("inbox", 0), no = target("../x", 0);
	struct staged *s;
	struct fail why;
	bool is;

	assert_true(store->exists(a, &acct, S("a/b"), &is, &why) && is);
	assert_true(store->exists(a, &acct, S(".."), &is, &why) && !is);
	assert_false(store->stage(txn, &no, &s, &why));
	assert_string_equal(why.status, "5.1.3");
	assert_true(store->stage(txn, &to, &s, &why));
	assert_true(str_eq(s->mailbox, S("INBOX")));
	assert_false(s->published);
	assert_true(store->publish(s, &why));
	assert_true(s->published && !s->final && s->path.len > 0);
	assert_true(store->sync(s, &why));
	assert_true(s->final);
	store->discard(s);
	store->discard(s);
	assert_false(s->published || s->final);
	store->end(txn);
	arena_free(a);
}

static void
test_states(void **state)
{
	(void)state;
	check_states(&store_memory);
	check_states(&store_null);
}

static void
test_log(void **state)
{
	struct arena *keep = arena_new("log", 0), *a = arena_new("txn", 0);
	struct str flag = S("\\Seen"), gone = S("Gone");
	struct strlist missing = { &gone, 1 };
	struct memory_log log = { .arena = keep, .missing = &missing };
	struct store_options options = { .memory = &log };
	struct store_txn *txn = store_memory.begin(a, &options, &message, NULL);
	struct store_target to = target("A/B", 7);
	struct staged *s;
	struct fail why;

	(void)state;
	to.flags = (struct strlist){ &flag, 1 };
	assert_true(store_memory.stage(txn, &to, &s, &why));
	assert_true(store_memory.publish(s, &why));
	assert_int_equal(memory_count(&log, S(""), S("A/B")), 0);
	assert_true(store_memory.sync(s, &why));
	to = target("Gone", 8);
	assert_false(store_memory.stage(txn, &to, &s, &why));
	assert_string_equal(why.status, "5.1.1");
	to.create = true;
	assert_true(store_memory.stage(txn, &to, &s, &why));
	store_memory.end(txn);
	arena_free(a); /* the log outlives the transaction */
	assert_int_equal(log.n, 2);
	assert_int_equal(memory_count(&log, S(""), S("A/B")), 1);
	assert_int_equal(memory_count(&log, S("/store/joe"), S("A/B")), 1);
	assert_int_equal(memory_count(&log, S("/store/eve"), S("A/B")), 0);
	assert_int_equal(log.first->rcpt, 7);
	assert_true(strlist_has(&log.first->flags, flag));
	assert_true(str_eq(log.first->bytes, message.bytes));
	assert_true(str_eq(log.last->staged.mailbox, gone));
	assert_false(log.last->staged.published);
	assert_int_equal(log.begun, 1);
	assert_int_equal(log.ended, 1);
	arena_free(keep);
}

/* The second call of each kind fails, the others do not. */
static void
check_failure(enum memory_call call)
{
	struct arena *a = arena_new("test", 0);
	struct memory_log log = { 0 };
	struct store_options options = { .memory = &log };
	struct store_txn *txn = store_memory.begin(a, &options, &message, NULL);

	log.fail[call] = 2;
	for (uint32_t i = 0; i < 3; i++) {
		struct store_target to = target("INBOX", i);
		struct fail why = { 0 };
		struct staged *s;
		bool ok = store_memory.stage(txn, &to, &s, &why) &&
		          store_memory.publish(s, &why) &&
		          store_memory.sync(s, &why);

		if (ok != (i != 1))
			fail_msg("call %d, copy %u", call, i);
		if (!ok)
			assert_string_equal(why.status, "4.3.0");
	}
	assert_int_equal(memory_count(&log, S(""), S("INBOX")), 2);
	store_memory.end(txn);
	arena_free(a);
}

static void
test_failures(void **state)
{
	(void)state;
	for (int call = 0; call < MEMORY_NCALLS; call++)
		check_failure((enum memory_call)call);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
