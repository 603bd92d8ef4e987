/*
 * The machine (sieve/vm) and the plan (sieve/plan): limits, places of
 * run-time errors, events, settling; and what a hostile script costs.
 */
#include "testsuite/unit/sieve-check.h"

static const struct {
	struct str script;
	struct str message;
	struct sieve_limits limits; /* 0: default */
	bool ok;
	uint32_t line, column;
	const char *result; /* plan, or text of the failure */
} rows[] = {
	{ STR("keep;"), STR("\n"), { 0 }, true, 0, 0,
	    "store \"INBOX\" line 1\n" },
	{ STR("redirect \"a@b\";\n redirect \"c@d\";"), STR("\n"),
	    { .redirects = 1 }, false, 2, 2, "more than 1 redirects" },
	{ STR("redirect \"a@b\"; redirect \"a@B\";"), STR("\n"),
	    { .redirects = 1 }, true, 0, 0, "redirect \"a@b\" line 1\n" },
	{ STR("keep; keep;\n\n  keep;"), STR("\n"), { .actions = 2 }, false, 3,
	    3, "more than 2 actions" },
	{ STR("if true {}\nif true {}\nif true {}"), STR("\n"), { .work = 5 },
	    false, 3, 1, "the script needs more than its limit of work" },
	{ STR("if true {}\nif true {}\nif true {}"), STR("\n"), { .work = 6 },
	    true, 0, 0, "store \"INBOX\" implicit\n" },
	{ STR("require \"body\";\nif body :contains \"h\" { discard; }"),
	    STR("\nabcdefgh"), { .body_octets = 7 }, true, 0, 0,
	    "store \"INBOX\" implicit\n" },
	{ STR("require \"body\";\nif body :raw :contains \"h\" { discard; }"),
	    STR("\nabcdefgh"), { .body_octets = 7 }, true, 0, 0,
	    "store \"INBOX\" implicit\n" },
	{ STR("require \"body\";\nif body :contains \"h\" { discard; }"),
	    STR("\nabcdefgh"), { .body_octets = 8 }, true, 0, 0,
	    "discard line 2\n" },
	{ STR("require \"duplicate\";\nif anyof (duplicate :uniqueid \"1\",\n"
	      "duplicate :uniqueid \"2\") {}"),
	    STR("\n"), { .actions = 1 }, false, 3, 1,
	    "more than 1 ids for duplicate" },
	{ STR("require \"editheader\";\naddheader \"X\" \"y\";\n"
	      "addheader \"X\" \"y\";"),
	    STR("Subject: 1234567890\n\n"), { .work = 4 }, false, 3, 1,
	    "the script needs more than its limit of work" },
};

static struct sieve_limits
with_defaults(struct sieve_limits l)
{
	struct sieve_limits d = sieve_limits_default;

	d.redirects = l.redirects > 0 ? l.redirects : d.redirects;
	d.actions = l.actions > 0 ? l.actions : d.actions;
	d.work = l.work > 0 ? l.work : d.work;
	d.body_octets = l.body_octets > 0 ? l.body_octets : d.body_octets;
	return d;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new("test", 0);
		struct sieve_limits limits = with_defaults(rows[i].limits);
		struct outcome o = run_with(a, must_compile(a, rows[i].script),
		    rows[i].message, &limits);

		check_num(i, "ok", o.ok, rows[i].ok);
		check_num(i, "line", o.line, rows[i].line);
		check_num(i, "column", o.column, rows[i].column);
		check_str(i, "result",
		    o.ok ? plan_text(a, o.plan) : str_c(o.why.text),
		    str_c(rows[i].result));
		arena_free(a);
	}
}

/* --- work ------------------------------------------------------------- */

/* Each of these is as expensive as a script of that form can be. The budget
 * must stop it: the test ends in seconds or the time limit of the suite ends
 * it. */
