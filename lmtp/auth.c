/*
 * auth: the only file that knows Cyrus SASL. Knows no reply and no line: it
 * gets and gives octets.
 */
#include "config.h"

#include "lmtp/auth.h"

#include "lib/arena.h"
#include "lib/log.h"

#ifdef HAVE_SASL
#include <sasl/sasl.h>

enum { SSF_OF_TLS = 256 };

struct auth {
	sasl_conn_t *conn;
	char text[512]; /* the mechanisms */
};

/* Options of the library that have a setting. */
static const struct option {
	const char *name;
	enum setting setting;
} options[] = {
	{ "mech_list", SETTING_sasl_mech_list },
	{ "pwcheck_method", SETTING_sasl_pwcheck_method },
	{ "saslauthd_path", SETTING_sasl_saslauthd_path },
	{ "auxprop_plugin", SETTING_sasl_auxprop_plugin },
	{ "sasldb_path", SETTING_sasl_sasldb_path },
};

static int
get_option(void *ctx, const char *plugin, const char *name, const char **out,
    unsigned *len)
{
	(void)plugin;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		struct str value;

		if (strcmp(options[i].name, name) != 0)
			continue;
		value = conf_str(ctx, options[i].setting);
		if (value.len == 0)
			break;
		*out = value.p; /* settings are C strings, too */
		if (len != NULL)
			*len = (unsigned)value.len;
		return SASL_OK;
	}
	return SASL_FAIL;
}

static int
take_log(void *ctx, int level, const char *text)
{
	(void)ctx;
	if (level == SASL_LOG_ERR || level == SASL_LOG_WARN)
		log_warning("SASL: %s", text);
	else if (level <= SASL_LOG_NOTE)
		log_debug("SASL: %s", text);
	return SASL_OK;
}

/* The library has one type for all functions it calls. */
typedef int any_function(void);

bool
auth_start(struct arena *a, const struct conf *conf, struct fail *why)
{
	void *ctx = (void *)(uintptr_t)conf;
	sasl_callback_t *calls = ARENA_ARRAY(a, 3, sasl_callback_t);
	int rc;

	/* It keeps the table as long as the process lives: so does the arena.
	 */
	calls[0] = (sasl_callback_t){ SASL_CB_GETOPT,
		(any_function *)(void (*)(void))get_option, ctx };
	calls[1] = (sasl_callback_t){ SASL_CB_LOG,
		(any_function *)(void (*)(void))take_log, NULL };
	calls[2] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
	rc = sasl_server_init(calls, "tamis");
	return rc == SASL_OK || fail_temp(why, "4.3.5", "SASL: %s",
				    sasl_errstring(rc, NULL, NULL));
}

void
auth_stop(void)
{
	sasl_server_done();
}

/* No layer of its own: TLS is there for that. Passwords in the clear only
 * where nobody can listen. */
static bool
set_properties(
    sasl_conn_t *conn, const struct conf *conf, bool tls, struct str external)
{
	sasl_security_properties_t props = { .max_ssf = 0,
		.maxbufsize = 0,
		.security_flags = SASL_SEC_NOANONYMOUS };
	sasl_ssf_t ssf = SSF_OF_TLS;

	if (!tls && !conf_bool(conf, SETTING_allowplaintext))
		props.security_flags |= SASL_SEC_NOPLAINTEXT;
	return sasl_setprop(conn, SASL_SEC_PROPS, &props) == SASL_OK &&
	       (!tls ||
		   sasl_setprop(conn, SASL_SSF_EXTERNAL, &ssf) == SASL_OK) &&
	       (external.len == 0 || sasl_setprop(conn, SASL_AUTH_EXTERNAL,
					 external.p) == SASL_OK);
}

struct auth *
auth_new(
    struct arena *arena, const struct conf *conf, bool tls, struct str external)
{
	struct auth *a = ARENA_NEW(arena, struct auth);
	struct str host = conf_servername(conf);
	int rc = sasl_server_new(
	    "lmtp", str_cstr(arena, host), NULL, NULL, NULL, NULL, 0, &a->conn);

