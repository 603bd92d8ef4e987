/*
 * load: applies lines to settings: services, duplicates, defaults, and what
 * must fit together in the end. Knows no syntax of lines or values.
 */
#include <assert.h>
#include <unistd.h>

#include "conf/back_end.h"
#include "conf/internal.h"
#include "conf/names.h"
#include "conf/reader.h"
#include "conf/template.h"
#include "lib/arena.h"

/* Names seen that are no settings: each may stand there once. */
struct seen {
	struct str *slot; /* open addressing, never more than half full */
	size_t size;      /* a power of two */
	size_t n;
};

struct loader {
	struct arena *arena;
	struct conf *conf;
	struct conf_messages *messages;
	struct str service;
	struct seen seen;
};

static struct str *
seen_slot(struct seen *s, struct str name)
{
	size_t i = str_hash(name, false) & (s->size - 1);

	while (s->slot[i].p != NULL && !str_eq(s->slot[i], name))
		i = (i + 1) & (s->size - 1);
	return &s->slot[i];
}

static void
seen_grow(struct arena *a, struct seen *s)
{
	struct seen bigger = { .size = s->size == 0 ? 64 : s->size * 2 };

	bigger.slot = ARENA_ARRAY(a, bigger.size, struct str);
	for (size_t i = 0; i < s->size; i++)
		if (s->slot[i].p != NULL)
			*seen_slot(&bigger, s->slot[i]) = s->slot[i];
	bigger.n = s->n;
	*s = bigger;
}

/* false: it was there already */
static bool
seen_add(struct arena *a, struct seen *s, struct str name)
{
	struct str *slot;

	if (2 * (s->n + 1) > s->size)
		seen_grow(a, s);
	slot = seen_slot(s, name);
	if (slot->p != NULL)
		return false;
	*slot = name;
	s->n++;
	return true;
}

static void
twice(struct loader *l, const struct conf_line *line, struct conf_place first)
{
	conf_error(l->arena, l->messages, line->at,
	    "%s is set a second time; first in %s line %u",
	    conf_quote(l->arena, line->name), conf_quote(l->arena, first.file),
	    first.line);
}

/*
 * May this line set what was set at "at" before? SERVICE_option wins over
 * option wherever it stands; what it hides is not looked at, as in Cyrus.
 */
static bool
takes(struct loader *l, const struct conf_line *line, bool specific,
    struct conf_place at, bool was_specific)
{
	if (at.file.p == NULL || (specific && !was_specific))
		return true;
	if (specific == was_specific)
		twice(l, line, at);
	return false;
}

static void
set(struct loader *l, const struct conf_line *line, enum setting id,
    bool specific)
{
	struct conf_value *v = &l->conf->v[id];
	struct value parsed;
	struct str why;

	if (!takes(l, line, specific, v->at, v->specific))
		return;
	v->at = line->at;
	v->specific = specific;
	if (value_parse(
		l->arena, &setting_rows[id], line->value, &parsed, &why))
		v->v = parsed;
	else
		conf_error(l->arena, l->messages, line->at, "%s: %s %.*s",
		    setting_rows[id].name, conf_quote(l->arena, line->value),
		    STR_ARG(why));
}

static struct conf_partition *
find_partition(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->npartitions; i++)
		if (str_eq(conf->partitions[i].name, name))
			return &conf->partitions[i];
	return NULL;
}

static struct conf_partition *
add_partition(struct loader *l, struct str name)
{
	struct conf *c = l->conf;
	size_t n = c->npartitions;

	if ((n & (n - 1)) == 0)
		c->partitions = arena_grow(l->arena, c->partitions,
		    n * sizeof(*c->partitions),
		    (n == 0 ? 1 : 2 * n) * sizeof(*c->partitions));
	c->npartitions++;
	c->partitions[n] = (struct conf_partition){ .name = name };
	return &c->partitions[n];
}

