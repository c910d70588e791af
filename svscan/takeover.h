/*
 * Waiting, in a child of svscan, for the supervise that another svscan has left
 * behind.
 */
#ifndef SVSCAN_TAKEOVER_H
#define SVSCAN_TAKEOVER_H

#include "svscan/table.h"

enum takeover {
	TAKEOVER_FRESH, /* there has never been a supervise */
	TAKEOVER_FREE,	/* there is none now */
	TAKEOVER_HELD	/* one is running */
};

/* Has a supervise the lock of that directory?  A lock that cannot be looked at
 * is free: supervise will say what is wrong with it. */
enum takeover takeover_look(struct service const *service);

/*
 * Wait until no supervise holds the lock; svscan is the caller's parent.
 * Meanwhile TERM and INT tell the other supervise to stop its service and
 * leave, HUP to leave when the service ends, and this process exits 0 when it
 * has left, as it does when that has left a supervise/final; USR1 makes it exit
 * 0 at once; and it dies with svscan.
 *
 * To be called with those signals blocked; returns with them blocked and all as
 * it was.  The lock, if there is one, is held until the next exec.
 */
void takeover_wait(struct service const *service, pid_t svscan);

#endif
