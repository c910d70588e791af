/*
 * Work that takes a share of the time: however long it takes now, it goes on
 * after a tenth of a second at most.
 */
#include "svscan/deadline.h"

#define LONGEST_PAUSE_MS 100
#define OLDEST_MS	 60000

void
deadline_in(tain *deadline, int ms)
{
	tain span;

	tain_from_millisecs(&span, ms);
	tain_add_g(deadline, &span);
}

void
deadline_of_share(tain *deadline, tain const *began, unsigned int parts)
{
	tain span, latest;

	tain_now_g();
	tain_sub(&span, &STAMP, began);
	*deadline = STAMP;
	for (unsigned int i = 1; i < parts; i++)
		tain_add(deadline, deadline, &span);
	deadline_in(&latest, LONGEST_PAUSE_MS);
	if (tain_less(&latest, deadline))
		*deadline = latest;
}

int
deadline_age(tain const *earlier)
{
	tain span;
	int ms;

	if (tain_future(earlier))
		return 0;
	tain_sub(&span, &STAMP, earlier);
	ms = tain_to_millisecs(&span);
	return ms < 0 || ms > OLDEST_MS ? OLDEST_MS : ms;
}