static void
partition(struct loader *l, const struct conf_line *line, struct str name,
    bool specific)
{
	static const struct setting_row row = { .type = CONF_PATH };
	struct conf_partition *p;
	struct value v;
	struct str why;

	name = str_from_offset(name, sizeof("partition-") - 1);
	if (name.len == 0) {
		conf_error(
		    l->arena, l->messages, line->at, "partition- needs a name");
		return;
	}
	p = find_partition(l->conf, name);
	if (p == NULL)
		p = add_partition(l, name);
	else if (!takes(l, line, specific,
		     (struct conf_place){ p->file, p->line }, p->specific))
		return;
	p->file = line->at.file;
	p->line = line->at.line;
	p->specific = specific;
	p->path = line->value;
	if (!value_parse(l->arena, &row, line->value, &v, &why))
		conf_error(l->arena, l->messages, line->at, "%s: %s %.*s",
		    conf_quote(l->arena, line->name),
		    conf_quote(l->arena, line->value), STR_ARG(why));
}

/* As RFC 6154 s. 2, RFC 8457 s. 3 and IMAP clients spell it. */
static struct str
flag_of(struct arena *a, struct str name)
{
	static const struct str known[] = { STR("\\All"), STR("\\Archive"),
		STR("\\Drafts"), STR("\\Flagged"), STR("\\Important"),
		STR("\\Junk"), STR("\\Sent"), STR("\\Trash") };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_caseeq(name, str_from_offset(known[i], 1)))
			return known[i];
	return str_printf(a, "\\%.*s", STR_ARG(name));
}

static struct conf_use *
find_use(struct loader *l, struct str flag)
{
	struct conf *c = l->conf;
	size_t n = c->nuses;

	for (size_t i = 0; i < n; i++)
		if (str_caseeq(c->uses[i].flag, flag))
			return &c->uses[i];
	if ((n & (n - 1)) == 0)
		c->uses = arena_grow(l->arena, c->uses, n * sizeof(*c->uses),
		    (n == 0 ? 1 : 2 * n) * sizeof(*c->uses));
	c->nuses++;
	c->uses[n] = (struct conf_use){ .flag = flag };
	return &c->uses[n];
}

static void
special_use(struct loader *l, const struct conf_line *line, struct str name,
    bool specific)
{
	struct conf_use *u;

	name = str_from_offset(name, sizeof("xlist-") - 1);
	if (name.len == 0) {
		conf_error(
		    l->arena, l->messages, line->at, "xlist- needs a flag");
		return;
	}
	u = find_use(l, flag_of(l->arena, name));
	if (!takes(l, line, specific, (struct conf_place){ u->file, u->line },
		u->specific))
		return;
	u->folder = line->value;
	u->file = line->at.file;
	u->line = line->at.line;
	u->specific = specific;
}

/* Is that what this version does anyway? */
static bool
same_value(struct arena *a, const struct setting_row *row, struct str text)
{
	struct value is, as;
	struct str why;

	if (row->def == NULL)
		return false;
	if (row->type == CONF_STRING)
		return str_caseeq(text, str_c(row->def));
	return value_parse(a, row, text, &is, &why) &&
	       value_parse(a, row, str_c(row->def), &as, &why) && is.n == as.n;
}

static void
unknown(struct loader *l, const struct conf_line *line, struct str name)
{
	const char *near;

	if (names_elsewhere(name) || names_elsewhere(line->name))
		return;
	near = names_suggest(l->arena, name);
	if (near != NULL)
		conf_warning(l->arena, l->messages, line->at,
		    "unknown option %s; did you mean %s?",
		    conf_quote(l->arena, line->name),
		    conf_quote(l->arena, str_c(near)));
}

static void
warn_deprecated(struct loader *l, const struct conf_line *line, struct str name,
    struct str new)
{
	conf_warning(l->arena, l->messages, line->at,
	    "%.*s is deprecated; its name is %.*s", STR_ARG(name),
	    STR_ARG(new));
}

/* An old name of a setting that is ours. */
static bool
renamed(struct loader *l, const struct conf_line *line, struct str name,
    enum setting *id)
{
	struct str new;

	if (!names_alias(name, &new) || !names_setting(new, id))
		return false;
	warn_deprecated(l, line, name, new);
	return true;
}

/* name: line->name, without the service when that is in front */
static void
foreign(struct loader *l, const struct conf_line *line, struct str name)
{
	bool specific = !str_eq(name, line->name);
	const struct setting_row *row;
	enum setting ours;
	struct str new;

	if (!seen_add(l->arena, &l->seen, line->name)) {
		conf_error(l->arena, l->messages, line->at,
		    "%s is set a second time",
		    conf_quote(l->arena, line->name));
		return;
	}
	if (names_alias(name, &new)) {
		warn_deprecated(l, line, name, new);
		name = new;
	}
	if (names_setting(name, &ours)) {
		set(l, line, ours, specific);
		return;
	}
	row = names_find_delivery(name);
	if (row == NULL)
		unknown(l, line, name);
	else if (!same_value(l->arena, row, line->value))
		conf_warning(l->arena, l->messages, line->at,
		    "%s is not honoured by this version", row->name);
}

