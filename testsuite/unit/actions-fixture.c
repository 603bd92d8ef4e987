/*
 * The fixture of actions-fixture.h.
 */
#include "testsuite/unit/actions-fixture.h"

#include <time.h>

#include "lib/log.h"
#include "mailstore/quota.h"

struct tape tape;

/* --- the tape ----------------------------------------------------------- */

struct store_txn {
	struct arena *arena;
};

static struct str
user_of(struct str root)
{
	return str_from_offset(root, (size_t)str_rchr(root, '/') + 1);
}

static bool
tape_fails(const char *op, struct str user, struct str mailbox)
{
	struct str s = str_printf(
	    tape.arena, "%s %.*s:%.*s", op, STR_ARG(user), STR_ARG(mailbox));

	return strlist_has(&tape.failing, s);
}

static void
tape_note(const char *op, struct str user, struct str mailbox)
{
	buf_printf(
	    &tape.log, "%s %.*s:%.*s\n", op, STR_ARG(user), STR_ARG(mailbox));
}

static struct store_txn *
tape_begin(struct arena *arena, const struct store_options *o,
    const struct store_message *m, struct store_txn *with)
{
	struct store_txn *t = ARENA_NEW(arena, struct store_txn);

	(void)with;
	assert_true(o->hostname.len > 0);
	assert_true(m->id.len > 0);
	t->arena = arena;
	tape.begun++;
	return t;
}

static bool
tape_exists(struct arena *arena, const struct store_account *acct,
    struct str mailbox, bool *out, struct fail *why)
{
	struct str root = acct->root;
	struct str s = str_printf(
	    arena, "%.*s:%.*s", STR_ARG(user_of(root)), STR_ARG(mailbox));

	if (tape_fails("exists", user_of(root), mailbox))
		return fail_temp(why, "4.3.0", "tape: exists");
	*out = str_eq(mailbox, S("INBOX")) || strlist_has(&tape.mailboxes, s);
	return true;
}

static bool
tape_stage(struct store_txn *t, const struct store_target *to,
    struct staged **out, struct fail *why)
{
	struct str user = user_of(to->root);
	struct store_account acct = { .root = to->root };
	struct copy *c;
	bool there;

	tape_note("stage", user, to->mailbox);
	if (tape_fails("perm", user, to->mailbox))
		return fail_perm(why, "5.1.1", "tape: perm");
	if (tape_fails("full", user, to->mailbox) && !to->quota->ignore)
		return quota_full(why);
	if (tape_fails("stage", user, to->mailbox))
		return fail_temp(why, "4.3.1", "tape: stage");
	if (!tape_exists(tape.arena, &acct, to->mailbox, &there, why))
		return false;
	if (!there && !to->create)
		return fail_perm(why, "5.1.1", "tape: no such mailbox");
	c = ARENA_NEW(tape.arena, struct copy);
	c->pub = (struct staged){ .txn = t,
		.mailbox = str_dup(tape.arena, to->mailbox) };
	c->user = str_dup(tape.arena, user);
	for (size_t i = 0; i < to->flags.n; i++)
		strlist_add(
		    tape.arena, &c->flags, str_dup(tape.arena, to->flags.v[i]));
	c->rcpt = to->rcpt;
	c->seq = to->seq;
	c->next = tape.copies;
	tape.copies = c;
	if (++tape.nstaged > tape.most_staged)
		tape.most_staged = tape.nstaged;
	*out = &c->pub;
	return true;
}

static bool
tape_publish(struct staged *s, struct fail *why)
{
	struct copy *c = (struct copy *)s;

	assert_int_equal(c->state, STAGED);
	tape_note("publish", c->user, s->mailbox);
	if (tape_fails("publish", c->user, s->mailbox))
		return fail_temp(why, "4.3.0", "tape: publish");
	c->state = PUBLISHED;
	s->published = true;
	s->path = S("file");
	return true;
}

static bool
tape_sync(struct staged *s, struct fail *why)
{
	struct copy *c = (struct copy *)s;

	assert_int_equal(c->state, PUBLISHED);
	tape_note("sync", c->user, s->mailbox);
	if (tape_fails("sync", c->user, s->mailbox)) {
		c->state = GONE;
		return fail_temp(why, "4.3.0", "tape: sync");
	}
	c->state = SYNCED;
	s->final = true;
	return true;
}

static void
tape_discard(struct staged *s)
{
	((struct copy *)s)->state = GONE;
}

