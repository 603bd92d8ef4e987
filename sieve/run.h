/*
 * run: the machine as operations see it: truth register, plan, the message
 * through caches, and the budget.
 */
#ifndef TAMIS_SIEVE_RUN_H
#define TAMIS_SIEVE_RUN_H

#include "lib/address.h"
#include "sieve/code.h"
#include "sieve/variable.h"
#include "sieve/vm.h"

/* A value that tests look at; its normal form is kept when it was made. */
struct vm_value {
	struct str text;
	struct str folded;
	const struct sieve_comparator *folded_by;
};

/* What was found out about a header field in this run. */
struct vm_field {
	bool decoded, parsed;
	struct vm_value value;
	struct address_list addrs;
};

struct body_cache;
struct part_loop;

/* A script that waits for one it includes. */
struct vm_frame {
	struct vm_frame *up;
	const struct sieve_program *prog;
	uint32_t pc, at;
	uint32_t *first;
	struct variable_scope *scope;
	struct strlist gained;
	struct match_values matched;
	struct part_loop *loop;
	struct str name; /* of the script that is included */
	bool global;
};

/* Value of counted: a :count test that is false whatever is asked. */
#define VM_COUNTS_NOTHING UINT64_MAX

struct sieve_vm {
	const struct sieve_program *prog;
	const struct sieve_env *env;
	const struct message *msg; /* its header is as the script made it */
	const struct sieve_limits *limits;
	struct arena *arena;
	struct plan *plan;
	struct fail *why;
	struct budget budget;
	bool truth;
	bool stopped;
	bool failed;     /* vm_fail was called: the first reason counts */
	uint32_t pc;     /* next instruction */
	uint32_t at;     /* this instruction */
	uint32_t *first; /* header field by string index, see vm.c */
	struct vm_field *field; /* by index of the header field */
	char *scratch;
	size_t scratch_cap;
	struct body_cache *body; /* of sieve/ext/body.c */
	bool parts_known;        /* the message was searched for parts */
	struct part_loop *loop;  /* sieve/part.h; innermost first */
	bool no_captures;        /* a match leaves ${1} alone: RFC 5173 s. 6 */
	struct arena *brief;     /* see vm_brief */
	struct variable_scope *scope;   /* variables of this script */
	struct variable_scope *globals; /* of all scripts of the run */
	struct strlist gained;          /* capabilities ihave has found */
	uint32_t nvariables;            /* in all scopes */
	struct match_values matched;    /* ${0}, ${1}, ... */
	struct captures captures;       /* of a match that is being made */
	struct vm_frame *frames;        /* including scripts, innermost first */
	struct vm_frame *enter;         /* to be included next */
	uint32_t depth;                 /* number of frames */
	uint32_t nincludes;             /* in this run */
	struct strlist included[2];     /* names; [1]: of the site */
	/* of this instruction: */
	uint64_t expanded;        /* octets of strings with variables */
	uint64_t counted;         /* values a :count test has seen */
	struct sieve_match *live; /* keys with variables, expanded */
	uint64_t live_of;         /* 1 + operand it was made from; 0: none */
};

/* Memory until the instruction ends. */
struct arena *vm_brief(struct sieve_vm *);

/* The script failed: record why. Returns false. */
bool vm_fail(struct sieve_vm *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Pay for looking at octets; false: the run is over. */
bool vm_spend(struct sieve_vm *, uint64_t octets);

/* Of an operand or a list, with variables expanded; lives until the
 * instruction ends. Over the budget: "", and the run then ends. */
struct str vm_string(struct sieve_vm *, uint64_t string);
const struct sieve_list *vm_list(const struct sieve_vm *, uint64_t operand);

/* --- header fields ---------------------------------------------------- */

/* First header field named by a string; MESSAGE_NONE. See message_find. */
uint32_t vm_header_first(struct sieve_vm *, uint32_t string);
uint32_t vm_header_next(const struct sieve_vm *, uint32_t field);

/*
 * The fields a test looks at: all of all names in the order of the names, or
 * only number index (from 1) of them, counted from the end when last is set.
 * RFC 5260 s. 6
 *   names   list of header field names
 *   index   0: all
 *   fails   false when the budget is used up
 */
struct vm_fields {
	const struct sieve_list *names;
	uint32_t name;  /* next of the names */
	uint32_t field; /* next field of the name before that, or NONE */
	uint64_t skip;  /* fields in front of the first that is wanted */
	uint64_t left;  /* that are wanted */
};
bool vm_fields_begin(struct sieve_vm *, struct vm_fields *, uint64_t names,
    uint64_t index, bool last);
/* Next field; MESSAGE_NONE behind the last. */
uint32_t vm_fields_next(struct sieve_vm *, struct vm_fields *);

/* From now on the message has this header; it lives as long as the run. Not
 * charged. RFC 5293 s. 7 */
void vm_edit_header(struct sieve_vm *, struct str header);

/* Decoded value, and the addresses in it, each made once per run. NULL: the
 * budget is used up. */
struct vm_value *vm_header_value(struct sieve_vm *, uint32_t field);
const struct address_list *vm_header_addrs(struct sieve_vm *, uint32_t field);

/* The host changed env->msg: forget what was found in the old one. Test
 * suites do that, deliveries never. */
void vm_new_message(struct sieve_vm *);

/* --- matching --------------------------------------------------------- */

/*
 * Compare a value with the keys of match operand m; the truth register
 * becomes true when one matches and is left alone otherwise.
 *   fails  false when the budget is used up
 */
bool vm_match(struct sieve_vm *, uint64_t m, struct vm_value *);
bool vm_match_str(struct sieve_vm *, uint64_t m, struct str value);

/* Is only the number of vm_match calls looked at? Tests in which not every
 * value counts ask. RFC 5231 s. 4.2 */
bool vm_counts(const struct sieve_vm *, uint64_t m);

/* Let match operand m have these keys until the instruction ends. */
void vm_match_keys(
    struct sieve_vm *, uint64_t m, const struct str *keys, size_t n);

/* --- intents ---------------------------------------------------------- */

/* Add to the plan and cancel the implicit keep unless PLAN_COPY is set.
 * imapflags: operand of letter L; 0, not given: a STORE has those of the
 * internal variable. false: over a limit. */
bool vm_intent(struct sieve_vm *, enum intent_verb, uint64_t flags,
    uint64_t imapflags, struct str target);
/* As vm_intent; verb, flags, target, specialuse and detail are taken from
 * like. detail must live as long as the run. */
bool vm_intent_with(
    struct sieve_vm *, const struct intent *like, uint64_t imapflags);
void vm_cancel_keep(struct sieve_vm *);

/* Remember this when the run ends well. false: over a limit */
bool vm_mark(struct sieve_vm *, const struct plan_mark *);

#endif
