/*
 * No event tells that a pipe has become empty, so this looks, at pauses that
 * double: soon after the end of the service, seldom if something it left behind
 * keeps the pipe open.
 */
#include "svscan/drain.h"

#define FIRST_PAUSE_MS	 5
#define LONGEST_PAUSE_MS 1280
#define PATIENCE_S	 5

static void
in_ms(tain *deadline, int ms)
{
	tain pause;

	tain_from_millisecs(&pause, ms);
	tain_add_g(deadline, &pause);
}

bool
drain_is_over(struct drain *drain, struct logpipe const *pipe)
{
	int unread;

	if (drain->over || logpipe_is_drained(pipe))
		return drain->over = true;
	if (drain->started && tain_future(&drain->look_at))
		return false;
	unread = logpipe_unread(pipe);
	if (!drain->started || unread != drain->unread) {
		drain->started = true;
		drain->pause_ms = FIRST_PAUSE_MS;
		tain_addsec_g(&drain->give_up, PATIENCE_S);
	} else if (!tain_future(&drain->give_up)) {
		return drain->over = true;
	}
	drain->unread = unread;
	in_ms(&drain->look_at, drain->pause_ms);
	if (drain->pause_ms < LONGEST_PAUSE_MS)
		drain->pause_ms *= 2;
	return false;
}
