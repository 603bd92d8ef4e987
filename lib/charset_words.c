/*
 * charset_words: encoded-words in header fields. Every octet of a value is
 * looked at a bounded number of times, whatever stands there.
 *   RFC 2047, RFC 2231 s. 5
 */
#include "lib/arena.h"
#include "lib/base64.h"
#include "lib/charset.h"
#include "lib/utf8.h"

struct word {
	struct str charset;
	struct str text; /* still encoded */
	bool base64;
	size_t end; /* offset behind "?=" */
};

/* Neighbours of one charset, whose octets are converted together. */
struct run {
	struct str charset;
	char *octets; /* decoded, as many as the value is long at most */
	size_t len;
	size_t start, end; /* where it stands in the value */
	bool open;
};

struct decoder {
	struct arena *arena;
	struct str value;
	struct buf out;
	struct run run;
};

/* RFC 2047 s. 2, and the "." of ANSI_X3.4-1968. */
static bool
is_token_char(char c)
{
	return c > 32 && c < 127 && strchr("()<>@,;:\"/[]?=", c) == NULL;
}

static bool
is_text_char(char c)
{
	return c > 32 && c < 127 && c != '?';
}

static size_t
skip_while(struct str s, size_t i, bool (*is)(char))
{
	while (i < s.len && is(s.p[i]))
		i++;
	return i;
}

static bool
text_is_base64(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (base64_value(text.p[i]) < 0 && text.p[i] != '=')
			return false;
	return true;
}

/* The encoded-word whose "=?" stands at offset at. */
static bool
parse_word(struct str s, size_t at, struct word *w)
{
	size_t i = skip_while(s, at + 2, is_token_char), text;
	ssize_t star;
	char encoding;

	w->charset = str_sub(s, at + 2, i);
	star = str_chr(w->charset, '*');
	if (star >= 0)
		w->charset = str_sub(w->charset, 0, (size_t)star);
	if (s.len - i < 3 || s.p[i] != '?' || s.p[i + 2] != '?')
		return false;
	encoding = ascii_lower(s.p[i + 1]);
	if (encoding != 'b' && encoding != 'q')
		return false;
	w->base64 = encoding == 'b';
	text = i + 3;
	i = skip_while(s, text, is_text_char);
	if (s.len - i < 2 || s.p[i] != '?' || s.p[i + 1] != '=')
		return false;
	w->text = str_sub(s, text, i);
	w->end = i + 2;
	return charset_known(w->charset) &&
	       (!w->base64 || text_is_base64(w->text));
}

/* RFC 2047 s. 4.2; a "=" without two hex digits stands for itself. */
static size_t
decode_q(struct str text, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '=' && text.len - i > 2 &&
		    ascii_hex_value(text.p[i + 1]) >= 0 &&
		    ascii_hex_value(text.p[i + 2]) >= 0) {
			c = (char)(ascii_hex_value(text.p[i + 1]) << 4 |
				   ascii_hex_value(text.p[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		out[len++] = c;
	}
	return len;
}

static void
put(struct decoder *d, struct str text)
{
	struct str fits = utf8_cut(text, d->out.max - d->out.len);

	if (d->out.overflow)
		return;
	buf_adds(&d->out, fits);
	d->out.overflow = fits.len < text.len;
}

static void
end_run(struct decoder *d)
{
	struct run *r = &d->run;
	size_t room = d->out.max - d->out.len;
	struct str utf8;

	if (!r->open)
		return;
	r->open = false;
	/* One character more than fits, so that put sees it does not. */
	room = room > SIZE_MAX - 4 ? room : room + 4;
	if (charset_to_utf8(
		d->arena, r->charset, str_from(r->octets, r->len), room, &utf8))
		put(d, utf8);
	else
		put(d, str_sub(d->value, r->start, r->end));
}

static void
add_word(struct decoder *d, const struct word *w, size_t at)
{
	struct run *r = &d->run;
	char *to;

	if (r->open && !str_caseeq(r->charset, w->charset))
		end_run(d);
	if (!r->open) {
		r->open = true;
		r->charset = w->charset;
		r->start = at;
		r->len = 0;
	}
	to = r->octets + r->len;
	r->len += w->base64 ? base64_decode(w->text, to, w->text.len)
	                    : decode_q(w->text, to);
	r->end = w->end;
}

struct str
charset_decode_words(struct arena *a, struct str value, size_t max)
{
	struct decoder d = { .arena = a, .value = value };
	size_t done = 0, at = 0;
	struct str out;

	buf_init(&d.out, max);
	d.run.octets = arena_alloc(a, value.len);
	while (at < value.len && !d.out.overflow) {
		ssize_t hit = str_find(str_from_offset(value, at), S("=?"));
		struct word w;

		if (hit < 0)
			break;
		at += (size_t)hit;
		if (!parse_word(value, at, &w)) {
			at += 2;
			continue;
		}
		/* White space between encoded-words is not displayed. */
		if (!d.run.open || str_trim(str_sub(value, done, at)).len > 0) {
			end_run(&d);
			put(&d, str_sub(value, done, at));
		}
		add_word(&d, &w, at);
		done = at = w.end;
	}
	end_run(&d);
	put(&d, str_from_offset(value, done));
	out = str_dup(a, buf_str(&d.out));
	buf_free(&d.out);
	return out;
}
