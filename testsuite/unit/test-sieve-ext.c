/*
 * The tables of all Sieve extensions (sieve/ext): what a row says must hold
 * together, or a saved program could not be read back and a message would
 * name the wrong argument. A new extension is covered as soon as it is there.
 */
#include "testsuite/unit/lib-check.h"

#include "sieve/ext.h"

static size_t
count_words(const char *words)
{
	size_t n = 0;

	while (words != NULL && word_at(words, n).len > 0)
		n++;
	return n;
}

static size_t
count_positional(const struct sieve_cmd *cmd)
{
	const char *sig = cmd->op != NULL ? cmd->op->sig : cmd->sig;
	size_t n = 0;

	for (; sig != NULL && *sig != '\0'; sig++)
		n += strchr("slnhm", *sig) != NULL;
	return n;
}

static void
check_other(const struct sieve_cmd *cmd)
{
	const struct sieve_cmd *other = cmd->other;

	if (strcmp(cmd->name, other->name) != 0 || cmd->kind != other->kind ||
	    other->other != NULL ||
	    count_positional(cmd) == count_positional(other))
		fail_msg("%s: its other form is not one", cmd->name);
}

static void
check_cmd(const struct sieve_cmd *cmd)
{
	if (cmd->other != NULL) {
		check_other(cmd);
		check_cmd(cmd->other);
	}
	if ((cmd->op == NULL) == (cmd->emit == NULL))
		fail_msg("%s: needs op or emit, not both", cmd->name);
	if (cmd->op != NULL && ext_op(str_c(cmd->op->name)) != cmd->op)
		fail_msg("%s: op is not in ops", cmd->name);
	if (count_words(cmd->args) != count_positional(cmd))
		fail_msg("%s: args and signature differ", cmd->name);
	if (cmd->kind == SIEVE_TEST && cmd->block)
		fail_msg("%s: a test has no block", cmd->name);
	if (cmd->op != NULL && strchr(cmd->op->sig, 'm') != NULL &&
	    !word_in(cmd->classes, "@match"))
		fail_msg("%s: letter m needs class @match", cmd->name);
	if (cmd->op != NULL && strchr(cmd->op->sig, 'p') != NULL &&
	    !word_in(cmd->classes, "@address-part"))
		fail_msg("%s: letter p needs class @address-part", cmd->name);
}

/* The signature a command has when its tag "with" is there, which may choose
 * another operation. */
static const char *
sig_of(const struct sieve_cmd *cmd, const char *with)
{
	const struct sieve_ext *ext;

	for (size_t i = 0; with != NULL && (ext = ext_at(i)) != NULL; i++)
		for (const struct sieve_tag *t = ext->tags;
		     t != NULL && t->name != NULL; t++)
			if (t->op != NULL && strcmp(t->name, with) == 0 &&
			    word_in(t->on, cmd->name))
				return t->op->sig;
	return cmd->op != NULL ? cmd->op->sig : "";
}

/* Does the tag stand on this command, and does its operand fit there? */
static bool
check_tag_on(const struct sieve_tag *tag, const struct sieve_cmd *cmd)
{
	const char *sig = sig_of(cmd, tag->with);

	if (!word_in(tag->on, cmd->name) && !words_meet(tag->on, cmd->classes))
		return false;
	if (tag->operand != 0 &&
	    (tag->operand >= strlen(sig) ||
		ascii_lower(sig[tag->operand]) != tag->arg ||
		sig[tag->operand] == tag->arg))
		fail_msg(":%s fills a letter of %s that is not its own",
		    tag->name, cmd->name);
	if (tag->flag != 0 && strchr(sig, 'f') == NULL)
		fail_msg(
		    ":%s has a flag, %s no letter f", tag->name, cmd->name);
	return true;
}

static void
check_tag(const struct sieve_tag *tag)
{
	const struct sieve_ext *ext;
	bool used = false;

	for (size_t i = 0; (ext = ext_at(i)) != NULL; i++)
		for (const struct sieve_cmd *cmd = ext->cmds;
		     cmd != NULL && cmd->name != NULL; cmd++)
			used |= check_tag_on(tag, cmd);
	if (!used)
		fail_msg(":%s stands on no command", tag->name);
	if (tag->match != NULL &&
	    ext_match_type(str_c(tag->match->name)) != tag->match)
		fail_msg(":%s: match type is not in matches", tag->name);
	if (tag->op != NULL && ext_op(str_c(tag->op->name)) != tag->op)
		fail_msg(":%s: op is not in ops", tag->name);
	if (tag->part != NULL && ext_part(str_c(tag->part->name)) != tag->part)
		fail_msg(":%s: part is not in parts", tag->name);
}

static void
check_op(const struct sieve_op *op)
{
	if (ext_op(str_c(op->name)) != op)
		fail_msg("op %s: another has its name", op->name);
	if (op->doc == NULL || op->doc[0] == '\0' || op->exec == NULL)
		fail_msg("op %s: doc or exec is missing", op->name);
	for (const char *sig = op->sig; *sig != '\0'; sig++)
		assert_non_null(operand_kind(*sig));
}

static void
test_rows(void **state)
{
	const struct sieve_ext *ext;

	(void)state;
	for (size_t i = 0; (ext = ext_at(i)) != NULL; i++) {
		for (const struct sieve_cmd *cmd = ext->cmds;
		     cmd != NULL && cmd->name != NULL; cmd++)
			check_cmd(cmd);
		for (const struct sieve_tag *tag = ext->tags;
		     tag != NULL && tag->name != NULL; tag++)
			check_tag(tag);
		for (const struct sieve_op *const *op = ext->ops;
		     op != NULL && *op != NULL; op++)
			check_op(*op);
	}
}

static void
test_capabilities(void **state)
{
	const struct sieve_ext *ext;
	size_t named = 0;

	(void)state;
	for (size_t i = 0; (ext = ext_at(i)) != NULL; i++) {
		named += ext->name != NULL;
		if (ext->rfc == NULL)
			fail_msg("extension %zu: no RFC", i);
		if (ext->name != NULL &&
		    ext_by_capability(str_c(ext->name)) != ext)
			fail_msg("%s: another has its name", ext->name);
	}
	for (size_t i = 0; i < named; i++)
		assert_non_null(sieve_ext_name(sieve_ext_at(i)));
	assert_null(sieve_ext_at(named));
	assert_null(sieve_ext_name(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
