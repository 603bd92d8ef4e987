/*
 * What happens to a transaction: the order of everything, and that no
 * recipient's outcome depends on another's.
 */
#include "config.h"

#include "testsuite/unit/actions-fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/clock.h"

/* --- several recipients ------------------------------------------------- */

static void
order_of_everything(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", "keep;"));
	add(f, person(f, "eva", "", "redirect \"a@example.com\"; keep;"));
	add(f, person(f, "ann", "", "redirect \"b@example.com\";"));
	deliver(f);
	assert_string_equal(str_dup(f->arena, buf_str(&tape.log)).p,
	    "stage joe:INBOX\n"
	    "stage eva:INBOX\n"
	    "send a@example.com\n"
	    "send b@example.com\n"
	    "result 2 ok\n"
	    "publish joe:INBOX\n"
	    "publish eva:INBOX\n"
	    "sync joe:INBOX\n"
	    "result 0 ok\n"
	    "sync eva:INBOX\n"
	    "result 1 ok\n");
}

/* Cyrus #4878: the script of one was applied to the next, who had none. */
static void
script_of_another(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", "discard;"));
	add(f, person(f, "eva", "", NULL));
	add(f, person(f, "ann", "", "if"));
	add(f, person(f, "bob", "", "discard;"));
	for (int i = 0; i < 3; i++) {
		deliver(f);
		assert_string_equal(stored(f, "joe").p, "");
		assert_string_equal(stored(f, "eva").p, "INBOX");
		assert_string_equal(stored(f, "ann").p, FAILED);
		assert_string_equal(stored(f, "bob").p, "");
	}
}

static const struct {
	const char *user, *detail, *script, *stored;
	bool ok;
} crowd[] = {
	{ "joe", "", RF "fileinto \"there\";", "there", true },
	{ "eva", "", NULL, "INBOX", true },
	{ "ann", "", "nonsense;", FAILED, true },
	{ "bob", "", "discard;", "", true },
	{ "tim", "", "keep;", "", false },
	{ "kim", "", "redirect \"temp@example.com\"; keep;", "", false },
	{ "zoe", "", "redirect \"a@example.com\";", "", true },
};
enum { NCROWD = sizeof(crowd) / sizeof(*crowd) };

static void
check_crowd(struct fixture *f, const size_t *who, size_t n)
{
	f->nrcpt = 0;
	for (size_t i = 0; i < n; i++) {
		add(f, person(f, crowd[who[i]].user, crowd[who[i]].detail,
			   crowd[who[i]].script));
		f->rcpt[i].index = (uint32_t)who[i];
	}
	deliver(f);
	for (size_t i = 0; i < n; i++) {
		if (f->result[who[i]].ok != crowd[who[i]].ok ||
		    !str_eq(stored(f, crowd[who[i]].user),
			str_c(crowd[who[i]].stored)))
			fail_msg("%s: ok %d, stored %s", crowd[who[i]].user,
			    f->result[who[i]].ok,
			    stored(f, crowd[who[i]].user).p);
	}
}

/* I4: alone, in pairs, and all together in every rotation, both ways. */
static void
independent(void **state)
{
	struct fixture *f = *state;
	static const char *const fails[] = { "stage tim:INBOX",
		"publish tim:INBOX", "sync tim:INBOX" };
	size_t who[NCROWD];

	strlist_add(f->arena, &tape.mailboxes, S("joe:there"));
	for (size_t k = 0; k < sizeof(fails) / sizeof(*fails); k++) {
		tape.failing.n = 0;
		strlist_add(f->arena, &tape.failing, str_c(fails[k]));
		for (size_t i = 0; i < NCROWD; i++) {
			check_crowd(f, &i, 1);
			for (size_t j = 0; j < NCROWD; j++) {
				who[0] = i;
				who[1] = j;
				if (i != j)
					check_crowd(f, who, 2);
			}
		}
		for (size_t i = 0; i < 2 * NCROWD; i++) {
			for (size_t j = 0; j < NCROWD; j++)
				who[j] = i < NCROWD
				             ? (i + j) % NCROWD
				             : (2 * NCROWD + i - j) % NCROWD;
			check_crowd(f, who, NCROWD);
		}
	}
}

