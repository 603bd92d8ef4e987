/*
 * hooks: crash points for the tests, compiled in with --enable-test-hooks
 * only: "X-Tamis-Test: crash USER", "hang USER", "slow USER MS".
 */
#ifndef TAMIS_ACTIONS_HOOKS_H
#define TAMIS_ACTIONS_HOOKS_H

#include "actions/action.h"

/* Called while a delivery is being prepared. */
void test_hooks(const struct delivery *);

#endif
