/*
 * sieve-check: compile and run scripts inside unit tests.
 */
#ifndef TAMIS_TESTSUITE_SIEVE_CHECK_H
#define TAMIS_TESTSUITE_SIEVE_CHECK_H

#include "testsuite/unit/lib-check.h"

#include "sieve/vm.h"

/* Fails the test when the script has an error. */
static inline struct sieve_program *
must_compile(struct arena *a, struct str text)
{
	struct sieve_errors errors;
	struct sieve_program *prog = sieve_compile(a, text, NULL, &errors);

	if (prog == NULL)
		fail_msg("%u:%u: %s", errors.v[0].line, errors.v[0].column,
		    errors.v[0].text.p);
	return prog;
}

struct outcome {
	bool ok;
	struct plan *plan;
	uint32_t line, column;
	struct fail why;
};

static inline struct outcome
run_with(struct arena *a, const struct sieve_program *prog, struct str message,
    const struct sieve_limits *limits)
{
	struct sieve_env env = { .msg = message_open(a, message, 0, NULL),
		.sender = S("sender@example.org"),
		.rcpt = S("rcpt@example.org") };
	struct outcome o = { 0 };

	o.ok = sieve_run(
	    prog, &env, limits, a, &o.plan, &o.line, &o.column, &o.why);
	return o;
}

static inline struct str
plan_text(struct arena *a, const struct plan *plan)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 20);
	plan_print(plan, &b);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

#endif