static void
same_user_twice(void **state)
{
	struct fixture *f = *state;

	strlist_add(f->arena, &tape.mailboxes, S("joe:x"));
	add(f, person(f, "joe", "x", NULL));
	add(f, person(f, "joe", "", NULL));
	deliver(f);
	assert_string_equal(f->result[0].where.p, "x");
	assert_string_equal(f->result[1].where.p, "INBOX");
}

/* More recipients than files may be open. */
static void
very_many(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < MAX_RCPT; i++)
		add(f, person(f, str_printf(f->arena, "u%d", i).p, "",
			   i % 3 == 0 ? "discard;" : NULL));
	deliver(f);
	assert_true(tape.begun > 1 && tape.most_staged < 500);
	for (int i = 0; i < MAX_RCPT; i++)
		assert_true(f->result[i].ok);
}

/* --- time --------------------------------------------------------------- */

static void
too_late(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", "redirect \"a@example.com\";"));
	f->deadline_ms = clock_mono_ms() - 1;
	deliver(f);
	for (int i = 0; i < 2; i++) {
		assert_false(f->result[i].ok);
		assert_int_equal(f->result[i].why.code, 451);
		assert_string_equal(f->result[i].why.status, "4.3.2");
	}
	assert_int_equal(stored(f, "joe").len, 0);
	assert_int_equal(f->out.sent.n, 0);
}

/* Late in the middle: what was handed over is finished, the rest is not. */
static void
late_on_the_way(void **state)
{
	struct fixture *f = *state;

	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", "redirect \"a@example.com\"; keep;"));
	add(f, person(f, "ann", "", "redirect \"b@example.com\"; keep;"));
	deliver(f); /* so that nothing is slow the second time */
	f->out.wait_ms = 700;
	f->deadline_ms = clock_mono_ms() + 500;
	deliver(f);
	assert_false(f->result[0].ok);
	assert_true(f->result[1].ok);
	assert_false(f->result[2].ok);
	assert_string_equal(stored(f, "joe").p, "");
	assert_string_equal(stored(f, "eva").p, "INBOX");
	assert_string_equal(sent(f).p, "a@example.com");
}

/* --- a real store ------------------------------------------------------- */

static int
count_files(struct fixture *f, const char *dir)
{
	DIR *d = opendir(scratch_path(f->arena, f->dir, dir).p);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void
make_maildir(struct fixture *f, const char *user)
{
	static const char *const subs[] = { "cur", "new", "tmp" };

	for (int i = 0; i < 3; i++)
		scratch_path(f->arena, f->dir,
		    str_printf(f->arena, "mail/%s/%s/x", user, subs[i]).p);
}

static int
count_mail(struct fixture *f, const char *maildir)
{
	return count_files(f, str_printf(f->arena, "mail/%s/new", maildir).p) +
	       count_files(f, str_printf(f->arena, "mail/%s/cur", maildir).p);
}

/* I9: the same transaction once more stores nothing once more. */
static void
run_again(void **state)
{
	struct fixture *f = *state;

	make_deliver(f, "anysievefolder: yes\n");
	deliver_set_store(f->d, &store_maildir);
	make_maildir(f, "joe");
	make_maildir(f, "eva");
	make_maildir(f, "ann");
	add(f, person(f, "joe", "", NULL));
	add(f, person(f, "eva", "", "if"));
	add(f, person(f, "ann", "", RF "fileinto \"Lists/new\"; keep;"));
	add(f, person(f, "bob", "", NULL));
	for (int i = 0; i < 3; i++) {
		deliver(f);
		for (int j = 0; j < 3; j++)
			assert_true(f->result[j].ok);
		assert_int_equal(count_mail(f, "joe"), 1);
		assert_int_equal(count_mail(f, "eva"), 1);
		assert_int_equal(count_mail(f, "ann"), 1);
		assert_int_equal(count_mail(f, "ann/.Lists.new"), 1);
		/* has no Maildir: that may change */
		assert_false(f->result[3].ok);
		assert_int_equal(f->result[3].why.code, 451);
	}
}

/* The one file of a new/, its inode; its size must be the S= of its name. */
static ino_t
only_file(struct fixture *f, const char *maildir)
{
	struct str path = scratch_path(
	    f->arena, f->dir, str_printf(f->arena, "mail/%s/new", maildir).p);
	DIR *d = opendir(path.p);
	ino_t ino = 0;
	struct dirent *e;
	struct stat st;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(ino, 0);
		assert_int_equal(fstatat(dirfd(d), e->d_name, &st, 0), 0);
		ino = st.st_ino;
		assert_non_null(strstr(e->d_name,
		    str_printf(f->arena, ",S=%zu,", (size_t)st.st_size).p));
	}
	closedir(d);
	assert_int_not_equal(ino, 0);
	return ino;
}

