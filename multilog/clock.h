#ifndef MULTILOG_CLOCK_H
#define MULTILOG_CLOCK_H

#include "multilog/stamp.h"

/* The time of day. */
struct stamp clock_now(void);

/* What the local time is ahead of UTC at a moment, in seconds. */
long clock_offset(struct stamp const *s);

#endif
