/*
 * vacation: knows when an automatic response is wanted and what is in it;
 * not how it is sent, nor how long it is remembered.
 *   RFC 5230, RFC 3834
 */
#include "actions/compose.h"
#include "actions/remember.h"
#include "actions/sending.h"
#include "lib/address.h"
#include "lib/arena.h"

/* Looked at while settling. */
struct vacation {
	struct delivery *dy;
	const struct plan_reply *reply;
	struct str to; /* whom to answer */
	struct address sender;
	struct strlist own; /* addresses of the owner */
	struct str found;   /* the one of them the message was for */
};

/* --- header fields ------------------------------------------------------ */

typedef bool value_fn(struct vacation *, struct str value);

/* Does any field of that name have a value that fits? */
static bool
any_value(struct vacation *v, const char *name, value_fn *fits)
{
	const struct message *msg = v->dy->msg;
	uint32_t i = message_find(msg, str_c(name));

	for (; i != MESSAGE_NONE; i = message_field(msg, i)->next)
		if (fits(v, header_unfold(
				v->dy->scratch, msg, message_field(msg, i))))
			return true;
	return false;
}

/* The first word, before parameters and comments. */
static struct str
keyword(struct str value)
{
	size_t n = 0;

	value = str_trim(value);
	while (n < value.len && value.p[n] != ';' && value.p[n] != ' ' &&
	       value.p[n] != '(' && value.p[n] != '\t')
		n++;
	return str_sub(value, 0, n);
}

static bool
is_not_no(struct vacation *v, struct str value)
{
	(void)v;
	return !str_caseeq(keyword(value), S("no"));
}

static bool
is_bulk(struct vacation *v, struct str value)
{
	struct str word = keyword(value);

	(void)v;
	return str_caseeq(word, S("bulk")) || str_caseeq(word, S("list")) ||
	       str_caseeq(word, S("junk"));
}

/* A list of what is not wanted; each of these includes responses. */
static bool
is_suppressed(struct vacation *v, struct str value)
{
	struct str part;

	(void)v;
	while (str_cut(&value, ',', &part)) {
		part = str_trim(part);
		if (str_caseeq(part, S("All")) || str_caseeq(part, S("OOF")) ||
		    str_caseeq(part, S("AutoReply")))
			return true;
	}
	return false;
}

/* --- who ---------------------------------------------------------------- */

static bool
same_address(const struct address *a, struct str text)
{
	ssize_t at = str_rchr(text, '@');

	return at >= 0 &&
	       str_caseeq(a->localpart, str_sub(text, 0, (size_t)at)) &&
	       str_caseeq(a->domain, str_from_offset(text, (size_t)at + 1));
}

static bool
is_own(struct vacation *v, const struct address *a)
{
	for (size_t i = 0; i < v->own.n; i++)
		if (same_address(a, v->own.v[i])) {
			v->found = v->own.v[i];
			return true;
		}
	return false;
}

static bool
names_owner(struct vacation *v, struct str value)
{
	struct address_list list = address_parse_list(v->dy->scratch, value);

	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].valid && is_own(v, &list.v[i]))
			return true;
	return false;
}

static void
add_own(struct vacation *v, struct str text)
{
	struct arena *a = v->dy->scratch;
	struct address addr;

	if (address_parse_one(a, text, &addr))
		strlist_add(a, &v->own,
		    str_printf(a, "%.*s@%.*s", STR_ARG(addr.localpart),
			STR_ARG(addr.domain)));
}

/* The address of "rfc822;address", RFC 3461 s. 4.2; or one alone. */
static struct str
original_of(struct str orcpt)
{
	ssize_t semicolon = str_chr(orcpt, ';');

	return str_from_offset(
	    orcpt, semicolon >= 0 ? (size_t)semicolon + 1 : 0);
}

/* RFC 5230 s. 4.5: the address of this delivery, the one it had before it was
 * rewritten, and those the script names. */
