/*
 * test-conf: the reader, services, names, and messages with their exact
 * places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "lib/arena.h"
#include "lib/io.h"

#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))

struct state {
	struct arena *arena;
	char dir[64];
	struct conf_messages messages;
};

static int
setup(void **state)
{
	struct state *s = test_calloc(1, sizeof(*s));

	s->arena = arena_new("test", 0);
	snprintf(s->dir, sizeof(s->dir), "/tmp/test-conf.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	*state = s;
	return 0;
}

static int
remove_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

static int
teardown(void **state)
{
	struct state *s = *state;

	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(s->arena);
	test_free(s);
	return 0;
}

static const char *
in_dir(struct state *s, const char *name)
{
	return str_printf(s->arena, "%s/%s", s->dir, name).p;
}

static void
write_file(struct state *s, const char *name, struct str text)
{
	int fd = open(in_dir(s, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_true(io_write_all(fd, text.p, text.len));
	io_close(&fd);
}

static struct conf *
load_as(struct state *s, const char *service)
{
	return conf_load(s->arena, in_dir(s, "f"), service, &s->messages);
}

/* Two lines that every configuration needs, then text. */
#define HEAD "configdirectory: /c\npartition-a: /p/a\n"

static struct conf *
load(struct state *s, struct str text, const char *service)
{
	struct str parts[2] = { S(HEAD), text };

	write_file(s, "f", str_join(s->arena, parts, 2));
	return load_as(s, service);
}

/* The messages, with the directory's name left out. */
static const char *
said(struct state *s)
{
	struct buf b, out;
	struct str dir = str_printf(s->arena, "%s/", s->dir), all;
	const char *text;
	ssize_t at;

	buf_init(&b, 1 << 20);
	buf_init(&out, 1 << 20);
	conf_messages_print(&s->messages, &b);
	all = buf_str(&b);
	while ((at = str_find(all, dir)) >= 0) {
		buf_adds(&out, str_sub(all, 0, (size_t)at));
		all = str_from_offset(all, (size_t)at + dir.len);
	}
	buf_adds(&out, all);
	text = str_cstr(s->arena, buf_str(&out));
	buf_free(&b);
	buf_free(&out);
	return text;
}

static void
defaults(void **state)
{
	struct state *s = *state;
	struct conf *c = conf_load(s->arena, NULL, NULL, &s->messages);

	assert_non_null(c);
	assert_int_equal(s->messages.n, 0);
	assert_null(conf_cstr(c, SETTING_configdirectory));
	assert_int_equal(conf_enum(c, SETTING_serverinfo), 2);
	assert_int_equal(conf_int(c, SETTING_umask), 077);
	assert_false(conf_bool(c, SETTING_debug));
	assert_true(conf_bool(c, SETTING_username_tolower));
	assert_int_equal(conf_int(c, SETTING_sieve_maxscriptsize), 1 << 20);
	assert_int_equal(conf_int(c, SETTING_lmtp_timeout), 300);
	assert_int_equal(conf_int(c, SETTING_lmtp_spool_budget), 1 << 30);
	assert_string_equal(conf_cstr(c, SETTING_sievedir), "/usr/sieve");
	assert_true(str_eq(conf_default_partition(c), S("")));
	assert_non_null(conf_default_partition(c).p);
	assert_true(conf_servername(c).len > 0);
	assert_true(
	    str_eq(conf_origin(c, s->arena, SETTING_debug), S("default")));
	assert_non_null(conf_load(s->arena, "", NULL, &s->messages));
}

/* --- lines -------------------------------------------------------------- */

