/*
 * svtest: what runs test suites that are Sieve scripts themselves. The
 * extension vnd.dovecot.testsuite acts on a struct svtest while the script
 * runs; the daemon has none of it.
 */
#ifndef TAMIS_TOOLS_SVTEST_H
#define TAMIS_TOOLS_SVTEST_H

#include "mailstore/memory.h"
#include "sieve/run.h"
#include "sieve/scanner.h"
#include "sieve/vm.h"

struct sieve_cmd;
struct tree_node;
struct check;
struct compile;

/* What a script sent. */
struct svtest_mail {
	struct svtest_mail *next;
	struct str sender, rcpt, bytes;
};

/* A name and a value: settings, saved programs, annotations. */
struct svtest_pair {
	struct svtest_pair *next;
	struct str name, value;
};

/* What a mailbox that exists is for, and its id. */
struct svtest_box {
	struct svtest_box *next;
	struct str name; /* canonical */
	struct strlist uses;
	struct str id; /* "": none */
};

/* Over all files. */
struct svtest_count {
	unsigned run, failed;
};

/* One file. */
struct svtest {
	struct arena *arena;
	struct svtest_count *count;
	const char *path;
	struct str dir; /* absolute */

	/* the case */
	bool in_case, case_failed;
	struct str case_name, case_reason;
	uint32_t case_end;   /* instruction */
	uint32_t cases;      /* begun */
	struct sieve_vm *vm; /* of the file's own script */
	bool script_failed;  /* test_fail in a script that was started */

	/* what scripts see */
	struct sieve_env env;
	struct sieve_limits limits;
	struct sieve_scanner spam, virus;
	struct str orig_rcpt;
	struct svtest_pair *config;

	/* other scripts */
	struct sieve_program *program; /* the current one, or NULL */
	struct svtest_pair *saved;
	struct strlist errors;
	struct strlist hinted; /* the same, with how to mend them */

	/* what became of results */
	uint32_t done;            /* intents of vm->plan that were executed */
	bool kept;                /* the implicit keep was */
	struct strlist mailboxes; /* canonical names */
	struct svtest_box *boxes; /* of some of them */
	struct memory_log store;
	bool any_recipient; /* see struct action_tools */
	struct svtest_mail *outbox;
	struct svtest_pair *annotations;
};

/* The file a script belongs to; NULL: it is no part of a test suite. */
struct svtest *svtest_of(struct sieve_vm *);

/* --- mailbox.c: what scripts ask --------------------------------------- */

bool svtest_mailbox_exists(void *ctx, struct str mailbox);
bool svtest_special_use(
    void *ctx, struct str mailbox, struct str attr, struct str *out);
bool svtest_mailbox_by_id(void *ctx, struct str id, struct str *out);
bool svtest_metadata(
    void *ctx, struct str mailbox, struct str name, struct str *value);

/* The canonical name; false: it is none. */
bool svtest_mailbox_name(
    struct svtest *, struct str name, struct str *out, struct fail *why);

/* Run a file; what came of it is printed and counted. */
void svtest_file(const char *path, struct svtest_count *);

/* The current case has failed: jump behind it. Returns what exec returns. */
bool svtest_fail(struct sieve_vm *, struct svtest *, struct str reason);

/* --- message.c --------------------------------------------------------- */

/* Make it the current message, with the envelope its header gives. */
void svtest_set_message(struct svtest *, struct str bytes);
void svtest_set_rcpt(struct svtest *, struct str);
void svtest_set_sender(struct svtest *, struct str);

/* --- script.c ---------------------------------------------------------- */

void svtest_error(struct svtest *, struct str);
void svtest_clear_errors(struct svtest *);
enum sieve_found svtest_included(void *ctx, bool global, struct str name,
    const struct sieve_program **, struct str *why);
bool svtest_compile(struct svtest *, struct str path);
/* Run the current program. The plan is settled, or NULL. */
bool svtest_run(struct svtest *, struct plan **plan);

/* --- result.c ---------------------------------------------------------- */

/* The result is empty, the implicit keep is back. */
void svtest_forget(struct svtest *);
/* Put the intents of a settled plan behind those of the suite's script. */
void svtest_append(struct svtest *, const struct plan *);
/* Carry out what is not done yet of a settled plan; keep: the implicit keep,
 * too. false: errors say why */
bool svtest_execute(struct svtest *, const struct plan *, bool keep);

/* --- config.c ---------------------------------------------------------- */

void svtest_config_set(struct svtest *, struct str name, struct str value);
void svtest_config_unset(struct svtest *, struct str name);
/* false: *why is text */
bool svtest_config_reload(struct svtest *, struct str *why);

void svtest_pair_set(
    struct arena *, struct svtest_pair **, struct str name, struct str value);
/* NULL: none of that name */
const struct svtest_pair *svtest_pair_get(
    const struct svtest_pair *, struct str name);

/* --- config_scanner.c: "sieve_spamtest_" and "sieve_virustest_" settings ---
 */

/* All of them anew; false: *bad is the one with a bad value */
bool svtest_config_scanners(struct svtest *, const struct svtest_pair **bad);

/* --- commands, by file ------------------------------------------------- */

extern const struct sieve_op op_test, op_test_end, op_test_fail;
void svtest_emit_test(struct compile *, const struct tree_node *);
void svtest_check_test(struct check *, const struct tree_node *);

extern const struct sieve_op op_test_set, op_test_message, op_if_test_message,
    op_test_message_print;
void svtest_check_set(struct check *, const struct tree_node *);

extern const struct sieve_op op_test_script_compile, op_test_script_run,
    op_test_multiscript, op_test_error, op_test_error_octet,
    op_test_binary_save, op_test_binary_load;
void svtest_emit_error(struct compile *, const struct tree_node *);

extern const struct sieve_op op_test_result_execute, op_test_result_action,
    op_test_result_reset, op_test_result_print;

extern const struct sieve_op op_test_mailbox_create, op_test_mailbox_delete,
    op_test_imap_metadata_set;

extern const struct sieve_op op_test_config_set, op_test_config_unset,
    op_test_config_reload;

extern const struct sieve_ext ext_svtest;

#endif
