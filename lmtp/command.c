/*
 * command: one row for each verb: when it may come, and what it does. Knows
 * nothing of how lines arrive.
 */
#include "lmtp/command.h"

#include <assert.h>
#include <stdarg.h>

#include "lib/arena.h"
#include "lmtp/auth_line.h"
#include "lmtp/param.h"
#include "lmtp/reply.h"
#include "lmtp/session-impl.h"

struct command {
	struct str verb;
	unsigned phases; /* when it is allowed */
	bool no_arg;
	bool begins; /* a transaction: wants authentication, and to be open */
	const char *sequence; /* said otherwise */
	void (*exec)(struct session *, struct str arg);
};

enum { KEYWORDS_MAX = 16, KEYWORD_LEN = 384 };

/* What LHLO is answered with. */
struct hello {
	struct str line[KEYWORDS_MAX];
	char text[KEYWORDS_MAX][KEYWORD_LEN];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void
announce(struct hello *h, const char *fmt, ...)
{
	va_list ap;

	assert(h->n < KEYWORDS_MAX);
	va_start(ap, fmt);
	vsnprintf(h->text[h->n], KEYWORD_LEN, fmt, ap);
	va_end(ap);
	h->line[h->n] = str_c(h->text[h->n]);
	h->n++;
}

static bool
offers_auth(const struct session *s)
{
	return s->auth != NULL && !s->authed;
}

/* Only what is true for this session now. */
static void
announce_all(struct hello *h, const struct session *s)
{
	unsigned long long max = s->conf.max_size;

	h->line[h->n++] = s->conf.servername;
	announce(h, "8BITMIME");
	announce(h, "ENHANCEDSTATUSCODES");
	announce(h, "PIPELINING");
	/* RFC 1870 s. 3: without a number there is no fixed limit. */
	if (max > 0)
		announce(h, "SIZE %llu", max);
	else
		announce(h, "SIZE");
	announce(h, "SMTPUTF8");
	announce(h, "CHUNKING");
	announce(h, "LIMITS RCPTMAX=%u", (unsigned)s->conf.max_rcpt);
	if (s->conf.starttls && !s->tls)
		announce(h, "STARTTLS");
	if (offers_auth(s) && s->auth->mechanisms(s->auth_ctx).len > 0)
		announce(
		    h, "AUTH %.*s", STR_ARG(s->auth->mechanisms(s->auth_ctx)));
	announce(h, "IGNOREQUOTA");
}

static void
cmd_lhlo(struct session *s, struct str arg)
{
	struct hello hello = { .n = 0 };

	if (arg.len == 0 || str_has_ctl(arg)) {
		session_bad(s, 501, "5.5.4", "LHLO needs a name");
		return;
	}
	session_end_txn(s);
	s->lhlo_len = arg.len < LHLO_MAX ? arg.len : LHLO_MAX;
	memcpy(s->lhlo, arg.p, s->lhlo_len);
	announce_all(&hello, s);
	reply_list(&s->out, 250, hello.line, hello.n);
}

/* RFC 2033 s. 4.1: must not get a positive answer. */
static void
cmd_helo(struct session *s, struct str arg)
{
	(void)arg;
	session_bad(s, 500, "5.5.1", "this is LMTP, say LHLO");
}

/* Offset of the ">" that ends a path which begins at 0, or -1. */
static ssize_t
path_end(struct str s)
{
	bool quoted = false;

	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '>' && !quoted)
			return (ssize_t)i;
	}
	return -1;
}

/*
 * "FROM:<path> parameters": split. Blanks before the path are common and
 * harmless.
 */
static bool
cut_path(struct str *arg, struct str keyword, struct str *path)
{
	ssize_t end;

	if (!str_casestarts(*arg, keyword))
		return false;
	*arg = str_from_offset(*arg, keyword.len);
	while (arg->len > 0 && arg->p[0] == ' ')
		*arg = str_from_offset(*arg, 1);
	if (arg->len == 0 || arg->p[0] != '<')
		return false;
	end = path_end(*arg);
	if (end < 0)
		return false;
	*path = str_sub(*arg, 1, (size_t)end);
	*arg = str_from_offset(*arg, (size_t)end + 1);
	return arg->len == 0 || arg->p[0] == ' ';
}