/* What is said about a text that comes after HEAD, which has two lines. */
static const struct {
	struct str text;
	const char *service;
	const char *said;
} line_cases[] = {
	{ STR(""), NULL, "" },
	{ STR("debug: yes\n"), NULL, "" },
	{ STR("debug:yes"), NULL, "" },
	{ STR("  \tDEBUG:\t yes \t \n\n \t\n"), NULL, "" },
	{ STR("# debug\n   #: x\n"), NULL, "" },
	{ STR("debug: yes\r\n# x\r\n\r\numask: 022\r\n"), NULL, "" },
	{ STR("umask: \\\n022\n"), NULL, "" },
	{ STR("umask: \\\r\n  022\r\n"), NULL, "" },
	{ STR("um\\\nask: 0\\\n2\\\n2\n"), NULL, "" },
	{ STR("umask: 022\\\n"), NULL, "" },
	{ STR("umask: 022\\"), NULL,
	    "f:3: error: umask: \"022\\\" must be an octal "
	    "number\n" },
	{ STR("umask: \\\n\\\nx\ndebug: x\n"), NULL,
	    "f:3: error: umask: \"x\" must be an octal number\n"
	    "f:6: error: debug: \"x\" must be yes or no\n" },
	{ STR("# x \\\numask: bad\ndebug: x\n"), NULL,
	    "f:3: warning: the backslash makes the next line part "
	    "of this comment\n"
	    "f:5: error: debug: \"x\" must be yes or no\n" },
	{ STR("debug yes\n"), NULL,
	    "f:3: error: \"debug yes\" is not of the form "
	    "\"name: value\"\n" },
	{ STR("debug : yes\n"), NULL,
	    "f:3: error: \"debug : yes\" is not of the form "
	    "\"name: value\"\n" },
	{ STR("debug = yes\n"), NULL,
	    "f:3: error: \"debug = yes\" is not of the form "
	    "\"name: value\"\n" },
	{ STR("d.x: y\n: x\n@: x\n"), NULL,
	    "f:3: error: \"d.x: y\" is not of the form "
	    "\"name: value\"\n"
	    "f:4: error: \": x\" is not of the form "
	    "\"name: value\"\n"
	    "f:5: error: \"@: x\" is not of the form "
	    "\"name: value\"\n" },
	{ STR("debug:\ndebug: \t\n"), NULL,
	    "f:3: error: \"debug\" has no value\n"
	    "f:4: error: \"debug\" has no value\n" },
	{ STR("debug: y\0s\n"), NULL, "f:3: error: NUL octet\n" },
	{ STR("x\x1b[1m\n"), NULL,
	    "f:3: error: \"x?[1m\" is not of the form "
	    "\"name: value\"\n" },
	{ STR("@exclude: x\n"), NULL,
	    "f:3: error: unknown directive \"@exclude\"; there is "
	    "only @include\n" },
	{ STR("debug: 1\n\ndebug: 1\n"), NULL,
	    "f:5: error: \"debug\" is set a second time; first in "
	    "\"f\" line 3\n" },
	{ STR("maxmessagesize: 10X\n"), NULL,
	    "f:3: error: maxmessagesize: \"10X\" must be a size "
	    "like 1000, 64K, 10M or 1G\n" },
	{ STR("maxmessagesize: -1\n"), NULL,
	    "f:3: error: maxmessagesize: \"-1\" is out of range: it "
	    "must be at least 0 octets\n" },
	{ STR("smtp_timeout: 1h\n"), NULL,
	    "f:3: error: smtp_timeout: \"1h\" is out of range: it "
	    "must be 1 to 600 seconds\n" },
	{ STR("sieve_maxscriptsize: 0\n"), NULL,
	    "f:3: error: sieve_maxscriptsize: \"0\" is out of range: "
	    "it must be 1 to 1073741824 octets\n" },
	{ STR("umask: 1000\n"), NULL,
	    "f:3: error: umask: \"1000\" is out of range: it must "
	    "be at most 0777\n" },
	{ STR("virtdomains: maybe\n"), NULL,
	    "f:3: error: virtdomains: \"maybe\" must be one of off "
	    "userid on\n" },
	{ STR("sievedir: sieve\n"), NULL,
	    "f:3: error: sievedir: \"sieve\" must be an absolute "
	    "path\n" },
	{ STR("sieve_script_path: /%x\n"), NULL,
	    "f:3: error: sieve_script_path: \"/%x\" has a % that is "
	    "not %u, %n, %d, %h or %%\n" },
	{ STR("sieve_before: /a /%x\n"), NULL,
	    "f:3: error: sieve_before: \"/%x\" has a % that is "
	    "not %u, %n, %d, %h or %%\n" },
	{ STR("servername: a b\n"), NULL,
	    "f:3: error: servername: \"a b\" is no host name\n" },
	{ STR("partition-a: /q\n"), NULL,
	    "f:3: error: \"partition-a\" is set a second time; "
	    "first in \"f\" line 2\n" },
	{ STR("partition-b: b\npartition-: /b\n"), NULL,
	    "f:3: error: \"partition-b\": \"b\" must be an absolute "
	    "path\n"
	    "f:4: error: partition- needs a name\n" },
	{ STR("defaultpartition: b\n"), NULL,
	    "f:3: error: defaultpartition: there is no partition "
	    "\"b\"\n" },
	/* services */
	{ STR("x_debug: bad\n"), "y", "" },
	{ STR("x_debug: bad\n"), NULL, "" },
	{ STR("x_debug: bad\n"), "x",
	    "f:3: error: debug: \"bad\" must be yes or no\n" },
	{ STR("x_debug: 1\nX_DEBUG: 0\n"), "X",
	    "f:4: error: \"x_debug\" is set a second time; first in "
	    "\"f\" line 3\n" },
	{ STR("x_debug: 1\ndebug: bad\ndebug: 1\n"), "x", "" },
	{ STR("debug: 1\ndebug: 1\nx_debug: 1\n"), "x",
	    "f:4: error: \"debug\" is set a second time; first in "
	    "\"f\" line 3\n" },
	{ STR("x_partition-a: /x\n"), "x", "" },
	{ STR("x_partition-a: x\n"), "y", "" },
	{ STR("xlist-junk: A\nXLIST-Junk: B\n"), NULL,
	    "f:4: error: \"xlist-junk\" is set a second time; first "
	    "in \"f\" line 3\n" },
	{ STR("xlist-: A\n"), NULL, "f:3: error: xlist- needs a flag\n" },
	{ STR("x_munge8bit: 1\n"), "x",
	    "f:3: warning: munge8bit is not honoured by this "
	    "version\n" },
	{ STR("lmtp_strict_rfc2821: 0\n"), "lmtp",
	    "f:3: warning: lmtp_strict_rfc2821 is not honoured "
	    "by this version\n" },
	/* other names */
	{ STR("imapidlepoll: 1m\nsasl_mech_list: PLAIN\n"
	      "metapartition-a: x\nback1_password: x\nldap_uri: x\n"
	      "mboxlist_db: flat\nwholly_strange_thing: 1\n"
	      "imap_timeout: 5\n"),
	    NULL, "" },
	{ STR("maxmesagesize: 1\nlmtp_worker: 1\n"), NULL,
	    "f:3: warning: unknown option \"maxmesagesize\"; did you "
	    "mean \"maxmessagesize\"?\n"
	    "f:4: warning: unknown option \"lmtp_worker\"; did you "
	    "mean \"lmtp_workers\"?\n" },
	{ STR("x_maxmesagesize: 1\n"), "x",
	    "f:3: warning: unknown option \"x_maxmesagesize\"; did "
	    "you mean \"maxmessagesize\"?\n" },
	{ STR("partitoin-b: /b\n"), NULL,
	    "f:3: warning: unknown option \"partitoin-b\"; did you "
	    "mean \"partition-b\"?\n" },
	{ STR("mboxlist_dc: flat\n"), NULL,
	    "f:3: warning: unknown option \"mboxlist_dc\"; did you "
	    "mean \"mboxlist_db\"?\n" },
	{ STR("abc: 1\n"), NULL, "" },
	{ STR("mboxlist_db: flat\nmboxlist_db: flat\n"), NULL,
	    "f:4: error: \"mboxlist_db\" is set a second time\n" },
	{ STR("strange: 1\nstrange: 1\n"), NULL,
	    "f:4: error: \"strange\" is set a second time\n" },
	/* not honoured */
	{ STR("munge8bit: 0\nduplicatesuppression: no\n"
	      "sieve_duplicate_max_expiration: 7776000\n"
	      "postmaster: POSTMASTER\nlmtp_strict_rfc2821: t\n"),
	    NULL, "" },
	{ STR("munge8bit: 1\nsieve_duplicate_max_expiration: 4d\n"
	      "iolog: yes\nreject8bit: maybe\n"),
	    NULL,
	    "f:3: warning: munge8bit is not honoured by this "
	    "version\n"
	    "f:4: warning: sieve_duplicate_max_expiration is not "
	    "honoured by this version\n"
	    "f:5: warning: iolog is not honoured by this version\n"
	    "f:6: warning: reject8bit is not honoured by this "
	    "version\n" },
	/* deprecated */
	{ STR("autocreatequota: 1\n"), NULL,
	    "f:3: warning: autocreatequota is deprecated; its name "
	    "is autocreate_quota\n" },
	{ STR("createonpost: 1\n"), NULL,
	    "f:3: warning: createonpost is deprecated; its name is "
	    "autocreate_post\n" },
	{ STR("createonpost: 0\n"), NULL,
	    "f:3: warning: createonpost is deprecated; its name is "
	    "autocreate_post\n" },
};

