/*
 * Moments of the monotonic clock, as the loop has last read it.
 */
#ifndef SVSCAN_MOMENT_H
#define SVSCAN_MOMENT_H

#include <skalibs/tai.h>

/* The moment ms milliseconds from now; ms is not negative. */
void moment_in(tain *moment, int ms);

/* The moment to go on with what has taken from began until now, if it is to
 * take no more than one part in parts of the time.  Reads the clock. */
void moment_to_go_on(tain *moment, tain const *began, unsigned int parts);

/* Milliseconds until then, at least 0, at most a minute. */
int moment_left(tain const *moment);

#endif
