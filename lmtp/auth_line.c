/*
 * auth_line: challenges and responses as lines. Knows no mechanism.
 */
#include "lmtp/auth_line.h"

#include "lib/base64.h"
#include "lib/log.h"
#include "lmtp/reply.h"
#include "lmtp/session-impl.h"

/* Exactly; lib/base64 takes what mail readers take. RFC 4648 s. 4 */
static bool
is_base64(struct str s)
{
	size_t n = s.len;

	while (n > 0 && s.len - n < 2 && s.p[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/')
			return false;
	return s.len % 4 == 0;
}

static void
put_challenge(struct session *s, struct str octets)
{
	char text[LINE_MAX_OCTETS];
	size_t n = 0;

	s->authenticating = octets.len / 3 * 4 + 4 <= sizeof(text);
	if (!s->authenticating) {
		session_say(s, 454, "4.7.0", "challenge too long");
		return;
	}
	n = base64_encode(octets, text);
	buf_adds(&s->out, S("334 "));
	buf_add(&s->out, text, n);
	buf_adds(&s->out, S("\r\n"));
}

static void
go_on(struct session *s, enum auth_step step, struct str challenge,
    const struct fail *why)
{
	struct str user;

	s->authenticating = false;
	if (step == AUTH_CHALLENGE) {
		put_challenge(s, challenge);
	} else if (step == AUTH_FAILED) {
		log_info("authentication failed peer=%.*s reply=%d",
		    STR_ARG(s->peer), why->code);
		session_bad(s, why->code, why->status, why->text);
	} else {
		s->authed = true;
		user = s->auth->user(s->auth_ctx);
		log_info("authenticated peer=%.*s user=%.*s", STR_ARG(s->peer),
		    STR_ARG(user));
		session_say(s, 235, "2.7.0", "authenticated");
	}
}

static bool
decode(struct session *s, struct str text, char *octets, struct str *out)
{
	if (!is_base64(text)) {
		session_bad(s, 501, "5.5.2", "not base64");
		return false;
	}
	*out = str_from(octets, base64_decode(text, octets, LINE_MAX_OCTETS));
	return true;
}

void
auth_begin(struct session *s, struct str arg)
{
	char octets[LINE_MAX_OCTETS];
	struct str mechanism, initial, challenge = S("");
	bool has_initial;
	enum auth_step step;
	struct fail why;

	str_cut(&arg, ' ', &mechanism);
	has_initial = arg.len > 0;
	/* "=" is a response without octets. */
	if (has_initial &&
	    !decode(s, str_eq(arg, S("=")) ? S("") : arg, octets, &initial))
		return;
	step = s->auth->begin(s->auth_ctx, mechanism,
	    has_initial ? &initial : NULL, &challenge, &why);
	go_on(s, step, challenge, &why);
}

void
auth_line(struct session *s, struct str line)
{
	char octets[LINE_MAX_OCTETS];
	struct str response, challenge = S("");
	enum auth_step step;
	struct fail why;

	s->authenticating = false;
	if (str_eq(line, S("*"))) {
		session_say(s, 501, "5.7.0", "cancelled");
		return;
	}
	if (!decode(s, line, octets, &response))
		return;
	step = s->auth->next(s->auth_ctx, response, &challenge, &why);
	go_on(s, step, challenge, &why);
}
