/*
 * Rot: a compiled script that changed on disk beside the right text, and an
 * active-script link that names anything: what runs is what the text says,
 * or nothing. TAMIS_ROT sets the number of mutations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actions/script.h"
#include "testsuite/unit/actions-scratch.h"

enum { MUTATIONS = 10000, LINKS = 2000, SAVED_MAX = 1 << 20, SUM_AT = 8 };

static const struct str texts[] = {
	STR("keep;\n"),
	STR("require \"fileinto\";\nfileinto \"one\"; fileinto \"two\";\n"),
	STR("require \"fileinto\";\nif header :contains \"subject\" [\"a\", "
	    "\"b\"] { fileinto \"x\"; stop; } else { discard; }\n"),
	STR("if anyof (size :over 10K, address :domain \"from\" \"e.org\",\n"
	    "not exists \"x-spam\") { redirect \"a@example.net\"; }\n"),
};
enum { NTEXTS = sizeof(texts) / sizeof(*texts) };

struct rot {
	struct arena *arena; /* of the whole test */
	struct arena *round;
	struct str dir;
	uint64_t state;
	struct str listing[NTEXTS];
	struct str saved[NTEXTS];
};

static uint32_t
roll(struct rot *r, size_t n)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return n == 0 ? 0 : (uint32_t)((r->state >> 33) % n);
}