static const struct {
	const char *name;
	struct str start, unit, end; /* unit is repeated */
	size_t times;
	struct str line; /* of the message, repeated */
} heavy[] = {
	{ "matches", STR(""),
	    STR("if header :matches \"x\" \"*a*a*a*a*a*a*b\" { stop; }\n"),
	    STR(""), 5000,
	    STR("X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"\n") },
	{ "many keys", STR("if header :contains \"x\" [\"k\""),
	    STR(", \"key\""), STR("] { stop; }"), 60000, STR("X: a value\n") },
	{ "many names", STR("if header :is [\"x\""), STR(", \"x\""),
	    STR("] \"k\" { stop; }"), 60000, STR("X: a value\n") },
	{ "addresses", STR(""),
	    STR("if address :domain \"to\" \"k\" { stop; }\n"), STR(""), 5000,
	    STR("To: a@b, c@d, e@f, g@h, i@j, k@l, m@n, o@p, q@r, s@t\n") },
};

static struct str
build(struct arena *a, size_t i)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 20);
	buf_adds(&b, heavy[i].start);
	for (size_t n = 0; n < heavy[i].times; n++)
		buf_adds(&b, heavy[i].unit);
	buf_adds(&b, heavy[i].end);
	assert_false(b.overflow);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
test_heavy(void **state)
{
	struct sieve_limits limits = sieve_limits_default;

	(void)state;
	limits.work = 500000;
	for (size_t i = 0; i < COUNT(heavy); i++) {
		struct arena *a = arena_new("test", (size_t)256 << 20);
		struct str message =
		    repeat(a, heavy[i].line, heavy[i].line.len * 1000);
		int64_t began = clock_mono_ms();
		struct outcome o =
		    run_with(a, must_compile(a, build(a, i)), message, &limits);

		if (o.ok)
			fail_msg(
			    "row %zu (%s) was not stopped", i, heavy[i].name);
		if (clock_mono_ms() - began > 10000)
			fail_msg(
			    "row %zu (%s) took too long", i, heavy[i].name);
		arena_free(a);
	}
}

/* Scripts that must not cost more than their length when compiled. */
static const struct str hostile[] = {
	STR("not "),
	STR("if not "),
	STR("("),
	STR("{"),
	STR("if true {"),
	STR("["),
	STR("\"a\" "),
	STR("keep \"a\" "),
	STR(":is "),
	STR(":x :is "),
	STR("header :is "),
	STR("\""),
	STR("text:\n"),
	STR("text:"),
	STR("/*"),
	STR("}"),
	STR("anyof(true,"),
	STR("if anyof(not anyof("),
	STR("else "),
	STR("require \"x\";"),
	STR("1"),
	STR("\\"),
	STR("keep;"),
	STR("if true { keep; } "),
	STR("if true {} else {}"),
};

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new("test", (size_t)1 << 30);
		int64_t began = clock_mono_ms();
		struct sieve_errors errors;

		sieve_compile(a, repeat(a, hostile[i], 1 << 20), NULL, &errors);
		sieve_compile(a,
		    str_join(a,
			(struct str[]){ S("if header "),
			    repeat(a, hostile[i], (1 << 20) - 20) },
			2),
		    NULL, &errors);
		if (clock_mono_ms() - began > 10000)
			fail_msg("row %zu took too long", i);
		arena_free(a);
	}
}

/* --- compiling -------------------------------------------------------- */

static void
test_compile_limits(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_limits limits = sieve_limits_default;
	struct sieve_errors errors;

	(void)state;
	limits.script_bytes = 5;
	assert_non_null(sieve_compile(a, S("keep;"), &limits, &errors));
	assert_int_equal(errors.n, 0);
	assert_null(sieve_compile(a, S("keep; "), &limits, &errors));
	assert_int_equal(errors.n, 1);
	limits = sieve_limits_default;
	limits.errors = 2;
	assert_null(sieve_compile(a, S("a; b;"), &limits, &errors));
	assert_int_equal(errors.n, 2);
	assert_false(errors.more);
	assert_null(sieve_compile(a, S("a; b; c;"), &limits, &errors));
	assert_int_equal(errors.n, 2);
	assert_true(errors.more);
	limits.nesting = 1;
	assert_non_null(
	    sieve_compile(a, S("if true { keep; }"), &limits, &errors));
	assert_null(
	    sieve_compile(a, S("if not true { keep; }"), &limits, &errors));
	assert_null(sieve_compile(
	    a, S("if true { if true { keep; } }"), &limits, &errors));
	arena_free(a);
}

