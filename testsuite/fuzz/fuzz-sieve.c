/*
 * One octet string as a script, and as the body of a saved form whose
 * checksum is right. Whatever can be run is saved, loaded and run. Built with
 * -fsanitize=fuzzer it is a libFuzzer target; else main() feeds it a few
 * inputs.
 */
#include <assert.h>
#include <stdio.h>

#include "lib/arena.h"
#include "sieve/lint.h"
#include "sieve/vm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str message =
    STR("From: \"Wile E.\" <coyote@desert.example.org>, x@y\n"
	"To: roadrunner@acme.example.com, list: a@b, c@d;\n"
	"Subject: =?utf-8?q?I_have?= a present\n for you\n"
	"X-N: 0042\nEmpty:\n\nbody\n");

static void
listen(void *ctx, const struct sieve_event *e)
{
	*(size_t *)ctx += e->detail.len + e->key.len;
}

static struct str
run(struct arena *a, const struct sieve_program *prog)
{
	size_t seen = 0;
	struct sieve_limits limits = sieve_limits_default;
	struct sieve_env env = { .msg = message_open(a, message, 0, NULL),
		.sender = S("@r.example:sender@example.org"),
		.rcpt = S("rcpt@example.org"),
		.event = listen,
		.event_ctx = &seen };
	struct plan *plan;
	struct fail why;
	struct buf b;
	struct str s;
	uint32_t line, column;

	limits.work = 20000;
	buf_init(&b, 1 << 20);
	sieve_run(prog, &env, &limits, a, &plan, &line, &column, &why);
	plan_print(plan, &b);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static struct str
saved(struct arena *a, const struct sieve_program *prog)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 24);
	sieve_print(prog, &b);
	buf_reset(&b);
	sieve_save(prog, &b);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
as_script(struct arena *a, struct str text)
{
	const struct sieve_lint lint = { .off = { 0 } };
	struct sieve_errors errors, warnings;
	struct sieve_program *prog = sieve_compile(a, text, NULL, &errors);
	struct sieve_program *again;
	struct buf b;
	struct fail why;

	assert((prog == NULL) == (errors.n > 0));
	buf_init(&b, 1 << 20);
	sieve_errors_print(&errors, S("script"), text, &b);
	buf_free(&b);
	sieve_lint(a, text, NULL, &lint, &warnings);
	assert(prog != NULL || warnings.n == 0);
	if (prog == NULL)
		return;
	again = sieve_load(a, saved(a, prog), sieve_program_source(prog), &why);
	assert(again != NULL);
	assert(str_eq(run(a, prog), run(a, again)));
}

static void
as_saved(struct arena *a, struct str body)
{
	struct digest sum = digest_of(&body, 1);
	struct str parts[] = { S("TAMISBC\n"),
		str_from((const char *)sum.octet, DIGEST_LEN), body };
	struct fail why;
	struct sieve_program *prog =
	    sieve_load(a, str_join(a, parts, 3), NULL, &why);

	if (prog == NULL)
		return;
	run(a, prog);
	saved(a, prog);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new("fuzz", 0);
	char *copy = arena_alloc(a, size);
	struct str s = { copy, size };

	/* A block of exactly this size, so that ASan sees an over-read. */
	if (size > 0)
		memcpy(copy, data, size);
	as_script(a, s);
	as_saved(a, s);
	arena_free(a);
	return 0;
}

#ifndef FUZZ_WITHOUT_MAIN
static const struct str inputs[] = {
	STR(""),
	STR("keep;"),
	STR("require [\"fileinto\", \"envelope\", \"encoded-character\"];"
	    "if anyof (header :matches [\"subject\"] \"*have*\", not exists"
	    " \"x\", envelope :domain \"from\" \"x\") { fileinto "
	    "\"x${hex:41}\";"
	    " } elsif size :over 10K { discard; } else { stop; }"),
	STR("if address :localpart [\"to\"] text:\nx\n..\n.\n { redirect \"a"),
	STR("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\1\0\0\0\4\0\0\0stop\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0"),
};

int
main(void)
{
	size_t n = sizeof(inputs) / sizeof(inputs[0]);

	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		LLVMFuzzerTestOneInput(
		    (const uint8_t *)inputs[i].p, inputs[i].len);
		printf("ok %zu - input\n", i + 1);
	}
	return 0;
}
#endif
