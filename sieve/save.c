/*
 * save: the saved form of a program, both ways. Knows how a program is laid
 * out in a file; what makes it safe to run is in verify.
 */
#include "lib/arena.h"
#include "sieve/ext.h"

/*
 * All numbers are little-endian. Names say which operation, comparator, match
 * type and part is meant, so another build either understands a file or
 * refuses it; there are no version numbers.
 *
 *   magic(8) checksum(32) of all that follows
 *   source digest(32)
 *   capabilities   n, strings
 *   operations     n, (name, signature)
 *   strings        n, (1 when it holds references else 0, string)
 *   lists          n, (n, string index ...)
 *   parts          n, names
 *   matches        n, (comparator, type, list)
 *   code           n, (operation, line, column, operand ...)
 *
 * Counts and indices have 32 bits, operands 64, a string its length first.
 */
static const struct str magic = STR("TAMISBC\n");

/* --- writing ---------------------------------------------------------- */

static void
put_number(struct buf *out, uint64_t v, int octets)
{
	for (int i = 0; i < octets; i++)
		buf_addc(out, (char)(v >> 8 * i & 0xff));
}

static void
put_u32(struct buf *out, uint32_t v)
{
	put_number(out, v, 4);
}

static void
put_str(struct buf *out, struct str s)
{
	put_u32(out, (uint32_t)s.len);
	buf_adds(out, s);
}

static void
put_digest(struct buf *out, const struct digest *d)
{
	buf_add(out, d->octet, DIGEST_LEN);
}

/* Index of op among all operations of all extensions. */
static uint32_t
op_number(const struct sieve_op *op)
{
	uint32_t n = 0;
	const struct sieve_ext *ext;

	for (size_t i = 0; (ext = ext_at(i)) != NULL; i++)
		for (const struct sieve_op *const *o = ext->ops;
		     o != NULL && *o != NULL; o++, n++)
			if (*o == op)
				return n;
	return n;
}

static uint32_t
count_ops(void)
{
	return op_number(NULL);
}

/* Only the operations that are used are imported: a build without the others
 * can read the file. used[op number] becomes 1 + import number. */
static void
put_imports(struct buf *out, const struct sieve_program *prog, uint32_t *used)
{
	uint32_t n = 0;
	size_t at = out->len;

	put_u32(out, 0);
	for (uint32_t pc = 0; pc < prog->ncode; pc++) {
		const struct sieve_op *op = prog->code[pc].op;
		uint32_t *slot = &used[op_number(op)];

		if (*slot != 0)
			continue;
		*slot = ++n;
		put_str(out, str_c(op->name));
		put_str(out, str_c(op->sig));
	}
	if (!out->overflow)
		for (int i = 0; i < 4; i++)
			out->p[at + (size_t)i] = (char)(n >> 8 * i & 0xff);
}

static void
put_tables(struct buf *out, const struct sieve_program *prog)
{
	put_u32(out, prog->nstrings);
	for (uint32_t i = 0; i < prog->nstrings; i++) {
		put_u32(out, prog->refs[i]);
		put_str(out, prog->string[i]);
	}
	put_u32(out, prog->nlists);
	for (uint32_t i = 0; i < prog->nlists; i++) {
		put_u32(out, prog->list[i].n);
		for (uint32_t k = 0; k < prog->list[i].n; k++)
			put_u32(out, prog->list[i].v[k]);
	}
	put_u32(out, prog->nparts);
	for (uint32_t i = 0; i < prog->nparts; i++)
		put_str(out, str_c(prog->part[i]->name));
	put_u32(out, prog->nmatches);
	for (uint32_t i = 0; i < prog->nmatches; i++) {
		put_str(out, str_c(prog->match[i].comparator->name));
		put_str(out, str_c(prog->match[i].type->name));
		put_u32(out, prog->match[i].list);
	}
}

static void
put_code(
    struct buf *out, const struct sieve_program *prog, const uint32_t *used)
{
	put_u32(out, prog->ncode);
	for (uint32_t pc = 0; pc < prog->ncode; pc++) {
		const struct sieve_insn *in = &prog->code[pc];
		const uint64_t *v = program_operands(prog, in);

		put_u32(out, used[op_number(in->op)] - 1);
		put_u32(out, in->line);
		put_u32(out, in->column);
		for (const char *sig = in->op->sig; *sig != '\0'; sig++)
			put_number(out, *v++, 8);
	}
}

