/*
 * host: a program that uses every function of libtamis-sieve and answers
 * every question, against an installed copy. Prints TAP.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <tamis/sieve.h>

#define TEXT(literal) literal, sizeof(literal) - 1

static unsigned number, failed;

static void
ok(int yes, const char *name)
{
	number++;
	failed += !yes;
	printf("%sok %u - %s\n", yes ? "" : "not ", number, name);
}

static struct tamis_str
str(const char *s)
{
	struct tamis_str out = { s, strlen(s) };

	return out;
}

static int
is(struct tamis_str s, const char *want)
{
	return s.len == strlen(want) &&
	       (s.len == 0 || memcmp(s.p, want, s.len) == 0);
}

/* --- diagnostics ---------------------------------------------------------- */

struct diags {
	int errors, warnings;
	int good; /* all members were as they should be */
};

static void
diag(void *ctx, const struct tamis_sieve_diag *d)
{
	struct diags *all = ctx;

	all->errors += !d->warning;
	all->warnings += d->warning;
	all->good = d->line == 2 && d->message.len > 0 && d->source.len > 0 &&
	            d->caret == d->column - 1 && d->name != NULL;
}

static void
test_diags(void)
{
	struct tamis_str me = str("me@example.org");
	struct tamis_strs owner = { &me, 1 };
	struct tamis_sieve_limits l = { .size = sizeof(l), .script_bytes = 3 };
	struct diags d = { 0 };

	ok(tamis_sieve_compile(TEXT("keep;\nfrop;"), NULL, diag, &d) == NULL,
	    "a script with an error is none");
	ok(d.errors == 1 && d.warnings == 0 && d.good, "its error is told");
	ok(tamis_sieve_compile(TEXT("frop;"), NULL, NULL, NULL) == NULL,
	    "nobody need listen");
	d.errors = 0;
	tamis_sieve_lint(TEXT("keep;\nredirect \"me@example.org\";"), NULL,
	    &owner, diag, &d);
	ok(d.errors == 0 && d.warnings == 1 && d.good, "a warning is told");
	ok(tamis_sieve_compile(TEXT("keep;"), &l, NULL, NULL) == NULL,
	    "limits count");
}

/* --- saved forms ---------------------------------------------------------- */

struct octets {
	char p[4096];
	size_t n;
};

static int
write_octets(void *ctx, const void *p, size_t len)
{
	struct octets *o = ctx;

	if (o->n + len > sizeof(o->p))
		return 0;
	memcpy(o->p + o->n, p, len);
	o->n += len;
	return 1;
}

static void
test_saved(void)
{
	struct tamis_sieve *s =
	    tamis_sieve_compile(TEXT("discard;"), NULL, NULL, NULL);
	static struct octets o, full = { .n = sizeof(full.p) };
	struct tamis_sieve *again;
	struct tamis_sieve_result *r;
	char why[100] = "";

	ok(tamis_sieve_save(s, write_octets, &o) != 0, "save");
	ok(tamis_sieve_save(s, write_octets, &full) == 0, "save: no room");
	tamis_sieve_free(s);
	again = tamis_sieve_load(o.p, o.n, why, sizeof(why));
	r = tamis_sieve_run(again, TEXT("Subject: x\n\n"), NULL, NULL);
	ok(tamis_sieve_result_action(r, 0) == NULL, "load, and discard");
	tamis_sieve_result_free(r);
	tamis_sieve_free(again);
	ok(tamis_sieve_load(o.p, o.n - 1, why, sizeof(why)) == NULL &&
		why[0] != '\0',
	    "load: damaged");
	ok(tamis_sieve_load(NULL, 0, NULL, 0) == NULL, "load: nothing");
}

/* --- a run ---------------------------------------------------------------- */

static struct tamis_sieve *included;

static int
exists(void *ctx, struct tamis_str mailbox)
{
	return ctx == &included && is(mailbox, "There");
}

static int
use(void *ctx, struct tamis_str mailbox, struct tamis_str flag,
    struct tamis_str *out)
{
	(void)ctx;
	*out = str("Spam");
	return mailbox.len == 0 && is(flag, "\\Junk");
}

static int
by_id(void *ctx, struct tamis_str id, struct tamis_str *out)
{
	(void)ctx;
	*out = str("Seven");
	return is(id, "F7");
}

static int
metadata(void *ctx, struct tamis_str mailbox, struct tamis_str name,
    struct tamis_str *out)
{
	(void)ctx;
	*out = str("blue");
	return is(mailbox, "There") && is(name, "/private/color");
}

static int
script(void *ctx, int global, struct tamis_str name,
    const struct tamis_sieve **out, struct tamis_str *why)
{
	(void)ctx;
	*out = included;
	*why = str("not today");
	if (global)
		return TAMIS_SIEVE_BROKEN;
	return is(name, "inner") ? TAMIS_SIEVE_FOUND : TAMIS_SIEVE_MISSING;
}

