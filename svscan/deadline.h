/*
 * Times of the monotonic clock, as the loop has last read it.
 */
#ifndef SVSCAN_DEADLINE_H
#define SVSCAN_DEADLINE_H

#include <skalibs/tai.h>

/* In ms milliseconds, which is not negative, from now. */
void deadline_in(tain *deadline, int ms);

/* When to go on with what has taken from began until now, if that is to take no
 * more than one part in parts of the time.  Reads the clock. */
void deadline_of_share(tain *deadline, tain const *began, unsigned int parts);

/* Milliseconds from earlier to now; not less than 0, at most a minute. */
int deadline_age(tain const *earlier);

#endif