static const struct str words[] = {
	STR("if "),
	STR("elsif "),
	STR("else "),
	STR("anyof"),
	STR("allof "),
	STR("not "),
	STR("true "),
	STR("header "),
	STR("address "),
	STR("envelope "),
	STR("exists "),
	STR("size "),
	STR(":over "),
	STR(":is "),
	STR(":contains "),
	STR(":matches "),
	STR(":domain "),
	STR(":comparator "),
	STR("\"i;octet\" "),
	STR("\"from\" "),
	STR("\"to\" "),
	STR("\"*a\" "),
	STR("\"a@b\" "),
	STR("["),
	STR("]"),
	STR("("),
	STR(")"),
	STR(","),
	STR(";"),
	STR("{"),
	STR("}"),
	STR("10K "),
	STR("keep;"),
	STR("discard;"),
	STR("redirect "),
	STR("fileinto "),
	STR("stop;"),
	STR("require "),
	STR("text:\nx\n.\n"),
	STR("\""),
	STR("/*"),
	STR("#"),
	STR("\n"),
	STR("\\"),
	STR("\r"),
	STR("\xff"),
	STR("\"${unicode:d800}\" "),
	STR("if true { keep; } "),
	STR("if header \"to\" \"x\" { stop; } "),
	STR("keep;\n"),
};

/* Scripts of words in any order: nothing worse than an error comes of them,
 * and each error has a place inside the text. */
static void
test_random_scripts(void **state)
{
	uint32_t seed = 3;
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		struct arena *a = arena_new("test", 0);
		struct sieve_errors errors;
		struct sieve_program *prog;
		struct buf b;

		buf_init(&b, 4096);
		if (i % 2 == 0)
			buf_adds(&b, S("require [\"fileinto\", \"envelope\","
				       " \"encoded-character\"];"));
		for (size_t n = i % 24; n > 0; n--) {
			seed = seed * 1664525 + 1013904223;
			buf_adds(&b, words[(seed >> 8) % COUNT(words)]);
		}
		prog = sieve_compile(a, exact(a, buf_str(&b)), NULL, &errors);
		assert_true((prog == NULL) == (errors.n > 0));
		for (size_t k = 0; k < errors.n; k++)
			assert_true(errors.v[k].line >= 1 &&
				    errors.v[k].column >= 1 &&
				    errors.v[k].column <= b.len + 1);
		if (prog != NULL) {
			run_with(a, prog, S("To: a@b\n\n"), NULL);
			good++;
		}
		buf_free(&b);
		arena_free(a);
	}
	assert_true(good > 300);
}

/* --- events ----------------------------------------------------------- */

static void
listen(void *ctx, const struct sieve_event *e)
{
	struct buf *b = ctx;
	static const char *const kinds[] = { "step", "match", "intent", "keep",
		"error" };

	buf_printf(b, "%s %u:%u", kinds[e->kind], e->line, e->column);
	if (e->kind == SIEVE_EVENT_STEP)
		buf_printf(b, " %.*s %.*s T=%d", STR_ARG(e->op),
		    STR_ARG(e->detail), e->truth);
	if (e->kind == SIEVE_EVENT_MATCH)
		buf_printf(b, " %.*s/%.*s %d", STR_ARG(e->value),
		    STR_ARG(e->key), e->truth);
	if (e->kind == SIEVE_EVENT_INTENT)
		buf_printf(b, " %.*s", STR_ARG(e->intent->target));
	if (e->kind == SIEVE_EVENT_ERROR)
		buf_printf(b, " %s", e->why->text);
	buf_addc(b, '\n');
}

