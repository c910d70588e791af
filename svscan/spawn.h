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
	struct service *service;
	bool named;			  /* its name leads to its directory */
	int input;			  /* its descriptor 0; -1: ours */
	int output;			  /* its descriptor 1; -1: ours */
	int errors;			  /* its descriptor 2; -1: ours */
	struct rlimit const *descriptors; /* its limit; null: ours */
	bool wait;			  /* until it can have the lock */
	char const *failed;		  /* out: what could not be done */
};

/* Before the current directory changes: find the supervise beside svscan, if
 * PATH does not lead to this svscan. */
void spawn_find_supervise(char const *argv0);

/*
 * Start it in a process group of its own, with default signal dispositions, an
 * empty mask, and no descriptor but 0, 1 and 2.  Its pid; -1 errno, failed.
 */
pid_t spawn_supervise(struct spawn *spawn);

#endif