void
sieve_save(const struct sieve_program *prog, struct buf *out)
{
	struct arena *scratch = arena_new("sieve save", 0);
	uint32_t *used = ARENA_ARRAY(scratch, count_ops(), uint32_t);
	struct digest sum = { { 0 } };
	size_t start = out->len, body;
	struct str bytes;

	buf_adds(out, magic);
	put_digest(out, &sum);
	body = out->len;
	put_digest(out, &prog->source);
	put_u32(out, (uint32_t)prog->capabilities.n);
	for (size_t i = 0; i < prog->capabilities.n; i++)
		put_str(out, prog->capabilities.v[i]);
	put_imports(out, prog, used);
	put_tables(out, prog);
	put_code(out, prog, used);
	if (!out->overflow) {
		bytes = str_from(out->p + body, out->len - body);
		sum = digest_of(&bytes, 1);
		memcpy(out->p + start + magic.len, sum.octet, DIGEST_LEN);
	}
	arena_free(scratch);
}

/* --- reading ---------------------------------------------------------- */

/* Reads on after the end of the octets; what it gives is then 0 or "". */
struct reader {
	struct str rest;
	struct arena *arena;
	const char *bad; /* what was wrong first */
};

static struct str
get_octets(struct reader *r, size_t n)
{
	struct str s = str_sub(r->rest, 0, n);

	if (r->rest.len < n) {
		r->bad = r->bad != NULL ? r->bad : "it is truncated";
		r->rest = S("");
		return S("");
	}
	r->rest = str_from_offset(r->rest, n);
	return s;
}

static uint64_t
get_number(struct reader *r, size_t octets)
{
	struct str s = get_octets(r, octets);
	uint64_t v = 0;

	for (size_t i = s.len; i > 0; i--)
		v = v << 8 | (unsigned char)s.p[i - 1];
	return v;
}

static uint32_t
get_u32(struct reader *r)
{
	return (uint32_t)get_number(r, 4);
}

static struct str
get_str(struct reader *r)
{
	return get_octets(r, get_u32(r));
}

/* How many things of at least that size follow. Never more than there is
 * room for in what is left, so a count cannot make us allocate much. */
static uint32_t
get_count(struct reader *r, size_t least)
{
	uint32_t n = get_u32(r);

	if (n <= r->rest.len / least)
		return n;
	r->bad = r->bad != NULL ? r->bad : "it is truncated";
	return 0;
}

/* A name that this build does not know, or knows otherwise. */
static void *
unknown(struct reader *r)
{
	if (r->bad == NULL)
		r->bad = "it was made by another version";
	return NULL;
}

static void
get_capabilities(struct reader *r, struct sieve_program *prog)
{
	uint32_t n = get_count(r, 4);

	for (uint32_t i = 0; i < n && r->bad == NULL; i++) {
		struct str name = get_str(r);

		if (ext_by_capability(name) == NULL)
			unknown(r);
		strlist_add(
		    r->arena, &prog->capabilities, str_dup(r->arena, name));
	}
}

static const struct sieve_op *
get_import(struct reader *r)
{
	const struct sieve_op *op = ext_op(get_str(r));
	struct str sig = get_str(r);

	if (op == NULL || !str_eq(str_c(op->sig), sig))
		return unknown(r);
	return op;
}

static void
get_strings(struct reader *r, struct sieve_program *prog)
{
	uint32_t n = get_count(r, 8);

	prog->string = ARENA_ARRAY(r->arena, n, struct str);
	prog->refs = ARENA_ARRAY(r->arena, n, bool);
	for (uint32_t i = 0; i < n; i++) {
		prog->refs[i] = get_u32(r) != 0;
		prog->string[i] = str_dup(r->arena, get_str(r));
	}
	prog->nstrings = n;
}

static void
get_lists(struct reader *r, struct sieve_program *prog)
{
	uint32_t n = get_count(r, 4);

	prog->list = ARENA_ARRAY(r->arena, n, struct sieve_list);
	for (uint32_t i = 0; i < n; i++) {
		struct sieve_list *list = &prog->list[i];

		list->n = get_count(r, 4);
		list->v = ARENA_ARRAY(r->arena, list->n, uint32_t);
		for (uint32_t k = 0; k < list->n; k++)
			list->v[k] = get_u32(r);
	}
	prog->nlists = n;
}

