/*
 * Starting a supervise, of a service or of its logger.
 */
#ifndef SVSCAN_SPAWN_H
#define SVSCAN_SPAWN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct spawn {
	char const *name; /* the service's directory, in the current one */
	char const *log;  /* "", or "/log" for the supervise of its log/ */
	int input;	  /* becomes its descriptor 0; -1: ours */
	int output;	  /* its descriptor 1; -1: ours */
	int errors;	  /* its descriptor 2; -1: ours */
	int slot;	  /* of spawn_slot(), or -1 */
	struct rlimit const *descriptors; /* limit to start it with */
	bool wait;	  /* until no other supervise has the lock */
	bool fork_server; /* not for one service, which then has no name */
};

#define SPAWN_ARGUMENT_MAX (NAME_MAX + sizeof "./")

/* What supervise gets as its argument, and its length. */
size_t spawn_argument(
    struct spawn const *spawn, char argument[SPAWN_ARGUMENT_MAX]);

/* A low descriptor to pass others by, to be had while there are any.  Without
 * it, -1, all works, but slower the more descriptors are open. */
int spawn_slot(void);

/*
 * Start it in a process group of its own, with default signal dispositions, an
 * empty mask, and no descriptor but 0, 1 and 2.  Its pid; -1 errno.
 */
pid_t spawn_supervise(struct spawn const *spawn);

#endif
