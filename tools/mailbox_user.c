/*
 * mailbox_user: from a user on the command line to their mailboxes. Knows
 * configuration and accounts; changes nothing.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "actions/mailbox.h"
#include "lib/arena.h"
#include "lmtp/privilege.h"
#include "tools/mailbox.h"

static struct conf *
read_conf(struct arena *a, const char *path)
{
	struct conf_messages messages;
	struct conf *conf = conf_load(a, path, NULL, &messages);
	struct buf text;

	if (conf != NULL)
		return conf;
	buf_init(&text, 1 << 20);
	conf_messages_print(&messages, &text);
	tamis_write(STDERR_FILENO, buf_str(&text));
	buf_free(&text);
	return NULL;
}

static int
find(struct mailbox_user *u, const char *user)
{
	struct accounts *accounts = accounts_open(u->arena, u->conf);
	struct fail why;
	bool ok = account_find_user(
	    accounts, u->arena, str_c(user), &u->account, &why);

	accounts_close(accounts);
	if (ok)
		return EXIT_OK;
	fprintf(stderr, "tamis mailbox: %s: %s\n", user, why.text);
	return why.class == FAIL_TEMP ? EX_TEMPFAIL : EX_NOUSER;
}

int
mailbox_open(struct mailbox_user *u, const char *config, const char *user)
{
	int status;

	*u = (struct mailbox_user){ .arena = arena_new("mailbox", 0) };
	if (config == NULL)
		config = SYSCONFDIR "/imapd.conf";
	u->conf = read_conf(u->arena, config);
	if (u->conf == NULL)
		return EX_CONFIG;
	umask((mode_t)conf_int(u->conf, SETTING_umask));
	/* what is made here is to be theirs who deliver */
	if (!privilege_drop(u->conf, -1))
		return EX_CONFIG;
	status = find(u, user);
	u->options = store_options_of(u->arena, u->conf);
	u->acct = (struct store_account){ &u->options, u->account.root };
	return status;
}

void
mailbox_close(struct mailbox_user *u)
{
	arena_free(u->arena);
}

bool
mailbox_argument(const struct mailbox_user *u, const char *arg, struct str *out)
{
	struct fail why;

	if (mailbox_name(u->arena, u->options.layout, str_c(arg),
		mailbox_separator(u->conf), out, &why))
		return true;
	fprintf(stderr, "tamis mailbox: %s\n", why.text);
	return false;
}

void
mailbox_put_clean(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' || c == 0x7f || c == '\\')
			buf_printf(out, "\\x%02x", c);
		else
			buf_addc(out, text.p[i]);
	}
}
