/*
 * The saved form (sieve/save, sieve/verify): what comes back is what was
 * saved; a file that was tampered with is refused or runs without harm.
 */
#include "testsuite/unit/sieve-check.h"

enum {
	SUM_AT = 8,                   /* behind the magic */
	BODY_AT = SUM_AT + DIGEST_LEN /* what the checksum covers */
};

static const struct str script =
    STR("require [\"fileinto\", \"envelope\", \"comparator-i;ascii-numeric\"];"
	"if anyof (not exists [\"From\", \"X\"], header :matches \"subject\""
	"    [\"a*b?\", \"x\\\\*\"]) { fileinto \"one\"; }"
	"elsif address :domain :contains [\"to\", \"cc\"] \"example\" {"
	"    redirect \"a@example.org\"; discard; stop; }"
	"else { keep; }"
	"if allof (size :over 1K, envelope :localpart \"from\" \"sender\","
	"    header :comparator \"i;ascii-numeric\" \"x-n\" \"5\", true) {"
	"    fileinto \"two\"; }"
	"if header \"subject\" [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\","
	"    \"g\", \"h\", \"i\", \"j\"] { fileinto \"three\"; }");

static const struct str messages[] = {
	STR("From: a@b\nX: y\nTo: z@example.com\n\nbody\n"),
	STR("From: a@b\nX: y\nSubject: j\nX-N: 05\n\nbody\n"),
	STR("Subject: AxxxBx\n\n"),
	STR(""),
};

static struct str
save(struct arena *a, const struct sieve_program *prog)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 20);
	sieve_save(prog, &b);
	assert_false(b.overflow);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static struct str
listing(struct arena *a, const struct sieve_program *prog)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 22);
	sieve_print(prog, &b);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
test_round_trip(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct sieve_program *prog = must_compile(a, script), *again;
	struct str saved = save(a, prog);
	struct digest source = digest_of(&script, 1);
	struct fail why;

	(void)state;
	assert_true(sieve_is_saved(saved));
	again = sieve_load(a, exact(a, saved), &source, &why);
	assert_non_null(again);
	assert_true(digest_eq(sieve_program_source(again), &source));
	check_str(0, "listing", listing(a, again), listing(a, prog));
	check_str(0, "saved", save(a, again), saved);
	for (size_t i = 0; i < COUNT(messages); i++)
		check_str(i, "plan",
		    plan_text(a, run_with(a, again, messages[i], NULL).plan),
		    plan_text(a, run_with(a, prog, messages[i], NULL).plan));
	arena_free(a);
}

static void
test_other_source(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str other = S("keep;");
	struct digest source = digest_of(&other, 1);
	struct fail why;

	(void)state;
	assert_null(
	    sieve_load(a, save(a, must_compile(a, script)), &source, &why));
	assert_string_equal(
	    why.text, "compiled script: it was made from another text");
	arena_free(a);
}

/* Any change at all is seen. */
static void
test_checksum(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct str saved = save(a, must_compile(a, S("keep;")));
	struct fail why;

	(void)state;
	for (size_t i = 0; i < saved.len; i++) {
		char *p = arena_strndup(a, saved.p, saved.len);

		p[i] ^= 1;
		assert_null(sieve_load(a, str_from(p, saved.len), NULL, &why));
		assert_null(sieve_load(a, str_sub(saved, 0, i), NULL, &why));
	}
	arena_free(a);
}

static void
mend_checksum(char *p, size_t len)
{
	struct str body = str_from(p + BODY_AT, len - BODY_AT);
	struct digest sum = digest_of(&body, 1);

	memcpy(p + SUM_AT, sum.octet, DIGEST_LEN);
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Change some octets, or cut the end, or add to it. */
static size_t
mutate(uint32_t *seed, char *p, size_t len, size_t room)
{
	uint32_t n = next(seed) % 3 + 1;

	while (n-- > 0) {
		/* mostly behind the digest of the source */
		size_t from = next(seed) % 8 == 0 ? BODY_AT : BODY_AT + 32;
		size_t at = from + next(seed) % (len - from);

		if (next(seed) % 2 == 0)
			p[at] = (char)next(seed);
		else
			p[at] ^= (char)(1 << next(seed) % 8);
	}
	if (next(seed) % 16 == 0)
		len = BODY_AT + 33 + next(seed) % (len - BODY_AT - 33);
	else if (next(seed) % 32 == 0 && len + 4 <= room)
		len += 4;
	return len;
}

/* A loaded mutant can do nothing worse than fail. */
static void
exercise(struct arena *a, const struct sieve_program *prog)
{
	struct sieve_limits limits = sieve_limits_default;

	limits.work = 100000;
	listing(a, prog);
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct outcome o = run_with(a, prog, messages[i], &limits);

		plan_text(a, o.plan);
		if (!o.ok)
			assert_true(o.why.text[0] != '\0');
	}
}

