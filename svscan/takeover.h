/*
 * Waiting, in a child of svscan, for a supervise that another svscan has left
 * behind.  svscan need not know whether a child of its waits or is a supervise
 * already: both understand the same signals.
 */
#ifndef SVSCAN_TAKEOVER_H
#define SVSCAN_TAKEOVER_H

#include <sys/types.h>

/*
 * Wait until no supervise holds the lock of the service directory given by the
 * path of its supervise/; svscan is the caller's parent.  Meanwhile
 * TERM and INT tell the other supervise to stop its service and leave, HUP to
 * leave when the service ends, and this process exits 0 when it has left; USR1
 * makes it exit 0 at once; and it ends with svscan.
 *
 * To be called with those signals blocked; returns with them blocked and all
 * as it was.  The lock, if there is one, is held until the next exec.
 */
void takeover_wait(char const *path, pid_t svscan);

#endif