static bool
parse_mail(struct session *s, struct txn *t, struct str arg, struct fail *why)
{
	struct param_mail param;
	struct address addr;
	struct str path;
	const char *text;

	if (!cut_path(&arg, S("FROM:"), &path))
		return fail_code(
		    why, 501, "5.5.4", "MAIL FROM:<path> expected");
	/* Before the path: SMTPUTF8 says what may stand in it. */
	if (!param_parse_mail(arg, &param, why))
		return false;
	if (!address_parse_path(t->arena, path, param.utf8, &addr, &text))
		return fail_code(why, 501, "5.1.7", "%s", text);
	if (s->conf.max_size > 0 && param.size > s->conf.max_size)
		return fail_code(why, 552, "5.3.4",
		    "message is larger than %llu octets",
		    (unsigned long long)s->conf.max_size);
	t->sender = path.len > 0 ? addr.text : S("");
	t->size = param.size;
	t->eightbit = param.eightbit;
	t->utf8 = param.utf8;
	if (!str_eq(param.auth, S("<>")))
		t->auth = param_xtext(t->arena, param.auth);
	t->ret = param.ret;
	t->envid = param_xtext(t->arena, param.envid);
	return true;
}

static bool
parse_rcpt(struct txn *t, struct str arg, struct address *out,
    struct param_rcpt *param, struct fail *why)
{
	const char *text = "no recipient";
	struct str path;

	if (!cut_path(&arg, S("TO:"), &path))
		return fail_code(why, 501, "5.5.4", "RCPT TO:<path> expected");
	if (path.len == 0 ||
	    !address_parse_path(t->arena, path, t->utf8, out, &text))
		return fail_code(why, 501, "5.1.3", "%s", text);
	return param_parse_rcpt(arg, t->utf8, param, why);
}

static void
refuse(struct session *s, const struct fail *why)
{
	/* A limit is no error of syntax. */
	if (why->code == 552)
		session_say(s, why->code, why->status, why->text);
	else
		session_bad(s, why->code, why->status, why->text);
}

static void
cmd_mail(struct session *s, struct str arg)
{
	struct txn *t = txn_new(s->conf.ids);
	struct fail why;

	if (!parse_mail(s, t, arg, &why)) {
		txn_free(t);
		refuse(s, &why);
		return;
	}
	t->peer = str_dup(t->arena, s->peer);
	s->txn = t;
	session_say(s, 250, "2.1.0", "Ok");
}

static uint32_t
add_rcpt(
    struct txn *t, const struct address *addr, const struct param_rcpt *param)
{
	uint32_t i = txn_add_rcpt(t, addr);

	t->rcpt[i].ignore_quota = param->ignore_quota;
	t->rcpt[i].notify = param_notify_text(t->arena, param->notify);
	t->rcpt[i].orcpt = param_xtext(t->arena, param->orcpt);
	return i;
}

static void
cmd_rcpt(struct session *s, struct str arg)
{
	struct param_rcpt param;
	struct address addr;
	struct fail why;

	if (s->txn->nrcpt >= s->conf.max_rcpt)
		session_say(s, 452, "4.5.3", "too many recipients");
	else if (!parse_rcpt(s->txn, arg, &addr, &param, &why))
		refuse(s, &why);
	else
		session_ask(s, add_rcpt(s->txn, &addr, &param));
}

static void
cmd_data(struct session *s, struct str arg)
{
	(void)arg;
	session_begin_data(s);
	session_say(s, 354, NULL, "end with <CRLF>.<CRLF>");
}