static int
seen(void *ctx, const struct tamis_sieve_mark *m)
{
	(void)ctx;
	return is(m->id, "old") && m->handle.p != NULL && is(m->handle, "h") &&
	       m->seconds == 60;
}

static unsigned events[5];

static void
event(void *ctx, const struct tamis_sieve_event *e)
{
	(void)ctx;
	events[e->kind]++;
}

static struct tamis_sieve_host
host(void)
{
	struct tamis_sieve_host h = { .size = sizeof(h),
		.ctx = &included,
		.now = 1000000000,
		.sender = str("from@example.com"),
		.rcpt = str("me-detail@example.org"),
		.detail_separator = str("-"),
		.domain = str("example.org"),
		.mailbox_exists = exists,
		.special_use = use,
		.mailbox_by_id = by_id,
		.metadata = metadata,
		.script = script,
		.seen = seen,
		.event = event };

	return h;
}

static const char message[] = "From: a@example.com\r\n"
			      "Subject: x\r\n"
			      "\r\n"
			      "body\r\n";

static struct tamis_sieve_result *
run(const char *text, const struct tamis_sieve_host *h)
{
	struct tamis_sieve *s =
	    tamis_sieve_compile(text, strlen(text), NULL, NULL, NULL);
	struct tamis_sieve_result *r;

	if (s == NULL)
		return NULL;
	r = tamis_sieve_run(s, TEXT(message), h, NULL);
	tamis_sieve_free(s);
	return r;
}

/* Each is one question: the answer must be yes. */
static const struct {
	const char *name, *text;
} questions[] = {
	{ "envelope",
	    "require \"envelope\";\n"
	    "if allof (envelope \"from\" \"from@example.com\",\n"
	    "envelope \"to\" \"me-detail@example.org\") { discard; }" },
	{ "separator of details",
	    "require [\"envelope\", \"subaddress\"];\n"
	    "if envelope :detail \"to\" \"detail\" { discard; }" },
	{ "clock", "require \"date\";\n"
		   "if currentdate :zone \"+0000\" \"date\" \"2001-09-09\"\n"
		   "{ discard; }" },
	{ "environment",
	    "require \"environment\";\n"
	    "if environment \"domain\" \"example.org\" { discard; }" },
	{ "mailbox", "require \"mailbox\";\n"
		     "if mailboxexists \"There\" { discard; }" },
	{ "special use", "require \"special-use\";\n"
			 "if specialuse_exists \"\\\\Junk\" { discard; }" },
	{ "mailbox id", "require \"mailboxid\";\n"
			"if mailboxidexists \"F7\" { discard; }" },
	{ "metadata", "require \"mboxmetadata\";\n"
		      "if metadata \"There\" \"/private/color\" \"blue\"\n"
		      "{ discard; }" },
	{ "included script", "require \"include\";\n"
			     "include \"inner\"; include :optional \"none\";" },
	{ "duplicate", "require \"duplicate\";\n"
		       "if duplicate :handle \"h\" :uniqueid \"old\"\n"
		       ":seconds 60 { discard; }" },
};

static void
test_questions(void)
{
	struct tamis_sieve_host h = host();

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct tamis_sieve_result *r = run(questions[i].text, &h);

		ok(r != NULL &&
			tamis_sieve_result_error(r, NULL, NULL) == NULL &&
			tamis_sieve_result_action(r, 0) == NULL,
		    questions[i].name);
		tamis_sieve_result_free(r);
	}
}

static void
test_unanswered(void)
{
	struct tamis_sieve_result *r =
	    run("require [\"mailbox\", \"duplicate\"];\n"
		"if anyof (mailboxexists \"There\", duplicate) { discard; }",
		NULL);
	const struct tamis_sieve_action *a = tamis_sieve_result_action(r, 0);
	const struct tamis_sieve_mark *m = tamis_sieve_result_mark(r, 0);

	ok(a != NULL && a->verb == TAMIS_SIEVE_STORE &&
		a->flags == (TAMIS_SIEVE_IMPLICIT | TAMIS_SIEVE_KEEP) &&
		is(a->target, "INBOX") && a->header.p == NULL,
	    "no host: no, and the implicit keep");
	ok(m == NULL || tamis_sieve_result_mark(r, 1) == NULL, "marks end");
	tamis_sieve_result_free(r);
}

static void
test_failures(void)
{
	struct tamis_sieve_host h = host();
	struct tamis_sieve_result *r =
	    run("require \"include\"; discard;\ninclude :global \"x\";", &h);
	unsigned line = 0, column = 0;
	const char *why = tamis_sieve_result_error(r, &line, &column);

	ok(why != NULL && strstr(why, "not today") != NULL && line == 2 &&
		column == 1,
	    "a script that fails says where");
	ok(tamis_sieve_result_action(r, 0) != NULL &&
		is(tamis_sieve_result_action(r, 0)->target, "INBOX") &&
		tamis_sieve_result_action(r, 1) == NULL,
	    "and keeps the message");
	tamis_sieve_result_free(r);
	ok(events[0] > 0 && events[1] > 0 && events[3] > 0 && events[4] > 0,
	    "events");
}

