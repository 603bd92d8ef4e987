/*
 * account: from an address to an account: which name it is, who is asked in
 * which order, and what they leave to the settings. Must not know how a back
 * end finds out, nor what a message or a script is.
 */
#include "conf/account.h"

#include <assert.h>

#include "conf/back_end.h"
#include "conf/template.h"
#include "conf/userdeny.h"
#include "lib/arena.h"

enum {
	VIRTDOMAINS_OFF, /* the first choice of its row */
	STEP_MAX = 1024, /* octets of a line */
};

static const struct back_end *const back_ends[] = {
	&back_end_store,
	&back_end_passwd,
	&back_end_nss,
	&back_end_dovecot,
};
enum { NBACK_ENDS = sizeof(back_ends) / sizeof(back_ends[0]) };

struct source {
	const struct back_end *end;
	void *state;
};

struct accounts {
	const struct conf *conf;
	struct source *source;
	size_t n;
	struct userdeny *deny;
	struct buf *steps; /* NULL: nobody listens */
};

static const struct back_end *
back_end_named(struct str name)
{
	for (size_t i = 0; i < NBACK_ENDS; i++)
		if (str_eq(name, str_c(back_ends[i]->name)))
			return back_ends[i];
	return NULL;
}

bool
back_end_known(struct str name)
{
	return back_end_named(name) != NULL;
}

struct accounts *
accounts_open(struct arena *a, const struct conf *conf)
{
	const struct strlist *names = conf_list(conf, SETTING_account_backends);
	struct accounts *s = ARENA_NEW(a, struct accounts);

	*s = (struct accounts){ .conf = conf };
	s->source = ARENA_ARRAY(a, names->n, struct source);
	for (size_t i = 0; i < names->n; i++) {
		const struct back_end *end = back_end_named(names->v[i]);

		assert(end != NULL); /* conf_load checks */
		s->source[s->n].end = end;
		if (end->open != NULL)
			s->source[s->n].state = end->open(a, conf);
		s->n++;
	}
	s->deny = userdeny_open(a, conf);
	return s;
}

void
accounts_close(struct accounts *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->source[i].end->close != NULL)
			s->source[i].end->close(s->source[i].state);
	userdeny_close(s->deny);
}

const struct conf *
accounts_conf(const struct accounts *s)
{
	return s->conf;
}

void
accounts_begin(struct accounts *s)
{
	userdeny_hold(s->deny, true);
}

void
accounts_end(struct accounts *s)
{
	userdeny_hold(s->deny, false);
}

void
accounts_explain(struct accounts *s, struct buf *out)
{
	s->steps = out;
}

void
accounts_step(struct accounts *s, const char *fmt, ...)
{
	struct buf line;
	va_list ap;

	if (s->steps == NULL)
		return;
	buf_init(&line, STEP_MAX);
	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] < 0x20 || line.p[i] == 0x7f)
			line.p[i] = '?';
	buf_adds(s->steps, line.overflow ? S("(too long)") : buf_str(&line));
	buf_addc(s->steps, '\n');
	buf_free(&line);
}

void
accounts_check(
    struct arena *a, const struct conf *conf, struct conf_messages *messages)
{
	const struct strlist *names = conf_list(conf, SETTING_account_backends);

	for (size_t i = 0; i < names->n; i++) {
		const struct back_end *end = back_end_named(names->v[i]);

		if (end->check != NULL)
			end->check(a, conf, messages);
	}
	userdeny_check(a, conf, messages);
}

/* --- names --------------------------------------------------------------- */

/* U+0080 to U+009F, the control characters of ISO 8859; s is UTF-8. */
static bool
has_c1(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if ((unsigned char)s.p[i] == 0xc2 &&
		    (unsigned char)s.p[i + 1] < 0xa0)
			return true;
	return false;
}

/* A name that begins with a dot would be "..", or a mailbox of another
 * account: Maildir++ keeps them as ".NAME". */
bool
account_name_ok(struct str s)
{
	if (s.len == 0 || s.len > 255 || s.p[0] == '.')
		return false;
	return str_chr(s, '/') < 0 && !str_has_ctl(s) && str_is_utf8(s) &&
	       !has_c1(s);
}

static bool
domains_count(const struct conf *conf)
{
	return conf_enum(conf, SETTING_virtdomains) != VIRTDOMAINS_OFF;
}

/*
 * Where domains count, "joe@example.org" is the account of another domain:
 * no quoted local part may look like one.
 */
static bool
names_ok(const struct conf *conf, const struct account *acct)
{
	if (!account_name_ok(acct->local) ||
	    (domains_count(conf) && str_chr(acct->local, '@') >= 0))
		return false;
	return acct->domain.len == 0 || account_name_ok(acct->domain);
}

