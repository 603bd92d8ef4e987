/*
 * script: the public interface to scripts: compile, look for mistakes, save,
 * load. Knows how our types and the public ones are made of each other.
 */
#include <stdio.h>

#include "config.h"
#include "lib/arena.h"
#include "sieve/api/own.h"
#include "sieve/lint.h"

struct str
api_in(struct tamis_str s)
{
	return str_from(s.p, s.len);
}

struct tamis_str
api_out(struct str s)
{
	return (struct tamis_str){ s.p, s.len };
}

struct tamis_strs
api_out_list(struct arena *arena, const struct strlist *list)
{
	struct tamis_str *v = ARENA_ARRAY(arena, list->n, struct tamis_str);

	for (size_t i = 0; i < list->n; i++)
		v[i] = api_out(list->v[i]);
	return (struct tamis_strs){ v, list->n };
}

const char *
tamis_sieve_version(void)
{
	return PACKAGE_VERSION;
}

const char *
tamis_sieve_capability(size_t i)
{
	return sieve_ext_name(sieve_ext_at(i));
}

/* --- limits --------------------------------------------------------------- */

static void
set_u32(uint32_t *to, uint64_t from)
{
	if (from != 0)
		*to = from > UINT32_MAX ? UINT32_MAX : (uint32_t)from;
}

struct sieve_limits
api_limits(const struct tamis_sieve_limits *given)
{
	struct sieve_limits l = sieve_limits_default;
	struct tamis_sieve_limits in = { 0 };

	/* one of an older program is shorter, one of a newer longer */
	if (given != NULL)
		memcpy(&in, given,
		    given->size < sizeof(in) ? given->size : sizeof(in));
	if (in.script_bytes != 0)
		l.script_bytes = in.script_bytes;
	if (in.work != 0)
		l.work = in.work;
	set_u32(&l.string_bytes, in.string_bytes);
	set_u32(&l.nesting, in.nesting);
	set_u32(&l.errors, in.errors);
	set_u32(&l.actions, in.actions);
	set_u32(&l.redirects, in.redirects);
	set_u32(&l.notifies, in.notifies);
	set_u32(&l.includes, in.includes);
	set_u32(&l.include_depth, in.include_depth);
	set_u32(&l.variables, in.variables);
	set_u32(&l.variable_octets, in.variable_octets);
	set_u32(&l.header_octets, in.header_octets);
	set_u32(&l.body_octets, in.body_octets);
	return l;
}

/* --- diagnostics ---------------------------------------------------------- */

static const char *
name_of(const struct sieve_error *e)
{
	if (e->warning != NULL)
		return e->warning;
	return e->syntax ? "syntax" : "script";
}

static void
report(struct arena *arena, const struct sieve_errors *errors, struct str text,
    tamis_sieve_diag_fn *fn, void *ctx)
{
	for (size_t i = 0; fn != NULL && i < errors->n; i++) {
		const struct sieve_error *e = &errors->v[i];
		struct sieve_source src = sieve_error_source(arena, e, text);
		const struct tamis_sieve_diag d = {
			.line = e->line,
			.column = e->column,
			.warning = e->warning != NULL,
			.name = name_of(e),
			.message = api_out(e->text),
			.hint = api_out(e->hint),
			.source = api_out(src.line),
			.caret = src.caret,
		};

		fn(ctx, &d);
	}
}

void
tamis_sieve_lint(const char *p, size_t len,
    const struct tamis_sieve_limits *given, const struct tamis_strs *owner,
    tamis_sieve_diag_fn *fn, void *ctx)
{
	struct arena *arena = arena_new("sieve lint", 0);
	struct sieve_limits limits = api_limits(given);
	struct str text = str_from(p, len);
	struct sieve_lint asked = { .off = { 0 } };
	struct sieve_errors warnings;

	for (size_t i = 0; owner != NULL && i < owner->n; i++)
		strlist_add(arena, &asked.owner, api_in(owner->v[i]));
	sieve_lint(arena, text, &limits, &asked, &warnings);
	report(arena, &warnings, text, fn, ctx);
	arena_free(arena);
}

/* --- scripts -------------------------------------------------------------- */

/* Takes the arena. */
static struct tamis_sieve *
make(struct arena *arena, struct sieve_program *prog)
{
	struct tamis_sieve *s;

	if (prog == NULL) {
		arena_free(arena);
		return NULL;
	}
	s = ARENA_NEW(arena, struct tamis_sieve);
	s->arena = arena;
	s->prog = prog;
	return s;
}

struct tamis_sieve *
tamis_sieve_compile(const char *p, size_t len,
    const struct tamis_sieve_limits *given, tamis_sieve_diag_fn *fn, void *ctx)
{
	struct arena *arena = arena_new("sieve script", 0);
	struct sieve_limits limits = api_limits(given);
	struct str text = str_from(p, len);
	struct sieve_errors errors;
	struct sieve_program *prog =
	    sieve_compile(arena, text, &limits, &errors);

	report(arena, &errors, text, fn, ctx);
	return make(arena, prog);
}

struct tamis_sieve *
tamis_sieve_load(const void *p, size_t len, char *why, size_t size)
{
	struct arena *arena = arena_new("sieve script", 0);
	struct fail fail;
	struct sieve_program *prog =
	    sieve_load(arena, str_from(p, len), NULL, &fail);

	if (prog == NULL && why != NULL)
		snprintf(why, size, "%s", fail.text);
	return make(arena, prog);
}

int
tamis_sieve_save(const struct tamis_sieve *s,
    int (*write)(void *ctx, const void *p, size_t len), void *ctx)
{
	struct buf out;
	int ok;

	buf_init(&out, SIZE_MAX);
	sieve_save(s->prog, &out);
	ok = write(ctx, out.p, out.len) != 0;
	buf_free(&out);
	return ok;
}

void
tamis_sieve_free(struct tamis_sieve *s)
{
	if (s != NULL)
		arena_free(s->arena);
}