	if (rc == SASL_OK && external.len > 0)
		external = str_c(str_cstr(arena, external));
	if (rc == SASL_OK && set_properties(a->conn, conf, tls, external))
		return a;
	log_error("SASL: %s", sasl_errstring(rc, NULL, NULL));
	sasl_dispose(&a->conn);
	return NULL;
}

void
auth_free(struct auth *a)
{
	if (a != NULL)
		sasl_dispose(&a->conn);
}

static struct str
mechanisms(void *ctx)
{
	struct auth *a = ctx;
	const char *list;
	unsigned len;

	if (sasl_listmech(a->conn, NULL, "", " ", "", &list, &len, NULL) !=
	    SASL_OK)
		return S("");
	snprintf(a->text, sizeof(a->text), "%s", list);
	return str_c(a->text);
}

static enum auth_step
meaning(struct auth *a, int rc, struct fail *why)
{
	switch (rc) {
	case SASL_OK:
		return AUTH_DONE;
	case SASL_CONTINUE:
		return AUTH_CHALLENGE;
	case SASL_NOMECH:
		fail_code(why, 504, "5.5.4", "mechanism not offered");
		break;
	case SASL_TOOWEAK:
	case SASL_ENCRYPT:
		fail_code(why, 538, "5.7.11", "encryption is needed for that");
		break;
	case SASL_BADPROT:
		fail_code(why, 501, "5.5.2", "not what this mechanism expects");
		break;
	case SASL_BADAUTH:
	case SASL_NOUSER:
	case SASL_NOAUTHZ:
	case SASL_EXPIRED:
	case SASL_DISABLED:
		fail_code(why, 535, "5.7.8", "authentication failed");
		break;
	default:
		log_warning("SASL: %s", sasl_errdetail(a->conn));
		fail_temp(why, "4.7.0", "cannot authenticate now");
		why->code = 454;
	}
	return AUTH_FAILED;
}

static enum auth_step
begin(void *ctx, struct str mechanism, const struct str *initial,
    struct str *out, struct fail *why)
{
	struct auth *a = ctx;
	char name[SASL_MECHNAMEMAX + 1];
	const char *challenge = NULL;
	unsigned len = 0;
	int rc;

	if (mechanism.len > SASL_MECHNAMEMAX)
		return meaning(a, SASL_NOMECH, why);
	snprintf(name, sizeof(name), "%.*s", STR_ARG(mechanism));
	rc = sasl_server_start(a->conn, name,
	    initial != NULL ? initial->p : NULL,
	    initial != NULL ? (unsigned)initial->len : 0, &challenge, &len);
	*out = str_from(challenge != NULL ? challenge : "", len);
	return meaning(a, rc, why);
}

static enum auth_step
next(void *ctx, struct str response, struct str *out, struct fail *why)
{
	struct auth *a = ctx;
	const char *challenge = NULL;
	unsigned len = 0;
	int rc = sasl_server_step(
	    a->conn, response.p, (unsigned)response.len, &challenge, &len);

	*out = str_from(challenge != NULL ? challenge : "", len);
	return meaning(a, rc, why);
}

static struct str
user(void *ctx)
{
	struct auth *a = ctx;
	const void *name = NULL;

	if (sasl_getprop(a->conn, SASL_USERNAME, &name) != SASL_OK ||
	    name == NULL)
		return S("");
	return str_c(name);
}

const struct session_auth auth_functions = {
	.mechanisms = mechanisms,
	.begin = begin,
	.next = next,
	.user = user,
};

#else

bool
auth_start(struct arena *a, const struct conf *conf, struct fail *why)
{
	(void)a;
	(void)conf;
	return fail_temp(why, "4.3.5", "built without Cyrus SASL");
}

void
auth_stop(void)
{
}

struct auth *
auth_new(
    struct arena *arena, const struct conf *conf, bool tls, struct str external)
{
	(void)arena;
	(void)conf;
	(void)tls;
	(void)external;
	return NULL;
}

void
auth_free(struct auth *a)
{
	(void)a;
}

const struct session_auth auth_functions = { NULL };

#endif