static void
test_mutations(void **state)
{
	struct arena *keep = arena_new("test", 0);
	struct str saved = save(keep, must_compile(keep, script));
	uint32_t seed = 7;
	size_t loaded = 0;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		struct arena *a = arena_new("mutant", 0);
		char *p = arena_alloc(a, saved.len + 4);
		struct sieve_program *prog;
		struct fail why;
		size_t len;

		memcpy(p, saved.p, saved.len);
		len = mutate(&seed, p, saved.len, saved.len + 4);
		mend_checksum(p, len);
		prog = sieve_load(a, exact(a, str_from(p, len)), NULL, &why);
		if (prog != NULL) {
			loaded++;
			exercise(a, prog);
		}
		arena_free(a);
	}
	/* the mutants must reach both sides of the verifier */
	assert_true(loaded > 500 && loaded < 9500);
	arena_free(keep);
}

/* --- files made by hand: what a mutation would hardly hit ------------- */

static void
u32(struct buf *b, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		buf_addc(b, (char)(v >> 8 * i & 0xff));
}

static void
word(struct buf *b, const char *s)
{
	u32(b, (uint32_t)strlen(s));
	buf_adds(b, str_c(s));
}

/* A program of one instruction, one string and one list, both empty. */
static void
one_insn(
    struct buf *b, const char *op, const char *sig, const uint64_t *v, size_t n)
{
	static const char zeros[DIGEST_LEN];

	buf_init(b, 1 << 20);
	buf_adds(b, S("TAMISBC\n"));
	buf_add(b, zeros, DIGEST_LEN);
	buf_add(b, zeros, DIGEST_LEN);
	u32(b, 0); /* capabilities */
	u32(b, 1); /* operations */
	word(b, op);
	word(b, sig);
	u32(b, 1); /* strings */
	u32(b, 0); /* no references */
	word(b, "");
	u32(b, 1); /* lists */
	u32(b, 0);
	u32(b, 0); /* parts */
	u32(b, 0); /* matches */
	u32(b, 1); /* code */
	u32(b, 0);
	u32(b, 1);
	u32(b, 1);
	for (size_t i = 0; i < n; i++) {
		u32(b, (uint32_t)v[i]);
		u32(b, (uint32_t)(v[i] >> 32));
	}
	mend_checksum(b->p, b->len);
}

static const struct {
	const char *op, *sig;
	uint64_t v[3];
	size_t n;
	bool ok;
} insns[] = {
	{ "jump", "j", { 1 }, 1, true },
	{ "jump", "j", { 0 }, 1, false }, /* for ever */
	{ "jump", "j", { 2 }, 1, false }, /* out of the code */
	{ "jump", "j", { UINT64_MAX }, 1, false },
	{ "jump", "j", { UINT64_C(1) << 32 | 1 }, 1, false },
	{ "jump", "n", { 1 }, 1, false },
	{ "jump", "j", { 1, 1 }, 2, false }, /* something follows */
	{ "leap", "j", { 1 }, 1, false },
	{ "exists", "h", { 0 }, 1, true },
	{ "exists", "h", { 1 }, 1, false },
	{ "keep", "fL", { 0, 0 }, 2, true },
	{ "keep", "fL", { 0, 1 }, 2, false },
	{ "keep", "fL", { UINT64_C(1) << 32, 0 }, 2, false },
	{ "reject", "s", { 0 }, 1, true },
	{ "reject", "s", { 1 }, 1, false },
	/* loops that were never begun */
	{ "parts-again", "", { 0 }, 0, true },
	{ "parts-end", "", { 0 }, 0, true },
	{ "parts-next", "j", { 1 }, 1, true },
	{ "parts-next", "j", { 0 }, 1, false },
	{ "parts-break", "j", { 0 }, 1, false },
	{ "header", "hm", { 0, 0 }, 2, false },      /* there is no match */
	{ "address", "phm", { 0, 0, 0 }, 3, false }, /* another signature */
	{ "size", "fn", { 1, UINT64_MAX }, 2, true },
	{ "stop", "", { 0 }, 0, true },
};

static void
test_one_insn(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(insns); i++) {
		struct arena *a = arena_new("test", 0);
		struct sieve_program *prog;
		struct fail why;
		struct buf b;

		one_insn(&b, insns[i].op, insns[i].sig, insns[i].v, insns[i].n);
		prog = sieve_load(a, buf_str(&b), NULL, &why);
		check_num(i, "loaded", prog != NULL, insns[i].ok);
		if (prog != NULL)
			exercise(a, prog);
		buf_free(&b);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_other_source),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_one_insn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
