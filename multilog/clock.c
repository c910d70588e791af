/*
 * The clock on the wall, for what people and their programs read: stamps and
 * names.  Everything that waits uses the monotonic clock of the event loop.
 */
#include "multilog/clock.h"

#include <time.h>

struct stamp
clock_now(void)
{
	struct timespec t = {0};

	/* Cannot fail: the clock exists, and so does t. */
	clock_gettime(CLOCK_REALTIME, &t);
	return (struct stamp){
	    STAMP_EPOCH + (uint64_t)t.tv_sec, (uint32_t)t.tv_nsec};
}

long
clock_offset(struct stamp const *s)
{
	time_t sec = (time_t)(s->sec - STAMP_EPOCH);
	struct tm tm;

	return localtime_r(&sec, &tm) ? tm.tm_gmtoff : 0;
}
