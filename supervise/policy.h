/*
 * When a service may be started again, and when it has died too often: pure,
 * the clock is an argument (milliseconds of any clock that only goes forward).
 */
#ifndef SUPERVISE_POLICY_H
#define SUPERVISE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "supervise/options.h"

struct policy {
	uint32_t delay_ms; /* from the last start to the next; 0: not begun */
	uint32_t deaths[LIMIT_DEATHS_MAX + 1]; /* the latest, a ring: tenths
						  of a second, for 13 years */
	uint32_t deaths_len;
	uint32_t oldest;
};

/* Forget all deaths and delays: somebody wants it up again. */
void policy_reset(struct policy *policy);

/*
 * It has died after ran_ms.  Sets how long after its start the next may be;
 * true if that was one death too many.  A death that was asked for changes
 * nothing.
 */
bool policy_died(struct policy *policy, struct options const *options,
    uint64_t now_ms, uint64_t ran_ms, bool asked);

#endif
