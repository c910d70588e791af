/*
 * Watching a logger read the rest of its pipe.
 */
#ifndef SVSCAN_DRAIN_H
#define SVSCAN_DRAIN_H

#include <stdbool.h>

#include <skalibs/tai.h>

#include "svscan/logpipe.h"

struct drain {
	bool started;
	bool over;
	int unread;   /* bytes, at the last look */
	tain give_up; /* if it has not changed until then */
	tain look_at; /* the next look */
	int pause_ms; /* the next pause between two looks */
};

/*
 * Look, if it is time to, at a pipe that we no longer write to.  True when
 * nobody else does and it is empty; or when nobody has read from it for some
 * seconds, as when the logger is down: it is not waited for any longer.
 * While false, look_at is when to call again.
 */
bool drain_is_over(struct drain *drain, struct logpipe const *pipe);

#endif