static void
lines(void **state)
{
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(line_cases); i++) {
		struct conf *c =
		    load(s, line_cases[i].text, line_cases[i].service);
		const char *got = said(s);

		if (strcmp(got, line_cases[i].said) != 0)
			fail_msg("case %zu:\n%swanted\n%s", i, got,
			    line_cases[i].said);
		if ((c == NULL) != (strstr(got, ": error: ") != NULL) ||
		    (c == NULL) != (s->messages.nerrors > 0))
			fail_msg("case %zu: accepted %d", i, c != NULL);
	}
}

/* Values as they arrive. */
static void
effects(void **state)
{
	static const struct {
		struct str text;
		const char *service;
		enum setting id;
		const char *value, *origin;
	} cases[] = {
		{ STR("sievedir: {configdirectory}/s\n"), NULL,
		    SETTING_sievedir, "/c/s", "f:3" },
		{ STR("sievedir: /a \\\n b\n"), NULL, SETTING_sievedir, "/a  b",
		    "f:3" },
		{ STR("sievedir: /a # b \r\n"), NULL, SETTING_sievedir,
		    "/a # b", "f:3" },
		{ STR("sievedir: /a\\b: \"c\"\n"), NULL, SETTING_sievedir,
		    "/a\\b: \"c\"", "f:3" },
		{ STR("smtp_host: a\nx_smtp_host: b\n"), "x", SETTING_smtp_host,
		    "b", "f:4" },
		{ STR("x_smtp_host: b\nsmtp_host: a\n"), "x", SETTING_smtp_host,
		    "b", "f:3" },
		{ STR("x_smtp_host: b\nsmtp_host: a\n"), "y", SETTING_smtp_host,
		    "a", "f:4" },
		{ STR("x_smtp_host: b\n"), NULL, SETTING_smtp_host,
		    "localhost:587", "default" },
		{ STR("lmtp_pid_file: /pid\n"), "lmtp", SETTING_lmtp_pid_file,
		    "/pid", "f:3" },
		{ STR("x_configdirectory: /x\nsievedir: "
		      "{ConfigDirectory}/s\n"),
		    "x", SETTING_sievedir, "/x/s", "f:4" },
	};
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct conf *c = load(s, cases[i].text, cases[i].service);
		struct str origin;

		if (c == NULL)
			fail_msg("case %zu: %s", i, said(s));
		origin = conf_origin(c, s->arena, cases[i].id);
		if (strcmp(conf_cstr(c, cases[i].id), cases[i].value) != 0 ||
		    !str_ends(origin, str_c(cases[i].origin)))
			fail_msg("case %zu: %s %.*s", i,
			    conf_cstr(c, cases[i].id), STR_ARG(origin));
	}
}