static struct str
print(struct arena *a, const struct sieve_program *p)
{
	struct buf b;
	struct str s;

	buf_init(&b, SAVED_MAX);
	sieve_print(p, &b);
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
compile_one(struct rot *r, size_t i)
{
	struct sieve_errors errors = { 0 };
	const struct sieve_program *p =
	    sieve_compile(r->arena, texts[i], NULL, &errors);
	struct buf b;

	assert_non_null(p);
	buf_init(&b, SAVED_MAX);
	sieve_save(p, &b);
	r->listing[i] = print(r->arena, p);
	r->saved[i] = str_dup(r->arena, buf_str(&b));
	buf_free(&b);
}

static int
setup(void **state)
{
	struct arena *a = arena_new("rot", 0);
	struct rot *r = ARENA_NEW(a, struct rot);

	r->arena = a;
	r->round = arena_new("round", 0);
	r->dir = scratch_new(a);
	r->state = 42;
	for (size_t i = 0; i < NTEXTS; i++)
		compile_one(r, i);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rot *r = *state;

	scratch_free(r->dir);
	arena_free(r->round);
	arena_free(r->arena);
	return 0;
}

/* --- mutations ----------------------------------------------------------- */

typedef void mutate_fn(struct rot *, struct buf *, size_t text);

static void
flip_bit(struct rot *r, struct buf *b, size_t text)
{
	(void)text;
	b->p[roll(r, b->len)] ^= (char)(1 << roll(r, 8));
}

static void
flip_many(struct rot *r, struct buf *b, size_t text)
{
	for (uint32_t n = 2 + roll(r, 30); n > 0; n--)
		flip_bit(r, b, text);
}

static void
truncate_it(struct rot *r, struct buf *b, size_t text)
{
	(void)text;
	b->len = roll(r, b->len);
}

static void
extend_it(struct rot *r, struct buf *b, size_t text)
{
	(void)text;
	for (uint32_t n = 1 + roll(r, 100); n > 0; n--)
		buf_addc(b, (char)roll(r, 256));
}

static void
swap_blocks(struct rot *r, struct buf *b, size_t text)
{
	size_t n = 1 + roll(r, b->len / 2 - 1);
	size_t from = roll(r, b->len - n), to = roll(r, b->len - n);
	char *copy = arena_strndup(r->round, b->p + from, n);

	(void)text;
	memmove(b->p + from, b->p + to, n);
	memcpy(b->p + to, copy, n);
}

static void
zero_block(struct rot *r, struct buf *b, size_t text)
{
	size_t from = roll(r, b->len), n = 1 + roll(r, b->len - from);

	(void)text;
	memset(b->p + from, 0, n);
}

/* Whole, and of another text: another user's, or what was there before. */
static void
other_file(struct rot *r, struct buf *b, size_t text)
{
	buf_reset(b);
	buf_adds(b, r->saved[(text + 1 + roll(r, NTEXTS - 1)) % NTEXTS]);
}

/* Another text's program with a digest that is nobody's; the sum is right. */
static void
wrong_digest(struct rot *r, struct buf *b, size_t text)
{
	size_t body = SUM_AT + DIGEST_LEN;
	struct str covered;
	struct digest sum;

	other_file(r, b, text);
	for (size_t i = 0; i < DIGEST_LEN; i++)
		b->p[body + i] = (char)roll(r, 256);
	covered = str_from(b->p + body, b->len - body);
	sum = digest_of(&covered, 1);
	memcpy(b->p + SUM_AT, sum.octet, DIGEST_LEN);
}

/* The head of the right file before the rest of another one. */
static void
graft(struct rot *r, struct buf *b, size_t text)
{
	size_t n = roll(r, b->len);

	other_file(r, b, text);
	for (size_t i = 0; i < n && i < b->len; i++)
		b->p[i] = r->saved[text].p[i];
}

static const struct {
	const char *name;
	mutate_fn *mutate;
} kinds[] = {
	{ "bit", flip_bit },
	{ "bits", flip_many },
	{ "truncation", truncate_it },
	{ "extension", extend_it },
	{ "swap", swap_blocks },
	{ "zeros", zero_block },
	{ "other file", other_file },
	{ "wrong digest", wrong_digest },
	{ "graft", graft },
};
enum { NKINDS = sizeof(kinds) / sizeof(*kinds) };

/* --- looking -------------------------------------------------------------- */

static struct script
find(struct rot *r, struct script_cache **cache)
{
	struct account_script where = { .dir = r->dir, .link = S("defaultbc") };
	struct script s;
	struct fail why;

	*cache = script_cache_new(r->round, 8, 1 << 20);
	if (!script_find(
		*cache, &where, &sieve_limits_default, r->round, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static void
link_to(struct rot *r, const char *target)
{
	struct str path = scratch_path(r->round, r->dir, "defaultbc");

	unlink(path.p);
	assert_int_equal(symlink(target, path.p), 0);
}

/* Truncating a file makes ext4 write it out when it is closed. */
static void
write_new(struct rot *r, const char *name, struct str text)
{
	unlink(scratch_path(r->round, r->dir, name).p);
	scratch_write(r->round, r->dir, name, text);
}

static void
one_mutation(struct rot *r, unsigned i)
{
	size_t text = roll(r, NTEXTS), kind = i % NKINDS;
	struct script_cache *cache;
	struct script s;
	struct buf b;

	buf_init(&b, SAVED_MAX);
	buf_adds(&b, r->saved[text]);
	kinds[kind].mutate(r, &b, text);
	write_new(r, "a.script", texts[text]);
	write_new(r, "a.bc", buf_str(&b));
	buf_free(&b);
	s = find(r, &cache);
	if (s.state != SCRIPT_OK ||
	    !str_eq(print(r->round, s.program), r->listing[text]))
		fail_msg("mutation %u (%s) of text %zu: wrong program", i,
		    kinds[kind].name, text);
	script_cache_free(cache);
	arena_reset(r->round);
}

static unsigned
how_many(unsigned gate)
{
	const char *set = getenv("TAMIS_ROT");

	return set != NULL ? (unsigned)strtoul(set, NULL, 10) : gate;
}

static void
test_compiled_scripts(void **state)
{
	struct rot *r = *state;
	unsigned n = how_many(MUTATIONS);

	link_to(r, "a.bc");
	for (unsigned i = 0; i < n; i++)
		one_mutation(r, i);
	print_message("# %u mutations of compiled scripts, 0 wrong\n", n);
}

/* The test above sees something: the right file is what is loaded. */
static void
test_right_file_is_used(void **state)
{
	struct rot *r = *state;
	struct script_cache *cache;
	struct script s;

	link_to(r, "a.bc");
	/* A program of another text under the digest of this one, with a
	 * right sum: only its user can write that, and it is what runs. */
	for (size_t i = 0; i < NTEXTS; i++) {
		size_t other = (i + 1) % NTEXTS, body = SUM_AT + DIGEST_LEN;
		struct digest source = digest_of(&texts[i], 1), sum;
		char *p = arena_strndup(
		    r->round, r->saved[other].p, r->saved[other].len);
		struct str all = str_from(p, r->saved[other].len);
		struct str covered = str_from_offset(all, body);

		memcpy(p + body, source.octet, DIGEST_LEN);
		sum = digest_of(&covered, 1);
		memcpy(p + SUM_AT, sum.octet, DIGEST_LEN);
		scratch_write(r->round, r->dir, "a.script", texts[i]);
		scratch_write(r->round, r->dir, "a.bc", all);
		s = find(r, &cache);
		assert_int_equal(s.state, SCRIPT_OK);
		assert_string_equal(
		    print(r->round, s.program).p, r->listing[other].p);
		script_cache_free(cache);
	}
}

static void
random_target(struct rot *r, char *target, size_t size)
{
	static const char *const words[] = { "a", ".bc", "..", "/", ".", "a.bc",
		".script", "defaultbc", "etc", "\xff", "\n", "b.bc", "dir" };
	size_t len = 0;

	for (uint32_t n = 1 + roll(r, 8); n > 0; n--) {
		const char *word =
		    words[roll(r, sizeof(words) / sizeof(*words))];

		if (len + strlen(word) >= size)
			break;
		memcpy(target + len, word, strlen(word) + 1);
		len += strlen(word);
	}
	if (roll(r, 20) == 0) {
		memset(target, 'x', size - 1);
		target[size - 1] = '\0';
	}
}

/* The one text that is there, or nothing: never what lies elsewhere. */
static void
test_link_targets(void **state)
{
	struct rot *r = *state;
	unsigned n = how_many(LINKS), found = 0;

	scratch_write(r->arena, r->dir, "a.script", texts[1]);
	scratch_path(r->arena, r->dir, "dir/b.script");
	for (unsigned i = 0; i < n; i++) {
		struct script_cache *cache;
		char target[1024] = "";
		struct script s;

		random_target(r, target, sizeof(target));
		link_to(r, target);
		s = find(r, &cache);
		if (s.state == SCRIPT_OK &&
		    !str_eq(print(r->round, s.program), r->listing[1]))
			fail_msg("link %u \"%s\": wrong program", i, target);
		found += s.state == SCRIPT_OK;
		script_cache_free(cache);
		arena_reset(r->round);
	}
	print_message("# %u link targets, %u named the script\n", n, found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_compiled_scripts, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_right_file_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_link_targets, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
