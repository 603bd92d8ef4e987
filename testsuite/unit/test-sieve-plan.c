/*
 * What a plan says of each verb, that nobody is notified twice, and mailto
 * URIs: what is taken from them and what is refused.
 */
#include "testsuite/unit/sieve-check.h"

#include "sieve/mailto.h"

static const struct plan_fcc fcc = { .mailbox = STR("Sent"),
	.flags = PLAN_CREATE,
	.specialuse = STR("\\Sent") };
static const struct plan_redirect redirect = { .notify = STR("NEVER"),
	.ret = STR("HDRS"),
	.by = true,
	.by_seconds = -3,
	.by_mode = 'R',
	.by_trace = true };
static const struct plan_reply reply = { .id = STR("i\0d"),
	.seconds = 3,
	.subject = STR("Away"),
	.mime = true,
	.reason = STR("a\r\n\"b\""),
	.fcc = &fcc };
static const struct plan_refuse refuse = { .reason = STR("no"),
	.ereject = true };
static const struct plan_notify notify = { .importance = 1,
	.message = STR("") };

static const struct {
	struct intent in;
	const char *text;
} prints[] = {
	{ { .verb = INTENT_STORE,
	      .target = STR("Spam"),
	      .specialuse = STR("\\Junk") },
	    "store \"Spam\" line 0 specialuse \"\\\\Junk\"\n" },
	{ { .verb = INTENT_REDIRECT,
	      .target = STR("a@b"),
	      .redirect = &redirect },
	    "redirect \"a@b\" line 0 notify \"NEVER\" ret \"HDRS\" by -3 R "
	    "trace\n" },
	{ { .verb = INTENT_REPLY, .target = STR("a@b"), .reply = &reply },
	    "reply \"a@b\" line 0 seconds 3 id \"i\\x00d\" subject \"Away\" "
	    "mime reason \"a\\r\\n\\\"b\\\"\" fcc \"Sent\" create specialuse "
	    "\"\\\\Sent\"\n" },
	{ { .verb = INTENT_REFUSE, .target = STR(""), .refuse = &refuse },
	    "refuse \"\" line 0 ereject \"no\"\n" },
	{ { .verb = INTENT_NOTIFY, .target = STR("x:y"), .notify = &notify },
	    "notify \"x:y\" line 0 importance 1 message \"\"\n" },
};

static void
test_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(prints); i++) {
		struct arena *a = arena_new("test", 0);
		struct plan *p = plan_new(a);

		plan_add(p, prints[i].in.verb, 0, 0, prints[i].in.target);
		*p->first = prints[i].in;
		check_str(i, "plan", plan_text(a, p), str_c(prints[i].text));
		arena_free(a);
	}
}

/* --- notifications ------------------------------------------------------ */

static void
add_notify(struct plan *p, struct str uri)
{
	struct plan_notify *n = ARENA_NEW(p->arena, struct plan_notify);
	struct mailto *m = ARENA_NEW(p->arena, struct mailto);
	const char *error;

	n->importance = 2;
	if (mailto_parse(p->arena, uri, m, &error))
		n->mailto = m;
	plan_add(p, INTENT_NOTIFY, p->n, 0, uri)->notify = n;
}

/* RFC 5436 s. 2.7 */
static void
test_notify_once(void **state)
{
	struct arena *a = arena_new("test", 0);
	struct plan *p = plan_new(a);
	const struct intent *in;
	struct fail why;

	(void)state;
	add_notify(p, S("mailto:a@x,b@x"));
	add_notify(p, S("mailto:b@X?cc=c@x"));
	add_notify(p, S("mailto:c@x?to=a@x"));
	add_notify(p, S("mailto:"));
	add_notify(p, S("xmpp:a@x"));
	add_notify(p, S("xmpp:a@x"));
	assert_true(plan_settle(p, &why));
	in = p->first;
	assert_int_equal(in->notify->mailto->rcpts.n, 2);
	in = in->next;
	assert_int_equal(in->notify->mailto->rcpts.n, 1);
	check_str(0, "left", in->notify->mailto->rcpts.v[0], S("c@x"));
	in = in->next;
	check_str(1, "target", in->target, S("xmpp:a@x"));
	check_str(2, "target", in->next->target, S("xmpp:a@x"));
	/* and the implicit keep */
	assert_ptr_equal(p->last, in->next->next);
	assert_int_equal(p->n, 5);
	arena_free(a);
}

/* --- mailto: RFC 6068, RFC 5436 ------------------------------------------ */

