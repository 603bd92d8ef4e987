/*
 * fail: why something did not work, for the peer and for the log. Written
 * once, by the function that saw it; callers only prepend context. A
 * function that can fail for an outside reason returns bool and takes
 * struct fail *why as its last parameter.
 */
#ifndef TAMIS_LIB_FAIL_H
#define TAMIS_LIB_FAIL_H

#include <stdbool.h>

enum fail_class {
	FAIL_NONE,
	FAIL_TEMP, /* try again: 4yz */
	FAIL_PERM, /* never try again: 5yz */
};

struct fail {
	enum fail_class class;
	int code;       /* three-digit reply code, 451 or 550 and the like */
	char status[8]; /* RFC 3463, "4.3.0" */
	char text[256]; /* one line of UTF-8, no control characters */
	int sys;        /* the errno that was seen, or 0 */
};

/*
 * Record a failure and return false, so that
 * "return fail_temp(why, ...)" is one line. why must not be NULL.
 *
 *   status  RFC 3463 class.subject.detail; 4.x.y for temp, 5.x.y for perm
 *   code    reply code; fail_temp and fail_perm derive it: 4.3.1 and 4.2.2
 *           give 452, 5.2.2 and 5.2.3 give 552, 5.6.x gives 554, the rest
 *           451 and 550
 */
bool fail_temp(struct fail *why, const char *status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool fail_perm(struct fail *why, const char *status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool fail_code(struct fail *why, int code, const char *status, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/*
 * Record a failed system call: the only place that maps errno to a class and
 * a status. Never permanent: ENOSPC EFBIG 452 4.3.1, EDQUOT 452 4.2.2, the
 * rest 451 4.3.0 (EMFILE, ENFILE, ENOMEM 451 4.3.2).
 */
bool fail_errno(struct fail *why, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " in front of the text. Returns false, as the others do. */
bool fail_prepend(struct fail *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void fail_clear(struct fail *why);

#endif
