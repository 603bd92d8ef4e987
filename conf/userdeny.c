/*
 * userdeny: reads user_deny.db. Knows that file, nothing of accounts.
 */
#include "conf/userdeny.h"

#include <errno.h>

#include "conf/watched.h"
#include "lib/arena.h"
#include "lib/log.h"

enum { FILE_MAX_OCTETS = 64 << 20, DB_FLAT = 0 };

struct userdeny {
	const char *path;   /* NULL: nobody is denied */
	struct str service; /* what the patterns are held against */
	struct watched watched;
	struct arena *arena; /* of text */
	struct str text;
	bool held, looked; /* it was looked at since it is held */
};

struct userdeny *
userdeny_open(struct arena *a, const struct conf *conf)
{
	struct userdeny *d = ARENA_NEW(a, struct userdeny);

	*d = (struct userdeny){ .service = conf_service(conf) };
	if (conf_enum(conf, SETTING_userdeny_db) == DB_FLAT)
		d->path = conf_cstr(conf, SETTING_userdeny_db_path);
	return d;
}

void
userdeny_close(struct userdeny *d)
{
	arena_free(d->arena);
}

/* --- patterns ------------------------------------------------------------ */

/* [a-z]: does it take in c? *rest begins behind '[', and is set behind ']'. */
static bool
in_set(struct str *rest, char c)
{
	bool hit = false, negate = str_starts(*rest, S("^"));
	size_t i = negate;

	for (; i < rest->len && (rest->p[i] != ']' || i == negate); i++) {
		char low = rest->p[i], high = low;

		if (i + 2 < rest->len && rest->p[i + 1] == '-' &&
		    rest->p[i + 2] != ']') {
			high = rest->p[i + 2];
			i += 2;
		}
		hit |= low <= c && c <= high;
	}
	*rest = str_from_offset(*rest, i + 1);
	return hit != negate;
}

/* One element of the pattern against one octet; *p is set behind it. */
static bool
one_fits(struct str *p, char c)
{
	char x = p->p[0];

	*p = str_from_offset(*p, 1);
	return x == '[' ? in_set(p, c) : x == '?' || x == c;
}

/* Goes back to the last star only: linear times the length of the word. */
static bool
fits(struct str p, struct str word)
{
	struct str star = { NULL, 0 }, from = word;

	while (word.len > 0) {
		struct str next = p;

		if (p.len > 0 && p.p[0] == '*') {
			star = p = str_from_offset(p, 1);
			from = word;
		} else if (p.len > 0 && one_fits(&next, word.p[0])) {
			p = next;
			word = str_from_offset(word, 1);
		} else if (star.p != NULL) {
			p = star;
			word = from = str_from_offset(from, 1);
		} else {
			return false;
		}
	}
	while (p.len > 0 && p.p[0] == '*')
		p = str_from_offset(p, 1);
	return p.len == 0;
}

bool
userdeny_match(struct str patterns, struct str word)
{
	struct str one;
	bool hit = false;

	while (str_cut(&patterns, ',', &one)) {
		bool negate = str_starts(one, S("!"));

		if (fits(str_from_offset(one, negate), word))
			hit = !negate;
	}
	return hit;
}

/* --- the file --------------------------------------------------------------
 */

static struct str
decode(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool escape = s.p[i] == '\xff' && i + 1 < s.len;

		if (escape && s.p[i + 1] != '\xff')
			out[n++] = (char)(s.p[++i] & 0x7f);
		else
			out[n++] = s.p[i += escape];
	}
	return str_from(out, n);
}

static bool
look(struct userdeny *d, struct fail *why)
{
	int fd;

	if (watched_open(&d->watched, d->path, &fd, why) && fd < 0)
		return true;
	arena_free(d->arena);
	d->arena = NULL;
	d->text = S("");
	if (fd < 0)
		return why->sys == ENOENT;
	d->arena = arena_new("userdeny", 0);
	return watched_read(
	    &d->watched, &fd, FILE_MAX_OCTETS, d->arena, &d->text, why);
}

static bool
refresh(struct userdeny *d, struct fail *why)
{
	if (!d->held || !d->looked)
		d->looked = look(d, why);
	return d->looked;
}

void
userdeny_hold(struct userdeny *d, bool hold)
{
	d->held = hold;
	d->looked = false;
}

/* What follows USER and TAB on the line of user. */
static bool
record_of(
    struct userdeny *d, struct arena *a, struct str user, struct str *record)
{
	struct str rest = d->text, line, key;

	while (str_cut(&rest, '\n', &line)) {
		key = S("");
		if (!str_cut(&line, '\t', &key) ||
		    !str_eq(decode(a, key), user))
			continue;
		*record = decode(a, line);
		return true;
	}
	return false;
}

static bool
judge(const struct userdeny *d, struct arena *a, struct str record,
    struct fail *why)
{
	struct str version = S(""), services = S("");
	const char *text;

	str_cut(&record, '\t', &version);
	if ((!str_eq(version, S("1")) && !str_eq(version, S("2"))) ||
	    !str_cut(&record, '\t', &services))
		return fail_temp(why, "4.3.0", "user_deny.db: bad record");
	if (!userdeny_match(services, d->service))
		return true;
	text = record.len > 0 ? str_cstr(a, record)
	                      : "User is denied access to this service";
	return fail_temp(why, "4.2.1", "%s", text);
}

bool
userdeny_allows(
    struct userdeny *d, struct arena *a, struct str user, struct fail *why)
{
	struct str record;

	if (d->path == NULL)
		return true;
	if (!refresh(d, why)) {
		log_error("userdeny_db_path: %s", why->text);
		return fail_temp(why, "4.3.0", "user_deny.db cannot be read");
	}
	return !record_of(d, a, user, &record) || judge(d, a, record, why);
}

void
userdeny_check(
    struct arena *a, const struct conf *conf, struct conf_messages *messages)
{
	struct userdeny *d = userdeny_open(a, conf);
	struct conf_place at = { str_c(d->path), 0 };
	struct str rest, line, key, record;
	struct fail why;

	if (d->path == NULL)
		return;
	if (!refresh(d, &why))
		conf_error(a, messages, at, "%s", why.text);
	for (rest = d->text; str_cut(&rest, '\n', &line);) {
		at.line++;
		if (line.len == 0)
			continue;
		record = decode(a, line);
		if (!str_cut(&record, '\t', &key) ||
		    (!judge(d, a, record, &why) &&
			strcmp(why.status, "4.3.0") == 0))
			conf_error(a, messages, at,
			    "not USER, VERSION, SERVICES and MESSAGE with "
			    "tabs between them");
	}
	userdeny_close(d);
}
