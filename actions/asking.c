/*
 * asking: the read-only questions of a running script and their answers:
 * mailboxes, included scripts, and what it may know about where it runs.
 * Decides nothing about the delivery.
 */
#include "actions/asking.h"

#include "lib/arena.h"

static bool
mailbox_exists(void *ctx, struct str mailbox)
{
	struct delivery *dy = ((const struct asking *)ctx)->dy;
	struct store_account acct = store_account_of(dy);
	struct fail ignored;
	struct str name;
	bool there = false;

	return mailbox_name(dy->scratch, dy->tools->options->layout, mailbox,
		   dy->tools->sep, &name, &ignored) &&
	       dy->tools->store->exists(
		   dy->scratch, &acct, name, &there, &ignored) &&
	       there;
}

/* Beside the active script, with its ending; or of the site. RFC 6609 */
static void
place_of(const struct asking *asking, bool global, struct str *dir,
    struct str *ending)
{
	struct delivery *dy = asking->dy;
	struct account_script where;
	struct str sievedir[] = { conf_str(asking->conf, SETTING_sievedir),
		S("/global") };
	ssize_t slash;

	account_script(
	    asking->conf, dy->scratch, &dy->to->rcpt.account, &where);
	slash = str_rchr(where.path, '/');
	*dir = where.dir;
	*ending = S(".script");
	if (global) {
		*dir = str_join(dy->scratch, sievedir, 2);
	} else if (slash > 0) {
		*dir = str_sub(where.path, 0, (size_t)slash);
		*ending = S(".sieve");
	}
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

static enum sieve_found
included_script(void *ctx, bool global, struct str name,
    const struct sieve_program **prog, struct str *text)
{
	const struct asking *asking = ctx;
	struct delivery *dy = asking->dy;
	struct script script;
	struct fail why;
	struct str dir, file[2] = { name, S("") };

	place_of(asking, global, &dir, &file[1]);
	if (dir.len == 0)
		return SIEVE_MISSING;
	if (!script_include(asking->scripts, dir,
		str_join(dy->scratch, file, 2), asking->limits, dy->scratch,
		&script, &why)) {
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

struct sieve_env
asking_env(struct asking *asking, const struct script *script)
{
	struct delivery *dy = asking->dy;
	struct str host = conf_servername(asking->conf);

	return (struct sieve_env){
		.msg = dy->msg,
		.sender = dy->txn->sender,
		.rcpt = dy->to->rcpt.address,
		.now = dy->txn->start_us / 1000000,
		.mailbox_exists = mailbox_exists,
		.script = included_script,
		.script_name = script_basename(script->name),
		.host = host,
		.domain = domain_of(host),
		.remote_ip = address_of(dy->txn->peer),
		.ctx = asking,
	};
}
