/*
 * fail: the one place that decides which errno means what to a sender.
 */
#include "lib/fail.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/str.h"
#include "lib/utf8.h"

/*
 * Replies and log lines are lines of UTF-8: nothing that could end one gets
 * in, and no octet of what was a character before the text was cut.
 */
static void
clean(char *text)
{
	struct str s = str_c(text);

	for (size_t i = 0, n; i < s.len; i += n) {
		n = utf8_length(s, i);
		if (n == 0 || str_has_ctl(str_sub(s, i, i + 1)))
			text[i] = '?';
		if (n == 0)
			n = 1;
	}
}

static int
code_for(enum fail_class class, const char *status)
{
	if (class == FAIL_TEMP)
		return strcmp(status, "4.3.1") == 0 ||
		               strcmp(status, "4.2.2") == 0
		           ? 452
		           : 451;
	if (strcmp(status, "5.2.2") == 0 || strcmp(status, "5.2.3") == 0)
		return 552;
	return strncmp(status, "5.6.", 4) == 0 ? 554 : 550;
}

__attribute__((format(printf, 5, 0))) static bool
record(struct fail *why, enum fail_class class, int code, const char *status,
    const char *fmt, va_list ap)
{
	assert(strlen(status) < sizeof(why->status));
	*why = (struct fail){ .class = class, .code = code };
	memcpy(why->status, status, strlen(status) + 1);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	clean(why->text);
	return false;
}

bool
fail_temp(struct fail *why, const char *status, const char *fmt, ...)
{
	va_list ap;

	assert(status[0] == '4');
	va_start(ap, fmt);
	record(why, FAIL_TEMP, code_for(FAIL_TEMP, status), status, fmt, ap);
	va_end(ap);
	return false;
}

bool
fail_perm(struct fail *why, const char *status, const char *fmt, ...)
{
	va_list ap;

	assert(status[0] == '5');
	va_start(ap, fmt);
	record(why, FAIL_PERM, code_for(FAIL_PERM, status), status, fmt, ap);
	va_end(ap);
	return false;
}

bool
fail_code(struct fail *why, int code, const char *status, const char *fmt, ...)
{
	va_list ap;

	assert(code / 100 == status[0] - '0');
	va_start(ap, fmt);
	record(why, code < 500 ? FAIL_TEMP : FAIL_PERM, code, status, fmt, ap);
	va_end(ap);
	return false;
}

static const char *
status_for(int err)
{
	switch (err) {
	case ENOSPC:
	case EFBIG:
		return "4.3.1";
	case EDQUOT:
		return "4.2.2";
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return "4.3.2";
	default:
		return "4.3.0";
	}
}

bool
fail_errno(struct fail *why, int err, const char *fmt, ...)
{
	const char *status = status_for(err);
	char text[sizeof(why->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_temp(why, status, "%s: %s", text, strerror(err));
	why->sys = err;
	return false;
}

bool
fail_prepend(struct fail *why, const char *fmt, ...)
{
	char text[sizeof(why->text)], all[2 * sizeof(why->text) + 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "%s: %s", text, why->text);
	all[sizeof(why->text) - 1] = '\0';
	memcpy(why->text, all, strlen(all) + 1);
	clean(why->text);
	return false;
}

void
fail_clear(struct fail *why)
{
	*why = (struct fail){ .class = FAIL_NONE };
}
