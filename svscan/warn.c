/*
 * Standard error may be a pipe that nobody empties; the services matter more
 * than the message.
 */
#include "svscan/warn.h"

#include <errno.h>
#include <poll.h>

#include <skalibs/strerr.h>

void
warn_unable(char const *verb, char const *name, char const *rest, int error)
{
	struct pollfd x = {.fd = 2, .events = POLLOUT};

	if (poll(&x, 1, 0) != 1 || x.revents != POLLOUT)
		return;
	errno = error;
	if (error)
		strerr_warnwusys(verb, name, rest);
	else
		strerr_warnwu(verb, name, rest);
}

void
warn_once(int *last, int error, char const *verb)
{
	if (error && error != *last)
		warn_unable(verb, "", "", error);
	*last = error;
}