static void
test_events(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_limits limits = sieve_limits_default;
	struct buf b;
	struct sieve_env env = {
		.msg = message_open(a, S("A: X\n\n"), 0, NULL),
		.event = listen,
		.event_ctx = &b,
	};
	struct plan *plan;
	struct fail why;
	uint32_t line, column;

	(void)state;
	buf_init(&b, 65536);
	limits.actions = 1;
	assert_false(sieve_run(
	    must_compile(
		a, S("if header \"a\" [\"y\", \"x\"] {\n keep;\n keep; }")),
	    &env, &limits, a, &plan, &line, &column, &why));
	check_str(0, "events", buf_str(&b),
	    S("match 1:4 X/x 1\n"
	      "step 1:4 header [\"a\"] :is i;ascii-casemap [\"y\", \"x\"] T=1\n"
	      "step 1:1 jfalse -> 0004 T=1\n"
	      "intent 2:2 INBOX\n"
	      "keep 2:2\n"
	      "step 2:2 keep  T=1\n"
	      "error 3:2 more than 1 actions\n"));
	buf_free(&b);
	arena_free(a);
}

/* --- plans ------------------------------------------------------------ */

static void
test_settle(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct plan *p = plan_new(a);
	struct intent *in;
	struct fail why;

	(void)state;
	in = plan_add(p, INTENT_STORE, 1, PLAN_COPY, S("inbox"));
	strlist_add(a, &in->imapflags, S("\\Seen"));
	in = plan_add(p, INTENT_STORE, 2, PLAN_COPY | PLAN_CREATE, S("x"));
	strlist_add(a, &in->imapflags, S("no"));
	in = plan_add(p, INTENT_STORE, 3, PLAN_COPY, S("x"));
	strlist_add(a, &in->imapflags, S("$a \"b"));
	strlist_add(a, &in->imapflags, S("\\seen"));
	plan_add(p, INTENT_REDIRECT, 4, PLAN_COPY, S("a@b"));
	plan_add(p, INTENT_REDIRECT, 5, PLAN_COPY, S("a@B"));
	assert_true(plan_settle(p, &why));
	assert_true(plan_settle(p, &why));
	assert_int_equal(p->n, 3);
	assert_int_equal(p->nredirects, 1);
	assert_int_equal(p->last->verb, INTENT_REDIRECT);
	assert_null(p->last->next);
	/* united with the implicit keep, it is no copy beside it */
	check_str(0, "plan", plan_text(a, p),
	    S("store \"inbox\" line 1 flags \"\\\\Seen\"\n"
	      "store \"x\" line 2 copy create flags \"$a \\\"b\" \"\\\\seen\"\n"
	      "redirect \"a@b\" line 4 copy\n"));
	plan_keep_only(p);
	check_str(1, "plan", plan_text(a, p), S("store \"INBOX\" implicit\n"));
	arena_free(a);
}

static const struct {
	enum intent_verb first, second;
	bool ok;
} pairs[] = {
	{ INTENT_STORE, INTENT_REDIRECT, true },
	{ INTENT_REPLY, INTENT_STORE, true },
	{ INTENT_REFUSE, INTENT_NOTIFY, true },
	{ INTENT_REFUSE, INTENT_REFUSE, false },
	{ INTENT_REFUSE, INTENT_REPLY, false },
	{ INTENT_REPLY, INTENT_REFUSE, false },
	{ INTENT_STORE, INTENT_REFUSE, false },
	{ INTENT_REFUSE, INTENT_REDIRECT, false },
	{ INTENT_CALENDAR, INTENT_REFUSE, false },
	{ INTENT_REPLY, INTENT_REPLY, false },
	{ INTENT_REPLY, INTENT_REDIRECT, true },
	{ INTENT_REPLY, INTENT_NOTIFY, true },
};

static void
test_conflicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct arena *a = arena_new("test", 0);
		struct plan *p = plan_new(a);
		struct fail why;

		plan_add(p, pairs[i].first, 1, 0, S("a"));
		plan_add(p, pairs[i].second, 2, 0, S("b"));
		plan_cancel_keep(p, 1);
		check_num(i, "settled", plan_settle(p, &why), pairs[i].ok);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_heavy),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_compile_limits),
		cmocka_unit_test(test_random_scripts),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_conflicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
