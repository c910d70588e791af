#ifndef MULTILOG_ROTATION_H
#define MULTILOG_ROTATION_H

#include <stdbool.h>
#include <sys/types.h>
#include <skalibs/tai.h>

#include "multilog/current.h"
#include "multilog/message.h"
#include "multilog/rotate.h"
#include "multilog/script.h"
#include "multilog/stamp.h"

/* A processor's descriptors 0, 1, 4 and 5. */
enum {
	ROTATION_PREVIOUS,
	ROTATION_PROCESSED,
	ROTATION_STATE,
	ROTATION_NEWSTATE,
	ROTATION_PIECES
};

struct rotation_piece {
	int fd; /* -1: closed */
	dev_t dev;
	ino_t ino;
};

/* The files of one log directory. */
struct rotation {
	char const *path; /* of the directory, for messages */
	int dir;	  /* the base of all names, the owner's; -1: none */
	struct script_limits limits;
	struct current current;
	bool started; /* recovery is over: processors may run */
	bool settled; /* nothing can be done until something changes */
	bool wanted;  /* current is to be rotated */
	bool waits;   /* if it is, it must wait for a processor */
	bool dirty;   /* names have changed that may not be on disk */
	bool trim;    /* old files are to be counted */
	bool stuck;   /* has warned of an old file that stays */
	bool spare;   /* one more .u would cost an old file, after a .u */
	bool learned; /* what the old files say: */
	tain newest;  /* no label may be smaller */

	enum rotate_processor processor;
	pid_t pid;    /* of the processor, and of its group; 0: none */
	tain rested;  /* when it may be started (again) */
	bool failing; /* has warned of it */
	struct rotation_piece piece[ROTATION_PIECES]; /* what it works with */

	struct message_trouble trouble;
	struct message_trouble told;
};

/* Begins with a directory of which nothing is known. */
void rotation_init(
    struct rotation *r, char const *path, struct script_limits const *limits);

/* Notes what could not be done, with errno, in r->trouble; name may be null.
   Returns -1. */
int rotation_fail(struct rotation *r, char const *verb, char const *name);

/* Does whatever can be done now: recovers what a predecessor has left, rotates
   if that is wanted.  After each step it looks again.  0, or -1 with
   r->trouble. */
int rotation_settle(struct rotation *r);

/* Removes old files beyond the limits, at most so many; r->trim is true if
   there are more.  Learns what those that are left say.  0, or -1 with
   r->trouble. */
int rotation_trim(struct rotation *r, size_t most);

/* Takes note of the end of a child, which may have been its processor. */
void rotation_reaped(struct rotation *r, pid_t pid, int status);

/* Brings the names to disk.  0, or -1 with r->trouble. */
int rotation_sync(struct rotation *r);

/* Makes sure that there is a state for a processor.  0, or -1 with
   r->trouble. */
int rotation_make_state(struct rotation *r);

#endif
