/*
 * A handful of moments: looking at all of them is cheaper than any order.
 */
#include "supervise/timer.h"

#include <time.h>

uint64_t
timer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t
timer_after(uint64_t ms)
{
	/* As now is rounded down, one more, so that it is never early. */
	return timer_now() + (ms ? ms + 1 : 0);
}

void
timer_arm(struct timers *timers, enum timer timer, uint64_t ms)
{
	timers->due[timer] = timer_after(ms);
}

void
timer_arm_once(struct timers *timers, enum timer timer, uint64_t ms)
{
	if (ms && !timers->due[timer])
		timer_arm(timers, timer, ms);
}

int
timer_wait_ms(struct timers const *timers)
{
	uint64_t now = timer_now(), next = UINT64_MAX;

	for (enum timer i = 0; i < TIMER_COUNT; i++)
		if (timers->due[i] && timers->due[i] < next)
			next = timers->due[i];
	if (next == UINT64_MAX)
		return -1;
	next = next > now ? next - now : 0;
	return next < INT32_MAX ? (int)next : INT32_MAX;
}

bool
timer_fires(struct timers *timers, enum timer timer)
{
	if (!timers->due[timer] || timers->due[timer] > timer_now())
		return false;
	timers->due[timer] = 0;
	return true;
}
