/*
 * Starting many supervises in a short time: one is executed as a fork server,
 * and forks all others (supervise/forkserver.h says what is sent and answered).
 * It leaves within a second, so that a new version of supervise is used as soon
 * as it is there.
 */
#ifndef SVSCAN_FORKSERVER_H
#define SVSCAN_FORKSERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#include "svscan/scan.h"
#include "svscan/spawn.h"

struct forkserver {
	int socket; /* -1: there is none */
	pid_t pid;
	unsigned int starts;	  /* in a row, without a second in between */
	struct scan_id directory; /* where it works */
	bool answers;		  /* so there is a supervise that can do this */
	bool useless;
	bool failed; /* in this row */
	bool unsure; /* the last start may have left one more supervise */
	tain end;    /* of the row; infinite if there is none */
};

void forkserver_begin(struct forkserver *server);

/* What spawn_supervise() does, with the help of a fork server or without. */
pid_t forkserver_spawn(struct forkserver *server, struct spawn const *spawn);

/* This child has ended. */
void forkserver_died(struct forkserver *server, pid_t pid);

/* No start will follow soon. */
void forkserver_end(struct forkserver *server);

/* And none that is in a hurry ever again. */
void forkserver_retire(struct forkserver *server);

/* Is there one that has not been waited for? */
bool forkserver_is_child(struct forkserver const *server);

#endif
