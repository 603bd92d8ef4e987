/*
 * account_passwd: a file of accounts, one on a line, in the layout of passwd(5)
 * with a field for more, as Dovecot reads it. Knows lines; what fields mean
 * is account_field.c's business.
 *
 * What a line gets wrong concerns its user alone, who then gets temporary
 * failures. A line that names no user may stand for any: then nobody is
 * unknown for good. So it is while the list is empty or cannot be read.
 */
#include <errno.h>

#include "conf/back_end.h"
#include "conf/watched.h"
#include "lib/arena.h"
#include "lib/log.h"

enum {
	FILE_MAX_OCTETS = 256 << 20,
	LOGGED_MAX = 20, /* errors of one reading */
	HOME_FIELD = 5,
	EXTRA_FIELD = 7,
};

struct entry {
	struct str user;    /* as accounts are named here */
	struct str text;    /* the line */
	uint32_t line;      /* 0: a free slot */
	struct str trouble; /* "" when there is none */
};

struct list {
	struct arena *arena;
	struct entry *slot; /* open addressing, never more than half full */
	size_t size;        /* a power of two */
	size_t n;
	uint32_t nameless; /* a line that names no user, or 0 */
};

struct passwd_file {
	const struct conf *conf;
	const char *path;
	struct watched watched;
	struct list list; /* arena NULL: there is none */
};

/* Where what is wrong goes: to the log, or to messages. */
struct complaints {
	struct arena *arena;
	struct conf_messages *messages; /* NULL: the log */
	struct str path;
	size_t n;
};

static void
complain(struct complaints *c, uint32_t line, bool warning, const char *what,
    struct str why)
{
	struct conf_place at = { c->path, line };

	c->n += !warning;
	if (c->messages != NULL && warning)
		conf_warning(
		    c->arena, c->messages, at, "%s%.*s", what, STR_ARG(why));
	else if (c->messages != NULL)
		conf_error(
		    c->arena, c->messages, at, "%s%.*s", what, STR_ARG(why));
	else if (!warning && c->n <= LOGGED_MAX)
		log_error("%.*s:%u: %s%.*s", STR_ARG(c->path), line, what,
		    STR_ARG(why));
}

/* --- lines --------------------------------------------------------------- */

/* The text behind the first n colons; "" when there are fewer. */
static struct str
behind_colons(struct str line, int n)
{
	struct str part;

	while (n-- > 0)
		str_cut(&line, ':', &part);
	return line;
}

static struct str
field(struct str line, int n)
{
	struct str rest = behind_colons(line, n), value = S("");

	str_cut(&rest, ':', &value);
	return value;
}