static void
tape_end(struct store_txn *t)
{
	for (struct copy *c = tape.copies; c != NULL; c = c->next)
		if (c->state == STAGED && c->pub.txn == t)
			fail_msg("staged and forgotten: %s", c->pub.mailbox.p);
	tape.nstaged = 0;
	tape.ended++;
}

const struct store store_tape = {
	.name = "tape",
	.begin = tape_begin,
	.exists = tape_exists,
	.stage = tape_stage,
	.publish = tape_publish,
	.sync = tape_sync,
	.discard = tape_discard,
	.end = tape_end,
};

/* --- the way out -------------------------------------------------------- */

/* The address says what happens to it. */
static bool
send_fake(void *ctx, const struct out_message *m, struct fail *why)
{
	struct out *o = ctx;
	struct str to = m->rcpts.v[0];
	struct timespec ts = { 0, o->wait_ms * 1000000 };

	assert_int_equal(m->rcpts.n, 1);
	nanosleep(&ts, NULL);
	buf_printf(&tape.log, "send %.*s\n", STR_ARG(to));
	if (str_starts(to, S("temp")))
		return fail_temp(why, "4.4.1", "no answer");
	if (str_starts(to, S("busy")))
		return fail_code(why, 421, "4.3.2", "going down");
	if (str_starts(to, S("perm")))
		return fail_perm(why, "5.1.1", "who?");
	strlist_add(o->arena, &o->sent, str_dup(o->arena, to));
	o->head = str_dup(o->arena, m->head);
	o->bytes = str_dup(o->arena, m->bytes);
	o->sender = str_dup(o->arena, m->sender);
	o->eightbit = m->eightbit;
	return true;
}

/* --- fixture ------------------------------------------------------------ */

static const struct conf *
load_conf(struct arena *a, struct str dir, bool track, const char *more)
{
	struct conf_messages messages = { 0 };
	struct str path = scratch_write(a, dir, "imapd.conf",
	    str_printf(a,
		"configdirectory: %s/conf\n"
		"partition-default: %s/mail\n"
		"servername: host.example\n"
		"sievedir: %s/sieve\n"
		"defaultdomain: example.org\n"
		"tracking_backend: %s\n"
		"%s",
		dir.p, dir.p, dir.p, track ? "sqlite" : "off", more));
	const struct conf *conf = conf_load(a, path.p, NULL, &messages);

	if (conf == NULL)
		fail_msg("%s", messages.v[0].text.p);
	return conf;
}

void
make_deliver(struct fixture *f, const char *more)
{
	deliver_free(f->d);
	f->conf = load_conf(f->arena, f->dir, f->track, more);
	f->d = deliver_new(f->arena, f->conf, send_fake, &f->out);
	deliver_set_store(f->d, &store_tape);
}

int
setup(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct fixture *f = ARENA_NEW(a, struct fixture);

	log_set_level(LOG_LEVEL_ERROR);
	tape = (struct tape){ .arena = a };
	buf_init(&tape.log, 1 << 20);
	f->arena = f->out.arena = a;
	f->dir = scratch_new(a);
	f->header = S("Subject: test\n\nbody\n");
	make_deliver(f, "");
	*state = f;
	return 0;
}

int
teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(tape.begun, tape.ended);
	scratch_free(f->dir);
	deliver_free(f->d);
	buf_free(&tape.log);
	arena_free(f->arena);
	return 0;
}

/* user+detail@example.org; script NULL: has none */
struct deliver_rcpt
person(
    struct fixture *f, const char *user, const char *detail, const char *script)
{
	struct arena *a = f->arena;
	struct deliver_rcpt r = { .rcpt = {
				      .address = str_printf(a,
					  "%s%s%s@example.org", user,
					  *detail != '\0' ? "+" : "", detail),
				      .detail = str_c(detail),
				      .account = { .user = str_c(user),
					  .local = str_c(user),
					  .domain = S(""),
					  .root = str_printf(a, "%s/mail/%s",
					      f->dir.p, user) },
				  } };
	struct account_script where;
	struct str link;

	account_script(f->conf, a, &r.rcpt.account, &where);
	link = scratch_path(a, where.dir, str_cstr(a, where.link));
	unlink(link.p);
	if (script == NULL)
		return r;
	scratch_write(a, where.dir, "x.script", str_c(script));
	assert_int_equal(symlink("x.bc", link.p), 0);
	return r;
}

