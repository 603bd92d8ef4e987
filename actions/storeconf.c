/*
 * storeconf: what the configuration says about mailboxes, in the words of the
 * store. Knows settings; asks no store.
 */
#include "actions/mailbox.h"

#include "lib/arena.h"
#include "lib/log.h"

char
mailbox_separator(const struct conf *conf)
{
	return conf_bool(conf, SETTING_unixhierarchysep) ? '/' : '.';
}

static enum mailbox_layout
layout_of(const struct conf *conf)
{
	return conf_enum(conf, SETTING_maildir_layout) == 0 ? LAYOUT_MAILDIRPP
	                                                    : LAYOUT_FS;
}

static bool
name_of(struct arena *a, const struct conf *conf, const char *option,
    struct str text, struct str *out)
{
	struct fail why;

	if (mailbox_name(
		a, layout_of(conf), text, mailbox_separator(conf), out, &why))
		return true;
	log_warning("%s: %s", option, why.text);
	return false;
}

/* The folders of xlist-FLAG. */
static void
add_uses(struct arena *a, const struct conf *conf, struct store_options *o)
{
	size_t n;
	const struct conf_use *v = conf_uses(conf, &n);
	struct special_use *uses = ARENA_ARRAY(a, n, struct special_use);

	for (size_t i = 0; i < n; i++) {
		struct special_use *use = &uses[o->nuses];

		if (!name_of(a, conf, "xlist", v[i].folder, &use->mailbox))
			continue;
		use->flag = v[i].flag;
		o->nuses++;
	}
	o->uses = uses;
}

struct store_options
store_options_of(struct arena *a, const struct conf *conf)
{
	enum { DOVECOT, COURIER, BOTH };
	unsigned subscribe = conf_enum(conf, SETTING_maildir_subscriptions);
	struct store_options o = {
		/* the choices stand in the order of the enum */
		.order = (enum store_order)conf_enum(
		    conf, SETTING_maildir_sync_order),
		.disks = store_disks_new(a),
		.hostname = conf_servername(conf),
		.file_mode = 0666 & ~(uint32_t)conf_int(conf, SETTING_umask),
		.layout = layout_of(conf),
		.keywords = (enum store_keywords)conf_enum(
		    conf, SETTING_maildir_keywords),
		.subscribe_dovecot = subscribe == DOVECOT || subscribe == BOTH,
		.subscribe_courier = subscribe == COURIER || subscribe == BOTH,
	};

	add_uses(a, conf, &o);
	return o;
}

struct strlist
mailbox_setting(struct arena *a, const struct conf *conf, enum setting id)
{
	struct str rest = conf_str(conf, id), part, name;
	struct strlist out = { 0 };

	while (str_cut(&rest, '|', &part)) {
		part = str_trim(part);
		if (part.len > 0 &&
		    name_of(a, conf, setting_rows[id].name, part, &name) &&
		    !strlist_has(&out, name))
			strlist_add(a, &out, name);
	}
	return out;
}

bool
mailbox_for_script(
    struct arena *a, struct str mailbox, char sep, struct str *out)
{
	char *p = arena_strndup(a, mailbox.p, mailbox.len);

	/* LAYOUT_FS: that dot would be two levels */
	if (sep != '/' && str_chr(mailbox, sep) >= 0)
		return false;
	for (size_t i = 0; i < mailbox.len; i++)
		if (p[i] == '/')
			p[i] = sep;
	*out = str_from(p, mailbox.len);
	return true;
}