/* An old name sets what the new one does. */
static void
deprecated(void **state)
{
	struct state *s = *state;
	struct conf *c;

	c = load(s, S("autocreatequota: 5\n"), NULL);
	assert_int_equal(conf_int(c, SETTING_autocreate_quota), 5120);
	c = load(s, S("autocreatequota: 5\nx_autocreatequota: 2M\n"), "x");
	assert_int_equal(conf_int(c, SETTING_autocreate_quota), 2 << 20);
	c = load(s, S("autocreatequota: 5\nautocreate_quota: 6\n"), NULL);
	assert_null(c);
}

static void
special_uses(void **state)
{
	static const struct {
		const char *flag, *folder;
	} is[] = {
		{ "\\Sent", "Sent Items" },
		{ "\\snoozed", "Later" },
		{ "\\Junk", "Spam" },
	};
	struct conf *c = load(*state,
	    S("xlist-SENT: Sent Items\nxlist-snoozed: Later\n"
	      "x_xlist-junk: Spam\nxlist-junk: Junk\n"),
	    "x");
	const struct conf_use *uses;
	struct buf shown;
	size_t n;

	assert_non_null(c);
	uses = conf_uses(c, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		if (!str_eq(uses[i].flag, str_c(is[i].flag)) ||
		    !str_eq(uses[i].folder, str_c(is[i].folder)))
			fail_msg("%zu: %.*s", i, STR_ARG(uses[i].flag));
	buf_init(&shown, 1 << 16);
	conf_print(c, true, &shown);
	assert_true(
	    str_find(buf_str(&shown), S("xlist-Sent: Sent Items  # ")) >= 0);
	buf_free(&shown);
}

static void
partitions(void **state)
{
	static const struct {
		struct str text;
		const char *service, *first, *b;
	} cases[] = {
		{ STR(""), NULL, "/p/a", NULL },
		{ STR("partition-b: /p/b\n"), NULL, "/p/a", "/p/b" },
		{ STR("partition-B: {configdirectory}/b\n"
		      "defaultpartition: B\n"),
		    NULL, "/c/b", "/c/b" },
		{ STR("defaultpartition: b\npartition-b: /p/b\n"), NULL, "/p/b",
		    "/p/b" },
		{ STR("partition-b: /1\nx_partition-b: /2\n"), "x", "/p/a",
		    "/2" },
		{ STR("x_partition-b: /2\npartition-b: /1\n"), "x", "/p/a",
		    "/2" },
		{ STR("x_partition-b: /2\npartition-b: /1\n"), "y", "/p/a",
		    "/1" },
	};
	struct state *s = *state;
	size_t n;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct conf *c = load(s, cases[i].text, cases[i].service);
		struct str b;

		if (c == NULL)
			fail_msg("case %zu: %s", i, said(s));
		b = conf_partition(c, S("b"));
		if (!str_eq(conf_default_partition(c), str_c(cases[i].first)) ||
		    !str_eq(b, str_c(cases[i].b)) ||
		    (b.p == NULL) != (cases[i].b == NULL))
			fail_msg("case %zu: %.*s", i, STR_ARG(b));
		conf_partitions(c, &n);
		assert_int_equal(n, cases[i].b == NULL ? 1 : 2);
	}
}

