/*
 * filter: knows where header fields begin and end, and one field name. It
 * holds back no more than what could become "Return-Path:".
 */
#include "lmtp/filter.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
start_line(struct filter *f, char first)
{
	if (is_blank(first)) {
		f->state = f->dropping ? FILTER_DROP : FILTER_PASS;
		return;
	}
	f->dropping = false;
	f->state = FILTER_NAME;
	f->nheld = 0;
}

/* One octet of a line that could be Return-Path. RFC 5322 s. 4.5: blanks
 * may stand before the colon. */
static enum filter_state
name_octet(struct filter *f, char c)
{
	static const struct str name = STR("return-path");

	if (f->nheld < name.len) {
		if (ascii_lower(c) != name.p[f->nheld])
			return FILTER_PASS;
	} else if (c == ':') {
		return FILTER_DROP;
	} else if (!is_blank(c) || f->nheld == FILTER_HOLD) {
		return FILTER_PASS;
	}
	f->held[f->nheld++] = c;
	return FILTER_NAME;
}

struct str
filter_octets(struct filter *f, struct str s, struct str *held)
{
	size_t i = 0;

	*held = S("");
	if (s.len == 0)
		return s;
	if (f->state == FILTER_START)
		start_line(f, s.p[0]);
	while (f->state == FILTER_NAME && i < s.len) {
		f->state = name_octet(f, s.p[i]);
		i += f->state == FILTER_NAME;
		if (f->state == FILTER_DROP)
			f->dropping = true;
		else if (f->state == FILTER_PASS)
			*held = str_from(f->held, f->nheld);
	}
	return f->state == FILTER_DROP ? S("") : str_from_offset(s, i);
}

bool
filter_line_end(struct filter *f, struct str *held)
{
	enum filter_state was = f->state;

	*held = was == FILTER_NAME ? str_from(f->held, f->nheld) : S("");
	if (was == FILTER_BODY)
		return true;
	f->state = was == FILTER_START ? FILTER_BODY : FILTER_START;
	return was != FILTER_DROP;
}
