/*
 * Starting a supervise, of a service or of its logger.
 */
#ifndef SVSCAN_SPAWN_H
#define SVSCAN_SPAWN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct spawn {
	char const *name; /* the service's directory, in the current one */
	char const *log;  /* "", or "/log" for the supervise of its log/ */
	int input;	  /* becomes its descriptor 0; -1: ours */
	int output;	  /* its descriptor 1; -1: ours */
	int errors;	  /* its descriptor 2; -1: ours */
	struct rlimit const *descriptors; /* limit to start it with */
	bool wait; /* until no other supervise has the lock */
};

/*
 * Start it in a process group of its own, with default signal dispositions, an
 * empty mask, and no descriptor but 0, 1 and 2.  Its pid; -1 errno.
 */
pid_t spawn_supervise(struct spawn const *spawn);

#endif