static bool
identify(const struct conf *conf, struct arena *a, struct str local,
    struct str domain, struct account *out)
{
	bool fold = conf_bool(conf, SETTING_username_tolower) ||
	            conf_bool(conf, SETTING_lmtp_downcase_rcpt);
	struct str parts[3];

	*out = (struct account){ .domain = S("") };
	out->local = fold ? str_lower(a, local) : str_dup(a, local);
	if (domains_count(conf) &&
	    !str_caseeq(domain, conf_str(conf, SETTING_defaultdomain)))
		out->domain = str_lower(a, domain);
	out->user = out->local;
	if (out->domain.len > 0) {
		parts[0] = out->local;
		parts[1] = S("@");
		parts[2] = out->domain;
		out->user = str_join(a, parts, 3);
	}
	return names_ok(conf, out);
}

bool
account_split(const struct conf *conf, struct arena *a, struct str user,
    struct account *out)
{
	ssize_t at = domains_count(conf) ? str_rchr(user, '@') : -1;

	if (at < 0)
		return identify(conf, a, user, S(""), out);
	return identify(conf, a, str_sub(user, 0, (size_t)at),
	    str_from_offset(user, (size_t)at + 1), out);
}

/* --- asking -------------------------------------------------------------- */

static bool
find_partition(const struct look_up *l, struct account *acct, struct fail *why)
{
	struct str first = conf_default_partition(l->conf);
	const struct conf_partition *p;
	bool found = false;
	size_t n;

	if (first.len == 0)
		return fail_temp(why, "4.3.0", "no partition is set");
	p = conf_partitions(l->conf, &n);
	for (size_t i = 0; i < n && acct->partition.len == 0; i++) {
		if (!place_exists(l->arena,
			place_on_partition(l->conf, l->arena, p[i].path, acct),
			false, &found, why))
			return false;
		if (found)
			acct->partition = p[i].path;
	}
	if (acct->partition.len == 0)
		acct->partition = first;
	return true;
}

/* Where the settings want the Maildir of an account to be. */
static bool
place_by_settings(const struct look_up *l, struct account *acct,
    struct place *place, struct fail *why)
{
	struct str template = conf_str(l->conf, SETTING_account_mail_path);

	if (template.len > 0 && acct->partition.len == 0) {
		accounts_step(l->accounts, "mail path: account_mail_path %.*s",
		    STR_ARG(template));
		return place_by_template(l->conf, l->arena, acct, place, why);
	}
	if (!find_partition(l, acct, why))
		return false;
	accounts_step(
	    l->accounts, "mail path: partition %.*s", STR_ARG(acct->partition));
	*place = place_on_partition(l->conf, l->arena, acct->partition, acct);
	return true;
}

/*
 * A back end without mail said that there is such an account. What must be
 * there even if the Maildir is not: the partition, what account_mail_path
 * begins with, the home of a system user. A virtual home comes into being
 * with the Maildir in it.
 */
static bool
find_mail(const struct look_up *l, const struct back_end *end,
    struct account *acct, struct fail *why)
{
	struct place place = { S(""), S("") };
	bool free = acct->root.len > 0, found = false;

	if (free) {
		accounts_step(l->accounts, "mail path: said by %s", end->name);
	} else {
		if (!place_by_settings(l, acct, &place, why))
			return false;
		acct->root = place_path(l->arena, place);
		free = !end->homes_exist && str_eq(place.base, acct->home);
	}
	if (free ? !path_exists(l->arena, acct->root, &found, why)
		 : !place_exists(l->arena, place, false, &found, why))
		return false;
	acct->create = !found;
	return true;
}

/* Is the home directory part of any path? */
static bool
needs_home(const struct conf *conf)
{
	static const enum setting lists[] = { SETTING_sieve_before,
		SETTING_sieve_after, SETTING_sieve_default };
	static const enum setting paths[] = { SETTING_sieve_script_path,
		SETTING_sieve_script_dir, SETTING_account_mail_path };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct strlist *list = conf_list(conf, lists[i]);

		for (size_t j = 0; j < list->n; j++)
			if (template_uses(list->v[j], 'h'))
				return true;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (template_uses(conf_str(conf, paths[i]), 'h'))
			return true;
	return false;
}

/* A virtual user joe without a home has nothing to do with the system user
 * joe, whose home must not give him a script. */
static bool
find_home(const struct look_up *l, const struct back_end *end,
    struct account *acct, struct fail *why)
{
	int err;

	if (end->has_homes || acct->home.len > 0 || !needs_home(l->conf))
		return true;
	err = nss_home(l->arena, acct->local, &acct->home);
	if (err != 0)
		return fail_errno(why, err, "home directory");
	accounts_step(l->accounts, "home: %.*s by nss",
	    acct->home.len > 0 ? (int)acct->home.len : 4,
	    acct->home.len > 0 ? acct->home.p : "none");
	return true;
}