static const char actions_text[] =
    "require [\"fileinto\", \"mailbox\", \"imap4flags\", \"copy\", "
    "\"vacation\","
    "\"enotify\", \"editheader\", \"fcc\"];\n"
    "fileinto :create :flags [\"\\\\Seen\", \"$X\"] \"A/B\";\n"
    "addheader \"X-Y\" \"z\";\n"
    "redirect :copy \"you@example.net\";\n"
    "vacation :days 3 :subject \"S\" :addresses \"al@example.org\"\n"
    "  :fcc \"Sent\" \"away\";\n"
    "notify :importance \"1\" :message \"M\" \"mailto:n@example.net\";";

static void
test_actions(void)
{
	struct tamis_sieve_host h = host();
	struct tamis_sieve_result *r = run(actions_text, &h);
	const struct tamis_sieve_action *a[4] = { NULL };

	for (size_t i = 0; i < 4; i++)
		a[i] = tamis_sieve_result_action(r, i);
	ok(a[3] != NULL && tamis_sieve_result_action(r, 4) == NULL,
	    "four actions");
	if (a[3] == NULL)
		return;
	ok(a[0]->verb == TAMIS_SIEVE_STORE && a[0]->line == 2 &&
		a[0]->flags == TAMIS_SIEVE_CREATE && is(a[0]->target, "A/B") &&
		a[0]->imapflags.n == 2 && is(a[0]->imapflags.v[1], "$X"),
	    "store");
	ok(a[1]->verb == TAMIS_SIEVE_REDIRECT &&
		a[1]->flags == TAMIS_SIEVE_COPY && a[1]->header.len > 0 &&
		memcmp(a[1]->header.p, "X-Y: z\r\n", 8) == 0,
	    "redirect");
	ok(a[2]->verb == TAMIS_SIEVE_REPLY && is(a[2]->text, "away") &&
		is(a[2]->subject, "S") && a[2]->seconds == 3 * 86400 &&
		a[2]->addresses.n == 1 && is(a[2]->fcc, "Sent"),
	    "reply");
	ok(a[3]->verb == TAMIS_SIEVE_NOTIFY && is(a[3]->text, "M") &&
		a[3]->importance == 1 &&
		is(a[3]->target, "mailto:n@example.net"),
	    "notify");
	tamis_sieve_result_free(r);
	r = run("require \"ereject\"; ereject \"no\";", &h);
	a[0] = tamis_sieve_result_action(r, 0);
	ok(a[0]->verb == TAMIS_SIEVE_REFUSE && is(a[0]->text, "no") &&
		(a[0]->flags & TAMIS_SIEVE_EREJECT) != 0,
	    "refuse");
	tamis_sieve_result_free(r);
}

/* --- older programs, threads ---------------------------------------------- */

static void
test_older(void)
{
	struct tamis_sieve_host h = host();
	struct tamis_sieve_result *r;

	/* one that was compiled before there were questions */
	h.size = offsetof(struct tamis_sieve_host, mailbox_exists);
	r = run(questions[4].text, &h);
	ok(tamis_sieve_result_action(r, 0) != NULL,
	    "what an older program did not have is not looked at");
	tamis_sieve_result_free(r);
}

static void *
thread(void *ctx)
{
	struct tamis_sieve_host h = host();

	h.event = NULL;
	for (int i = 0; i < 200; i++)
		tamis_sieve_result_free(
		    tamis_sieve_run(ctx, TEXT(message), &h, NULL));
	return NULL;
}

static void
test_threads(void)
{
	struct tamis_sieve *s = tamis_sieve_compile(
	    actions_text, sizeof(actions_text) - 1, NULL, NULL, NULL);
	pthread_t id[4];

	for (size_t i = 0; i < 4; i++)
		pthread_create(&id[i], NULL, thread, s);
	for (size_t i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	tamis_sieve_free(s);
	ok(1, "four threads share a script");
}

int
main(void)
{
	included = tamis_sieve_compile(TEXT("discard;"), NULL, NULL, NULL);
	ok(tamis_sieve_version()[0] != '\0' &&
		tamis_sieve_capability(0) != NULL &&
		tamis_sieve_capability(9999) == NULL,
	    "version, capabilities");
	test_diags();
	test_saved();
	test_questions();
	test_unanswered();
	test_actions();
	test_failures();
	test_older();
	test_threads();
	tamis_sieve_free(included);
	printf("1..%u\n", number);
	return failed > 0;
}
