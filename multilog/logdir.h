#ifndef MULTILOG_LOGDIR_H
#define MULTILOG_LOGDIR_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/tai.h>

#include "multilog/rotate.h"
#include "multilog/script.h"
#include "multilog/spool.h"
#include "multilog/stamp.h"

/* What could not be done, for the warning: VERB PATH/NAME. */
struct logdir_trouble {
	char const *verb;
	char const *name;
	int error;
};

/* One log directory.  Descriptors are -1 while they are closed. */
struct logdir {
	char const *path;
	struct script_limits limits;
	struct spool spool; /* what is to be appended */

	DIR *list; /* the directory; its descriptor is the base of all names */
	int lock_fd;
	int fd;		/* current, while facts.current is open */
	uint64_t size;	/* of current */
	uint64_t sure;	/* up to where space for current is reserved */
	uint64_t begun; /* up to where the kernel was told to write */
	bool unsure;	/* space cannot be reserved here */
	bool tight;	/* a write has failed: room is reserved in any case */
	struct rotate_facts facts;
	bool known;   /* facts are true */
	bool started; /* recovery is over: what current holds is ours */
	bool asked;   /* current is to be rotated once the spool is empty */
	bool marked;  /* current has lost its x bit, or never had it */
	bool full;    /* current takes nothing more */
	bool stuck;   /* has warned of an old file that stays */
	bool failing; /* has warned of the processor */
	bool trim;    /* old files are to be counted */
	bool dirty;   /* names have changed that are not on disk yet */
	struct stamp newest; /* no label may be smaller */
	tain due;	     /* when current is too old; infinite: never */

	pid_t pid;	  /* of the processor; 0: none */
	int processed_fd; /* its output, while it is needed */
	int newstate_fd;
	tain rested; /* when a processor that failed may run again */

	bool paused;
	tain retry; /* when the pause ends */
	struct logdir_trouble trouble;
	struct logdir_trouble told; /* what has been warned of */
};

/* Opens and locks a directory, making it first if there is none; changes
   nothing else in it.  0, or -1 with d->trouble. */
int logdir_open(
    struct logdir *d, char const *path, struct script_limits const *limits);

/* Recovers what a predecessor has left, up to the point where lines can be
   appended; does not wait.  0, or -1 with d->trouble. */
int logdir_recover(struct logdir *d);

/* Takes the x bit from current: from now on it may be incomplete.  0, or -1
   with d->trouble. */
int logdir_mark(struct logdir *d);

/* Goes on with whatever is to be done, as far as it can be done now: appends
   the spool, rotates.  Warns of trouble and tries again when it is time. */
void logdir_advance(struct logdir *d);

/* True if more lines may be given to it. */
bool logdir_ready(struct logdir const *d);

/* Makes room for what will be made of the next bytes to be read: returns how
   many bytes it may become, least to want; 0 if it must wait. */
size_t logdir_room(struct logdir *d, size_t least, size_t want);

/* Moves deadline forward to when logdir_advance() must be called next. */
void logdir_deadline(struct logdir const *d, tain *deadline);

/* TERM has come: tries again at once what is paused, and waits no more for a
   processor to make room. */
void logdir_leave(struct logdir *d);

/* Ends all rotation: what is still to come goes into current, however long it
   gets.  For the last lines of a process that must not wait any more. */
void logdir_overfill(struct logdir *d);

/* Asks for current to be rotated, if there is anything in it. */
void logdir_rotate(struct logdir *d);

/* Takes note of the end of a child; true if it was this one's processor. */
bool logdir_reaped(struct logdir *d, pid_t pid, int status);

/* Ends: makes current durable, then clean; ends a running processor.  What
   has not been written is given up, whole lines only.  Returns how many bytes
   that were, or -1 with d->trouble if current could not be made clean. */
int64_t logdir_close(struct logdir *d);

/* Sets d->trouble from errno; returns -1. */
int logdir_fail(struct logdir *d, char const *verb, char const *name);

/* Says what d->trouble is; kind "fatal", or "warning" for a pause. */
void logdir_complain(struct logdir const *d, bool fatal);

#endif
