/*
 * What skalibs does in three calls, in one.
 */
#include "svscan/moment.h"

#define MOST_MS		60000
#define LONGEST_REST_MS 100

void
moment_in(tain *moment, int ms)
{
	tain span;

	tain_from_millisecs(&span, ms);
	tain_add_g(moment, &span);
}

void
moment_to_go_on(tain *moment, tain const *began, unsigned int parts)
{
	tain span, latest;

	tain_now_g();
	tain_sub(&span, &STAMP, began);
	*moment = STAMP;
	for (unsigned int i = 1; i < parts; i++)
		tain_add(moment, moment, &span);
	moment_in(&latest, LONGEST_REST_MS);
	if (tain_less(&latest, moment))
		*moment = latest;
}

int
moment_left(tain const *moment)
{
	tain span;
	int ms;

	if (!tain_future(moment))
		return 0;
	tain_sub(&span, moment, &STAMP);
	ms = tain_to_millisecs(&span);
	return ms < 0 || ms > MOST_MS ? MOST_MS : ms;
}
