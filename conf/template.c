/*
 * template: fills in %-items. Knows neither accounts nor files.
 */
#include "conf/template.h"

#include "lib/arena.h"

/* The item at *i, which stands on its '%'; '\0' when none follows. */
static char
item_at(struct str s, size_t i)
{
	return i + 1 < s.len ? s.p[i + 1] : '\0';
}

bool
template_check(struct str s, const char **why)
{
	if (!str_starts(s, S("/")) && !str_starts(s, S("%h"))) {
		*why = "must begin with / or %h";
		return false;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '%')
			continue;
		switch (item_at(s, i++)) {
		case 'u':
		case 'n':
		case 'd':
		case 'h':
		case '%':
			break;
		default:
			*why = "has a % that is not %u, %n, %d, %h or %%";
			return false;
		}
	}
	return true;
}

bool
template_uses(struct str s, char item)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '%' && item_at(s, i++) == item)
			return true;
	return false;
}

static struct str
item_value(const struct template_items *items, char item)
{
	switch (item) {
	case 'u':
		return items->user;
	case 'n':
		return items->local;
	case 'd':
		return items->domain;
	case 'h':
		return items->home;
	default:
		return S("%");
	}
}

struct str
template_expand(
    struct arena *a, struct str s, const struct template_items *items)
{
	struct buf b;
	struct str out;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '%')
			buf_adds(&b, item_value(items, item_at(s, i++)));
		else
			buf_addc(&b, s.p[i]);
	}
	/* Too long for any path is the same as no path. */
	out = b.overflow ? S("") : str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}
