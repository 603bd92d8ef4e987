/*
 * ext: what an extension is: rows of tables. The base language is written
 * in the same rows. An extension is one file in sieve/ext/ that ends in
 * "const struct sieve_ext ext_NAME"; autogen.sh finds it.
 */
#ifndef TAMIS_SIEVE_EXT_H
#define TAMIS_SIEVE_EXT_H

#include "lib/address.h"
#include "sieve/match.h"
#include "sieve/op.h"
#include "sieve/run.h"
#include "sieve/tree.h"

struct check;
struct compile;

enum sieve_cmd_kind {
	SIEVE_COMMAND,
	SIEVE_TEST,
};

enum sieve_tests {
	SIEVE_NO_TEST,
	SIEVE_ONE_TEST,
	SIEVE_TEST_LIST,
};

/* A command or a test. */
struct sieve_cmd {
	const char *name;
	enum sieve_cmd_kind kind;
	/* What it becomes; its signature tells the positional arguments:
	 * s n l h m each take one. NULL when emit is set. */
	const struct sieve_op *op;
	const char *sig;     /* positional arguments when op is NULL */
	const char *args;    /* names of the positional arguments, for
	                        messages, separated by blanks */
	const char *classes; /* what tags may name instead: "@match" */
	const char *needs;   /* a group of tags one of which must be given */
	enum sieve_tests tests;
	bool block;
	const char *follows; /* commands it must follow at once */
	bool ends;           /* what stands behind it is not reached */
	/* Its form with another number of positional arguments, or NULL. */
	const struct sieve_cmd *other;
	/* Look at constant arguments. NULL: nothing to look at. */
	void (*check)(struct check *, const struct tree_node *);
	/* Make code. NULL: the instruction op and its operands. */
	void (*emit)(struct compile *, const struct tree_node *);
};

/* Variables that are not the script's own: "${name.rest}". RFC 5229 s. 3 */
struct sieve_namespace {
	const char *name;
	/* What is wrong with the rest of a name; NULL: nothing */
	const char *(*check)(struct str rest);
	struct str (*get)(struct sieve_vm *, struct str rest);
	/* NULL: they cannot be set */
	bool (*set)(struct sieve_vm *, struct str rest, struct str value);
};

/* A modifier of "set". RFC 5229 s. 4.1 */
struct sieve_modifier {
	unsigned precedence; /* larger ones first */
	/* the result may be in */
	struct str (*apply)(struct arena *, struct str in);
};
enum sieve_modifier_flag {
	SET_LOWER = 1 << 0,
	SET_UPPER = 1 << 1,
	SET_LOWERFIRST = 1 << 2,
	SET_UPPERFIRST = 1 << 3,
	SET_QUOTEWILDCARD = 1 << 4,
	SET_LENGTH = 1 << 5,
	SET_QUOTEREGEX = 1 << 6, /* draft-ietf-sieve-regex */
	SET_ENCODEURL = 1 << 7,  /* RFC 5435 s. 6 */
};

/* The side of an address a test looks at. */
struct sieve_part {
	const char *name; /* of its tag */
	/* false: this address has no such part and matches nothing */
	bool (*get)(
	    const struct sieve_env *, const struct address *, struct str *out);
};

struct sieve_tag {
	const char *name;  /* without colon */
	const char *on;    /* commands and classes, separated by blanks */
	const char *group; /* at most one tag of a group; NULL: its own */
	const char *with;  /* group of a tag that must stand beside it */
	char arg;          /* 'n' 's' 'l': its value; 0: none */
	uint8_t operand;   /* index in sig of the letter N S L its value
	                      fills; 0: none */
	uint32_t flag;     /* bits of letter 'f' */
	const struct sieve_op *op; /* what the command becomes with it, in
	                              place of its own; the same positional
	                              arguments. NULL: its own */
	const struct sieve_modifier *modifier;
	const struct sieve_match_type *match;
	/* the match type is another one, by value; NULL: none has it */
	const struct sieve_match_type *(*choose)(struct str value);
	const struct sieve_part *part;
	void (*check)(struct check *, const struct tree_arg *value);
};

/* What the envelope test can look at besides addresses. */
struct sieve_envelope_part {
	const char *name;
	/* Match its values, as many as there are. zone: of :zone, or "".
	 * false: the run is over */
	bool (*match)(struct sieve_vm *, struct str zone, uint64_t m);
};

/* Flag of :last, on every test that takes :index. RFC 5260 s. 6 */
enum { INDEX_LAST = 1 << 0 };

/* Each table ends with a row of zeros. */
struct sieve_ext {
	const char *name;    /* capability; NULL: always there */
	const char *implies; /* a capability one need not require beside it */
	const char *rfc;
	const struct sieve_cmd *cmds;
	const struct sieve_tag *tags;
	const struct sieve_op *const *ops; /* every op of cmds, and others */
	const struct sieve_comparator *const *comparators;
	const struct sieve_part *const *parts;
	const struct sieve_match_type *const *matches;
	const struct sieve_envelope_part *envelope; /* ends with zeros */
	/* Change each string of a script that requires this, when read. false:
	 * *error is static text, *out is not set. */
	bool (*string)(
	    struct arena *, struct str in, struct str *out, const char **error);
	bool references; /* "${name}" in strings is a variable */
	bool defers;     /* what is not required is an error only when it is
	                    reached. RFC 5463 s. 4 */
	const struct sieve_namespace *const *namespaces;
};

/* Every extension, the base language first; NULL behind the last. */
const struct sieve_ext *ext_at(size_t i);
size_t ext_count(void);

/*
 * What a program has beyond sieve/ext/, to be required only where
 * sieve_limits.extra is set; NULL ends. The library's list is empty; a
 * program that has such extensions links a list of its own before it.
 */
extern const struct sieve_ext *const ext_extra[];
bool ext_is_extra(const struct sieve_ext *);

/* The extension a capability string names, or NULL. Case-sensitive; the
 * comparators that are always there have capabilities, too. */
const struct sieve_ext *ext_by_capability(struct str);

/* By name, among all extensions; NULL when there is none. */
const struct sieve_op *ext_op(struct str name);
const struct sieve_comparator *ext_comparator(
    struct str name, const struct sieve_ext **owner);
const struct sieve_match_type *ext_match_type(struct str name);
const struct sieve_part *ext_part(struct str name);
const struct sieve_envelope_part *ext_envelope_part(
    struct str name, const struct sieve_ext **owner); /* no case */
const struct sieve_namespace *ext_namespace(
    struct str name, const struct sieve_ext **owner); /* no case */

/* Is word one of those in a blank separated list? words may be NULL. */
bool word_in(const char *words, const char *word);

/* Have two blank separated lists a word in common? */
bool words_meet(const char *, const char *);

/* The i-th word, "" behind the last. */
struct str word_at(const char *words, size_t i);

#endif
