/*
 * program: a compiled script: made from text or loaded from its saved form,
 * verified, then immutable and shareable between deliveries.
 */
#ifndef TAMIS_SIEVE_PROGRAM_H
#define TAMIS_SIEVE_PROGRAM_H

#include "lib/digest.h"
#include "lib/fail.h"
#include "lib/str.h"

struct arena;
struct sieve_program;

struct sieve_limits {
	size_t script_bytes;       /* text, default 1 MiB */
	uint32_t string_bytes;     /* one string, default 1 MiB */
	uint32_t nesting;          /* blocks and tests, default 32 each */
	uint32_t errors;           /* diagnostics per compile, default 50 */
	uint32_t actions;          /* intents per run, default 32 */
	uint32_t redirects;        /* per run, default 4 */
	uint32_t notifies;         /* per run, default 10 */
	uint64_t vacation_min;     /* seconds between two equal replies: at
	                              least, default 1 day, */
	uint64_t vacation_max;     /* at most, default 90 days, */
	uint64_t vacation_default; /* when nothing is said, default 7 days */
	uint32_t includes;         /* scripts included in a run, default 255 */
	uint32_t include_depth;    /* scripts within scripts, default 10 */
	uint32_t variables;        /* that are set in a run, default 1024 */
	uint32_t variable_octets;  /* of one value, default 16384 */
	uint32_t body_octets;      /* of one body part that tests look at,
	                              default 16 MiB; the rest is not seen */
	uint32_t header_octets; /* of one value addheader adds, default 65536 */
	struct strlist no_add, no_delete; /* header fields scripts must leave
	                                     alone, besides those editheader
	                                     protects itself */
	uint64_t work; /* units per run: one for each instruction and
	                  one for each 64 octets examined;
	                  default 5 000 000 */
	bool extra;    /* extensions that only this program has
	                  may be required, see ext_extra */
};
extern const struct sieve_limits sieve_limits_default;

struct sieve_error {
	uint32_t line, column; /* from 1; column counts octets */
	struct str text;       /* what is wrong and what was expected */
	struct str hint;       /* how to mend it; may be "" */
	bool syntax;           /* the parser saw it, not who knows the words */
	const char *warning;   /* its name; NULL: an error */
};

struct sieve_errors {
	struct sieve_error *v;
	size_t n;
	bool more; /* limits.errors was reached */
};

/*
 * Compile. Goes on after an error and reports as many as it can, in order
 * of appearance.
 *   limits   NULL: sieve_limits_default
 *   returns  NULL when errors->n > 0; the program lives in the arena and
 *            does not refer to text
 *   RFC      5228
 */
struct sieve_program *sieve_compile(struct arena *, struct str text,
    const struct sieve_limits *limits, struct sieve_errors *errors);

/*
 * "NAME:line:column: error: text (hint)", a line each; warnings say "warning"
 * and end in their name in brackets.
 *   text  the script: below each the line in question, with a caret; "": none
 */
void sieve_errors_print(const struct sieve_errors *, struct str name,
    struct str text, struct buf *out);

/* The line an error stands in, cut to a window that a terminal can show. */
struct sieve_source {
	struct str line;   /* no control characters but tabs, UTF-8 */
	size_t caret;      /* octets in front of the place */
	bool cut_l, cut_r; /* something was left out at that end */
};
struct sieve_source sieve_error_source(
    struct arena *, const struct sieve_error *, struct str text);

/* SHA-256 of the text it was compiled from. */
const struct digest *sieve_program_source(const struct sieve_program *);

/* The saved form: operations and extensions by name, then code and strings. */
void sieve_save(const struct sieve_program *, struct buf *out);

/*
 * Load and verify a saved form. Any mismatch (magic, digest of the source,
 * an operation that is not known by that name and signature, a jump or an
 * operand out of range, truncation, trailing octets) is an error: compile
 * from source.
 *   source  digest the text must have; NULL: any
 */
struct sieve_program *sieve_load(struct arena *, struct str bytes,
    const struct digest *source, struct fail *why);

/* Is this a saved form of ours at all (its magic)? */
bool sieve_is_saved(struct str bytes);

/* What it includes: *pc is 0 at first. false: nothing more. RFC 6609 */
struct sieve_include {
	struct str name;
	bool global, once, optional;
};
bool sieve_next_include(
    const struct sieve_program *, uint32_t *pc, struct sieve_include *out);

/* Disassemble. */
void sieve_print(const struct sieve_program *, struct buf *out);

/* The known extensions, one by one: NULL name ends. */
struct sieve_ext;
const struct sieve_ext *sieve_ext_at(size_t i);
const char *sieve_ext_name(const struct sieve_ext *);
const char *sieve_ext_rfc(const struct sieve_ext *);

#endif
