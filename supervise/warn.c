/*
 * Standard error may be a pipe that nobody reads any more; a service matters
 * more than a message.
 */
#include "supervise/warn.h"

#include <stdbool.h>
#include <skalibs/iopause.h>
#include <skalibs/strerr.h>

#include "supervise/words.h"

static bool
can_speak(void)
{
	iopause_fd x = {.fd = 2, .events = IOPAUSE_WRITE};

	return iopause(&x, 1, &tain_zero, &tain_zero) == 1 &&
	       x.revents == IOPAUSE_WRITE;
}

void
warn_text(char const *name, char const *text)
{
	if (can_speak())
		strerr_warnw(name, ": ", text);
}

void
warn_once(warn_memory *memory, int error, char const *verb, char const *name,
    char const *object)
{
	if (*memory == error)
		return;
	*memory = error;
	if (can_speak())
		strerr_warnwu(verb, " ", name, "/", object, ": ", words(error));
}