static bool
is_for_userdb(struct str name)
{
	static const char *const ours[] = { "disabled", "quota", "script",
		"partition" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (str_eq(name, str_c(ours[i])))
			return true;
	return false;
}

/*
 * NAME=VALUE of the last field. Without userdb_ in front Dovecot's names are
 * for logging in. Homes come first: others are relative to them.
 */
static bool
apply_extra(const struct conf *conf, struct arena *a, struct account *acct,
    struct str extra, bool homes, struct str *why)
{
	struct str one, name, what;

	while (str_cut(&extra, ' ', &one)) {
		name = S("");
		str_cut(&one, '=', &name);
		if (str_starts(name, S("userdb_")))
			name = str_from_offset(name, 7);
		else if (!is_for_userdb(name))
			continue;
		if (str_eq(name, S("home")) != homes)
			continue;
		if (account_field(conf, a, acct, name, one, &what))
			continue;
		*why = str_printf(a, "%.*s %s %.*s", STR_ARG(name),
		    conf_quote(a, one), STR_ARG(what));
		return false;
	}
	return true;
}

static bool
apply_line(const struct conf *conf, struct arena *a, struct account *acct,
    struct str line, struct str *why)
{
	struct str home = field(line, HOME_FIELD);
	struct str extra = behind_colons(line, EXTRA_FIELD);
	struct str what;

	if (!account_field(conf, a, acct, S("home"), home, &what)) {
		*why = str_printf(
		    a, "home %s %.*s", conf_quote(a, home), STR_ARG(what));
		return false;
	}
	return apply_extra(conf, a, acct, extra, true, why) &&
	       apply_extra(conf, a, acct, extra, false, why);
}

/* --- the list ---------------------------------------------------------------
 */

static struct entry *
slot_of(const struct list *l, struct str user)
{
	size_t i = str_hash(user, false) & (l->size - 1);

	while (l->slot[i].line != 0 && !str_eq(l->slot[i].user, user))
		i = (i + 1) & (l->size - 1);
	return &l->slot[i];
}

/* As many as there are lines is enough. */
static void
make_slots(struct list *l, struct str text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.p[i] == '\n';
	for (l->size = 16; l->size < 2 * lines;)
		l->size *= 2;
	l->slot = ARENA_ARRAY(l->arena, l->size, struct entry);
}

static void
add(const struct conf *conf, struct list *l, struct complaints *c,
    struct entry new, struct arena *scratch)
{
	struct account acct;
	struct str why = S("");
	struct entry *e;

	if (!account_split(conf, l->arena, new.user, &acct)) {
		l->nameless = new.line;
		complain(c, new.line, false, "no account can be called ",
		    str_c(conf_quote(scratch, new.user)));
		return;
	}
	if (acct.domain.len == 0 && str_chr(acct.user, '@') >= 0)
		complain(c, new.line, true,
		    "this domain is not looked at while virtdomains is off",
		    S(""));
	new.user = acct.user;
	e = slot_of(l, acct.user);
	if (e->line != 0) {
		e->trouble = str_printf(l->arena,
		    "the account stands on lines %u and %u", e->line, new.line);
		complain(c, new.line, false, "", e->trouble);
		return;
	}
	if (!apply_line(conf, scratch, &acct, new.text, &why)) {
		new.trouble = str_dup(l->arena, why);
		complain(c, new.line, false, "", why);
	}
	*e = new;
	l->n++;
}

static bool
is_comment(struct str line)
{
	line = str_trim(line);
	return line.len == 0 || line.p[0] == '#';
}

static void
parse(const struct conf *conf, struct list *l, struct complaints *c,
    struct str text)
{
	struct arena *scratch = arena_new("line", 0);
	struct entry e = { .trouble = S("") };
	uint32_t number = 0;

	make_slots(l, text);
	while (str_cut(&text, '\n', &e.text)) {
		e.line = ++number;
		if (str_ends(e.text, S("\r")))
			e.text.len--;
		if (is_comment(e.text))
			continue;
		e.user = field(e.text, 0);
		if (str_chr(e.text, ':') < 0) {
			l->nameless = number;
			complain(c, number, false,
			    "not USER:PASSWORD:UID:GID:GECOS:HOME:SHELL:MORE",
			    S(""));
		} else {
			add(conf, l, c, e, scratch);
		}
		arena_reset(scratch);
	}
	if (l->n == 0)
		complain(c, 0, false, "holds no account", S(""));
	arena_free(scratch);
}

/* --- the back end ------------------------------------------------------------
 */

static void
forget(struct passwd_file *f)
{
	arena_free(f->list.arena);
	f->list = (struct list){ 0 };
}

static bool
read_list(struct passwd_file *f, int *fd, struct fail *why)
{
	struct arena *a = arena_new("accounts", 0);
	struct complaints c = { .arena = a, .path = str_c(f->path) };
	struct str text;

	if (!watched_read(&f->watched, fd, FILE_MAX_OCTETS, a, &text, why)) {
		arena_free(a);
		return false;
	}
	f->list.arena = a;
	parse(f->conf, &f->list, &c, text);
	if (c.n > LOGGED_MAX)
		log_error("%s: %zu more errors", f->path, c.n - LOGGED_MAX);
	log_info("%s: %zu accounts", f->path, f->list.n);
	return true;
}

/* Make the list what the file is now. */
static bool
refresh(struct passwd_file *f, struct fail *why)
{
	int fd;
	bool ok = watched_open(&f->watched, f->path, &fd, why);

	if (ok && fd < 0)
		return true;
	forget(f);
	ok = ok && read_list(f, &fd, why);
	if (!ok)
		log_error("account_passwd_file: %s", why->text);
	return ok;
}

static void *
open_file(struct arena *a, const struct conf *conf)
{
	struct passwd_file *f = ARENA_NEW(a, struct passwd_file);
	struct fail why;

	*f = (struct passwd_file){
		.conf = conf,
		.path = conf_cstr(conf, SETTING_account_passwd_file),
	};
	/* To have it in the log before the first message comes. */
	if (!refresh(f, &why))
		log_error("mail for all accounts is put off");
	return f;
}

static void
close_file(void *state)
{
	forget(state);
}

static bool
use_entry(const struct look_up *l, const struct passwd_file *f,
    const struct entry *e, struct account *out, struct fail *why)
{
	struct str what = S("");

	accounts_step(l->accounts, "passwd-file: %s line %u", f->path, e->line);
	if (e->trouble.len > 0)
		return fail_temp(
		    why, "4.3.0", "account list: error on line %u", e->line);
	if (!apply_line(
		l->conf, l->arena, out, str_dup(l->arena, e->text), &what))
		return fail_temp(
		    why, "4.3.0", "account list: error on line %u", e->line);
	return true;
}

static bool
find(
    const struct look_up *l, struct account *out, bool *found, struct fail *why)
{
	struct passwd_file *f = l->state;
	const struct entry *e;

	if (!refresh(f, why))
		return fail_temp(why, "4.3.0", "account list cannot be read");
	if (f->list.n == 0)
		return fail_temp(why, "4.3.0", "account list is empty");
	e = slot_of(&f->list, out->user);
	*found = e->line != 0;
	if (*found)
		return use_entry(l, f, e, out, why);
	if (f->list.nameless != 0)
		return fail_temp(why, "4.3.0", "account list: error on line %u",
		    f->list.nameless);
	return true;
}

static void
check(struct arena *a, const struct conf *conf, struct conf_messages *messages)
{
	const char *path = conf_cstr(conf, SETTING_account_passwd_file);
	struct watched once = { .any = false };
	struct list l = { .arena = a };
	struct complaints c = {
		.arena = a, .messages = messages, .path = str_c(path)
	};
	struct fail why;
	struct str text;
	int fd;

	if (watched_open(&once, path, &fd, &why) &&
	    watched_read(&once, &fd, FILE_MAX_OCTETS, a, &text, &why))
		parse(conf, &l, &c, text);
	else
		conf_error(a, messages, (struct conf_place){ str_c(path), 0 },
		    "%s", why.text);
}

const struct back_end back_end_passwd = {
	.name = "passwd-file",
	.has_homes = true,
	.open = open_file,
	.close = close_file,
	.find = find,
	.check = check,
};
