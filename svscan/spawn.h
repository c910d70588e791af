/*
 * Starting a supervise; or a process that first waits for the supervise that
 * another svscan has left behind.  svscan need not know which of the two its
 * child is at a moment: both understand the same signals.
 */
#ifndef SVSCAN_SPAWN_H
#define SVSCAN_SPAWN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "svscan/table.h"

struct spawn {
	struct service const *service;
	int input;			  /* its descriptor 0; -1: ours */
	int output;			  /* its descriptor 1; -1: ours */
	int errors;			  /* its descriptor 2; -1: ours */
	struct rlimit const *descriptors; /* its limit; null: ours */
	bool wait;			  /* until it can have the lock */
	char const *failed;		  /* out: what could not be done */
};

enum spawn_lock {
	SPAWN_LOCK_FRESH, /* there has never been a supervise */
	SPAWN_LOCK_FREE,  /* there is none now */
	SPAWN_LOCK_HELD	  /* one is running */
};

/* Before the current directory changes: find the supervise beside svscan, if
 * PATH does not lead to this svscan. */
void spawn_find_supervise(char const *argv0);

/* Has a supervise the lock of that directory?  A lock that cannot be looked at
 * is free: supervise will say what is wrong with it. */
enum spawn_lock spawn_look(struct service const *service);

/*
 * Start it in a process group of its own, with default signal dispositions, an
 * empty mask, and no descriptor but 0, 1 and 2.  Its pid; -1 errno, failed.
 *
 * Who waits passes TERM and INT on as an order to stop the service and leave,
 * HUP as one to leave when the service ends, and exits 0 when that is done, or
 * when an essential service has ended; it exits 0 at USR1, and dies with
 * svscan.
 */
pid_t spawn_supervise(struct spawn *spawn);

#endif
