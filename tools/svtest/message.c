/*
 * message: the message and the envelope that scripts see, and how a test
 * suite changes them.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/arena.h"
#include "sieve/check.h"
#include "tools/svtest/svtest.h"
#include "tools/tamis.h"

enum { FROM_SMTP = 1 << 0 };

/* --- the envelope ------------------------------------------------------- */

/* First address in the first header of these that has one. */
static struct str
first_address(
    struct svtest *t, const struct str *names, size_t n, struct str otherwise)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t f = message_find(t->env.msg, names[i]);
		struct address_list list;

		if (f == MESSAGE_NONE)
			continue;
		list = address_parse_list(
		    t->arena, header_unfold(t->arena, t->env.msg,
				  message_field(t->env.msg, f)));
		if (list.n > 0)
			return list.v[0].text;
	}
	return otherwise;
}

static struct str
without_brackets(struct str s)
{
	s = str_trim(s);
	if (str_starts(s, S("<")) && str_ends(s, S(">")))
		return str_sub(s, 1, s.len - 1);
	return s;
}

void
svtest_set_rcpt(struct svtest *t, struct str rcpt)
{
	t->env.rcpt = str_dup(t->arena, without_brackets(rcpt));
	t->orig_rcpt = t->env.rcpt;
}

void
svtest_set_sender(struct svtest *t, struct str sender)
{
	t->env.sender = str_dup(t->arena, without_brackets(sender));
}

void
svtest_set_message(struct svtest *t, struct str bytes)
{
	static const struct str to[] = { STR("Envelope-To"), STR("To") };
	static const struct str from[] = { STR("Return-Path"), STR("Sender"),
		STR("From") };

	t->env.msg = message_open(t->arena, str_dup(t->arena, bytes), 0, NULL);
	svtest_set_rcpt(t, first_address(t, to, 2, S("recipient@example.com")));
	svtest_set_sender(
	    t, first_address(t, from, 3, S("sender@example.com")));
	t->env.auth = S("");
	/* the suite's own script sees what one it started has set */
	if (t->vm != NULL)
		vm_new_message(t->vm);
}

/* --- test_set ----------------------------------------------------------- */

static void
set_orig_rcpt(struct svtest *t, struct str s)
{
	t->orig_rcpt = str_dup(t->arena, without_brackets(s));
}

static void
set_auth(struct svtest *t, struct str s)
{
	t->env.auth = str_dup(t->arena, s);
}

static const struct object {
	struct str name;
	void (*set)(struct svtest *, struct str);
} objects[] = {
	{ STR("message"), svtest_set_message },
	{ STR("envelope.to"), svtest_set_rcpt },
	{ STR("envelope.from"), svtest_set_sender },
	{ STR("envelope.orig_to"), set_orig_rcpt },
	{ STR("envelope.auth"), set_auth },
};
enum { NOBJECTS = sizeof(objects) / sizeof(objects[0]) };

static const struct object *
find_object(struct str name)
{
	for (size_t i = 0; i < NOBJECTS; i++)
		if (str_caseeq(objects[i].name, name))
			return &objects[i];
	return NULL;
}

void
svtest_check_set(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *a = tree_positional(node, 0);

	if (a == NULL || a->kind != TREE_STRING ||
	    !check_constant(c, &a->v[0], "the object of test_set"))
		return;
	if (find_object(a->v[0].text) == NULL)
		diag_add(check_diag(c), a->v[0].at, S(""),
		    "unknown object \"%s\"",
		    diag_quote(check_diag(c), a->v[0].text));
}

static bool
exec_test_set(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);
	const struct object *o = find_object(vm_string(vm, v[0]));

	if (t == NULL || o == NULL)
		return vm_fail(vm, "test_set: no such object");
	o->set(t, vm_string(vm, v[1]));
	vm_new_message(vm);
	return true;
}

const struct sieve_op op_test_set = { "test_set", "ss", exec_test_set,
	"object s := s" };

/* --- test_message ------------------------------------------------------- */

static bool
take_sent(struct svtest *t, uint64_t n)
{
	const struct svtest_mail *m = t->outbox;

	for (; m != NULL && n > 0; n--)
		m = m->next;
	if (m == NULL)
		return false;
	svtest_set_message(t, m->bytes);
	svtest_set_sender(t, m->sender);
	svtest_set_rcpt(t, m->rcpt);
	return true;
}

static bool
take_stored(struct svtest *t, struct str mailbox, uint64_t n)
{
	const struct memory_copy *c = t->store.first;
	struct fail why;
	struct str name;

	if (!svtest_mailbox_name(t, mailbox, &name, &why))
		return false;
	for (; c != NULL; c = c->next)
		if (c->staged.final && str_eq(c->staged.mailbox, name) &&
		    n-- == 0)
			break;
	if (c == NULL)
		return false;
	svtest_set_message(t, c->bytes);
	/* what hasflag looks at. RFC 5232 s. 4 */
	t->vm->plan->imapflags = c->flags;
	return true;
}

static bool
take(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	bool ok;

	if (t == NULL)
		return false;
	ok = (v[0] & FROM_SMTP) != 0
	         ? take_sent(t, v[2])
	         : take_stored(t, vm_string(vm, v[1]), v[2]);
	vm_new_message(vm);
	return ok;
}

static bool
exec_if_test_message(struct sieve_vm *vm, const uint64_t *v)
{
	vm->truth = take(vm, v);
	return true;
}

static bool
exec_test_message(struct sieve_vm *vm, const uint64_t *v)
{
	struct svtest *t = svtest_of(vm);

	if (t == NULL)
		return vm_fail(vm, "test_message: this is no test suite");
	if (take(vm, v))
		return true;
	return svtest_fail(vm, t,
	    str_printf(t->arena, "there is no message %llu",
		(unsigned long long)v[2]));
}

const struct sieve_op op_test_message = { "test_message", "fSn",
	exec_test_message, "message := number n, sent or stored in S" };
const struct sieve_op op_if_test_message = { "if_test_message", "fSn",
	exec_if_test_message,
	"T := there is message number n; if so message := it" };

static bool
exec_print(struct sieve_vm *vm, const uint64_t *v)
{
	struct str rest = message_bytes(vm->env->msg), line;

	(void)v;
	while (str_cut(&rest, '\n', &line))
		printf("# %.*s\n", STR_ARG(str_trim(line)));
	return true;
}

const struct sieve_op op_test_message_print = { "test_message_print", "",
	exec_print, "print the message" };