/* Without "SERVICE_" in front; false: it does not begin like that */
static bool
without_service(const struct loader *l, struct str name, struct str *bare)
{
	size_t n = l->service.len;

	if (n == 0 || name.len <= n + 1 || name.p[n] != '_' ||
	    !str_casestarts(name, l->service))
		return false;
	*bare = str_from_offset(name, n + 1);
	return true;
}

/*
 * A service may be called lmtp, and settings begin with lmtp_: the name
 * without the service counts only where it is one of ours.
 */
static void
on_line(void *ctx, const struct conf_line *line)
{
	struct loader *l = ctx;
	struct str bare = line->name;
	bool specific = without_service(l, line->name, &bare);
	enum setting id;

	if (specific &&
	    (names_setting(bare, &id) || renamed(l, line, bare, &id)))
		set(l, line, id, true);
	else if (names_setting(line->name, &id) ||
		 renamed(l, line, line->name, &id))
		set(l, line, id, false);
	else if (str_starts(bare, S("partition-")))
		partition(l, line, bare, specific);
	else if (str_starts(bare, S("xlist-")))
		special_use(l, line, bare, specific);
	else
		foreign(l, line, names_known(line->name) ? line->name : bare);
}

static void
set_defaults(struct arena *a, struct conf *conf)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct str why;
		bool ok;

		if (setting_rows[i].def == NULL)
			continue;
		ok = value_parse(a, &setting_rows[i],
		    str_c(setting_rows[i].def), &conf->v[i].v, &why);
		assert(ok);
	}
}

static struct str
fill_in(struct arena *a, struct str text, struct str directory)
{
	struct str token = S("{configdirectory}");
	struct str parts[2] = { directory, str_from_offset(text, token.len) };

	return str_casestarts(text, token) ? str_join(a, parts, 2) : text;
}

static void
fill_in_all(struct arena *a, struct conf *conf)
{
	struct str directory = conf->v[SETTING_configdirectory].v.text;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct value *v = &conf->v[i].v;
		enum conf_type type = setting_rows[i].type;

		if (i != SETTING_configdirectory &&
		    (type == CONF_STRING || type == CONF_PATH))
			v->text = fill_in(a, v->text, directory);
	}
	for (size_t i = 0; i < conf->npartitions; i++)
		conf->partitions[i].path =
		    fill_in(a, conf->partitions[i].path, directory);
}

static void
check_required(struct loader *l, struct str path)
{
	const struct conf_value *dir = &l->conf->v[SETTING_configdirectory];
	struct conf_place whole = { .file = path };

	if (dir->at.file.p == NULL)
		conf_error(
		    l->arena, l->messages, whole, "configdirectory is not set");
	else if (str_eq(dir->v.text, S("/")) || str_starts(dir->v.text, S("{")))
		conf_error(l->arena, l->messages, dir->at,
		    "configdirectory: %s must be an absolute path other "
		    "than /",
		    conf_quote(l->arena, dir->v.text));
	if (l->conf->npartitions == 0)
		conf_error(l->arena, l->messages, whole,
		    "no partition is set, as in \"partition-default: "
		    "/var/spool/mail\"");
}

static void
check_default_partition(struct loader *l)
{
	const struct conf_value *v = &l->conf->v[SETTING_defaultpartition];
	struct conf *c = l->conf;
	const struct conf_partition *p;

	c->default_partition = S("");
	if (c->npartitions == 0)
		return;
	if (v->at.file.p == NULL) {
		c->default_partition = c->partitions[0].path;
		return;
	}
	p = find_partition(c, str_lower(l->arena, v->v.text));
	if (p != NULL)
		c->default_partition = p->path;
	else
		conf_error(l->arena, l->messages, v->at,
		    "defaultpartition: there is no partition %s",
		    conf_quote(l->arena, v->v.text));
}

/* Everybody's path: it must hold something of the account. */
static bool is_personal(struct str template)
{
	return template_uses(template, 'u') || template_uses(template, 'n') ||
	       template_uses(template, 'h');
}

