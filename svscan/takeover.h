/*
 * Waiting, in a child of svscan, for a supervise that another svscan has left
 * behind.  svscan need not know whether a child of its waits or is a supervise
 * already: both understand the same signals.
 */
#ifndef SVSCAN_TAKEOVER_H
#define SVSCAN_TAKEOVER_H

#include <sys/types.h>

enum takeover {
	TAKEOVER_FRESH, /* there has never been a supervise */
	TAKEOVER_FREE,	/* there is none now */
	TAKEOVER_HELD	/* one is running */
};

/* How is it with the service in the directory NAMELOG?  A lock that cannot be
 * looked at is free: supervise will say what is wrong with it. */
enum takeover takeover_look(char const *name, char const *log);

/*
 * Wait until no supervise holds the lock of the service in NAMELOG; svscan is
 * the caller's parent.  Meanwhile TERM and INT tell the other supervise to stop
 * its service and leave, HUP to leave when the service ends, and this process
 * exits 0 when it has left, as it does when that has left a supervise/final;
 * USR1 makes it exit 0 at once; and it ends with svscan.
 *
 * To be called with those signals blocked; returns with them blocked and all
 * as it was.  The lock, if there is one, is held until the next exec.
 */
void takeover_wait(char const *name, char const *log, pid_t svscan);

#endif
