/*
 * hooks: makes a worker misbehave when a test message asks for it. Empty in
 * every build that is meant for mail.
 */
#include "config.h"

#include "actions/hooks.h"

#include "lib/arena.h"

#ifdef TAMIS_TEST_HOOKS

#include <stdlib.h>
#include <time.h>

enum { HANG_MS = 30000 };

static void
wait_ms(uint64_t ms)
{
	struct timespec left = { (time_t)(ms / 1000),
		(long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) != 0)
		continue;
}

/* A recipient that runs without script is the way out of a crash. */
static void
obey(const struct delivery *dy, struct str order)
{
	struct str verb, user, rest = order;
	uint64_t ms = 0;

	if (!str_cut(&rest, ' ', &verb) || !str_cut(&rest, ' ', &user) ||
	    !str_eq(user, dy->to->rcpt.account.user))
		return;
	if (str_eq(verb, S("crash")) && !dy->to->no_script)
		abort();
	if (str_eq(verb, S("hang")) && !dy->to->no_script)
		wait_ms(HANG_MS);
	if (str_eq(verb, S("slow")) && str_to_u64(rest, &ms))
		wait_ms(ms);
}

void
test_hooks(const struct delivery *dy)
{
	uint32_t i = message_find(dy->msg, S("X-Tamis-Test"));

	for (; i != MESSAGE_NONE; i = message_field(dy->msg, i)->next)
		obey(dy, header_unfold(
			     dy->scratch, dy->msg, message_field(dy->msg, i)));
}

#else

void
test_hooks(const struct delivery *dy)
{
	(void)dy;
}

#endif
