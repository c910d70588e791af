/*
 * The actions e and 1: lines to a descriptor that somebody gave us, may have
 * stopped reading, and may be shared; so its flags are left alone, and it is
 * written in pieces that a writable pipe takes without blocking.
 */
#include "multilog/outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "multilog/say.h"

#define ALERT_LEN 200

void
outlet_alert(struct outlet *o, char const *line, size_t len)
{
	spool_copy(&o->spool, line, len > ALERT_LEN ? ALERT_LEN : len);
	if (len > ALERT_LEN)
		spool_copy(&o->spool, "...", 3);
	spool_copy(&o->spool, "\n", 1);
}

void
outlet_advance(struct outlet *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	struct iovec iov[2];

	while (spool_left(&o->spool)) {
		ssize_t r;

		if (poll(&p, 1, 0) != 1)
			return;
		r = writev(o->fd, iov, spool_next(&o->spool, PIPE_BUF, iov));
		if (r > 0) {
			spool_wrote(&o->spool, (size_t)r);
			o->told = false;
			continue;
		}
		if (r == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (!o->told)
			say_warning(errno, "unable to write to ", o->name);
		o->told = true;
		spool_wrote(&o->spool, spool_left(&o->spool));
	}
}
