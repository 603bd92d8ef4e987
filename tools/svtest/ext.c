/*
 * ext: the extension vnd.dovecot.testsuite as rows of tables. Linked into
 * the command tamis only, and a script can require it only there.
 */
#include "sieve/ext.h"

#include "tools/svtest/svtest.h"

enum {
	FROM_SMTP = 1 << 0, /* as in message.c */
	APPEND_RESULT = 1 << 0,
};

/* --- ${tst.path} -------------------------------------------------------- */

static struct str
get_variable(struct sieve_vm *vm, struct str rest)
{
	const struct svtest *t = svtest_of(vm);

	return t != NULL && str_caseeq(rest, S("path")) ? t->dir : S("");
}

static const struct sieve_namespace tst = { .name = "tst",
	.get = get_variable };
static const struct sieve_namespace *const namespaces[] = { &tst, NULL };

/* --- tables ------------------------------------------------------------- */

static const struct sieve_tag tags[] = {
	{ .name = "smtp",
	    .on = "test_message",
	    .group = "source",
	    .flag = FROM_SMTP },
	{ .name = "folder",
	    .on = "test_message",
	    .group = "source",
	    .arg = 's',
	    .operand = 1 },
	{ .name = "append_result",
	    .on = "test_script_run",
	    .flag = APPEND_RESULT },
	{ .name = "index",
	    .on = "test_error test_result_action",
	    .arg = 'n',
	    .operand = 1 },
	{ .name = "extension",
	    .on = "test_config_reload",
	    .arg = 's',
	    .operand = 1 },
	/* ours: other engines have no suites for these */
	{ .name = "specialuse",
	    .on = "test_mailbox_create",
	    .arg = 'l',
	    .operand = 1 },
	{ .name = "mailboxid",
	    .on = "test_mailbox_create",
	    .arg = 's',
	    .operand = 2 },
	{ .name = "mailbox",
	    .on = "test_imap_metadata_set",
	    .arg = 's',
	    .operand = 1 },
	{ 0 },
};

static const struct sieve_cmd commands[] = {
	{ .name = "test",
	    .sig = "s",
	    .args = "name",
	    .block = true,
	    .check = svtest_check_test,
	    .emit = svtest_emit_test },
	{ .name = "test_fail", .op = &op_test_fail, .args = "reason" },
	{ .name = "test_set",
	    .op = &op_test_set,
	    .args = "object value",
	    .check = svtest_check_set },
	{ .name = "test_config_set",
	    .op = &op_test_config_set,
	    .args = "setting value" },
	{ .name = "test_config_unset",
	    .op = &op_test_config_unset,
	    .args = "setting" },
	{ .name = "test_config_reload", .op = &op_test_config_reload },
	{ .name = "test_result_reset", .op = &op_test_result_reset },
	{ .name = "test_result_print", .op = &op_test_result_print },
	{ .name = "test_message",
	    .op = &op_test_message,
	    .args = "index",
	    .needs = "source" },
	{ .name = "test_message_print", .op = &op_test_message_print },
	{ .name = "test_mailbox_create",
	    .op = &op_test_mailbox_create,
	    .args = "mailbox" },
	{ .name = "test_mailbox_delete",
	    .op = &op_test_mailbox_delete,
	    .args = "mailbox" },
	{ .name = "test_imap_metadata_set",
	    .op = &op_test_imap_metadata_set,
	    .args = "annotation value" },
	{ .name = "test_binary_save",
	    .op = &op_test_binary_save,
	    .args = "name" },
	{ .name = "test_binary_load",
	    .op = &op_test_binary_load,
	    .args = "name" },
	{ .name = "test_script_compile",
	    .kind = SIEVE_TEST,
	    .op = &op_test_script_compile,
	    .args = "path" },
	{ .name = "test_script_run",
	    .kind = SIEVE_TEST,
	    .op = &op_test_script_run },
	{ .name = "test_multiscript",
	    .kind = SIEVE_TEST,
	    .op = &op_test_multiscript,
	    .args = "paths" },
	{ .name = "test_result_execute",
	    .kind = SIEVE_TEST,
	    .op = &op_test_result_execute },
	{ .name = "test_result_action",
	    .kind = SIEVE_TEST,
	    .op = &op_test_result_action,
	    .args = "key-list",
	    .classes = "@match" },
	{ .name = "test_error",
	    .kind = SIEVE_TEST,
	    .sig = "m",
	    .args = "key-list",
	    .classes = "@match",
	    .emit = svtest_emit_error },
	{ .name = "test_message",
	    .kind = SIEVE_TEST,
	    .op = &op_if_test_message,
	    .args = "index",
	    .needs = "source" },
	{ 0 },
};

static const struct sieve_op *const ops[] = {
	&op_test,
	&op_test_end,
	&op_test_fail,
	&op_test_set,
	&op_test_message,
	&op_if_test_message,
	&op_test_message_print,
	&op_test_script_compile,
	&op_test_script_run,
	&op_test_multiscript,
	&op_test_error,
	&op_test_error_octet,
	&op_test_binary_save,
	&op_test_binary_load,
	&op_test_result_execute,
	&op_test_result_action,
	&op_test_result_reset,
	&op_test_result_print,
	&op_test_mailbox_create,
	&op_test_mailbox_delete,
	&op_test_imap_metadata_set,
	&op_test_config_set,
	&op_test_config_unset,
	&op_test_config_reload,
	NULL,
};

const struct sieve_ext ext_svtest = {
	.name = "vnd.dovecot.testsuite",
	.rfc = "-",
	.cmds = commands,
	.tags = tags,
	.ops = ops,
	.namespaces = namespaces,
};

const struct sieve_ext *const ext_extra[] = { &ext_svtest, NULL };
