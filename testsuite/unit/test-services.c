/*
 * test-services: cyrus.conf as Cyrus documents it, every mistake with its
 * place, and a file made of anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/services.h"
#include "lib/arena.h"
#include "lib/io.h"

#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))

struct scratch {
	struct arena *a;
	char path[64];
	struct conf_messages messages;
};

static int
setup(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->a = arena_new("test", 0);
	snprintf(
	    s->path, sizeof(s->path), "/tmp/test-services.%d", (int)getpid());
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scratch *s = *state;

	unlink(s->path);
	arena_free(s->a);
	free(s);
	return 0;
}

static struct services *
load(struct scratch *s, struct str text)
{
	FILE *f = fopen(s->path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.len, f), text.len);
	assert_int_equal(fclose(f), 0);
	s->messages = (struct conf_messages){ 0 };
	return services_load(s->a, s->path, &s->messages);
}

static void
check_str(struct str got, const char *want)
{
	if (!str_eq(got, str_c(want)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got), want);
}

/* --- what is right -------------------------------------------------------- */

static const char whole[] =
    "# a comment\r\n"
    "\n"
    "START {\n"
    "\t# another\n"
    "  recover   cmd=\"ctl_cyrusdb -r\"\n"
    "  squatter_1 cmd=idled # one behind it\n"
    "}\n"
    "SERVICES {\n"
    "  imap cmd=\"imapd -U 30\" listen=\"imap\" prefork=0 maxchild=100\r\n"
    "  lmtpunix\tcmd=\" lmtpd\t-a  -U50 \" listen=\"/run/cyrus/lmtp\" "
    "prefork=2 maxfds=1024 maxforkrate=5 babysit=1 proto=\"tcp4\"\n"
    "}\n"
    "EVENTS { }\n"
    "EVENTS {\n"
    "  checkpoint cmd=\"c -c\" period=30\n"
    "  delprune cmd=\"e -E 3\" at=0401\n"
    "}\n"
    "DAEMON {\n"
    "  idled cmd=\"idled\" wait=y\n"
    "}";

static void
test_whole(void **state)
{
	struct scratch *s = *state;
	struct services *all = load(s, str_c(whole));
	const struct services_entry *e;

	assert_non_null(all);
	assert_int_equal(s->messages.n, 0);
	assert_int_equal(all->n[SERVICES_START], 2);
	assert_int_equal(all->n[SERVICES_SERVICES], 2);
	assert_int_equal(all->n[SERVICES_EVENTS], 2);
	assert_int_equal(all->n[SERVICES_DAEMON], 1);
	check_str(all->v[SERVICES_START][1].name, "squatter_1");
	e = &all->v[SERVICES_SERVICES][0];
	check_str(e->name, "imap");
	check_str(e->listen, "imap");
	check_str(e->proto, "tcp");
	assert_int_equal(e->prefork, 0);
	assert_int_equal(e->maxchild, 100);
	assert_int_equal(e->maxfds, 0);
	e = &all->v[SERVICES_SERVICES][1];
	assert_string_equal(e->argv[0], "lmtpd");
	assert_string_equal(e->argv[1], "-a");
	assert_string_equal(e->argv[2], "-U50");
	assert_null(e->argv[3]);
	check_str(e->listen, "/run/cyrus/lmtp");
	check_str(e->proto, "tcp4");
	assert_int_equal(e->prefork, 2);
	assert_int_equal(e->maxchild, -1);
	assert_int_equal(e->maxfds, 1024);
	assert_int_equal(e->maxforkrate, 5);
	assert_int_equal(e->babysit, 1);
	assert_int_equal(e->at.line, 10);
	assert_int_equal(e->at.column, 3);
	assert_int_equal(all->v[SERVICES_EVENTS][0].period, 30);
	assert_int_equal(all->v[SERVICES_EVENTS][0].at_minute, -1);
	assert_int_equal(all->v[SERVICES_EVENTS][1].at_minute, 4 * 60 + 1);
	assert_true(all->v[SERVICES_DAEMON][0].wait);
}

/* --- what is wrong -------------------------------------------------------- */

#define IN_SERVICES(line) "SERVICES {\n" line "\n}\n"
#define GOOD              "x cmd=a listen=1 "

