/*
 * account_store: an account is who has a Maildir. Knows the store's top
 * levels only.
 */
#include "conf/back_end.h"
#include "conf/template.h"
#include "lib/arena.h"

enum { VIRTDOMAINS_OFF }; /* the first choice of its row */

static bool
look_at(const struct look_up *l, struct place place, struct account *out,
    bool *found, struct fail *why)
{
	bool domains =
	    conf_enum(l->conf, SETTING_virtdomains) != VIRTDOMAINS_OFF;

	if (!place_exists(l->arena, place, domains, found, why))
		return false;
	if (*found)
		out->root = place_path(l->arena, place);
	return true;
}

static bool
look_on_partition(const struct look_up *l, struct str partition,
    struct account *out, bool *found, struct fail *why)
{
	struct place place =
	    place_on_partition(l->conf, l->arena, partition, out);

	if (!look_at(l, place, out, found, why))
		return false;
	accounts_step(l->accounts, "store: %.*s is %s",
	    STR_ARG(place_path(l->arena, place)),
	    *found ? "there" : "not there");
	if (*found)
		out->partition = str_dup(l->arena, partition);
	return true;
}

static bool
look_on_partitions(
    const struct look_up *l, struct account *out, bool *found, struct fail *why)
{
	struct str first = conf_default_partition(l->conf);
	const struct conf_partition *p;
	size_t n;

	if (first.len == 0)
		return true;
	if (!look_on_partition(l, first, out, found, why))
		return false;
	p = conf_partitions(l->conf, &n);
	for (size_t i = 0; i < n && !*found; i++)
		if (!str_eq(p[i].path, first) &&
		    !look_on_partition(l, p[i].path, out, found, why))
			return false;
	return true;
}

static bool
look_by_template(const struct look_up *l, struct str template,
    struct account *out, bool *found, struct fail *why)
{
	struct place place;
	int err = 0;

	if (template_uses(template, 'h'))
		err = nss_home(l->arena, out->local, &out->home);
	if (err != 0)
		return fail_errno(why, err, "home directory");
	/* Without a home there is no such account. */
	if (template_uses(template, 'h') && out->home.len == 0)
		return true;
	if (!place_by_template(l->conf, l->arena, out, &place, why) ||
	    !look_at(l, place, out, found, why))
		return false;
	accounts_step(l->accounts, "store: %.*s is %s",
	    STR_ARG(place_path(l->arena, place)),
	    *found ? "there" : "not there");
	return true;
}

static bool
find(
    const struct look_up *l, struct account *out, bool *found, struct fail *why)
{
	struct str template = conf_str(l->conf, SETTING_account_mail_path);

	*found = false;
	return template.len > 0 ? look_by_template(l, template, out, found, why)
	                        : look_on_partitions(l, out, found, why);
}

const struct back_end back_end_store = {
	.name = "store",
	.has_mail = true,
	.find = find,
};
