/*
 * report: how results look, for people and for programs that read logs.
 * Decides nothing.
 */
#include "actions/report.h"

#include "lib/arena.h"
#include "lib/log.h"

enum {
	WHERE_MAX = 2000,
	VALUE_MAX = 200, /* octets of one value in the log */
	LINE_MAX_OCTETS = 1000,
};

/* buf is dropped when full: a list that is cut says so. */
static void
list_add(struct buf *b, struct str what, struct str item)
{
	struct str sep = b->len > 0 ? S(", ") : S("");

	if (b->len + sep.len + what.len + item.len > b->max) {
		buf_adds(b, S(", ..."));
		return;
	}
	buf_adds(b, sep);
	buf_adds(b, what);
	buf_adds(b, item);
}

static struct str
list_end(struct arena *arena, struct buf *b)
{
	struct str s = str_dup(arena, buf_str(b));

	buf_free(b);
	return s;
}

struct str
report_where(const struct delivery *dy)
{
	struct buf b;

	buf_init(&b, WHERE_MAX);
	for (const struct effect *e = dy->first; e != NULL; e = e->next)
		if (e->done)
			list_add(&b,
			    e->action == &action_store ? S("") : S("redirect "),
			    e->target);
	if (b.len == 0)
		buf_adds(&b, S("discarded"));
	return list_end(dy->arena, &b);
}

static struct str
list_of(const struct delivery *dy,
    struct str (*item)(struct arena *, const struct effect *))
{
	struct buf b;

	buf_init(&b, WHERE_MAX);
	for (const struct effect *e = dy->first; e != NULL; e = e->next) {
		struct str s = item(dy->arena, e);

		if (s.len > 0)
			list_add(&b, S(""), s);
	}
	return list_end(dy->arena, &b);
}

static struct str
line_of(struct arena *arena, const struct effect *e)
{
	if (e->line == 0)
		return S("");
	if (e->script.len > 0)
		return str_printf(
		    arena, "%.*s:%u", STR_ARG(e->script), e->line);
	return str_printf(arena, "%u", e->line);
}

static struct str
file_of(struct arena *arena, const struct effect *e)
{
	(void)arena;
	return e->staged != NULL ? e->staged->path : S("");
}

/* Lines of the script that decided: what it asked for, else what cancelled
 * the implicit keep. */
static struct str
lines(const struct delivery *dy)
{
	struct str s = list_of(dy, line_of);

	if (s.len == 0 && dy->cancelled != 0)
		return str_printf(dy->arena, "%u", dy->cancelled);
	return s;
}

static bool
needs_quotes(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] == ' ' || value.p[i] == '"' ||
		    value.p[i] == '\\')
			return true;
	return false;
}

static void
field(struct buf *b, const char *key, struct str value)
{
	value = str_sub(value, 0, VALUE_MAX);
	if (value.len == 0)
		return;
	buf_printf(b, " %s=", key);
	if (!needs_quotes(value)) {
		buf_adds(b, value);
		return;
	}
	buf_addc(b, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, value.p[i]);
	}
	buf_addc(b, '"');
}

static void
number(struct buf *b, const char *key, uint32_t n)
{
	if (n != 0)
		buf_printf(b, " %s=%u", key, n);
}

void
report_warn(const struct delivery *dy, uint32_t line, uint32_t column,
    const char *reason)
{
	struct buf b;

	buf_init(&b, LINE_MAX_OCTETS);
	field(&b, "id", dy->txn->id);
	field(&b, "user", dy->to->rcpt.account.user);
	field(&b, "script", dy->script);
	number(&b, "line", line);
	number(&b, "column", column);
	field(&b, "reason", str_c(reason));
	log_warning(
	    "script not carried out, message kept:%.*s", STR_ARG(buf_str(&b)));
	buf_free(&b);
}

void
report_log(const struct delivery *dy, const struct deliver_result *r)
{
	const struct deliver_txn *txn = dy->txn;
	struct arena *a = dy->arena;
	struct buf b;

	buf_init(&b, LINE_MAX_OCTETS);
	field(&b, "id", txn->id);
	field(&b, "from", str_printf(a, "<%.*s>", STR_ARG(txn->sender)));
	field(&b, "to", str_printf(a, "<%.*s>", STR_ARG(dy->to->rcpt.address)));
	field(&b, "user", dy->to->rcpt.account.user);
	field(&b, "size", str_printf(a, "%zu", txn->bytes.len));
	field(&b, "status", r->ok ? S("2.1.5") : str_c(r->why.status));
	field(&b, "mailbox", r->where);
	field(&b, "script", dy->script);
	field(&b, "line", lines(dy));
	field(&b, "file", r->ok ? list_of(dy, file_of) : S(""));
	if (!r->ok)
		field(&b, "reason", str_c(r->why.text));
	log_notice("%s:%.*s", r->ok ? "delivered" : "not delivered",
	    STR_ARG(buf_str(&b)));
	buf_free(&b);
}