static void
find_own(struct vacation *v)
{
	struct arena *a = v->dy->scratch;
	const struct strlist *more = &v->reply->addresses;

	strlist_add(a, &v->own, compose_owner(v->dy, false));
	strlist_add(a, &v->own, compose_owner(v->dy, true));
	add_own(v, original_of(v->dy->to->orcpt));
	for (size_t i = 0; i < more->n; i++)
		add_own(v, more->v[i]);
}

/* --- reasons not to answer: RFC 5230 s. 4.5, 4.6, RFC 3834 s. 2 ---------- */

static bool
sender_is_null(struct vacation *v)
{
	return v->to.len == 0;
}

static bool
sender_is_none(struct vacation *v)
{
	return !address_parse_one(v->dy->scratch, v->to, &v->sender) ||
	       v->sender.domain.len == 0;
}

static bool
sender_is_owner(struct vacation *v)
{
	return is_own(v, &v->sender);
}

enum place { WHOLE, BEGIN, END, WITHIN };

static bool
is_at(struct str s, enum place place, struct str text)
{
	switch (place) {
	case WHOLE:
		return str_eq(s, text);
	case BEGIN:
		return str_starts(s, text);
	case END:
		return str_ends(s, text);
	case WITHIN:
		break;
	}
	return str_find(s, text) >= 0;
}

/* Local parts that programs and lists write with. */
static bool
sender_is_program(struct vacation *v)
{
	static const struct {
		enum place place;
		struct str text;
	} t[] = {
		{ BEGIN, STR("mailer-daemon") },
		{ BEGIN, STR("listserv") },
		{ BEGIN, STR("majordomo") },
		{ WHOLE, STR("postmaster") },
		{ WHOLE, STR("root") },
		{ BEGIN, STR("owner-") },
		{ END, STR("-owner") },
		{ END, STR("-request") },
		{ WHOLE, STR("bounce") },
		{ WHOLE, STR("bounces") },
		{ BEGIN, STR("bounce-") },
		{ BEGIN, STR("bounce+") },
		{ BEGIN, STR("bounces-") },
		{ BEGIN, STR("bounces+") },
		{ WITHIN, STR("-bounce") },
		{ WITHIN, STR("noreply") },
		{ WITHIN, STR("no-reply") },
		{ WITHIN, STR("no_reply") },
		{ WITHIN, STR("donotreply") },
		{ WITHIN, STR("do-not-reply") },
	};
	struct str local = str_lower(v->dy->scratch, v->sender.localpart);
	size_t i = 0;

	while (i < sizeof(t) / sizeof(t[0]) &&
	       !is_at(local, t[i].place, t[i].text))
		i++;
	return i < sizeof(t) / sizeof(t[0]);
}

/* RFC 2369, RFC 2919 */
static bool
is_from_list(struct vacation *v)
{
	for (uint32_t i = 0; i < message_nfields(v->dy->msg); i++)
		if (str_casestarts(
			message_field(v->dy->msg, i)->name, S("List-")))
			return true;
	return false;
}

static bool
is_automatic(struct vacation *v)
{
	return any_value(v, "Auto-Submitted", is_not_no);
}

static bool
has_precedence(struct vacation *v)
{
	return any_value(v, "Precedence", is_bulk);
}

static bool
wants_none(struct vacation *v)
{
	return any_value(v, "X-Auto-Response-Suppress", is_suppressed) ||
	       any_value(v, "X-IgnoreVacation", is_not_no);
}