static bool
complete(const struct look_up *l, const struct back_end *end,
    struct account *acct, struct fail *why)
{
	acct->back_end = str_c(end->name);
	if (!find_home(l, end, acct, why))
		return false;
	if (!end->has_mail && !find_mail(l, end, acct, why))
		return false;
	accounts_step(l->accounts, "mailbox: %.*s%s", STR_ARG(acct->root),
	    acct->create ? ", to be made at the first delivery" : "");
	return true;
}

/* out is what the names say on entry. */
static bool
ask_all(struct accounts *s, struct arena *a, struct account *out, bool *found,
    struct fail *why)
{
	const struct account names = *out;

	*found = false;
	for (size_t i = 0; i < s->n && !*found; i++) {
		const struct back_end *end = s->source[i].end;
		struct look_up l = { .accounts = s,
			.conf = s->conf,
			.arena = a,
			.state = s->source[i].state };

		*out = names;
		if (!end->find(&l, out, found, why) ||
		    (*found && !complete(&l, end, out, why))) {
			accounts_step(s, "%s: %s", end->name, why->text);
			return false;
		}
		accounts_step(s, "%s: %s", end->name,
		    *found ? "has this account" : "knows no such account");
	}
	return true;
}

/* Nobody knows it: the first message to it may make it. */
static bool
ask_autocreate(struct accounts *s, struct arena *a, const struct account *names,
    struct account *out, bool *found, struct fail *why)
{
	static const struct back_end end = { .name = "autocreate_post" };
	struct look_up l = { .accounts = s, .conf = s->conf, .arena = a };

	*found = autocreate_allows(s->conf, names);
	if (!*found)
		return true;
	*out = *names;
	accounts_step(s, "%s: may be made", end.name);
	if (!complete(&l, &end, out, why))
		return false;
	*found = !autocreate_in_the_way(a, out->root);
	if (!*found)
		accounts_step(s, "%s: %.*s is something else", end.name,
		    STR_ARG(out->root));
	return true;
}

static bool
ask(struct accounts *s, struct arena *a, bool possible, struct account *out,
    struct fail *why)
{
	const struct account names = *out;
	bool found = false;

	if (!possible)
		accounts_step(s, "account: no account can have this name");
	else
		accounts_step(s, "account: %.*s", STR_ARG(out->user));
	if (possible && !ask_all(s, a, out, &found, why))
		return false;
	if (possible && !found &&
	    !ask_autocreate(s, a, &names, out, &found, why))
		return false;
	return found || fail_perm(why, "5.1.1", "User unknown");
}

bool
account_find(struct accounts *s, struct arena *a, struct str local,
    struct str domain, struct account *out, struct fail *why)
{
	bool possible = identify(s->conf, a, local, domain, out);

	return ask(s, a, possible, out, why);
}

bool
account_find_user(struct accounts *s, struct arena *a, struct str user,
    struct account *out, struct fail *why)
{
	bool possible = account_split(s->conf, a, user, out);

	return ask(s, a, possible, out, why);
}

bool
account_shared(
    struct accounts *s, struct arena *a, struct account *out, struct fail *why)
{
	struct str set = conf_str(s->conf, SETTING_shared_mail_path);
	struct place place = { conf_default_partition(s->conf), S(".shared") };
	ssize_t slash = str_rchr(set, '/');
	bool found = false;

	if (slash >= 0) {
		place.base = str_sub(set, 0, slash > 0 ? (size_t)slash : 1);
		place.below = str_from_offset(set, (size_t)slash + 1);
	}
	*out = (struct account){ .user = S("+shared"),
		.local = S("+shared"),
		.domain = S(""),
		.back_end = S("shared mailboxes"),
		.shared = true,
		.root = place_path(a, place) };
	if (place.base.len > 0 && !place_exists(a, place, false, &found, why))
		return false;
	accounts_step(s, "shared mailboxes: %.*s%s", STR_ARG(out->root),
	    found ? "" : " is not there");
	return found || fail_perm(why, "5.1.1", "User unknown");
}

bool
account_allowed(struct accounts *s, struct arena *a, const struct account *acct,
    struct fail *why)
{
	bool ok = userdeny_allows(s->deny, a, acct->user, why);

	if (!ok)
		accounts_step(s, "userdeny: %s", why->text);
	return ok;
}

/* --- fields -------------------------------------------------------------- */

void
account_each_text(
    struct account *acct, void (*visit)(void *, struct str *), void *ctx)
{
	struct str *text[] = { &acct->user, &acct->local, &acct->domain,
		&acct->root, &acct->home, &acct->script, &acct->partition,
		&acct->disabled, &acct->back_end };

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		visit(ctx, text[i]);
}

static void
dup_text(void *ctx, struct str *text)
{
	*text = str_dup(ctx, *text);
}

struct account
account_dup(struct arena *a, const struct account *from)
{
	struct account copy = *from;

	account_each_text(&copy, dup_text, a);
	return copy;
}
