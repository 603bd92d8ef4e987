/*
 * tls: the only file that knows OpenSSL's TLS. Knows no protocol but that,
 * and no event loop.
 */
#include "lmtp/tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "lib/arena.h"
#include "lib/log.h"

struct tls_context {
	struct arena *arena;
	SSL_CTX *ctx;
};

struct tls {
	struct arena *arena;
	SSL *ssl;
	bool wants_room;
	bool broken; /* nothing may be said any more */
};

/* The first error is the cause; what it led to follows it. */
static const char *
cause(char *text, size_t size)
{
	unsigned long e = ERR_get_error();

	if (e != 0)
		ERR_error_string_n(e, text, size);
	else
		snprintf(text, size, "unknown cause");
	ERR_clear_error();
	return text;
}

static bool
bad(struct fail *why, const char *setting, struct str value)
{
	char text[256];

	return fail_temp(why, "4.3.5", "%s %.*s: %s", setting, STR_ARG(value),
	    cause(text, sizeof(text)));
}

static const struct version {
	struct str name;
	uint64_t off;
} versions[] = {
	{ STR("tls1_0"), SSL_OP_NO_TLSv1 },
	{ STR("tls1_1"), SSL_OP_NO_TLSv1_1 },
	{ STR("tls1_2"), SSL_OP_NO_TLSv1_2 },
	{ STR("tls1_3"), SSL_OP_NO_TLSv1_3 },
};
enum { VERSIONS = sizeof(versions) / sizeof(*versions) };

static bool
set_versions(SSL_CTX *ctx, const struct strlist *wanted, struct fail *why)
{
	uint64_t off = 0;

	for (size_t v = 0; v < VERSIONS; v++)
		off |= versions[v].off;
	for (size_t i = 0; i < wanted->n; i++) {
		size_t v = 0;

		while (
		    v < VERSIONS && !str_caseeq(versions[v].name, wanted->v[i]))
			v++;
		if (v == VERSIONS)
			return fail_temp(why, "4.3.5",
			    "tls_versions: %.*s is none of tls1_0 tls1_1 "
			    "tls1_2 tls1_3",
			    STR_ARG(wanted->v[i]));
		off &= ~versions[v].off;
	}
	SSL_CTX_set_options(ctx, off);
	return true;
}

static bool
set_certificate(SSL_CTX *ctx, struct str cert, struct str key, struct fail *why)
{
	/* Settings are C strings, too. */
	if (SSL_CTX_use_certificate_chain_file(ctx, cert.p) != 1)
		return bad(why, "tls_server_cert", cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key.p, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return bad(why, "tls_server_key", key);
	return true;
}

static bool
set_ciphers(SSL_CTX *ctx, const struct conf *conf, struct fail *why)
{
	struct str old = conf_str(conf, SETTING_tls_ciphers);
	struct str suites = conf_str(conf, SETTING_tls_ciphersuites);

	if (old.len > 0 && SSL_CTX_set_cipher_list(ctx, old.p) != 1)
		return bad(why, "tls_ciphers", old);
	if (suites.len > 0 && SSL_CTX_set_ciphersuites(ctx, suites.p) != 1)
		return bad(why, "tls_ciphersuites", suites);
	if (conf_bool(conf, SETTING_tls_prefer_server_ciphers))
		SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	return true;
}

enum { CERTS_OFF, CERTS_OPTIONAL, CERTS_REQUIRE }; /* tls_client_certs */

/* Without an authority that vouches for it a certificate proves nothing, so
 * none is asked for. */
static bool
set_client_certificates(SSL_CTX *ctx, const struct conf *conf, struct fail *why)
{
	struct str file = conf_str(conf, SETTING_tls_client_ca_file);
	struct str dir = conf_str(conf, SETTING_tls_client_ca_dir);
	int64_t how = conf_enum(conf, SETTING_tls_client_certs);
	int mode = SSL_VERIFY_PEER;

	if (file.len == 0 && dir.len == 0 && how == CERTS_REQUIRE)
		return fail_temp(why, "4.3.5",
		    "tls_client_certs require: neither tls_client_ca_file nor "
		    "tls_client_ca_dir is set");
	if (how == CERTS_OFF || (file.len == 0 && dir.len == 0))
		return true;
	if (SSL_CTX_load_verify_locations(ctx, file.len > 0 ? file.p : NULL,
		dir.len > 0 ? dir.p : NULL) != 1)
		return bad(why, "tls_client_ca_file", file);
	if (file.len > 0)
		SSL_CTX_set_client_CA_list(
		    ctx, SSL_load_client_CA_file(file.p));
	if (how == CERTS_REQUIRE)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ctx, mode, NULL);
	return true;
}

