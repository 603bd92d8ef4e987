/*
 * result: a plan as the public interface shows it.
 */
#ifndef TAMIS_SIEVE_API_RESULT_H
#define TAMIS_SIEVE_API_RESULT_H

#include "sieve/api/own.h"
#include "sieve/plan.h"

struct tamis_sieve_result {
	struct arena *arena;
	bool failed;
	struct fail why;
	uint32_t line, column;
	struct tamis_sieve_action *action;
	size_t nactions;
	struct tamis_sieve_mark *mark;
	size_t nmarks;
};

/* From a settled plan, which must live as long. */
void result_fill(struct tamis_sieve_result *, const struct plan *);

struct tamis_sieve_mark api_mark(const struct plan_mark *);

#endif