static bool
is_for_others(struct vacation *v)
{
	static const char *const fields[] = { "To", "Cc", "Bcc", "Resent-To",
		"Resent-Cc", "Resent-Bcc" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (any_value(v, fields[i], names_owner))
			return false;
	v->found = v->own.v[0];
	return !v->dy->tools->any_recipient;
}

static const struct {
	bool (*holds)(struct vacation *);
	const char *why;
} reasons[] = {
	{ sender_is_null, "the sender is the null address" },
	{ sender_is_none, "the sender is no address" },
	{ sender_is_owner, "the sender is the owner" },
	{ sender_is_program, "the sender is a program or a list" },
	{ is_from_list, "it came through a list" },
	{ is_automatic, "it was submitted automatically" },
	{ has_precedence, "its precedence is that of bulk mail" },
	{ wants_none, "it asks for no response" },
	{ is_for_others, "no address of the owner is in To or Cc" },
};

/* --- the response: RFC 5230 s. 5 ------------------------------------------ */

static struct str
subject_of(struct vacation *v)
{
	struct str old;

	if (v->reply->subject.p != NULL)
		return compose_short(v->dy->scratch, v->reply->subject);
	old = compose_header_of(v->dy, S("Subject"));
	if (old.len == 0)
		return S("Automated reply");
	return compose_short(v->dy->scratch,
	    str_printf(v->dy->scratch, "Auto: %.*s", STR_ARG(old)));
}

/* The sender as From or Reply-To writes it, with a name, when it is there. */
static struct address
name_of(struct vacation *v)
{
	static const char *const fields[] = { "Sender", "Resent-From", "From",
		"Reply-To" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct address_list list = address_parse_list(
		    v->dy->scratch, compose_header_of(v->dy, str_c(fields[i])));

		for (size_t j = 0; j < list.n; j++)
			if (list.v[j].valid && list.v[j].display.len > 0 &&
			    str_caseeq(list.v[j].text, v->sender.text))
				return list.v[j];
	}
	return v->sender;
}

static struct str
compose(struct vacation *v, const struct effect *e)
{
	const struct plan_reply *r = v->reply;
	struct address to = name_of(v);
	struct compose c;

	compose_begin(&c, v->dy->arena);
	compose_addresses(
	    &c, S("From"), r->from.p != NULL ? r->from : v->found);
	compose_address(&c, S("To"), &to);
	compose_field(&c, S("Subject"), subject_of(v));
	compose_standard(&c, v->dy, e, 'v');
	compose_field(&c, S("Auto-Submitted"), S("auto-replied (vacation)"));
	compose_field(&c, S("X-Auto-Response-Suppress"), S("All"));
	if (r->mime)
		compose_entity(&c, r->reason);
	else
		compose_text(&c, r->reason);
	return compose_end(&c);
}

/* s. 4.2: one for each sender and each response. */
static struct track_key
key_of(const struct vacation *v)
{
	struct arena *a = v->dy->scratch;
	struct str parts[] = { str_lower(a, v->sender.text), v->reply->id };

	return track_key_of(TRACK_VACATION,
	    str_dup(v->dy->arena, v->dy->to->rcpt.account.user), parts, 2);
}

static struct sending *
response(struct vacation *v, const struct effect *e)
{
	struct arena *a = v->dy->arena;
	struct sending *s = ARENA_NEW(a, struct sending);

	*s = (struct sending){
		.what = "vacation",
		.sender = S(""),
		.bytes = compose(v, e),
		.key = key_of(v),
		.seconds = v->reply->seconds,
		.note = str_dup(a, v->sender.text),
		.fcc = sending_keep_fcc(v->dy, v->reply->fcc),
	};
	strlist_add(a, &s->rcpts, s->note);
	return s;
}

static bool
settle(struct delivery *dy, struct effect *e, struct fail *why)
{
	struct vacation v = {
		.dy = dy, .reply = e->intent->reply, .to = dy->txn->sender
	};

	(void)why;
	find_own(&v);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].holds(&v)) {
			sending_not(dy, e, "vacation", reasons[i].why);
			return true;
		}
	e->sending = response(&v, e);
	return true;
}

const struct action action_reply = {
	.name = "vacation",
	.settle = settle,
	.after = sending_after,
};
