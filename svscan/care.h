/*
 * Doing for one service what plan.h says is to be done.
 */
#ifndef SVSCAN_CARE_H
#define SVSCAN_CARE_H

#include <stdbool.h>
#include <sys/resource.h>

#include <skalibs/tai.h>

#include "svscan/table.h"

/* What all services share. */
struct care {
	struct table *table;
	struct rlimit descriptors; /* the limit that a supervise is given */
	int output,
	    errors;	 /* the log service's descriptors 1 and 2; -1: ours */
	tain fork_after; /* no fork before: there was no room */
	tain wake;	 /* out: when to be called again for this service */
	bool look; /* out: the directory is not as it was at the last look */
};

/* Do it, and never wait.  False when the service is to be forgotten. */
bool care_for(struct care *care, struct service *service);

/* Have the pipe to the logger open for writing.  0; -1 errno. */
int care_pipe(struct service *service);

/* Tell its supervise, or the logger's if there is no other, to kill what it
 * watches, and leave; it is not started any more. */
void care_kill(struct service *service);

/* Kill those supervises themselves, and what they watch. */
void care_kill_all(struct service const *service);

#endif
