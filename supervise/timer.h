/*
 * What is due, and when: one moment for each thing that time alone makes
 * happen, in milliseconds of a clock that only goes forward.
 */
#ifndef SUPERVISE_TIMER_H
#define SUPERVISE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

enum timer {
	TIMER_REST,	/* the delay before the next start is over */
	TIMER_KILL,	/* the time to stop, or for ./finish, is over */
	TIMER_READY,	/* the time to become ready is over */
	TIMER_WATCHDOG, /* the service has been silent for too long */
	TIMER_RETRY,	/* try again what has failed */
	TIMER_COUNT
};

struct timers {
	uint64_t due[TIMER_COUNT]; /* 0: not armed */
};

/* Now, by that clock; and so many milliseconds later. */
uint64_t timer_now(void);
uint64_t timer_after(uint64_t ms);

void timer_arm(struct timers *timers, enum timer timer, uint64_t ms);
/* Unless it is armed, or ms is 0. */
void timer_arm_once(struct timers *timers, enum timer timer, uint64_t ms);

/* How long until the earliest is due, for poll(2); -1: none is armed. */
int timer_wait_ms(struct timers const *timers);

/* Is it due?  Then it is disarmed. */
bool timer_fires(struct timers *timers, enum timer timer);

#endif