static void
check_mail_path(struct loader *l)
{
	const struct conf_value *v = &l->conf->v[SETTING_account_mail_path];
	const char *why = "must hold %n, %u or %h";

	if (v->at.file.p == NULL ||
	    (template_check(v->v.text, &why) && is_personal(v->v.text)))
		return;
	conf_error(l->arena, l->messages, v->at, "account_mail_path: %s %s",
	    conf_quote(l->arena, v->v.text), why);
}

static void
check_accounts(struct loader *l)
{
	const struct conf_value *v = &l->conf->v[SETTING_account_backends];
	const struct conf_value *file =
	    &l->conf->v[SETTING_account_passwd_file];
	const struct conf_value *deny = &l->conf->v[SETTING_userdeny_db];

	for (size_t i = 0; i < v->v.list.n; i++) {
		if (!back_end_known(v->v.list.v[i]))
			conf_error(l->arena, l->messages, v->at,
			    "account_backends: there is no %s",
			    conf_quote(l->arena, v->v.list.v[i]));
		else if (str_eq(v->v.list.v[i], S("passwd-file")) &&
			 file->at.file.p == NULL)
			conf_error(l->arena, l->messages, v->at,
			    "account_backends: passwd-file needs "
			    "account_passwd_file");
	}
	if (deny->at.file.p != NULL && deny->v.n != 0)
		conf_warning(l->arena, l->messages, deny->at,
		    "userdeny_db: only flat can be read; nobody is denied");
	check_mail_path(l);
}

static void
check_template(struct loader *l, enum setting id)
{
	const struct conf_value *v = &l->conf->v[id];
	const char *why;

	if (v->at.file.p != NULL && !template_check(v->v.text, &why))
		conf_error(l->arena, l->messages, v->at, "%s: %s %s",
		    setting_rows[id].name, conf_quote(l->arena, v->v.text),
		    why);
}

static void
check_templates(struct loader *l, enum setting id)
{
	const struct conf_value *v = &l->conf->v[id];
	const char *why;

	for (size_t i = 0; v->at.file.p != NULL && i < v->v.list.n; i++)
		if (!template_check(v->v.list.v[i], &why))
			conf_error(l->arena, l->messages, v->at, "%s: %s %s",
			    setting_rows[id].name,
			    conf_quote(l->arena, v->v.list.v[i]), why);
}

static void
check_values(struct loader *l)
{
	const struct conf_value *name = &l->conf->v[SETTING_servername];

	check_accounts(l);
	if (name->at.file.p != NULL && !conf_is_hostname(name->v.text))
		conf_error(l->arena, l->messages, name->at,
		    "servername: %s is no host name",
		    conf_quote(l->arena, name->v.text));
	check_template(l, SETTING_sieve_script_path);
	check_template(l, SETTING_sieve_script_dir);
	check_templates(l, SETTING_sieve_before);
	check_templates(l, SETTING_sieve_after);
	check_templates(l, SETTING_sieve_default);
}

static void
find_servername(struct arena *a, struct conf *conf)
{
	char host[256] = "";

	conf->servername = conf->v[SETTING_servername].v.text;
	if (conf->servername.len > 0)
		return;
	if (gethostname(host, sizeof(host) - 1) != 0 ||
	    !conf_is_hostname(str_c(host)))
		conf->servername = S("localhost");
	else
		conf->servername = str_dup(a, str_c(host));
}

struct conf *
conf_load(struct arena *a, const char *path, const char *service,
    struct conf_messages *messages)
{
	struct loader l = {
		.arena = a,
		.conf = ARENA_NEW(a, struct conf),
		.messages = messages,
		.service = str_c(service),
	};

	*messages = (struct conf_messages){ 0 };
	set_defaults(a, l.conf);
	if (path != NULL && path[0] != '\0') {
		struct str file = str_dup(a, str_c(path));

		if (reader_run(a, file, messages, on_line, &l))
			check_required(&l, file);
	}
	fill_in_all(a, l.conf);
	check_values(&l);
	check_default_partition(&l);
	find_servername(a, l.conf);
	l.conf->service = l.service.len > 0 ? str_dup(a, l.service) : S("lmtp");
	return messages->nerrors == 0 ? l.conf : NULL;
}
