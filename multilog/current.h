#ifndef MULTILOG_CURRENT_H
#define MULTILOG_CURRENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <skalibs/tai.h>

#include "multilog/spool.h"

/* The file that lines are appended to.  All functions return 0, or -1 with
   errno, unless they say otherwise. */
struct current {
	int fd; /* -1: not open */
	dev_t dev;
	ino_t ino;
	uint64_t size;
	uint64_t limit; /* no write may go beyond */
	bool ends_line; /* it is empty, or ends with a newline */
	bool marked;	/* it has no x bit */
	bool gap;	/* something before its end may be missing */
	bool sealed;	/* it takes no more */
	bool gone;	/* nobody can find it any more: it has no name */

	uint64_t sure;	/* up to where space is reserved */
	uint64_t begun; /* up to where the kernel was told to write */
	bool unsure;	/* space cannot be reserved here */
	bool tight;	/* a write has failed: room is reserved in any case */
	tain looked;	/* until then, nobody else has touched it */
	tain plenty;	/* until then, there is much more room than we need */
};

/* Opens the file, to go on at its end; errno EMLINK if it has another name.  If
   it may lack something, a line that has not ended is ended first.  Or makes
   it, if it is not there. */
int current_open(struct current *c, int dir, uint64_t limit, bool create);

/* Takes the x bit away, as from now on the file may be incomplete.  Writes what
   the file takes of the spool: up to the end of a line near the limit, or, if
   it must take all it can, up to the limit. */
int current_append(struct current *c, struct spool *s, bool all);

/* True if it is to be rotated before it takes more. */
bool current_is_full(struct current const *c);

/* How many more bytes will certainly fit on the disk, want at most; errno says
   why they are fewer. */
size_t current_room(struct current *c, size_t want);

/* Brings all of it to disk and then, unless it has a gap, sets the x bit.  If
   the disk fails, it has a gap. */
int current_seal(struct current *c);

/* Gives back reserved space and closes the file. */
void current_close(struct current *c);

/* True if st describes this file. */
bool current_is(struct current const *c, struct stat const *st);

#endif
