/*
 * A handful of moments: looking at all of them is cheaper than any order.
 */
#include "supervise/timer.h"

#include <time.h>

void
timer_after(tain *due, uint64_t ms)
{
	tain_now_g();
	tain_from_millisecs(due, (int)(ms < INT32_MAX ? ms : INT32_MAX));
	tain_add_g(due, due);
}

void
timer_arm(struct timers *timers, enum timer timer, uint64_t ms)
{
	timer_after(&timers->due[timer], ms);
}

void
timer_arm_once(struct timers *timers, enum timer timer, uint64_t ms)
{
	if (ms && !timer_armed(timers, timer))
		timer_arm(timers, timer, ms);
}

void
timer_disarm(struct timers *timers, enum timer timer)
{
	timers->due[timer] = tain_zero;
}

bool
timer_armed(struct timers const *timers, enum timer timer)
{
	return tain_less(&tain_zero, &timers->due[timer]);
}

uint64_t
timer_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

tain const *
timer_next(struct timers const *timers)
{
	tain const *next = NULL;

	for (enum timer i = 0; i < TIMER_COUNT; i++)
		if (timer_armed(timers, i) &&
		    (!next || tain_less(&timers->due[i], next)))
			next = &timers->due[i];
	return next;
}

bool
timer_fires(struct timers *timers, enum timer timer)
{
	if (!timer_armed(timers, timer) || tain_future(&timers->due[timer]))
		return false;
	timer_disarm(timers, timer);
	return true;
}
