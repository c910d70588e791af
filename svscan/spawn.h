/*
 * A supervise as a process: starting it; what is said to it, or to one that
 * another svscan has left behind, besides the signals that service.c sends; and
 * what it leaves for svscan to read.
 */
#ifndef SVSCAN_SPAWN_H
#define SVSCAN_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "svscan/table.h"

struct spawn {
	struct entry *service;
	bool named;  /* its name leads to its directory */
	int ends[3]; /* its descriptors 0, 1 and 2; -1: ours */
	bool stop;   /* it finds SIGTERM pending: only to stop what is left */
	char const *failed; /* out: what could not be done */
};

/* Before the current directory changes: find the supervise beside svscan, if
 * PATH does not lead to this svscan. */
void spawn_find_supervise(char const *argv0);

/* Have as many descriptors as are permitted, but not for supervises. */
void spawn_raise_limit(void);

/*
 * Start it in a process group of its own, with default signal dispositions, a
 * mask that is empty unless stop is set, no descriptor but 0, 1 and 2, and the
 * limit on them that svscan was started with.  Its pid; -1 errno, failed.
 */
pid_t spawn_supervise(struct spawn *spawn);

/* Has a supervise the lock of that directory?  A lock that cannot be looked at
 * is free, as supervise will say what is wrong with it; but not if it waits for
 * that lock. */
bool spawn_is_held(struct entry const *service);

/* Write letters to the control FIFO; "" only tries it.  0; -1 errno, ENXIO: no
 * supervise listens. */
int order_write(struct entry const *service, char const *letters);

/* Tell the supervise to kill what it runs, and leave. */
void order_kill(struct entry const *service);

/* Kill the supervise itself, and its children. */
void order_kill_all(struct entry const *service);

/* An essential service that is down for good leaves its exit code for svscan in
 * supervise/final: take it.  False if there is none. */
bool order_take_final(struct entry const *service, int *code);

#endif
