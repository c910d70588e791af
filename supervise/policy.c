/*
 * The delay doubles while runs are short and falls back after a run longer
 * than its maximum.  The limit looks at a sliding window: the ring holds one
 * death more than allowed, so the oldest in it tells.
 */
#include "supervise/policy.h"

#define TENTH_MS 100

void
policy_reset(struct policy *policy)
{
	policy->delay_ms = 0;
	policy->deaths_len = 0;
	policy->oldest = 0;
}

static void
set_delay(struct policy *policy, struct options const *options, uint64_t ran_ms)
{
	uint64_t doubled = (uint64_t)policy->delay_ms * 2;

	if (ran_ms > options->restart_max_ms ||
	    doubled < options->restart_min_ms)
		doubled = options->restart_min_ms;
	if (doubled > options->restart_max_ms)
		doubled = options->restart_max_ms;
	policy->delay_ms = (uint32_t)doubled;
}

/* The moments of the last "keep" deaths stay; keep is at least 1. */
static void
remember(struct policy *policy, uint32_t keep, uint32_t tenths)
{
	uint32_t size = LIMIT_DEATHS_MAX + 1;

	while (policy->deaths_len >= keep) {
		policy->oldest = (policy->oldest + 1) % size;
		policy->deaths_len--;
	}
	policy->deaths[(policy->oldest + policy->deaths_len) % size] = tenths;
	policy->deaths_len++;
}

bool
policy_died(struct policy *policy, struct options const *options,
    uint64_t now_ms, uint64_t ran_ms, bool asked)
{
	uint32_t keep = options->limit_deaths + 1;
	uint32_t tenths = (uint32_t)(now_ms / TENTH_MS);

	if (asked)
		return false;
	set_delay(policy, options, ran_ms);
	if (options->limit_secs == 0)
		return false;
	remember(policy, keep, tenths);
	return policy->deaths_len == keep &&
	       tenths - policy->deaths[policy->oldest] <=
		   (uint64_t)options->limit_secs * 10;
}
