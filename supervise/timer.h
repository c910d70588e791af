/*
 * What is due, and when: one moment of the monotonic clock for each thing that
 * time alone makes happen.
 */
#ifndef SUPERVISE_TIMER_H
#define SUPERVISE_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/tai.h>

enum timer {
	TIMER_REST,	/* the delay before the next start is over */
	TIMER_KILL,	/* the time to stop is over */
	TIMER_FINISH,	/* the time for ./finish is over */
	TIMER_READY,	/* the time to become ready is over */
	TIMER_WATCHDOG, /* the service has been silent for too long */
	TIMER_RETRY,	/* try again what has failed */
	TIMER_COUNT
};

struct timers {
	tain due[TIMER_COUNT]; /* zero: not armed */
};

/* So many milliseconds from now, or 24 days if that is more. */
void timer_after(tain *due, uint64_t ms);

void timer_arm(struct timers *timers, enum timer timer, uint64_t ms);
/* Unless it is armed, or ms is 0. */
void timer_arm_once(struct timers *timers, enum timer timer, uint64_t ms);
void timer_disarm(struct timers *timers, enum timer timer);
bool timer_armed(struct timers const *timers, enum timer timer);

/* Now, in milliseconds of the same clock. */
uint64_t timer_clock_ms(void);

/* The earliest moment that is due; null: none is. */
tain const *timer_next(struct timers const *timers);

/* Was it due by STAMP?  Then it is disarmed. */
bool timer_fires(struct timers *timers, enum timer timer);

#endif
