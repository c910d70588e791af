/*
 * What else runs on the machine must not be measured: go before it, where that
 * is permitted.  Children inherit it.
 */
#ifndef TESTS_TOOL_FIRST_H
#define TESTS_TOOL_FIRST_H

#include <sched.h>

static inline void
go_first(void)
{
	struct sched_param param = {.sched_priority = 1};

	sched_setscheduler(0, SCHED_RR, &param);
}

static inline void
go_on(void)
{
	struct sched_param param = {.sched_priority = 0};

	sched_setscheduler(0, SCHED_OTHER, &param);
}

#endif