static const struct {
	const char *text;
	unsigned line, column;
	const char *part; /* of the message */
	bool warning;
} wrong[] = {
	{ "SERVICES\n", 1, 1, "not \"SERVICES\"" },
	{ "SERVICE {\n}\n", 1, 1, "not \"SERVICE\"" },
	{ "services {\n}\n", 1, 1, "is wanted" },
	{ "\n  SERVICES { x\n}\n", 2, 14, "too much" },
	{ "SERVICES {\n} x\n", 2, 3, "\"x\" is too much" },
	{ "SERVICES {\n", 1, 1, "SERVICES is not closed" },
	{ "}\n", 1, 1, "not \"}\"" },
	{ "START {\nSERVICES {\n}\n", 2, 1, "is a } missing" },
	{ IN_SERVICES("="), 2, 1, "a name or } is wanted" },
	{ IN_SERVICES("x"), 2, 1, "\"x\" has no cmd" },
	{ IN_SERVICES("x cmd=a"), 2, 1, "\"x\" has no listen" },
	{ IN_SERVICES("x cmd=\"\" listen=1"), 2, 3, "cmd has no value" },
	{ IN_SERVICES("x cmd=\"  \" listen=1"), 2, 1, "has no cmd" },
	{ IN_SERVICES("x cmd=\"a listen=1"), 2, 7, "quotes are not closed" },
	{ IN_SERVICES("x cmd"), 2, 3, "not of the form name=value" },
	{ IN_SERVICES("x cmd = a"), 2, 3, "not of the form name=value" },
	{ IN_SERVICES(GOOD "prefork=many"), 2, 26, "a number is wanted" },
	{ IN_SERVICES(GOOD "prefork=-1"), 2, 26, "0 to 10000" },
	{ IN_SERVICES(GOOD "maxchild=-2"), 2, 27, "-1 to" },
	{ IN_SERVICES(GOOD "maxchild=99999999999"), 2, 27, "a number" },
	{ IN_SERVICES(GOOD "proto=sctp"), 2, 24, "one of tcp tcp4" },
	{ IN_SERVICES(GOOD "cmd=b"), 2, 18, "cmd is there a second time" },
	{ IN_SERVICES(GOOD "\n" GOOD), 3, 1, "\"x\" is there a second time" },
	{ IN_SERVICES(GOOD "maxchid=5"), 2, 18, "did you mean maxchild?",
	    true },
	{ IN_SERVICES(GOOD "period=5"), 2, 18, "SERVICES has no argument",
	    true },
	{ "EVENTS {\nx cmd=a at=2400\n}\n", 2, 12, "0000 to 2359" },
	{ "EVENTS {\nx cmd=a at=960\n}\n", 2, 12, "0000 to 2359" },
	{ "EVENTS {\nx cmd=a\n}\n", 2, 1, "runs once", true },
	{ "DAEMON {\nx cmd=a wait=maybe\n}\n", 2, 14, "yes or no" },
};

static void
test_wrong(void **state)
{
	struct scratch *s = *state;

	for (size_t i = 0; i < LENGTH(wrong); i++) {
		bool loaded = load(s, str_c(wrong[i].text)) != NULL;
		const struct conf_message *m = s->messages.v;

		if (s->messages.n == 0)
			fail_msg("%s: no message", wrong[i].text);
		if (m->line != wrong[i].line || m->column != wrong[i].column ||
		    m->warning != wrong[i].warning ||
		    loaded != wrong[i].warning ||
		    str_find(m->text, str_c(wrong[i].part)) < 0)
			fail_msg("%s: %u:%u: %.*s", wrong[i].text, m->line,
			    m->column, STR_ARG(m->text));
	}
}

static void
test_messages_have_their_place(void **state)
{
	struct scratch *s = *state;
	char want[128];
	struct buf b;

	assert_null(load(s, S("START {\n x cmd=\"\n}\n")));
	buf_init(&b, 4096);
	conf_messages_print(&s->messages, &b);
	snprintf(want, sizeof(want), "%s:2:8: error: the quotes are", s->path);
	assert_true(str_starts(buf_str(&b), str_c(want)));
	buf_free(&b);
}

static void
test_no_file(void **state)
{
	struct scratch *s = *state;

	s->messages = (struct conf_messages){ 0 };
	assert_null(services_load(s->a, "/nonexistent/x", &s->messages));
	assert_int_equal(s->messages.nerrors, 1);
	assert_null(services_load(s->a, "/tmp", &s->messages));
}

/* Any octets: no crash, and never an entry without what it needs. */
static void
test_anything(void **state)
{
	static const char *const parts[] = { "SERVICES {\n", "}", "\n", "x",
		" ", "cmd=", "\"", "a b", "listen=1", "#", "{", "=", "START {",
		"wait=y", "at=0000", "\t", "\xff", "DAEMON {\n", "EVENTS {\n" };
	struct scratch *s = *state;
	unsigned seed = 1;

	for (int round = 0; round < 3000; round++) {
		struct services *all;
		struct buf b;

		buf_init(&b, 65536);
		for (int n = 0; n < 40; n++) {
			seed = seed * 1103515245U + 12345U;
			buf_adds(
			    &b, str_c(parts[(seed >> 16) % LENGTH(parts)]));
		}
		if (round % 50 == 0)
			buf_addc(&b, '\0');
		all = load(s, buf_str(&b));
		for (int i = 0; all != NULL && i < SERVICES_SECTION_COUNT; i++)
			for (size_t n = 0; n < all->n[i]; n++) {
				assert_non_null(all->v[i][n].argv[0]);
				assert_true(all->v[i][n].name.len > 0);
			}
		buf_free(&b);
		arena_reset(s->a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_messages_have_their_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_anything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