static bool
set_all(SSL_CTX *ctx, const struct conf *conf, struct str cert, struct str key,
    struct fail *why)
{
	static const unsigned char id[] = "tamis-lmtp";

	/* An idle connection holds no buffers. A peer that goes away without
	 * a word is a lost connection like any other. */
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
				  SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION |
				     SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
	return set_versions(ctx, conf_list(conf, SETTING_tls_versions), why) &&
	       set_ciphers(ctx, conf, why) &&
	       set_certificate(ctx, cert, key, why) &&
	       set_client_certificates(ctx, conf, why);
}

bool
tls_context_new(
    const struct conf *conf, struct tls_context **out, struct fail *why)
{
	struct str cert = conf_str(conf, SETTING_tls_server_cert);
	struct str key = conf_str(conf, SETTING_tls_server_key);
	struct arena *a;
	SSL_CTX *ctx;

	*out = NULL;
	if (cert.len == 0 || key.len == 0 || str_eq(cert, S("disabled")))
		return true;
	ctx = SSL_CTX_new(TLS_server_method());
	if (ctx == NULL)
		return bad(why, "TLS", S("library"));
	if (!set_all(ctx, conf, cert, key, why)) {
		SSL_CTX_free(ctx);
		return false;
	}
	a = arena_new("tls", 0);
	*out = ARENA_NEW(a, struct tls_context);
	**out = (struct tls_context){ .arena = a, .ctx = ctx };
	return true;
}

void
tls_context_free(struct tls_context *c)
{
	if (c == NULL)
		return;
	SSL_CTX_free(c->ctx);
	arena_free(c->arena);
}

struct tls *
tls_new(struct tls_context *context, int fd)
{
	SSL *ssl = SSL_new(context->ctx);
	struct arena *a;
	struct tls *t;

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_accept_state(ssl);
	a = arena_new("tls", 0);
	t = ARENA_NEW(a, struct tls);
	*t = (struct tls){ .arena = a, .ssl = ssl };
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_free(t->ssl);
	arena_free(t->arena);
}

/* What a call that did not do it means, as errno. */
static ssize_t
failed(struct tls *t, int rc)
{
	int saved = errno, what = SSL_get_error(t->ssl, rc);
	char text[256];

	t->wants_room = what == SSL_ERROR_WANT_WRITE;
	if (what == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = EAGAIN;
	if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE)
		return -1;
	t->broken = true;
	errno = what == SSL_ERROR_SYSCALL && saved != 0 ? saved : EPROTO;
	if (what == SSL_ERROR_SSL) {
		log_info("TLS: %s", cause(text, sizeof(text)));
		errno = EPROTO;
	}
	return -1;
}

ssize_t
tls_read(struct tls *t, void *p, size_t n)
{
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_read(t->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	return rc > 0 ? rc : failed(t, rc);
}

ssize_t
tls_write(struct tls *t, const void *p, size_t n)
{
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_write(t->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	return rc > 0 ? rc : failed(t, rc);
}

bool
tls_wants_room(const struct tls *t)
{
	return t->wants_room;
}

void
tls_end(struct tls *t)
{
	/* Whether it could be said changes nothing. */
	if (!t->broken && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
}

struct str
tls_peer_name(struct tls *t, struct arena *a)
{
	X509 *cert = SSL_get1_peer_certificate(t->ssl);
	struct str out = S("");
	X509_NAME *subject;
	char text[256];
	int n;

	if (cert == NULL)
		return out;
	subject = X509_get_subject_name(cert);
	n = X509_NAME_get_text_by_NID(
	    subject, NID_commonName, text, sizeof(text));
	if (n <= 0 && X509_NAME_oneline(subject, text, sizeof(text)) != NULL)
		n = (int)strlen(text);
	if (n > 0 && SSL_get_verify_result(t->ssl) == X509_V_OK)
		out = str_dup(a, str_from(text, (size_t)n));
	X509_free(cert);
	return out;
}