static void
get_parts(struct reader *r, struct sieve_program *prog)
{
	uint32_t n = get_count(r, 4);

	prog->part = ARENA_ARRAY(r->arena, n, const struct sieve_part *);
	for (uint32_t i = 0; i < n && r->bad == NULL; i++) {
		prog->part[i] = ext_part(get_str(r));
		if (prog->part[i] == NULL)
			unknown(r);
	}
	prog->nparts = n;
}

static void
get_matches(struct reader *r, struct sieve_program *prog)
{
	uint32_t n = get_count(r, 12);
	const struct sieve_ext *owner;

	prog->match = ARENA_ARRAY(r->arena, n, struct sieve_match);
	for (uint32_t i = 0; i < n && r->bad == NULL; i++) {
		struct sieve_match *m = &prog->match[i];

		m->comparator = ext_comparator(get_str(r), &owner);
		m->type = ext_match_type(get_str(r));
		m->list = get_u32(r);
		if (m->comparator == NULL || m->type == NULL)
			unknown(r);
	}
	prog->nmatches = n;
}

static void
get_insn(struct reader *r, struct sieve_program *prog,
    const struct sieve_op *const *imports, uint32_t nimports)
{
	struct sieve_insn *in = &prog->code[prog->ncode];
	uint32_t import = get_u32(r);

	if (import >= nimports) {
		unknown(r);
		return;
	}
	in->op = imports[import];
	in->line = get_u32(r);
	in->column = get_u32(r);
	in->at = prog->noperands;
	for (const char *sig = in->op->sig; *sig != '\0'; sig++)
		prog->operand[prog->noperands++] = get_number(r, 8);
	prog->ncode++;
}

static void
get_code(struct reader *r, struct sieve_program *prog,
    const struct sieve_op *const *imports, uint32_t nimports)
{
	uint32_t n = get_count(r, 12);
	size_t widest = 0;

	for (uint32_t i = 0; i < nimports; i++)
		if (strlen(imports[i]->sig) > widest)
			widest = strlen(imports[i]->sig);
	prog->code = ARENA_ARRAY(r->arena, n, struct sieve_insn);
	prog->operand = ARENA_ARRAY(r->arena, n * widest, uint64_t);
	for (uint32_t i = 0; i < n && r->bad == NULL; i++)
		get_insn(r, prog, imports, nimports);
}

static void
get_program(struct reader *r, struct sieve_program *prog)
{
	const struct sieve_op **imports;
	uint32_t n;

	get_capabilities(r, prog);
	n = get_count(r, 8);
	imports = ARENA_ARRAY(r->arena, n, const struct sieve_op *);
	for (uint32_t i = 0; i < n && r->bad == NULL; i++)
		imports[i] = get_import(r);
	get_strings(r, prog);
	get_lists(r, prog);
	get_parts(r, prog);
	get_matches(r, prog);
	if (r->bad == NULL)
		get_code(r, prog, imports, n);
	if (r->bad == NULL && r->rest.len > 0)
		r->bad = "something follows its end";
}

bool
sieve_is_saved(struct str bytes)
{
	return str_starts(bytes, magic);
}

static bool
get_digest(struct reader *r, struct digest *out)
{
	struct str s = get_octets(r, DIGEST_LEN);

	if (s.len == DIGEST_LEN)
		memcpy(out->octet, s.p, DIGEST_LEN);
	return s.len == DIGEST_LEN;
}

static const char *
open_saved(
    struct reader *r, const struct digest *source, struct digest *made_of)
{
	struct digest sum, real;

	if (!sieve_is_saved(r->rest))
		return "it does not begin like one";
	get_octets(r, magic.len);
	if (!get_digest(r, &sum))
		return "it is truncated";
	real = digest_of(&r->rest, 1);
	if (!digest_eq(&sum, &real))
		return "its checksum is wrong";
	if (!get_digest(r, made_of))
		return "it is truncated";
	if (source != NULL && !digest_eq(source, made_of))
		return "it was made from another text";
	return NULL;
}

struct sieve_program *
sieve_load(struct arena *arena, struct str bytes, const struct digest *source,
    struct fail *why)
{
	struct sieve_program *prog = ARENA_NEW(arena, struct sieve_program);
	struct reader r = { .rest = bytes, .arena = arena };

	r.bad = open_saved(&r, source, &prog->source);
	if (r.bad == NULL)
		get_program(&r, prog);
	if (r.bad != NULL) {
		fail_perm(why, "5.6.0", "compiled script: %s", r.bad);
		return NULL;
	}
	if (!program_verify(prog, why))
		return NULL;
	program_prepare(arena, prog);
	return prog;
}
