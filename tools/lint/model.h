/*
 * For the analyzer only, in front of every file: what it cannot see from
 * another file, that fail_*() return false.
 */
#ifndef TAMIS_LINT_MODEL_H
#define TAMIS_LINT_MODEL_H

#include "lib/fail.h"

#define fail_temp(...)    (fail_temp(__VA_ARGS__), false)
#define fail_perm(...)    (fail_perm(__VA_ARGS__), false)
#define fail_code(...)    (fail_code(__VA_ARGS__), false)
#define fail_errno(...)   (fail_errno(__VA_ARGS__), false)
#define fail_prepend(...) (fail_prepend(__VA_ARGS__), false)

#endif
