/*
 * tamis mailbox map: how an address finds its mailbox. The look-up is that of
 * RCPT; only the telling is here.
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "actions/action.h"
#include "actions/recipient.h"
#include "actions/script.h"
#include "lib/arena.h"
#include "lib/log.h"
#include "tools/mailbox.h"

enum { TEXT_MAX = 1 << 20, CACHE_PROGRAMS = 4, CACHE_BYTES = 16 << 20 };

static const char *const script_states[] = {
	[SCRIPT_NONE] = "none: keep",
	[SCRIPT_OK] = "compiles",
	[SCRIPT_BROKEN] = "cannot be used, mail is kept in INBOX",
};

static void
tell_script(struct arena *a, const struct conf *conf,
    const struct account *acct, struct buf *out)
{
	struct script_cache *cache =
	    script_cache_new(a, CACHE_PROGRAMS, CACHE_BYTES);
	struct sieve_limits limits = sieve_limits_default;
	struct account_script where;
	struct script script;
	struct fail why;

	limits.script_bytes =
	    (size_t)conf_int(conf, SETTING_sieve_maxscriptsize);
	account_script(conf, a, acct, &where);
	buf_adds(out, S("script: "));
	if (where.path.len == 0 && where.dir.len == 0)
		buf_adds(out, S("(no place) "));
	else if (where.path.len > 0)
		buf_printf(out, "%.*s ", STR_ARG(where.path));
	else
		buf_printf(
		    out, "%.*s/%.*s ", STR_ARG(where.dir), STR_ARG(where.link));
	if (!script_find(cache, &where, &limits, a, &script, &why))
		buf_printf(out, "%s\n", why.text);
	else if (script.state != SCRIPT_BROKEN)
		buf_printf(out, "%s\n", script_states[script.state]);
	else
		buf_printf(out, "%s: line %u: %.*s\n",
		    script_states[SCRIPT_BROKEN], script.line,
		    STR_ARG(script.text));
	script_cache_free(cache);
}

static void
tell_quota(const struct conf *conf, const struct account *acct, struct buf *out)
{
	struct store_quota q = quota_of(conf, acct);

	buf_adds(out, S("quota: "));
	if (!q.known)
		buf_adds(out, S("no limit but that of maildirsize"));
	if (q.known && q.octets > 0)
		buf_printf(out, "%llu octets ", (unsigned long long)q.octets);
	if (q.known && q.messages > 0)
		buf_printf(
		    out, "%llu messages ", (unsigned long long)q.messages);
	if (q.known && q.octets == 0 && q.messages == 0)
		buf_adds(out, S("no limit "));
	if (q.known)
		buf_printf(out, "by %.*s",
		    acct->has_quota ? (int)acct->back_end.len : 16,
		    acct->has_quota ? acct->back_end.p : "autocreate_quota");
	buf_addc(out, '\n');
}

static int
map(struct arena *a, const struct conf *conf, const struct address *addr,
    struct buf *out)
{
	struct accounts *accounts = accounts_open(a, conf);
	struct recipient_query query = { .addr = addr,
		.quota = recipient_has_room };
	struct recipient rcpt;
	struct fail why;
	bool ok;

	accounts_explain(accounts, out);
	ok = recipient_find(accounts, a, &query, &rcpt, &why);
	accounts_close(accounts);
	if (rcpt.account.root.len > 0) {
		tell_script(a, conf, &rcpt.account, out);
		tell_quota(conf, &rcpt.account, out);
	}
	if (ok) {
		buf_adds(out, S("reply: 250 2.1.5 Ok\n"));
		return EXIT_OK;
	}
	buf_printf(out, "reply: %d %s %s\n", why.code, why.status, why.text);
	return why.class == FAIL_PERM ? EXIT_BAD : EX_TEMPFAIL;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	const char *file = NULL, *bad = "no address";
	const struct tamis_option opts[] = { { "-C", &file, NULL }, { 0 } };
	int n = tamis_options(cmd, argc, argv, opts), status;
	const struct conf *conf;
	struct address addr;
	struct arena *a;
	struct buf out;

	if (n < 0)
		return EXIT_USAGE;
	if (n != 1)
		return tamis_usage(cmd, "map one address, please");
	a = arena_new("mailbox", 0);
	conf = tamis_conf(a, file);
	if (conf == NULL) {
		arena_free(a);
		return EX_CONFIG;
	}
	buf_init(&out, TEXT_MAX);
	if (address_parse_path(a, str_c(argv[1]), false, &addr, &bad)) {
		status = map(a, conf, &addr, &out);
	} else {
		buf_printf(&out, "address: %s\n", bad);
		status = EXIT_BAD;
	}
	if (!tamis_write(STDOUT_FILENO, buf_str(&out)))
		status = EX_IOERR;
	buf_free(&out);
	arena_free(a);
	return status;
}

const struct tamis_cmd mailbox_map = {
	.name = "mailbox map",
	.usage = "ADDRESS [-C FILE]",
	.help = "show how an address finds its account, mailbox and script",
	.run = run,
};
