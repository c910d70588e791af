/*
 * Looking at the scan directory, and keeping the table as it is there.
 */
#ifndef SVSCAN_LOOK_H
#define SVSCAN_LOOK_H

#include <stdbool.h>

#include <skalibs/genalloc.h>
#include <skalibs/tai.h>

#include "svscan/directory.h"
#include "svscan/queue.h"
#include "svscan/table.h"
#include "svscan/watch.h"

struct look {
	struct table *table;
	struct queue *queue;
	struct service *catchall; /* the log service, or null */
	struct directory directory;
	struct watch watch;
	struct listing seen; /* at the last look */
	genalloc known;	     /* of struct scan_known */
	tain next;	     /* when to look */
	tain settled;	     /* but not before that */
	int pause_ms;	     /* from the last look to the next one */
	bool asked;	     /* an event has asked for the next look */
	bool thorough;	     /* which is to ask for each log/run */
	bool followed;	     /* the last look was where the path leads */
	/* Of one look: will watches tell of whatever changes?  An errno: */
	bool told;
	int unwatched, lacking;
	/* What was said last of it, or 0. */
	int said_unreadable, said_unwatched, said_lacking;
};

/* Start watching the current directory, where look->directory leads. */
void look_begin(struct look *look, struct table *table, struct queue *queue);

/* Add the log service, whose directory is name.  Null; errno. */
struct service *look_add_catchall(struct look *look, char const *name);

/* Read what has happened, and have a look soon if it matters. */
void look_read(struct look *look);

/* Have a look soon; thorough: everything may have changed. */
void look_soon(struct look *look, bool thorough);

/*
 * Look now.  Services that are new or not as they were are in the queue
 * afterwards.  True if the directory was read.
 */
bool look_now(struct look *look);

#endif