static void
required(void **state)
{
	static const struct {
		struct str text;
		const char *said;
	} cases[] = {
		{ STR(""), "f: error: configdirectory is not set\n"
			   "f: error: no partition is set, as in "
			   "\"partition-default: /var/spool/mail\"\n" },
		{ STR("configdirectory: /\npartition-a: /a\n"),
		    "f:1: error: configdirectory: \"/\" must be an absolute "
		    "path other than /\n" },
		{ STR("configdirectory: {configdirectory}/x\n"
		      "partition-a: /a\n"),
		    "f:1: error: configdirectory: \"{configdirectory}/x\" "
		    "must be an absolute path other than /\n" },
		{ STR("configdirectory: c\npartition-a: /a\n"),
		    "f:1: error: configdirectory: \"c\" must be an absolute "
		    "path\n" },
		{ STR("umask: x\npartition-a: /a\n"),
		    "f:1: error: umask: \"x\" must be an octal number\n"
		    "f: error: configdirectory is not set\n" },
	};
	struct state *s = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		write_file(s, "f", cases[i].text);
		assert_null(load_as(s, NULL));
		if (strcmp(said(s), cases[i].said) != 0)
			fail_msg("case %zu:\n%s", i, said(s));
	}
}

/* --- files -------------------------------------------------------------- */