/* RFC 5293 s. 7: each action has the header of its time. Links are made
 * between equal bytes only, and running again stores nothing once more. */
static void
edited_headers(void **state)
{
	struct fixture *f = *state;
	ino_t a, b, c, d, other;

	make_deliver(f, "anysievefolder: yes\n");
	deliver_set_store(f->d, &store_maildir);
	make_maildir(f, "joe");
	make_maildir(f, "eva");
	add(f, person(f, "joe", "",
		   "require [\"fileinto\", \"editheader\"];"
		   "fileinto \"a\"; addheader \"X-A\" \"1\"; fileinto \"b\";"
		   "fileinto \"c\"; deleteheader \"X-A\"; fileinto \"d\";"));
	add(f, person(f, "eva", "", NULL));
	for (int i = 0; i < 2; i++) {
		deliver(f);
		assert_true(f->result[0].ok && f->result[1].ok);
		a = only_file(f, "joe/.a");
		b = only_file(f, "joe/.b");
		c = only_file(f, "joe/.c");
		d = only_file(f, "joe/.d");
		other = only_file(f, "eva");
		assert_true(a == other && d == a);
		assert_true(b == c && b != a);
	}
}

/* A store that fails leaves nothing of an edited message either. */
static void
edited_and_failed(void **state)
{
	struct fixture *f = *state;

	strlist_add(f->arena, &tape.failing, S("publish joe:INBOX"));
	strlist_add(f->arena, &tape.mailboxes, S("joe:x"));
	add(f, person(f, "joe", "",
		   "require [\"fileinto\", \"editheader\"];"
		   "addheader \"X-A\" \"1\"; fileinto \"x\"; keep;"));
	deliver(f);
	assert_false(f->result[0].ok);
	assert_string_equal(stored(f, "joe").p, "");
	assert_int_equal(tape.begun, 2);
	assert_int_equal(tape.ended, 2);
}

/* The next hop gets the edited header as well. */
static void
edited_and_redirected(void **state)
{
	struct fixture *f = *state;

	f->header = S("Subject: old\nX-B: b\n\nbody\n");
	add(f,
	    person(f, "joe", "",
		"require \"editheader\";"
		"deleteheader \"Subject\"; addheader :last \"Subject\" \"new\";"
		"redirect \"a@example.com\";"));
	deliver(f);
	assert_true(f->result[0].ok);
	assert_true(
	    str_ends(f->out.bytes, S("X-B: b\nSubject: new\n\nbody\n")));
	assert_true(str_find(f->out.bytes, S("old")) < 0);
	assert_true(str_find(f->out.bytes, S("Return-Path")) < 0);
}

/* --- hooks -------------------------------------------------------------- */

#ifdef TAMIS_TEST_HOOKS
static void
crash_hook(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	f->header = S("X-Tamis-Test: crash joe\n\nbody\n");
	add(f, person(f, "joe", "", NULL));
	pid = fork();
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		deliver(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	f->rcpt[0].no_script = true;
	deliver(f);
	assert_string_equal(stored(f, "joe").p, FAILED);
}
#endif

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(order_of_everything),
		T(script_of_another),
		T(independent),
		T(same_user_twice),
		T(very_many),
		T(too_late),
		T(late_on_the_way),
		T(run_again),
		T(edited_headers),
		T(edited_and_failed),
		T(edited_and_redirected),
#ifdef TAMIS_TEST_HOOKS
		T(crash_hook),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
