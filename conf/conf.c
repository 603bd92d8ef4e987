/*
 * conf: the rows of settings.def and the values they have. Knows nothing of
 * how those were read.
 */
#include "conf/conf.h"

#include <assert.h>

#include "conf/internal.h"
#include "lib/arena.h"

#define SETTING(name_, type_, def_, min_, max_, unit_, choices_, text_)        \
	[SETTING_##name_] = {                                                  \
		.name = #name_,                                                \
		.type = type_,                                                 \
		.def = def_,                                                   \
		.min = min_,                                                   \
		.max = max_,                                                   \
		.unit = unit_,                                                 \
		.choices = choices_,                                           \
		.text = text_,                                                 \
	},
const struct setting_row setting_rows[SETTING_COUNT] = {
#include "conf/settings.def"
};
#undef SETTING

static const struct value *
value_of(const struct conf *conf, enum setting id, unsigned types)
{
	assert(id < SETTING_COUNT);
	assert(types & (1U << setting_rows[id].type));
	return &conf->v[id].v;
}

struct str
conf_str(const struct conf *conf, enum setting id)
{
	return value_of(conf, id, 1U << CONF_STRING | 1U << CONF_PATH)->text;
}

const char *
conf_cstr(const struct conf *conf, enum setting id)
{
	return conf_str(conf, id).p;
}

bool
conf_bool(const struct conf *conf, enum setting id)
{
	return value_of(conf, id, 1U << CONF_SWITCH)->n != 0;
}

int64_t
conf_int(const struct conf *conf, enum setting id)
{
	return value_of(conf, id,
	    1U << CONF_INT | 1U << CONF_OCTAL | 1U << CONF_DURATION |
		1U << CONF_BYTESIZE)
	    ->n;
}

unsigned
conf_enum(const struct conf *conf, enum setting id)
{
	return (unsigned)value_of(conf, id, 1U << CONF_ENUM)->n;
}

const struct strlist *
conf_list(const struct conf *conf, enum setting id)
{
	return &value_of(conf, id, 1U << CONF_LIST)->list;
}

static struct str
place(struct arena *a, struct str file, uint32_t line)
{
	return str_printf(a, "%.*s:%u", STR_ARG(file), line);
}

struct str
conf_origin(const struct conf *conf, struct arena *a, enum setting id)
{
	assert(id < SETTING_COUNT);
	if (conf->v[id].at.file.p == NULL)
		return S("default");
	return place(a, conf->v[id].at.file, conf->v[id].at.line);
}

struct str
conf_partition(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->npartitions; i++)
		if (str_caseeq(conf->partitions[i].name, name))
			return conf->partitions[i].path;
	return (struct str){ NULL, 0 };
}

const struct conf_partition *
conf_partitions(const struct conf *conf, size_t *n)
{
	*n = conf->npartitions;
	return conf->partitions;
}

const struct conf_use *
conf_uses(const struct conf *conf, size_t *n)
{
	*n = conf->nuses;
	return conf->uses;
}

struct str
conf_default_partition(const struct conf *conf)
{
	return conf->default_partition;
}

struct str
conf_servername(const struct conf *conf)
{
	return conf->servername;
}

struct str
conf_service(const struct conf *conf)
{
	return conf->service;
}

bool
conf_is_hostname(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.' &&
		    s.p[i] != '_')
			return false;
	return s.len > 0 && s.len <= 255;
}

/* --- for people --------------------------------------------------------- */

static void
add_clean(struct buf *out, struct str s)
{
	assert(s.p != NULL || s.len == 0);
	for (size_t i = 0; i < s.len; i++) {
		bool plain = (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f;

		buf_addc(out, plain ? s.p[i] : '?');
	}
}

static void
print_setting(const struct conf *conf, enum setting id, struct buf *out)
{
	const struct conf_value *v = &conf->v[id];

	buf_printf(out, "%s: ", setting_rows[id].name);
	if (v->v.text.p == NULL)
		buf_adds(out, S("(unset)"));
	else
		add_clean(out, v->v.text);
	buf_adds(out, S("  # "));
	if (v->at.file.p == NULL) {
		buf_adds(out, S("default\n"));
		return;
	}
	add_clean(out, v->at.file);
	buf_printf(out, ":%u\n", v->at.line);
}

/* One option of an open family. */
static void
print_member(struct buf *out, const char *family, struct str name,
    struct str value, struct str file, uint32_t line)
{
	buf_printf(out, "%s%.*s: ", family, STR_ARG(name));
	add_clean(out, value);
	buf_adds(out, S("  # "));
	add_clean(out, file);
	buf_printf(out, ":%u\n", line);
}

void
conf_print(const struct conf *conf, bool only_changed, struct buf *out)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (!only_changed || conf->v[i].at.file.p != NULL)
			print_setting(conf, (enum setting)i, out);
	for (size_t i = 0; i < conf->nuses; i++) {
		const struct conf_use *u = &conf->uses[i];

		print_member(out, "xlist-", str_from_offset(u->flag, 1),
		    u->folder, u->file, u->line);
	}
	for (size_t i = 0; i < conf->npartitions; i++) {
		const struct conf_partition *p = &conf->partitions[i];

		print_member(
		    out, "partition-", p->name, p->path, p->file, p->line);
	}
}