static void
includes(void **state)
{
	struct state *s = *state;
	struct conf *c;

	assert_int_equal(mkdir(in_dir(s, "d"), 0700), 0);
	write_file(s, "d/one", S("umask: 1\n@include: two\ndebug: x\n"));
	write_file(s, "d/two", S("smtp_host: two\n\numask: 2\n"));
	c = load(s, S("@include: d/one\nlmtp_workers: x\n"), NULL);
	assert_null(c);
	assert_string_equal(said(s),
	    "d/two:3: error: \"umask\" is set a second time; first in "
	    "\"d/one\" line 1\n"
	    "d/one:3: error: debug: \"x\" must be yes or no\n"
	    "f:4: error: lmtp_workers: \"x\" must be a number\n");

	write_file(s, "d/one", S("umask: 1\n@INCLUDE:two"));
	write_file(s, "d/two", S("smtp_host: two\n"));
	c = load(s, S("@include: d/one\nlmtp_workers: 3\n"), NULL);
	assert_string_equal(said(s), "");
	assert_string_equal(conf_cstr(c, SETTING_smtp_host), "two");
	assert_int_equal(conf_int(c, SETTING_lmtp_workers), 3);
}

static void
include_loops(void **state)
{
	struct state *s = *state;

	write_file(s, "one", S("@include: f\n"));
	assert_int_equal(symlink("one", in_dir(s, "alias")), 0);
	assert_null(load(s,
	    S("@include: f\n@include: one\n@include: ./one\n"
	      "@include: alias\n@include: none\n@include: .\n"),
	    NULL));
	assert_string_equal(said(s),
	    "f:3: error: \"f\" is included a second time\n"
	    "one:1: error: \"f\" is included a second time\n"
	    "f:5: error: \"./one\" is included a second time\n"
	    "f:6: error: \"alias\" is included a second time\n"
	    "f:7: error: cannot read \"none\": No such file or directory\n"
	    "f:8: error: cannot read \".\": Is a directory\n");
}

static void
include_depth(void **state)
{
	struct state *s = *state;

	for (int i = 0; i < 40; i++) {
		struct str name = str_printf(s->arena, "n%d", i);

		write_file(
		    s, name.p, str_printf(s->arena, "@include: n%d\n", i + 1));
	}
	write_file(s, "n40", S("\n"));
	assert_null(load(s, S("@include: n0\n"), NULL));
	assert_string_equal(
	    said(s), "n14:1: error: files are included more than 16 deep\n");
	assert_non_null(load(s, S("@include: n27\n"), NULL));
	assert_null(load(s, S("@include: n25\n"), NULL));
}

