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
	bool logger;	  /* the supervise of its log/ */
	int pipe; /* becomes the logger's descriptor 0, the service's 1; 0: none
		   */
	struct rlimit const *descriptors; /* limit to start it with */
};

/*
 * Fork, wait in the child until no other supervise has the lock, and exec.
 * In a process group of its own, with default signal dispositions, an empty
 * mask, and no descriptor but 0, 1 and 2.  Its pid; -1 errno.
 */
pid_t spawn_supervise(struct spawn const *spawn);

#endif