void
add(struct fixture *f, struct deliver_rcpt r)
{
	r.index = (uint32_t)f->nrcpt;
	f->rcpt[f->nrcpt++] = r;
}

static void
keep_result(void *ctx, uint32_t index, const struct deliver_result *r)
{
	struct fixture *f = ctx;

	assert_true(index < MAX_RCPT);
	f->nresults[index]++;
	f->result[index] = *r;
	f->result[index].where = str_dup(f->arena, r->where);
	buf_printf(&tape.log, "result %u %s\n", index, r->ok ? "ok" : "no");
}

static struct deliver_txn
transaction(struct fixture *f, size_t first, size_t n)
{
	struct str bytes = str_printf(f->arena,
	    "Return-Path: <s@example.net>\n"
	    "Received: by host.example;\n\tThu, 1 Jan 1970 00:00:0%u +0000\n"
	    "%.*s",
	    f->attempt % 10, STR_ARG(f->header));

	return (struct deliver_txn){
		.id = str_printf(f->arena, "T%u", f->attempt + 1),
		.start_us = (1000000000LL + f->attempt) * 1000000,
		.sender = S("s@example.net"),
		.peer = S("[192.0.2.1]"),
		.bytes = bytes,
		.fd = -1,
		.octets = f->header.len,
		.wsize = bytes.len,
		.rcpt = f->rcpt + first,
		.nrcpt = n,
		.deadline_ms = f->deadline_ms,
	};
}

static void
forget(struct fixture *f)
{
	memset(f->nresults, 0, sizeof(f->nresults));
	buf_reset(&tape.log);
	tape.copies = NULL;
	f->out.sent.n = 0;
}

void
deliver(struct fixture *f)
{
	struct deliver_txn txn = transaction(f, 0, f->nrcpt);

	forget(f);
	deliver_transaction(f->d, &txn, keep_result, f);
	for (size_t i = 0; i < f->nrcpt; i++)
		assert_int_equal(f->nresults[f->rcpt[i].index], 1);
}

/* What a member's ctx is. */
struct one {
	struct fixture *f;
	uint32_t index;
};

static void
keep_one(void *ctx, uint32_t index, const struct deliver_result *r)
{
	struct one *o = ctx;

	assert_int_equal(index, o->index);
	keep_result(o->f, index, r);
}

static void
note_back(void *ctx)
{
	struct one *o = ctx;

	buf_printf(&tape.log, "back %u\n", o->index);
	o->f->nresults[o->index]++;
}

void
deliver_each(struct fixture *f)
{
	struct deliver_member m[DELIVER_TOGETHER_MAX];
	struct one one[DELIVER_TOGETHER_MAX];

	for (uint32_t i = 0; i < f->nrcpt; i++) {
		one[i] = (struct one){ f, i };
		m[i] = (struct deliver_member){ transaction(f, i, 1), &one[i] };
	}
	forget(f);
	deliver_together(f->d, m, f->nrcpt, keep_one, note_back);
	for (size_t i = 0; i < f->nrcpt; i++)
		assert_int_equal(f->nresults[i], 1);
}

/* "INBOX[$SieveFailed] Lists/x": what is on disk for a user, by seq */
struct str
stored(struct fixture *f, const char *user)
{
	struct buf b;
	struct str s;

	buf_init(&b, 10000);
	for (uint32_t seq = 0; seq < 10; seq++)
		for (struct copy *c = tape.copies; c != NULL; c = c->next) {
			if (c->seq != seq || c->state == GONE ||
			    !str_eq(c->user, str_c(user)))
				continue;
			assert_int_equal(c->state, SYNCED);
			buf_printf(&b, "%s%.*s", b.len > 0 ? " " : "",
			    STR_ARG(c->pub.mailbox));
			for (size_t i = 0; i < c->flags.n; i++)
				buf_printf(
				    &b, "[%.*s]", STR_ARG(c->flags.v[i]));
		}
	s = str_dup(f->arena, buf_str(&b));
	buf_free(&b);
	return s;
}

struct str
sent(struct fixture *f)
{
	struct buf b;
	struct str s;

	buf_init(&b, 10000);
	for (size_t i = 0; i < f->out.sent.n; i++)
		buf_printf(
		    &b, "%s%.*s", i > 0 ? " " : "", STR_ARG(f->out.sent.v[i]));
	s = str_dup(f->arena, buf_str(&b));
	buf_free(&b);
	return s;
}