static const struct {
	const char *uri;
	const char *want; /* to / cc / subject / body / headers; NULL: error */
} uris[] = {
	{ "mailto:a@example.com", "a@example.com ////" },
	{ "MailTo:a@b.example,%22c%40d%22@e.example",
	    "a@b.example \"c@d\"@e.example ////" },
	{ "mailto:", "////" },
	{ "mailto:?to=a@b,c@d&cc=%22E%20F%22%20%3ce@f%3e", "a@b c@d /e@f///" },
	{ "mailto:a@b?to=a@b&cc=A@B", "a@b /A@B///" },
	{ "mailto:a@b?Subject=%e2%82%ac&body=x%0D%0ay",
	    "a@b //\u20ac/x\r\ny/" },
	{ "mailto:a@b?subject=&X-A=1&Priority=high&from=x@y&BCC=z@y&date=now&"
	  "auto-submitted=no&received=x&Message-ID=y&Resent-To=q@r&"
	  "Content-Type=text/html",
	    "a@b //(empty)//X-A=1 Priority=high " },
	{ "mailto:a@b#part", "a@b ////" },
	{ "mailto:user%25x@b", "user%x@b ////" },
	{ "mailto:u@%5b192.0.2.1%5d", "u@[192.0.2.1] ////" },
	{ "http://example.com", NULL },
	{ "mailto", NULL },
	{ "mailto:a", NULL },
	{ "mailto:;", NULL },
	{ "mailto:a@b;?x=y", NULL },
	{ "mailto:a@b,", NULL },
	{ "mailto:,a@b", NULL },
	{ "mailto:a b@c", NULL },
	{ "mailto:a%2@c", NULL },
	{ "mailto:a%g1@c", NULL },
	{ "mailto:a@b%", NULL },
	{ "mailto:a%00@c", NULL },
	{ "mailto:%ff@c", NULL },
	{ "mailto:\303\244@c", NULL },
	{ "mailto:<a@b>", NULL },
	{ "mailto:@x:a@b", NULL },
	{ "mailto:a@b?", NULL },
	{ "mailto:a@b?x", NULL },
	{ "mailto:a@b?x=y&", NULL },
	{ "mailto:a@b?x=y&z", NULL },
	{ "mailto:a@b?=y", NULL },
	{ "mailto:a@b?x%20y=z", NULL },
	{ "mailto:a@b?x%3Ay=z", NULL },
	{ "mailto:a@b?x=y z", NULL },
	{ "mailto:a@b?x=y%0d%0aBcc:%20q@r", NULL },
	{ "mailto:a@b?to=nobody", NULL },
	{ "mailto:1@x,2@x,3@x,4@x,5@x,6@x,7@x,8@x,9@x", NULL },
	{ "mailto:1@x,2@x,3@x,4@x,5@x,6@x,7@x,8@x?to=8@x",
	    "1@x 2@x 3@x 4@x 5@x 6@x 7@x 8@x ////" },
	{ "mailto:a@b?a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=&n=&o=&p=&q=",
	    NULL },
};

static void
add_value(struct buf *b, struct str s)
{
	buf_adds(b, s.p != NULL && s.len == 0 ? S("(empty)") : s);
	buf_addc(b, '/');
}

static struct str
summary(struct arena *a, const struct mailto *m)
{
	struct str s;
	struct buf b;

	buf_init(&b, 65536);
	for (size_t i = 0; i < m->to.n; i++)
		buf_printf(&b, "%.*s ", STR_ARG(m->to.v[i]));
	buf_addc(&b, '/');
	for (size_t i = 0; i < m->cc.n; i++)
		buf_printf(&b, "%.*s", STR_ARG(m->cc.v[i]));
	buf_addc(&b, '/');
	add_value(&b, m->subject);
	add_value(&b, m->body);
	for (size_t i = 0; i < m->nheaders; i++)
		buf_printf(&b, "%.*s=%.*s ", STR_ARG(m->header[i].name),
		    STR_ARG(m->header[i].value));
	s = str_dup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
test_mailto(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(uris); i++) {
		struct arena *a = arena_new("test", 0);
		const char *error = NULL;
		struct mailto m;
		bool ok = mailto_parse(a, str_c(uris[i].uri), &m, &error);

		check_num(i, uris[i].uri, ok, uris[i].want != NULL);
		if (ok)
			check_str(i, uris[i].uri, summary(a, &m),
			    str_c(uris[i].want));
		else
			assert_non_null(error);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_notify_once),
		cmocka_unit_test(test_mailto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