static struct str
trim_blanks(struct str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from_offset(s, 1);
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* "octets" or "octets LAST" */
static bool
parse_bdat(struct str arg, uint64_t *octets, bool *last)
{
	struct str size;

	str_cut(&arg, ' ', &size);
	arg = trim_blanks(arg);
	*last = str_caseeq(arg, S("LAST"));
	for (size_t i = 0; i < size.len; i++)
		if (!ascii_is_digit(size.p[i]))
			return false;
	return str_to_u64(size, octets) && (*last || arg.len == 0);
}

/* Allowed at all times: its octets come whatever we say. RFC 3030 s. 2 */
static void
cmd_bdat(struct session *s, struct str arg)
{
	bool taken = (session_phase(s) & (PHASE_RCPT | PHASE_CHUNK)) != 0, last;
	uint64_t octets;

	if (!parse_bdat(arg, &octets, &last)) {
		/* Where the next command begins is not known any more. */
		session_bye(s, 501, "5.5.4", "BDAT needs a size");
		return;
	}
	if (!taken && !last)
		session_say(
		    s, 503, "5.5.1", "BDAT needs an accepted recipient");
	if (!taken && last && session_phase(s) == PHASE_MAIL)
		session_end_txn(s);
	session_begin_chunk(s, octets, last);
}

/* RFC 3207. The reply waits until it is known that nothing follows. */
static void
cmd_starttls(struct session *s, struct str arg)
{
	(void)arg;
	if (!s->conf.starttls)
		session_bad(s, 502, "5.5.1", "TLS is not offered");
	else if (s->tls)
		session_bad(s, 503, "5.5.1", "this is encrypted already");
	else
		s->want = SESSION_TLS;
}

static void
cmd_auth(struct session *s, struct str arg)
{
	if (s->authed || (s->preauth && s->auth == NULL))
		session_bad(s, 503, "5.5.1", "you are known already");
	else if (!offers_auth(s))
		session_bad(s, 502, "5.5.1", "AUTH is not offered");
	else if (arg.len == 0)
		session_bad(s, 501, "5.5.4", "AUTH needs a mechanism");
	else
		auth_begin(s, arg);
}

static void
cmd_rset(struct session *s, struct str arg)
{
	(void)arg;
	session_end_txn(s);
	session_say(s, 250, "2.0.0", "Ok");
}

static void
cmd_noop(struct session *s, struct str arg)
{
	(void)arg;
	session_say(s, 250, "2.0.0", "Ok");
}

static void
cmd_vrfy(struct session *s, struct str arg)
{
	if (arg.len == 0)
		session_bad(s, 501, "5.5.4", "VRFY needs an argument");
	else
		session_say(s, 252, "2.5.0", "RCPT tells");
}

static void
cmd_quit(struct session *s, struct str arg)
{
	(void)arg;
	session_bye(s, 221, "2.0.0", "bye");
}

static const struct command commands[] = {
	{ .verb = STR("LHLO"), .phases = PHASE_ANY, .exec = cmd_lhlo },
	{ .verb = STR("HELO"), .phases = PHASE_ANY, .exec = cmd_helo },
	{ .verb = STR("EHLO"), .phases = PHASE_ANY, .exec = cmd_helo },
	{ .verb = STR("MAIL"),
	    .phases = PHASE_READY,
	    .begins = true,
	    .sequence = "MAIL needs LHLO and no open transaction",
	    .exec = cmd_mail },
	{ .verb = STR("RCPT"),
	    .phases = PHASE_MAIL | PHASE_RCPT,
	    .sequence = "RCPT needs MAIL",
	    .exec = cmd_rcpt },
	{ .verb = STR("DATA"),
	    .phases = PHASE_RCPT,
	    .no_arg = true,
	    .sequence = "DATA needs an accepted recipient",
	    .exec = cmd_data },
	{ .verb = STR("AUTH"),
	    .phases = PHASE_READY,
	    .sequence = "AUTH needs LHLO and no open transaction",
	    .exec = cmd_auth },
	{ .verb = STR("STARTTLS"),
	    .phases = PHASE_START | PHASE_READY,
	    .no_arg = true,
	    .sequence = "STARTTLS within a transaction",
	    .exec = cmd_starttls },
	{ .verb = STR("BDAT"), .phases = PHASE_ANY, .exec = cmd_bdat },
	{ .verb = STR("RSET"),
	    .phases = PHASE_ANY,
	    .no_arg = true,
	    .exec = cmd_rset },
	{ .verb = STR("NOOP"), .phases = PHASE_ANY, .exec = cmd_noop },
	{ .verb = STR("VRFY"), .phases = PHASE_ANY, .exec = cmd_vrfy },
	{ .verb = STR("QUIT"),
	    .phases = PHASE_ANY,
	    .no_arg = true,
	    .exec = cmd_quit },
};

static const struct command *
find(struct str verb)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (str_caseeq(commands[i].verb, verb))
			return &commands[i];
	return NULL;
}

/* RFC 4954 s. 6; RFC 3463 s. 3.4 */
static bool
may_begin(struct session *s)
{
	char text[512];

	if (s->conf.shut != NULL &&
	    s->conf.shut(s->conf.shut_ctx, text, sizeof(text))) {
		session_bye(s, 421, "4.3.2", text);
		return false;
	}
	if (!s->preauth && !s->authed)
		session_say(s, 530, "5.7.0", "authentication required");
	return s->preauth || s->authed;
}

void
command_run(struct session *s, struct str line)
{
	ssize_t blank = str_chr(line, ' ');
	struct str verb = blank < 0 ? line : str_sub(line, 0, (size_t)blank);
	struct str arg = trim_blanks(str_from_offset(line, verb.len));
	const struct command *cmd = find(verb);

	if (cmd == NULL)
		session_bad(s, 500, "5.5.1", "unknown command");
	/* Not counted as an error: after one refusal all that was pipelined
	 * behind it is out of sequence. RFC 2920 s. 3.1 */
	else if ((cmd->phases & session_phase(s)) == 0)
		session_say(s, 503, "5.5.1",
		    session_phase(s) == PHASE_CHUNK ? "more BDAT expected"
						    : cmd->sequence);
	else if (cmd->no_arg && arg.len > 0)
		session_bad(s, 501, "5.5.4", "no argument allowed");
	else if (!cmd->begins || may_begin(s))
		cmd->exec(s, arg);
}
