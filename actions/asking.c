/*
 * asking: the read-only questions of a running script and their answers:
 * included scripts, and what it may know about where it runs; question.c has
 * those about mailboxes.
 * Decides nothing about the delivery.
 */
#include "actions/asking.h"

#include "actions/mailbox.h"
#include "actions/remember.h"
#include "lib/arena.h"

/* Where included scripts are, first one, then the other: with those of the
 * account, and beside its active one; or of the site. RFC 6609 */
static struct str
places_of(const struct asking *k, bool global, struct str place[2])
{
	struct delivery *dy = k->dy;
	struct account_script where;
	struct str sievedir[] = { conf_str(k->conf, SETTING_sievedir),
		S("/global") };
	ssize_t slash;

	account_script(k->conf, dy->scratch, &dy->to->rcpt.account, &where);
	slash = str_rchr(where.path, '/');
	place[0] = where.scripts;
	place[1] = S("");
	if (global)
		place[0] = str_join(dy->scratch, sievedir, 2);
	else if (slash > 0)
		place[1] = str_sub(where.path, 0, (size_t)slash);
	return global ? S(".script") : where.ending;
}

/* The address of the client without brackets; "" when it has none. */
static struct str
address_of(struct str peer)
{
	if (peer.len < 2 || peer.p[0] != '[' || peer.p[peer.len - 1] != ']')
		return S("");
	return str_sub(peer, 1, peer.len - 1);
}

/* What follows the first label of the host's name. */
static struct str
domain_of(struct str host)
{
	return str_from_offset(host, (size_t)(str_chr(host, '.') + 1));
}

/* "NAME" of "NAME.script", or of a path. */
static struct str
script_basename(struct str name)
{
	ssize_t dot;

	name = str_from_offset(name, (size_t)(str_rchr(name, '/') + 1));
	dot = str_rchr(name, '.');
	return dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
}

static bool
find_included(const struct asking *k, bool global, struct str name,
    struct script *script, struct fail *why)
{
	struct delivery *dy = k->dy;
	struct str place[2], file[2] = { name };

	file[1] = places_of(k, global, place);
	*script = (struct script){ .state = SCRIPT_NONE };
	for (int i = 0; i < 2 && script->state == SCRIPT_NONE; i++)
		if (place[i].len > 0 &&
		    !script_include(k->scripts, place[i],
			str_join(dy->scratch, file, 2), k->limits, dy->scratch,
			script, why))
			return false;
	return true;
}

static enum sieve_found
included_script(void *ctx, bool global, struct str name,
    const struct sieve_program **prog, struct str *text)
{
	const struct asking *asking = ctx;
	struct delivery *dy = asking->dy;
	struct script script;
	struct fail why;

	if (!find_included(asking, global, name, &script, &why)) {
		*text = str_dup(dy->scratch, str_c(why.text));
		return SIEVE_BROKEN;
	}
	*prog = script.program;
	*text = script.text;
	if (script.state == SCRIPT_BROKEN && script.line > 0)
		*text = str_printf(dy->scratch, "line %u: %.*s", script.line,
		    STR_ARG(script.text));
	return script.state == SCRIPT_OK     ? SIEVE_FOUND
	       : script.state == SCRIPT_NONE ? SIEVE_MISSING
	                                     : SIEVE_BROKEN;
}

static bool
seen(void *ctx, const struct plan_mark *mark)
{
	return remember_seen(((const struct asking *)ctx)->dy, mark);
}

struct sieve_env
asking_env(struct asking *asking, const struct script *script)
{
	struct delivery *dy = asking->dy;
	struct str host = conf_servername(asking->conf);
	struct sieve_env env = {
		.msg = dy->msg,
		.sender = dy->txn->sender,
		.rcpt = dy->to->rcpt.address,
		.auth = dy->txn->auth,
		.dsn_notify = dy->to->notify,
		.dsn_orcpt = dy->to->orcpt,
		.dsn_ret = dy->txn->ret,
		.dsn_envid = dy->txn->envid,
		.now = dy->txn->start_us / 1000000,
		.script = included_script,
		.seen = seen,
		.script_name = script_basename(script->name),
		.host = host,
		.domain = domain_of(host),
		.remote_ip = address_of(dy->txn->peer),
		.ctx = asking,
	};

	mailbox_questions(&env);
	return env;
}