static void
unreadable(void **state)
{
	struct state *s = *state;

	assert_null(load_as(s, NULL));
	assert_string_equal(said(s),
	    "f: error: cannot read \"f\": No such file or directory\n");
	assert_int_equal(mkfifo(in_dir(s, "f"), 0600), 0);
	assert_null(load_as(s, NULL)); /* and does not wait */
	assert_int_equal(s->messages.nerrors, 1);
	assert_int_equal(unlink(in_dir(s, "f")), 0);
	write_file(s, "f", S(HEAD));
	assert_int_equal(chmod(in_dir(s, "f"), 0), 0);
	if (geteuid() == 0)
		return; /* root may read anything */
	assert_null(load_as(s, NULL));
	assert_string_equal(
	    said(s), "f: error: cannot read \"f\": Permission denied\n");
}

static void
huge(void **state)
{
	struct state *s = *state;
	size_t len = 600000;
	char *text = arena_alloc(s->arena, 2 * len);
	struct conf *c;

	memset(text, 'x', 2 * len);
	memcpy(text, "smtp_host: ", 11);
	c = load(s, str_from(text, len), NULL);
	assert_non_null(c);
	assert_int_equal(conf_str(c, SETTING_smtp_host).len, len - 11);

	memcpy(text, "umask: xxxx", 11);
	assert_null(load(s, str_from(text, len), NULL));
	assert_int_equal(s->messages.n, 1);
	assert_true(s->messages.v[0].text.len < 200);

	assert_null(load(s, str_from(text, 2 * len), NULL));
	assert_non_null(strstr(said(s), "File too large"));

	for (size_t i = 0; i + 1 < len; i += 2)
		memcpy(text + i, "\\\n", 2);
	assert_non_null(load(s, str_from(text, len), NULL));

	for (size_t i = 0; i + 1 < len; i += 2)
		memcpy(text + i, "x\n", 2);
	assert_null(load(s, str_from(text, len), NULL));
	assert_int_equal(s->messages.n, 1000);
	assert_int_equal(s->messages.nerrors, 9999);
	assert_non_null(strstr(said(s), "(8999 more errors)\n"));
}

/* Many names, each once: no duplicate is seen, none is missed. */
static void
many_names(void **state)
{
	struct state *s = *state;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "unheard_of_%d: %d\n", i, i);
	assert_non_null(load(s, buf_str(&b), NULL));
	assert_string_equal(said(s), "");
	buf_adds(&b, S("unheard_of_4711: 1\n"));
	assert_null(load(s, buf_str(&b), NULL));
	assert_string_equal(said(s),
	    "f:5003: error: \"unheard_of_4711\" is set a second time\n");
	buf_free(&b);
}

static void
printed(void **state)
{
	struct state *s = *state;
	struct conf *c =
	    load(s, S("debug: true\nvirtdomains: yes\nsmtp_host: \x1b"), NULL);
	struct buf b;

	assert_non_null(c);
	buf_init(&b, 1 << 20);
	conf_print(c, true, &b);
	assert_true(
	    str_eq(buf_str(&b), str_printf(s->arena,
				    "configdirectory: /c  # %s/f:1\n"
				    "debug: yes  # %s/f:3\n"
				    "virtdomains: on  # %s/f:4\n"
				    "smtp_host: ?  # %s/f:5\n"
				    "partition-a: /p/a  # %s/f:2\n",
				    s->dir, s->dir, s->dir, s->dir, s->dir)));
	buf_reset(&b);
	conf_print(c, false, &b);
	assert_true(str_find(buf_str(&b),
			S("\nsievedir: /usr/sieve  # default\n")) > 0);
	assert_true(str_find(buf_str(&b),
			S("\nlmtp_pid_file: (unset)  # default\n")) > 0);
	buf_free(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults),
		TEST(lines),
		TEST(effects),
		TEST(special_uses),
		TEST(deprecated),
		TEST(partitions),
		TEST(required),
		TEST(includes),
		TEST(include_loops),
		TEST(include_depth),
		TEST(unreadable),
		TEST(huge),
		TEST(many_names),
		TEST(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
